"""Outputs that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from grammar.errors import OutputError


@contextmanager
def whole_output(path: Path, overwrite: bool = False) -> Iterator[BinaryIO]:
    """A stream that becomes the file on leaving, and leaves nothing behind on an error.

    It is written beside its target, flushed to the disk and renamed.

    Raises:
        OutputError: the file exists and is not to be replaced, or it cannot be written.
    """
    if path.exists() and not overwrite:
        raise OutputError(f"{path} exists already; choose another output or allow to replace it")
    path = path.resolve()
    temporary = path.with_name(f".cellfusion-{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("x+b") as stream:
            yield stream
            _finish(stream, temporary, path)
        _move(temporary, path, overwrite)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()


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
