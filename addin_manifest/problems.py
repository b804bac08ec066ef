"""A problem of a manifest, and the tests that both kinds share."""

from __future__ import annotations

import re
import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from addin_manifest.render import MANDATORY_SIZES, RIBBON_SIZES

LONGEST_URL = 2048
_VERSION = re.compile(r"\d{1,5}(\.\d{1,5}){0,3}")
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Problem:
    """What is wrong: a stable code, and a sentence with the value that broke the rule."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def check_id(text: str) -> Iterator[Problem]:
    """The add-in's own id is a GUID, and not the empty one."""
    try:
        right = uuid.UUID(text).int != 0 and str(uuid.UUID(text)) == text.lower()
    except ValueError:
        right = False
    if not right:
        yield Problem("id", f"Id {text!r} is no GUID with hyphens; make one for each environment")


def check_version(text: str) -> Iterator[Problem]:
    """A version has one to four parts of at most five digits."""
    if not _VERSION.fullmatch(text):
        yield Problem("version", f"Version {text!r} is not 1 to 4 numbers of at most 5 digits")


def check_length(name: str, text: str, most: int) -> Iterator[Problem]:
    """A text is there and no longer than Office takes."""
    if not text.strip():
        yield Problem("empty", f"{name} is empty; fill it in")
    if len(text) > most:
        yield Problem("length", f"{name} has {len(text)} characters; at most {most} are allowed")


def check_url(name: str, url: str) -> Iterator[Problem]:
    """An address is absolute, of https and no longer than Office takes."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        yield Problem("https", f"{name} {url!r} is no https address; Office loads nothing else")
    if len(url) > LONGEST_URL:
        yield Problem("length", f"{name} has {len(url)} characters; at most 2048 are allowed")


def check_icon(name: str, url: str, size: int, icons: Path | None) -> Iterator[Problem]:
    """An icon is a PNG, and its file, where we have it, is of the size that is said."""
    file = urlsplit(url).path.rpartition("/")[2]
    if not file.lower().endswith(".png"):
        yield Problem("icon-type", f"{name} {url!r} is no .png file")
        return
    if icons is None:
        return
    found = png_size(icons / file)
    if found is None:
        yield Problem("icon-missing", f"{name} names {file!r}, and there is no such PNG")
    elif found != (size, size):
        yield Problem("icon-size", f"{name}: {file} is {found[0]}x{found[1]}, not {size}x{size}")


def check_sizes(name: str, sizes: list[int]) -> Iterator[Problem]:
    """A ribbon icon has all mandatory sizes and no unknown or repeated one."""
    missing = [size for size in MANDATORY_SIZES if size not in sizes]
    unknown = sorted({size for size in sizes if size not in RIBBON_SIZES})
    if missing:
        yield Problem("icon-sizes", f"the icon of {name} lacks {_listed(missing)} pixels")
    if unknown:
        yield Problem("icon-sizes", f"the icon of {name} has {_listed(unknown)} pixels, unknown")
    if len(set(sizes)) < len(sizes):
        yield Problem("icon-sizes", f"the icon of {name} has a size twice")


def png_size(path: Path) -> tuple[int, int] | None:
    """Width and height in pixels from a PNG's header (IHDR); ``None`` where it is no PNG."""
    try:
        with path.open("rb") as stream:
            head = stream.read(24)
    except OSError:
        return None
    if len(head) < 24 or not head.startswith(_SIGNATURE) or head[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def _listed(sizes: list[int]) -> str:
    return ", ".join(map(str, sizes))
