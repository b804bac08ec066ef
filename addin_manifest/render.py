"""Both manifests as text: the add-in only XML, which every Excel reads, and the unified JSON."""

from __future__ import annotations

import json
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from addin_manifest.config import ManifestConfig

RIBBON_SIZES = (16, 20, 24, 32, 40, 48, 64, 80)
"""Pixel sizes of the ribbon's icon in the XML manifest."""
MANDATORY_SIZES = (16, 32, 80)
"""Those that have to be there; the unified manifest takes just three."""


def render_xml(config: ManifestConfig) -> str:
    """The add-in only manifest."""
    template = _environment().get_template("manifest.xml")
    return template.render(config=config, sizes=RIBBON_SIZES) + "\n"


def render_json(config: ManifestConfig) -> str:
    """The unified manifest, which hides the XML one where both are installed."""
    template = _environment().get_template("manifest.json")
    found = json.loads(template.render(config=config, sizes=MANDATORY_SIZES))
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("addin_manifest"),
        autoescape=select_autoescape(("xml",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
