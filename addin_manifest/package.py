"""The unified manifest's package: what an administrator uploads."""

from __future__ import annotations

import io
import zipfile

from addin_manifest.config import ManifestConfig
from addin_manifest.icons import COLOUR, FOLDER, OUTLINE
from addin_manifest.render import render_json

_EPOCH = (1980, 1, 1, 0, 0, 0)


def build_package(config: ManifestConfig) -> bytes:
    """A zip of ``manifest.json`` and its two icons; the same bytes for the same settings."""
    parts = {"manifest.json": render_json(config).encode()}
    parts |= {name: (FOLDER / name).read_bytes() for name in (COLOUR, OUTLINE)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), body)
    return buffer.getvalue()
