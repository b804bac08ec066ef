"""Every request with an id, counted and logged; never with what it says."""

from __future__ import annotations

import logging
import re
import time
import uuid

from flask import Flask, Response, g, request

from server.service import service

log = logging.getLogger("cellfusion.requests")
HEADER = "X-Request-Id"
_ID = re.compile(r"[A-Za-z0-9._-]{8,128}")
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


def register_requests(app: Flask) -> None:
    """Give every request of an application an id, and count and log its answer."""
    app.before_request(_begin)
    app.after_request(_end)


def request_id(given: str | None) -> str:
    """The id that a proxy gave, where it is plain enough for a log, else a new one."""
    return given if given and _ID.fullmatch(given) else uuid.uuid4().hex


def _begin() -> None:
    g.started = time.perf_counter()
    g.request_id = request_id(request.headers.get(HEADER))


def _end(response: Response) -> Response:
    # a path is free text, so what is counted and logged is the route that it met
    route = request.url_rule.rule if request.url_rule else "none"
    method = request.method if request.method in _METHODS else "other"
    seconds = time.perf_counter() - g.started
    metrics = service().metrics
    metrics.requests.labels(route, method, response.status_code).inc()
    metrics.seconds.labels(route).observe(seconds)
    log.info(
        "answered",
        extra={
            "request_id": g.request_id,
            "method": method,
            "route": route,
            "status": response.status_code,
            "milliseconds": round(1000 * seconds, 1),
            "bytes": response.content_length,
        },
    )
    response.headers[HEADER] = g.request_id
    return response
