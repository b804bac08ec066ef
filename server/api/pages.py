"""What browsers and Excel load: the task pane, the manifest and the OpenAPI document."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, request

from addin_manifest.config import ManifestConfig
from addin_manifest.render import render_xml
from server.assets import FOR_A_DAY, REVALIDATED, assets, file_asset
from server.endpoints import JSON, get
from server.identity.who import PUBLIC
from server.openapi import document
from server.service import service

pages = Blueprint("pages", __name__)
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
    return _file("taskpane/index.html")


@get(pages, "/taskpane/msal-browser.js", _SCRIPT, problems=(404,), access=PUBLIC)
def msal() -> Response:
    """MSAL.js, where the settings name a file of it."""
    path = service().config.msal_file
    if path is None:
        abort(404)
    return file_asset(path, path.stat().st_mtime_ns).answer(request, REVALIDATED)


@get(pages, "/taskpane/<path:name>", _FILES, problems=(404,), access=PUBLIC)
def taskpane_file(name: str) -> Response:
    """A page, script, style or icon by its lasting name, as manifests have it."""
    return _file(f"taskpane/{name}", FOR_A_DAY if name.startswith("icons/") else REVALIDATED)


@get(pages, "/admin/", _HTML, problems=(404,), access=PUBLIC)
def adminpage() -> Response:
    """The page of administrators, which holds nothing before somebody has signed in."""
    return _file("admin/index.html")


@get(pages, "/admin/<path:name>", _FILES, problems=(404,), access=PUBLIC)
def adminpage_file(name: str) -> Response:
    """A script or style of that page."""
    return _file(f"admin/{name}")


@get(pages, "/static/<build>/<path:name>", _FILES, problems=(404,), access=PUBLIC)
def built(build: str, name: str) -> Response:
    """A file of a page by its build, which may be kept for good."""
    return _file(name, assets().caching(build))


def _file(name: str, caching: str = REVALIDATED) -> Response:
    found = assets().files.get(name)
    return found.answer(request, caching) if found else abort(404)


@get(pages, "/manifest.xml", {"application/xml": None}, problems=(422,), access=PUBLIC)
def manifest() -> Response:
    """The add-in's manifest, for the address of the settings or the one that is asked."""
    own = service().config
    # Office loads nothing but https, so behind plain http there has to be a proxy that speaks it
    base = own.base_url or f"https://{request.host}"
    found = ManifestConfig(base, own.provider, own.support_url, id=own.manifest_id)
    return Response(render_xml(found), mimetype="application/xml")
