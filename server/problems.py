"""Every error as a problem document.

Source: RFC 9457.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import cast

from flask import Flask, Response, g, json
from werkzeug.exceptions import HTTPException

from grammar.errors import (
    CellFusionError,
    GrammarError,
    HostileWorkbookError,
    InvalidRuleError,
    ManifestError,
    ModelError,
    OutputError,
    ParseError,
    RangeError,
    RequestError,
    UnreadableWorkbookError,
    UnsafeFormulaError,
    UnsupportedError,
    WorkbookError,
)
from server.errors import (
    BusyError,
    ConfigError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    KeysUnavailableError,
    LateError,
    LimitError,
    MalformedError,
    MediaTypeError,
    MissingError,
    OutdatedError,
    PolicyError,
    ServiceError,
    StoreError,
    UnauthenticatedError,
)
from server.rule_text import fault

log = logging.getLogger("cellfusion.errors")
PROBLEM = "application/problem+json"
URN = "urn:cellfusion:problem:"
"""A problem's type is this and its code."""
RETRY_AFTER = "1"
"""Seconds after which a request that was turned away may come again."""

STATUS: dict[type[CellFusionError], int] = {
    CellFusionError: 400,
    GrammarError: 422,
    ParseError: 422,
    InvalidRuleError: 422,
    UnsafeFormulaError: 422,
    UnsupportedError: 422,
    WorkbookError: 422,
    UnreadableWorkbookError: 422,
    HostileWorkbookError: 422,
    RangeError: 422,
    OutputError: 500,
    RequestError: 422,
    ManifestError: 422,
    ModelError: 503,
    ServiceError: 500,
    ConfigError: 500,
    LimitError: 413,
    MalformedError: 400,
    InvalidInputError: 422,
    MediaTypeError: 415,
    UnauthenticatedError: 401,
    ForbiddenError: 403,
    KeysUnavailableError: 503,
    PolicyError: 422,
    BusyError: 503,
    LateError: 503,
    StoreError: 503,
    OutdatedError: 503,
    MissingError: 404,
    ConflictError: 409,
}
"""The status of every class of the tree."""

HTTP_CODES = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    421: "misdirected",
    422: "unprocessable",
    429: "rate",
    500: "internal",
    503: "unavailable",
}
"""The code of a problem that no class of ours names."""


def status_of(error: CellFusionError) -> int:
    """The status of the nearest class that has one."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem_of(error: CellFusionError) -> dict[str, object]:
    """An error as the members of a problem, with its place where it has one."""
    found = fault(error)
    found["detail"] = found.pop("message")
    if isinstance(error, InvalidInputError):
        found["errors"] = error.errors
    return found


def problem(
    status: int,
    code: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> Response:
    """A problem document; its title follows from its code."""
    body = {
        "type": URN + code,
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": g.get("request_id", ""),
        **more,
    }
    return Response(json.dumps(body, ensure_ascii=False), status, headers, mimetype=PROBLEM)


def register_errors(app: Flask) -> None:
    """Answer every error of an application with a problem document."""
    app.register_error_handler(CellFusionError, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _failed)


def _refused(error: CellFusionError) -> Response:
    status = status_of(error)
    if status == 500:
        _log(error, error.code)
        return problem(500, error.code, "the service could not finish; the log says why")
    headers = _headers(status, error)
    members = problem_of(error)
    return problem(status, str(members.pop("code")), str(members.pop("detail")), headers, **members)


def _headers(status: int, error: CellFusionError) -> dict[str, str]:
    """What a client needs to know before it reads the problem. Source: RFC 6750, 3."""
    if status == 401:
        invalid = "" if error.code == "unauthenticated" else ', error="invalid_token"'
        return {"WWW-Authenticate": f'Bearer realm="CellFusion"{invalid}'}
    if isinstance(error, BusyError):
        return {"Retry-After": str(error.seconds)}
    return {"Retry-After": RETRY_AFTER} if status == 503 else {}


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None or status < 400:
        return cast(Response, error.get_response())
    wanted = ("Allow", "Retry-After")
    headers = {name: value for name, value in error.get_headers() if name in wanted}
    code = HTTP_CODES.get(status, f"http_{status}")
    return problem(status, code, error.description or "", headers)


def _failed(error: Exception) -> Response:
    _log(error, "internal")
    return problem(500, "internal", "the service failed; the log names the request by its id")


def _log(error: Exception, code: str) -> None:
    extra = {"request_id": g.get("request_id", ""), "error": code}
    log.error("failed", extra=extra, exc_info=error)
