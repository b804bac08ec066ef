"""A Dask scheduler and its workers, as processes of this machine that can be killed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass
class Cluster:
    """The scheduler's address, and the workers that run."""

    address: str
    workers: list[subprocess.Popen[str]] = field(default_factory=list)

    def kill_worker(self) -> None:
        """Kill one worker as the system would, without a farewell."""
        worker = self.workers.pop()
        worker.kill()
        _end(worker)


@contextmanager
def dask_cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """A cluster with so many workers of one thread each."""
    quiet = ("--no-dashboard", "--host", "127.0.0.1")
    scheduler = _start(folder, "scheduler", *quiet, "--port", "0")
    cluster = Cluster(_said(scheduler, r"Scheduler at:\s+(tcp://\S+)"))
    try:
        for _ in range(workers):
            own = ("--nthreads", "1", "--no-nanny", "--memory-limit", "0")
            cluster.workers.append(_start(folder, "worker", cluster.address, *own, *quiet))
        for worker in cluster.workers:
            _said(worker, r"Registered to:\s+(tcp://\S+)")
        yield cluster
    finally:
        for process in (*cluster.workers, scheduler):
            process.kill()
            _end(process)


def _start(folder: Path, kind: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "distributed.cli.dask_" + kind, *arguments]
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def _said(process: subprocess.Popen[str], pattern: str) -> str:
    """What a line of the process says, waited for."""
    lines = []
    for line in process.stderr or ():
        lines.append(line)
        if found := re.search(pattern, line):
            return found[1]
    raise RuntimeError("".join(lines))


def _end(process: subprocess.Popen[str]) -> None:
    if process.stderr:
        process.stderr.close()
    process.wait()
