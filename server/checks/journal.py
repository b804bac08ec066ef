"""What a run over many workbooks has done so far: one line a file, there whole or not at all.

A killed run loses the files in hand and nothing else: a line that was not written to its end is
cut off when the journal is opened again, and of several lines about a file the last one counts.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from grammar.errors import OutputError
from server.checks.examine import Examined, Job, Stamp

if sys.platform != "win32":
    import fcntl

NAME = "journal.jsonl"
FORMAT = 1


class Journal:
    """The journal of a folder, held by one run at a time."""

    def __init__(self, folder: Path, job: Job, resume: bool) -> None:
        """Open or begin it.

        Raises:
            OutputError: it belongs to another job or run, is there and not to be resumed, or
                cannot be written.
        """
        self.path = folder / NAME
        self.job = job
        self._places: dict[str, tuple[Stamp, int, bool]] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._stream = self._opened()
        except OSError as error:
            raise OutputError(f"{folder} cannot be written: {error.strerror}") from error
        try:
            self._read(resume)
        except BaseException:
            self._stream.close()
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def _opened(self) -> IO[bytes]:
        stream = self.path.open("a+b", buffering=0)
        if sys.platform != "win32":
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                stream.close()
                raise OutputError(f"another run writes to {self.path.parent}") from error
        return stream

    def _read(self, resume: bool) -> None:
        whole = self._cut()
        if not whole:
            head = {"format": FORMAT, "job": self.job.to_json()}
            self._append(json.dumps(head).encode() + b"\n")
            return
        if not resume:
            raise OutputError(
                f"{self.path.parent} holds the results of a run; go on with --resume, or choose "
                "another folder"
            )
        self._stream.seek(0)
        with os.fdopen(os.dup(self._stream.fileno()), "rb") as stream:
            self._check(stream.readline())
            place = stream.tell()
            for line in stream:
                self._note(line, place)
                place += len(line)

    def _cut(self) -> int:
        """The length of the lines that are whole; what follows them is cut off."""
        with self.path.open("rb") as stream:
            end = length = 0
            for line in stream:
                length += len(line)
                end = length if line.endswith(b"\n") else end
        if end != length:
            os.truncate(self.path, end)
        return end

    def _check(self, line: bytes) -> None:
        try:
            head = json.loads(line)
            found, own = dict(head["job"]), self.job.to_json()
        except (ValueError, KeyError, TypeError) as error:
            raise OutputError(f"{self.path} is no journal of a run") from error
        # how long a file may take changes no result
        for name in ("timeout", "memory"):
            found.pop(name, None), own.pop(name)
        if head.get("format") != FORMAT or found != json.loads(json.dumps(own)):
            raise OutputError(
                f"{self.path.parent} holds another run ({found.get('work')}, {found.get('today')});"
                " give the same day and suites, or choose another folder"
            )

    def _note(self, line: bytes, place: int) -> None:
        found = Examined.from_json(json.loads(line))
        self._places[found.path] = found.stamp, place, bool(found.reason)

    def _append(self, line: bytes) -> None:
        written = self._stream.write(line)
        if written != len(line):  # the disk is full: what is there is cut off the next time
            raise OutputError(f"{self.path} cannot be written to its end")

    def add(self, found: Examined) -> None:
        """Note a file that is done.

        Raises:
            OutputError: it cannot be written.
        """
        place = os.fstat(self._stream.fileno()).st_size
        try:
            self._append(json.dumps(found.to_json()).encode() + b"\n")
        except OSError as error:
            raise OutputError(f"{self.path} cannot be written: {error.strerror}") from error
        self._places[found.path] = found.stamp, place, bool(found.reason)

    def has(self, path: str) -> bool:
        """Whether a file is done and has not changed since; one given up is tried again."""
        if path not in self._places:
            return False
        stamp, _, is_given_up = self._places[path]
        if is_given_up:
            return False
        try:
            found = Path(path).stat()
        except OSError:
            return False
        if found.st_size != stamp.size:
            return False
        return found.st_mtime_ns == stamp.changed or Stamp.of(Path(path)).digest == stamp.digest

    def results(self, paths: Sequence[str]) -> Iterator[Examined]:
        """The last result of every one of these files that has one, in their order."""
        with self.path.open("rb") as stream:
            for path in paths:
                if path in self._places:
                    stream.seek(self._places[path][1])
                    yield Examined.from_json(json.loads(stream.readline()))


def day_of(folder: Path) -> str | None:
    """The day of the run that a folder holds, where it holds one."""
    try:
        with (folder / NAME).open("rb") as stream:
            return str(json.loads(stream.readline())["job"]["today"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
