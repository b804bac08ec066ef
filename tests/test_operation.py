"""The service under gunicorn: several workers, signals, counts and logs."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from uuid import uuid4

import pytest
from running import DECISION, Running, new_key, reply
from sqlalchemy import select

from server.errors import ConfigError
from server.serving import COUNTS, Serving
from server.store import Store
from server.store.models import Decision

RULE = {"text": "GreaterThan(c[2],100)"}
VALIDATE = "/api/v1/validate"


@pytest.fixture(scope="module")
def own(tmp_path_factory, redis_server):
    """Two workers with a store, keys, rates in Redis and a policy file, without a model."""
    folder = tmp_path_factory.mktemp("own")
    url = f"sqlite:///{folder / 'store.db'}"
    policy = folder / "policy.toml"
    policy.write_text('log_level = "INFO"\n', encoding="utf-8")
    settings = {
        "workers": 2,
        "threads": 4,
        "api_keys": True,
        "database_url": url,
        "redis_url": redis_server.url,
        "request_rate": "100000/minute",
        "policy": policy,
    }
    with Running(folder, settings, new_key(url)) as found:
        yield found


def decide(own, **more):
    """The id of a decision that the service acknowledged."""
    found = str(uuid4())
    answer = own.ask("/api/v1/decisions", {"id": found, **DECISION, **more})
    assert answer.status == 200, answer.body
    return found


def kept(own):
    """The ids of the decisions in the store."""
    store = Store(own.settings["database_url"])
    with store.read() as session:
        found = set(session.scalars(select(Decision.id)))
    store.engine.dispose()
    return found


def test_counts_add_up_after_a_worker_is_killed(own):
    """What a worker has counted stays when it is gone, and nothing is counted twice."""
    before = own.counted("cellfusion_requests_total", route=VALIDATE, status="200")
    for _ in range(12):
        assert own.ask(VALIDATE, RULE).status == 200
    lines = len(own.lines)
    os.kill(own.workers[0], signal.SIGKILL)
    own.wait_for("Booting worker", lines)
    for _ in range(5):
        assert own.ask(VALIDATE, RULE).status == 200
    for _ in range(4):
        now = own.counted("cellfusion_requests_total", route=VALIDATE, status="200")
        assert now - before == 17


def test_a_worker_killed_in_the_middle_loses_what_was_not_acknowledged_alone(own):
    """The request in hand gets no answer, the next one does, and nothing stored is lost."""
    acknowledged = {decide(own) for _ in range(4)}
    begun = [own.begin("/api/v1/decisions", {"id": str(uuid4()), **DECISION}) for _ in range(2)]
    lines = len(own.lines)
    for worker in own.workers:
        os.kill(worker, signal.SIGKILL)
    for connection, _ in begun:
        with connection, pytest.raises((ConnectionError, OSError)):
            reply(connection)
    own.wait_for("Booting worker", lines, 2)
    acknowledged.add(decide(own))
    assert acknowledged <= kept(own)


def test_a_reload_ends_what_was_begun(own):
    """Requests that are half sent when the workers are replaced are answered, and new ones too."""
    begun = [own.begin(VALIDATE, RULE) for _ in range(3)]
    old, lines = own.workers, len(own.lines)
    own.signal()
    own.wait_for("Booting worker", lines, 2)
    assert own.ask(VALIDATE, RULE).status == 200
    for connection, end in begun:
        with connection:
            connection.sendall(end)
            assert reply(connection).status == 200
    for worker in old:
        own.wait_for(rf"Worker exiting \(pid: {worker}\)", lines)


def test_a_reload_brings_a_new_policy_and_survives_a_wrong_one(own):
    """A kind is forbidden from the next reload on; a misspelt policy changes nothing."""
    policy = own.settings["policy"]
    former = policy.read_text(encoding="utf-8")
    assert own.ask(VALIDATE, RULE).json["valid"]
    for text, said in (
        ('forbidden_kinds = ["GreaterThan"]\n', '"reloaded"'),
        ('forbiden_kinds = ["GreaterThan"]\n', "not reloaded.*did you mean forbidden_kinds"),
    ):
        policy.write_text(former + text, encoding="utf-8")
        lines = len(own.lines)
        own.signal()
        own.wait_for(said, lines)
        own.wait_for("Worker exiting", lines, 2)
        assert not own.ask(VALIDATE, RULE).json["valid"]
    policy.write_text(former, encoding="utf-8")
    lines = len(own.lines)
    own.signal()
    own.wait_for("Worker exiting", lines, 2)
    assert own.ask(VALIDATE, RULE).json["valid"]


def test_logs_say_nothing_that_people_wrote(own):
    """A session with secrets in every place, and none of them in the log: not even in errors."""
    start, secret = len(own.lines), f"planted{uuid4().hex}"
    table = {"address": "Orders!A1:B2", "values": [[secret, "b"], [1, secret]]}
    asked = [
        ("/api/v1/suggest", {"utterance": secret, "table": table}),
        (VALIDATE, {"text": f'TextContains(c[1], "{secret}")'}),
        (VALIDATE, {"text": f"Nonsense({secret}"}),
        (VALIDATE, {secret: secret}),
        ("/api/v1/repair", {"text": f'GreaterThn(c[2] "{secret}"'}),
        ("/api/v1/explain", {"text": f'TextContains(c[1], "{secret}")'}),
        ("/api/v1/decisions", {"id": str(uuid4()), "request": secret, **DECISION}),
        ("/api/v1/decisions", {"id": secret, **DECISION}),
        (f"/api/v1/{secret}", {}),
        (f"/taskpane/{secret}?q={secret}", None),
    ]
    for path, body in asked:
        assert own.ask(path, body, Cookie=secret).status < 504
    assert own.ask(VALIDATE, RULE, Authorization=f"Bearer {secret}").status == 401
    assert own.ask(VALIDATE, RULE, Authorization=f"Bearer cf_{secret}").status == 401
    own.ask(f"/api/v1/library/{secret}", {"rules": ["GreaterThan(c[2], 1)"]}, "PUT")
    for garbage in (f"{secret}\r\n\r\n", f"GET / HTTP/1.1\r\n{secret} {secret}: 1\r\n\r\n"):
        with own.open() as connection:
            connection.sendall(garbage.encode())
            connection.recv(1)
    known = f"request-{uuid4().hex}"
    own.ask("/healthz", **{"X-Request-Id": known})
    own.wait_for(known, start)
    lines = own.lines[start:]
    assert all(secret not in line and own.key not in line for line in lines)
    records = [json.loads(line) for line in lines]
    answered = [record for record in records if record["message"] == "answered"]
    assert len(answered) >= len(asked)
    assert all(record["request_id"] for record in answered)


def test_counts_start_empty_and_leave_nothing(tmp_path):
    """A folder that is named is emptied and stays; one of our own is removed at the end."""
    old = tmp_path / "counter_1.db"
    old.write_bytes(bytes(64))
    named, made = {COUNTS: str(tmp_path)}, {}
    for environ in (named, made):
        serving = Serving()
        serving.count_in(environ)
        folder = Path(environ[COUNTS])
        assert list(folder.iterdir()) == []
        (folder / "counter_2.db").write_bytes(bytes(64))
        serving.count_in(environ)  # as at a reload
        assert [file.name for file in folder.iterdir()] == ["counter_2.db"]
        serving.ended(None)
        assert folder.exists() == (environ is named)
    assert list(tmp_path.iterdir()) == []


def test_settings_outlive_a_wrong_reload():
    """The first settings have to be right; later ones that are not change nothing."""
    serving = Serving()
    with pytest.raises(ConfigError, match="CELLFUSION_PROT"):
        serving.settings({"CELLFUSION_PROT": "1"})
    assert serving.settings({"CELLFUSION_PORT": "9000"}).port == 9000
    assert serving.settings({"CELLFUSION_PROT": "1"}).port == 9000
    assert serving.settings({"CELLFUSION_PORT": "9001"}).port == 9001
