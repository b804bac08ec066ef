"""What browsers and Excel load: the task pane, the manifest and the OpenAPI document."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, abort, current_app, request, send_file, send_from_directory

from addin_manifest.config import ManifestConfig
from addin_manifest.render import render_xml
from server.endpoints import JSON, get
from server.identity.who import PUBLIC
from server.openapi import document
from server.service import service

pages = Blueprint("pages", __name__)
TASKPANE = Path(__file__).parent.parent / "taskpane"
ADMINPAGE = Path(__file__).parent.parent / "adminpage"
_HTML = {"text/html": None}
_SCRIPT = {"text/javascript": None}
_FILES = dict.fromkeys(("text/javascript", "text/css", "image/png", "text/html"))


@get(pages, "/openapi.json", {JSON: None}, access=PUBLIC)
def openapi() -> dict[str, object]:
    """This document."""
    return document(current_app)


@get(pages, "/taskpane/", _HTML, problems=(404,), access=PUBLIC)
def taskpane() -> Response:
    """The page in Excel."""
    return send_from_directory(TASKPANE, "index.html")


@get(pages, "/taskpane/msal-browser.js", _SCRIPT, problems=(404,), access=PUBLIC)
def msal() -> Response:
    """MSAL.js, where the settings name a file of it."""
    path = service().config.msal_file
    return send_file(path, "text/javascript") if path else abort(404)


@get(pages, "/taskpane/<path:name>", _FILES, problems=(404,), access=PUBLIC)
def taskpane_file(name: str) -> Response:
    """A script, style or icon of the page."""
    return send_from_directory(TASKPANE, name)


@get(pages, "/admin/", _HTML, problems=(404,), access=PUBLIC)
def adminpage() -> Response:
    """The page of administrators, which holds nothing before somebody has signed in."""
    return send_from_directory(ADMINPAGE, "index.html")


@get(pages, "/admin/<path:name>", _FILES, problems=(404,), access=PUBLIC)
def adminpage_file(name: str) -> Response:
    """A script or style of that page."""
    return send_from_directory(ADMINPAGE, name)


@get(pages, "/manifest.xml", {"application/xml": None}, problems=(422,), access=PUBLIC)
def manifest() -> Response:
    """The add-in's manifest, for the address of the settings or the one that is asked."""
    own = service().config
    # Office loads nothing but https, so behind plain http there has to be a proxy that speaks it
    base = own.base_url or f"https://{request.host}"
    found = ManifestConfig(base, own.provider, own.support_url, id=own.manifest_id)
    return Response(render_xml(found), mimetype="application/xml")
