"""What breaks around the service, and what it does then; tests/bench/faults.py adds load."""

from __future__ import annotations

import os
import resource
import signal
import socket
from uuid import uuid4

from loading import RULE, kept
from running import DECISION, Running, new_key

DECIDE = "/api/v1/decisions"


def running(folder, url, **more):
    """One worker with a store and keys."""
    settings = {"api_keys": True, "database_url": url, "workers": 1, "threads": 4}
    return Running(folder, settings | more, new_key(url))


def decide(own):
    """The status of a decision, and its id."""
    found = str(uuid4())
    return own.ask(DECIDE, {"id": found, **DECISION}).status, found


def test_a_database_that_is_away_is_said_and_comes_back(tmp_path, postgres):
    """What needs it is answered 503 to be sent again, the rest is answered, and nothing is lost."""
    with running(tmp_path, postgres.database()) as own:
        before = decide(own)
        postgres.stop("immediate")
        try:
            away = own.ask(DECIDE, {"id": str(uuid4()), **DECISION})
            rule = own.ask("/api/v1/validate", RULE)
        finally:
            postgres.start()
        after = decide(own)
        url = own.settings["database_url"]
    assert (before[0], away.status, rule.status, after[0]) == (200, 503, 200, 200)
    assert away.json["code"] == "store"
    assert int(away.headers["Retry-After"]) > 0
    assert kept(url) == {before[1], after[1]}


def test_a_full_disk_is_said_and_freed(tmp_path):
    """While no file may grow nothing is acknowledged that is not stored, and rules are answered."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with running(tmp_path, url) as own:
        before = decide(own)
        (worker,) = own.workers
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (4096, hard))
        full = [decide(own)[0] for _ in range(3)]
        rule = own.ask("/api/v1/validate", RULE)
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (soft, hard))
        after = decide(own)
    assert (before[0], full, rule.status, after[0]) == (200, [503] * 3, 200, 200)
    assert kept(url) == {before[1], after[1]}


def test_what_cannot_be_counted_is_answered(tmp_path):
    """A worker that starts while no file may grow has nowhere to count, and answers."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    with running(tmp_path, url) as own:
        before = decide(own)
        lines = len(own.lines)
        resource.prlimit(own.process.pid, resource.RLIMIT_FSIZE, (4096, hard))
        os.kill(own.workers[0], signal.SIGKILL)
        own.wait_for("Booting worker", lines)
        found = [own.ask("/healthz").status, decide(own)[0]]
        own.wait_for("could not be counted", lines)
    assert (before[0], found) == (200, [200, 503])
    assert kept(url) == {before[1]}


def test_a_killed_master_loses_nothing_and_refuses_nobody(tmp_path):
    """The socket is held outside, as by systemd: who comes in between waits for the next start."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    own = running(tmp_path, url)
    with socket.create_server(("127.0.0.1", 0)) as own.held, own:
        before = decide(own)
        own.process.kill()
        own.ended()
        with own.open() as waiting:
            waiting.sendall(own.head("/healthz", b"").encode())
            own.start()
            assert b"200 OK" in waiting.recv(100)
        after = decide(own)
    assert kept(url) == {before[1], after[1]}
