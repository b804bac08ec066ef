"""Whether the service is up, whether it can answer, and what it has counted."""

from __future__ import annotations

from flask import Blueprint, Response

from server import metrics as counts
from server.answers import Health, Ready
from server.endpoints import get
from server.errors import OutdatedError, StoreError
from server.identity.who import PUBLIC, Access, Role
from server.service import service
from server.store.schema import is_ready
from server.version import VERSION

health = Blueprint("health", __name__)
SCRAPER = Access(Role.ADMIN, "metrics", nearby=True)


@get(health, "/healthz", Health, access=PUBLIC)
def healthz() -> Health:
    """The process answers."""
    return Health(status="ok", version=VERSION)


@get(health, "/readyz", Ready, problems=(503,), access=PUBLIC)
def readyz() -> Ready:
    """The model is loaded and the store has its tables; one that is away ends no suggestions."""
    own = service()
    assert own.model  # noqa: S101 - it raises where there is none
    try:
        if not is_ready(own.store):
            raise OutdatedError("the store lacks migrations; run cellfusion store upgrade")
    except StoreError:
        return Ready(status="ready", store="unreachable")
    return Ready(status="ready", store="ready")


@get(health, "/metrics", {"text/plain": None}, access=SCRAPER)
def metrics() -> Response:
    """Counts for Prometheus, over all workers."""
    return Response(service().metrics.render(), content_type=counts.CONTENT_TYPE)
