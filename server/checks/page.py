"""Pages of reports: one file each, with their looks and their script inside."""

from __future__ import annotations

import base64
import hashlib

from jinja2 import Environment, PackageLoader

_ENVIRONMENT = Environment(
    loader=PackageLoader("server.checks"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


def page_text(template: str, **content: object) -> str:
    """A page; nothing but its own script may run in it, and it fetches nothing."""
    style, script = (_source(name) for name in ("report.css", "report.js"))
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return _ENVIRONMENT.get_template(template).render(
        style=style, script=script, policy=policy, **content
    )


def _source(name: str) -> str:
    loader = _ENVIRONMENT.loader
    return loader.get_source(_ENVIRONMENT, name)[0] if loader else ""


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
