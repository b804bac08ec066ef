"""The files of the pages: read once, packed once, and kept by browsers for as long as they fit.

A page names its scripts, styles and pictures by the build, a digest of them all, so that a browser
may keep them for good and a new version is a new address; modules that import each other stay in
the build that their page names. The page itself is asked for again each time, and is mostly the
same. Whoever asks for a build that is no longer there gets the one that is, and may not keep it.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from flask import Request, Response

FOLDERS = {
    name: Path(__file__).parent / folder
    for name, folder in (("taskpane", "taskpane"), ("admin", "adminpage"))
}
"""The pages by their first segment; a page may import from its neighbour."""
REVALIDATED = "no-cache"
FOR_GOOD = "public, max-age=31536000, immutable"
FOR_ONCE = "no-store"
FOR_A_DAY = "public, max-age=86400"
"""Icons that manifests name: Office shows its own where the answer says no-store."""
WORTH_IT = 0.9
"""Packed is sent what becomes smaller than this share."""
_LINK = re.compile(rb'(?<=[" ])(\.\./taskpane/)?([\w/-]+\.(?:css|js|png))(?=[" ])')


@dataclass(frozen=True)
class Asset:
    """One file; ``packed`` where gzip makes it smaller."""

    body: bytes
    packed: bytes | None
    digest: str
    media: str

    @classmethod
    def of(cls, name: str, body: bytes) -> Asset:
        """The file of a name, which says what it is."""
        small = gzip.compress(body, mtime=0)
        media = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0]
        digest = hashlib.sha256(body).hexdigest()[:16]
        is_worth_it = len(small) < WORTH_IT * len(body)
        return cls(body, small if is_worth_it else None, digest, media or "text/plain")

    def answer(self, request: Request, caching: str) -> Response:
        """The file as asked for: packed or not, or nothing where it is there already."""
        packed = self.packed if request.accept_encodings["gzip"] else None
        response = Response(packed or self.body, mimetype=self.media)
        response.headers["Cache-Control"] = caching
        response.set_etag(f"{self.digest}-gzip" if packed else self.digest)
        if self.packed:
            response.vary.add("Accept-Encoding")
        if packed:
            response.content_encoding = "gzip"
        response.make_conditional(request)
        return response


@dataclass(frozen=True)
class Assets:
    """All files by their address, as ``taskpane/main.js``, and the build that they make up."""

    files: Mapping[str, Asset]
    build: str

    @classmethod
    def read(cls, folders: Mapping[str, Path]) -> Assets:
        """The files below some folders."""
        found = {
            f"{name}/{path.relative_to(folder).as_posix()}": path.read_bytes()
            for name, folder in folders.items()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        digests = [f"{name} {hashlib.sha256(body).hexdigest()}" for name, body in found.items()]
        build = hashlib.sha256("\n".join(digests).encode()).hexdigest()[:12]
        for name, body in found.items():
            if name.endswith(".html"):
                found[name] = _of_build(body, build, name.split("/")[0])
        return cls({name: Asset.of(name, body) for name, body in found.items()}, build)

    def caching(self, build: str) -> str:
        """How long a file may be kept that was asked for as one of a build."""
        return FOR_GOOD if build == self.build else FOR_ONCE


def _of_build(page: bytes, build: str, folder: str) -> bytes:
    """A page that names its files by their build."""

    def named(link: re.Match[bytes]) -> bytes:
        place = "taskpane" if link[1] else folder
        return b"../static/%b/%b/%b" % (build.encode(), place.encode(), link[2])

    return _LINK.sub(named, page)


@cache
def assets() -> Assets:
    """The files of this version."""
    return Assets.read(FOLDERS)


@lru_cache(maxsize=4)
def file_asset(path: Path, changed: int) -> Asset:
    """A file from elsewhere, read anew when it has changed."""
    return Asset.of(path.name, path.read_bytes())
