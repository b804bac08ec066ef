"""Outputs that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from grammar.errors import OutputError

if sys.platform != "win32":
    import fcntl

_TEMPORARY = re.compile(r"\.cellfusion-[0-9a-f]{16}\.tmp")


@contextmanager
def whole_output(path: Path, overwrite: bool = False) -> Iterator[BinaryIO]:
    """A stream that becomes the file on leaving, and leaves nothing behind on an error.

    It is written beside its target, flushed to the disk and renamed. What a killed process has
    left there is cleared away first.

    Raises:
        OutputError: the file exists and is not to be replaced, or it cannot be written.
    """
    if is_taken(path) and not overwrite:
        raise OutputError(f"{path} exists already; choose another output or allow to replace it")
    path = path.resolve()
    clear_leftovers(path.parent)
    try:
        with _claimed(path) as (stream, temporary):
            yield stream
            _finish(stream, temporary, path)
            stream.close()
            _move(temporary, path, overwrite)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error


def is_taken(path: Path) -> bool:
    """Whether there is something at a path.

    Raises:
        OutputError: there cannot be, as its name is too long or leads in a circle.
    """
    try:
        return path.exists()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(f"{str(path)[:80]} cannot be written: {reason}") from error


def clear_leftovers(folder: Path) -> None:
    """Remove the temporary files of a folder that are ours and that nobody writes any more."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _TEMPORARY.fullmatch(entry.name):
                with contextlib.suppress(OSError):
                    _clear(Path(entry.path))


def _clear(temporary: Path) -> None:
    if sys.platform == "win32":  # where a file that is open cannot be removed
        temporary.unlink()
        return
    number = os.open(temporary, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        found = os.fstat(number)
        if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid():
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            temporary.unlink()
    finally:
        os.close(number)


@contextmanager
def _claimed(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A new file beside the target, locked against being cleared until it is moved."""
    while True:
        temporary = path.with_name(f".cellfusion-{secrets.token_hex(8)}.tmp")
        try:
            with temporary.open("x+b") as stream, _lock(stream):
                if not temporary.exists():  # cleared before it was locked
                    continue
                yield stream, temporary
                return
        finally:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()


@contextmanager
def _lock(stream: BinaryIO) -> Iterator[None]:
    """A lock that outlives the stream and ends with the process; none on Windows."""
    if sys.platform == "win32":
        yield
        return
    number = os.dup(stream.fileno())
    try:
        with contextlib.suppress(OSError):  # some network folders know no locks
            fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)


def _finish(stream: BinaryIO, temporary: Path, path: Path) -> None:
    """Flush to the disk, with the rights of the file that is replaced."""
    stream.flush()
    os.fsync(stream.fileno())
    if path.exists():
        temporary.chmod(path.stat().st_mode & 0o777)


def _move(temporary: Path, path: Path, overwrite: bool) -> None:
    if overwrite:
        temporary.replace(path)
    else:
        _move_to_free(temporary, path)
    with contextlib.suppress(PermissionError):  # a folder cannot be opened on Windows
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _move_to_free(temporary: Path, path: Path) -> None:
    """Give the file its name unless somebody else has taken it in the meantime."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError as error:
        raise OutputError(f"{path} exists already; choose another output") from error
    except OSError:
        temporary.replace(path)
