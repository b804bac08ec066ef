"""Security headers of every answer.

No ``X-Frame-Options``, which would keep Excel on the web from framing the task pane, and no
``Cross-Origin-Opener-Policy``, which breaks the dialogs of Office.js.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Flask, Response, request

from server.config import Config

PAGE = "/taskpane/"
ADMIN = "/admin/"
ICONS = "/taskpane/icons/"
_STILL = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""For what is no page."""
_DOCUMENT = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
"""For a preview as a page, which brings its own style and nothing that runs."""


def page_policy(config: Config) -> str:
    """The content security policy of the task pane."""
    signs_in = (config.authority,) if config.client_id else ()
    # Office.js writes style attributes on the web (office-js issue 1687)
    directives = {
        "default-src": ("'none'",),
        "script-src": ("'self'", *config.script_sources, *_msal(config)),
        "style-src": ("'self'", "'unsafe-inline'"),
        "img-src": ("'self'", "data:", "blob:"),
        "font-src": ("'self'",),
        "connect-src": ("'self'", *signs_in, *config.connect_sources),
        "frame-src": ("'self'", "blob:", *signs_in),
        "base-uri": ("'none'",),
        "form-action": ("'none'",),
        "object-src": ("'none'",),
        "frame-ancestors": ("'self'", *config.frame_ancestors),
    }
    return _written(directives)


def admin_policy(config: Config) -> str:
    """The content security policy of the page of administrators, which nobody frames."""
    signs_in = (config.authority,) if config.client_id else ()
    directives = {
        "default-src": ("'none'",),
        "script-src": ("'self'", *_msal(config)),
        "style-src": ("'self'",),
        "img-src": ("'self'",),
        "connect-src": ("'self'", *signs_in),
        "frame-src": ("'self'", *signs_in),
        "base-uri": ("'none'",),
        "form-action": ("'none'",),
        "frame-ancestors": ("'none'",),
    }
    return _written(directives)


def _written(directives: Mapping[str, tuple[str, ...]]) -> str:
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())


def _msal(config: Config) -> tuple[str, ...]:
    """The origin of MSAL.js, where it is not ours."""
    if not config.msal_url or config.msal_file:
        return ()
    return (f"https://{urlsplit(config.msal_url).netloc}",)


def register_headers(app: Flask, config: Config) -> None:
    """Add the headers to every answer of an application."""
    page, admin = page_policy(config), admin_policy(config)

    def add(response: Response) -> Response:
        is_page = request.path.startswith(PAGE)
        is_icon = request.path.startswith(ICONS) and response.status_code in (200, 304)
        is_admin = request.path.startswith(ADMIN)
        still = _DOCUMENT if response.mimetype == "text/html" else _STILL
        policy = page if is_page else admin if is_admin else still
        headers = response.headers
        headers["Content-Security-Policy"] = policy
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        headers["Cross-Origin-Resource-Policy"] = "cross-origin" if is_icon else "same-origin"
        headers.setdefault("Cache-Control", "no-store")
        return response

    app.after_request(add)
