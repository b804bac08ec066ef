"""Breaks the service while it is asked, and prints what was lost and for how long it was gone.

    python tests/bench/faults.py [--seconds 4] [FAULT ...]

Each fault meets an instance with two workers, without a model, under requests of four threads: two
that store decisions, two that need no store. `store gone` and `rules gone` are the longest times in
which none of them was answered well; a machine that is busy otherwise shows in the row `nothing`.
A decision that was answered with 200 and is not in the store afterwards is lost. Exits 1 where one
is.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import services
from loading import Load
from rich.console import Console
from rich.table import Table
from running import Running, new_key


class Scene:
    """One instance under load, and what can be done to it."""

    def __init__(self, stack: ExitStack, seconds: float, on_sqlite: bool = False) -> None:
        self.seconds = seconds
        self.folder = Path(tempfile.mkdtemp(prefix="cellfusion-faults-"))
        stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.redis = stack.enter_context(services.redis_server())
        self.postgres = None if on_sqlite else stack.enter_context(services.postgres())
        self.url = (
            self.postgres.database() if self.postgres else f"sqlite:///{self.folder}/store.db"
        )
        settings = {
            "api_keys": True,
            "workers": 2,
            "threads": 8,
            "database_url": self.url,
            "redis_url": self.redis.url,
            "request_rate": "1000000/minute",
            "log_level": "INFO",
        }
        self.own = Running(self.folder, settings, new_key(self.url))

    def wait(self) -> None:
        """Let requests come."""
        time.sleep(self.seconds)


def nothing(scene: Scene) -> None:
    """Nothing happens, for comparison"""
    scene.wait()


def worker(scene: Scene) -> None:
    """One worker killed with requests in hand"""
    begun = [scene.own.begin("/api/v1/validate", {"text": "x"}) for _ in range(4)]
    os.kill(scene.own.workers[0], signal.SIGKILL)
    for connection, _ in begun:
        connection.close()


def both(scene: Scene) -> None:
    """Both workers killed"""
    for each in scene.own.workers:
        os.kill(each, signal.SIGKILL)


def database(scene: Scene) -> None:
    """PostgreSQL crashed, back after the given seconds"""
    scene.postgres.stop("immediate")
    scene.wait()
    scene.postgres.start()


def redis(scene: Scene) -> None:
    """Redis killed, back after the given seconds"""
    scene.redis.stop()
    scene.wait()
    scene.redis.start()


def disk(scene: Scene) -> None:
    """Disk full (SQLite may not grow), space again after the given seconds"""
    pids = [scene.own.process.pid, *scene.own.workers]
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, hard))
    scene.wait()
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))


def master(scene: Scene) -> None:
    """kill -9 of the master, started again at once as systemd does"""
    scene.own.process.kill()
    scene.own.process.wait()
    scene.own.start()


def master_held(scene: Scene) -> None:
    """The same, the socket held by systemd"""
    master(scene)


def reload(scene: Scene) -> None:
    """Reload (HUP)"""
    lines = len(scene.own.lines)
    scene.own.signal(signal.SIGHUP)
    scene.own.wait_for("Worker exiting", lines, 2)


FAULTS = (nothing, worker, both, database, redis, disk, master, master_held, reload)


def one(fault, seconds: float) -> tuple[Load, Scene]:
    """What came of the requests around a fault."""
    with ExitStack() as stack:
        scene = Scene(stack, seconds, on_sqlite=fault is disk)
        if fault is master_held:
            held = socket.create_server(("127.0.0.1", 0), backlog=2048)
            scene.own.held = stack.enter_context(held)
        stack.enter_context(scene.own)
        load = Load([scene.own])
        with load.running():
            scene.wait()
            fault(scene)
            scene.wait()
        scene.missing = load.lost(scene.url)
    return load, scene


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("faults", nargs="*", choices=[[], *(each.__name__ for each in FAULTS)])
    parser.add_argument("--seconds", type=float, default=4.0)
    asked = parser.parse_args()
    table = Table("fault", "requests", "not 200", "stored", "lost", "store gone", "rules gone")
    lost = 0
    for fault in FAULTS:
        if asked.faults and fault.__name__ not in asked.faults:
            continue
        load, scene = one(fault, asked.seconds)
        lost += len(scene.missing)
        failed = ", ".join(f"{count} × {name}" for name, count in sorted(load.failed().items()))
        numbers = (len(load.sent), failed or "0", len(load.acknowledged), len(scene.missing))
        gone = (f"{load.gone(kind):.1f} s" for kind in load.kinds)
        table.add_row(fault.__doc__, *map(str, numbers), *gone)
    Console(width=150).print(table)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
