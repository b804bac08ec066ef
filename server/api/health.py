"""Whether the service is up, whether it can answer, and what it has counted."""

from __future__ import annotations

from flask import Blueprint, Response

from server import metrics as counts
from server.answers import Health, Ready
from server.endpoints import get
from server.identity.who import PUBLIC, Access, Role
from server.service import service
from server.version import VERSION

health = Blueprint("health", __name__)
SCRAPER = Access(Role.ADMIN, "metrics", nearby=True)


@get(health, "/healthz", Health, access=PUBLIC)
def healthz() -> Health:
    """The process answers."""
    return Health(status="ok", version=VERSION)


@get(health, "/readyz", Ready, problems=(503,), access=PUBLIC)
def readyz() -> Ready:
    """The model is loaded, so that suggestions are answered."""
    assert service().model  # noqa: S101 - it raises where there is none
    return Ready(status="ready")


@get(health, "/metrics", {"text/plain": None}, access=SCRAPER)
def metrics() -> Response:
    """Counts for Prometheus, over all workers."""
    return Response(service().metrics.render(), content_type=counts.CONTENT_TYPE)
