"""Files examined in processes of their own: what hangs, dies or grows costs one file."""

from __future__ import annotations

import json
import os
import queue
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from time import monotonic, perf_counter
from typing import IO, Any

from server.checks.examine import Examined, Job, Stamp

ATTEMPTS = 2
"""How often a file is tried whose process was lost."""
_START = 300.0
"""Seconds that a process may take to be ready."""
_PIECE = 1 << 16


class LostError(Exception):
    """The process gave no answer; the message says why."""


class Examiner:
    """One process that examines file after file, started anew when it was lost."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._process: subprocess.Popen[bytes] | None = None
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._is_closed = False

    def examine(self, path: str) -> Examined:
        """A file with its rows; given up with a reason after :data:`ATTEMPTS` lost processes."""
        stamp, started, reason = Stamp.of(Path(path)), perf_counter(), ""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                found = self._ask(path)
            except LostError as error:
                self._stop()
                reason = str(error)
                continue
            rows = tuple(found["rows"])
            seconds = round(perf_counter() - started, 4)
            return Examined(path, stamp, found["rules"], rows, "", seconds, attempt)
        seconds = round(perf_counter() - started, 4)
        return Examined(path, stamp, 0, (), reason, seconds, ATTEMPTS)

    def close(self) -> None:
        """End the process for good."""
        self._is_closed = True
        self._stop()
        self._errors.close()

    def _ask(self, path: str) -> dict[str, Any]:
        if self._is_closed:
            raise LostError("the run was ended")
        if self._process is None:
            self._process = self._started()
        self._send(path)
        found: dict[str, Any] = json.loads(self._line(self.job.timeout))
        return found

    def _started(self) -> subprocess.Popen[bytes]:
        self._errors.seek(0)
        self._errors.truncate()
        # of its own session, so that an interrupt at the keyboard reaches only whoever started it
        self._process = subprocess.Popen(
            [sys.executable, "-m", "server.checks.examiner"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
            env=_environment(),
        )
        self._send(self.job.to_json())
        self._line(_START)
        return self._process

    def _send(self, message: object) -> None:
        stream = self._process.stdin if self._process else None
        try:
            if stream is None:
                raise LostError("the run was ended")
            stream.write(json.dumps(message).encode() + b"\n")
            stream.flush()
        except (BrokenPipeError, ValueError) as error:
            raise LostError(self._cause()) from error

    def _line(self, seconds: float) -> bytes:
        """The next line of the process."""
        stream = self._process.stdout if self._process else None
        if stream is None:
            raise LostError("the run was ended")
        number, until, data = stream.fileno(), monotonic() + seconds, bytearray()
        poll = select.poll()
        poll.register(number, select.POLLIN)
        while not data.endswith(b"\n"):
            if not poll.poll(max(0.0, until - monotonic()) * 1000):
                raise LostError(f"it took longer than {seconds:g} s")
            piece = os.read(number, _PIECE)
            if not piece:
                raise LostError(self._cause())
            data += piece
        return bytes(data)

    def _cause(self) -> str:
        """Why the process ended."""
        code = self._process.wait() if self._process else 0
        if code == -signal.SIGKILL:
            return "its process was killed, most often for want of memory"
        if code < 0:
            return f"its process was ended by {signal.Signals(-code).name}"
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return f"its process ended: {lines[-1] if lines else f'status {code}'}"

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                _close(stream)


def _close(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except BrokenPipeError:  # what was not sent to a process that is gone
        return


def _environment() -> dict[str, str]:
    """Ours, with the path that this package came from; one thread a process is enough."""
    place = str(Path(__file__).resolve().parents[2])
    paths = [place, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"OMP_NUM_THREADS": "1", **os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def cores() -> int:
    """The cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def examine_here(job: Job, paths: Sequence[str], jobs: int = 0) -> Iterator[Examined]:
    """Every file once, as they are done, by so many processes; 0 for all cores."""
    number = max(1, min(jobs or cores(), len(paths)))
    crew = [Examiner(job) for _ in range(number)]
    idle: queue.SimpleQueue[Examiner] = queue.SimpleQueue()
    for examiner in crew:
        idle.put(examiner)
    with ThreadPoolExecutor(number) as pool:
        try:
            for future in as_completed([pool.submit(_work, idle, path) for path in paths]):
                yield future.result()
        finally:
            for examiner in crew:
                examiner.close()
            pool.shutdown(wait=True, cancel_futures=True)


def _work(idle: queue.SimpleQueue[Examiner], path: str) -> Examined:
    examiner = idle.get()
    try:
        return examiner.examine(path)
    finally:
        idle.put(examiner)
