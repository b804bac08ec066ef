"""Errors of the service, and every error as a problem document.

::

    CellFusionError            the tree of grammar/errors.py
    └── ServiceError           the service cannot do it, whatever the input
        ├── ConfigError        settings that cannot be used
        ├── LimitError         input larger than the service takes
        ├── MalformedError     a body that cannot be parsed
        ├── InvalidInputError  a body that is not of the documented form
        ├── MediaTypeError     a body of another type than the endpoint takes
        ├── UnauthenticatedError  nobody's identity is proved
        ├── ForbiddenError     somebody who may not
        ├── KeysUnavailableError  the keys that tokens are signed with cannot be read
        ├── PolicyError        a rule that the organisation does not allow
        ├── BusyError          more requests are waiting than will be served
        ├── LateError          the model did not answer in time
        ├── StoreError         the database does not answer; nothing was stored
        ├── OutdatedError      the store lacks migrations
        ├── MissingError       nothing goes by that name
        └── ConflictError      somebody else has changed it meanwhile

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
from server.rule_text import fault

log = logging.getLogger("cellfusion.errors")
PROBLEM = "application/problem+json"
URN = "urn:cellfusion:problem:"
"""A problem's type is this and its code."""
RETRY_AFTER = "1"
"""Seconds after which a request that was turned away may come again."""


class ServiceError(CellFusionError):
    """The service refused or could not finish."""

    code = "service"


class ConfigError(ServiceError):
    """Settings that cannot be used."""

    code = "config"


class LimitError(ServiceError):
    """Input that is larger than the service takes."""

    code = "too_large"


class MalformedError(ServiceError):
    """A body that is no JSON or no form."""

    code = "malformed"


class InvalidInputError(ServiceError):
    """A body that is not of the documented form; ``errors`` names the places."""

    code = "invalid_input"

    def __init__(self, errors: list[dict[str, object]]) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{each['place']}: {each['message']}" for each in errors[:5]))


class MediaTypeError(ServiceError):
    """A body of a type that the endpoint does not take."""

    code = "unsupported_media_type"


class UnauthenticatedError(ServiceError):
    """Nobody's identity is proved; the code says why."""

    code = "unauthenticated"

    def __init__(self, message: str, code: str = "unauthenticated") -> None:
        self.code = code
        super().__init__(message)


class ForbiddenError(ServiceError):
    """Somebody who may not; the code says why."""

    code = "forbidden"

    def __init__(self, message: str, code: str = "forbidden") -> None:
        self.code = code
        super().__init__(message)


class KeysUnavailableError(ServiceError):
    """The keys that tokens are signed with cannot be read now."""

    code = "keys_unavailable"


class PolicyError(ServiceError):
    """A rule that the organisation's policy does not allow."""

    code = "policy"


class BusyError(ServiceError):
    """More requests wait than will be served soon; ``seconds`` from now there will be room."""

    code = "busy"

    def __init__(self, message: str, seconds: int = 1) -> None:
        self.seconds = seconds
        super().__init__(f"{message}; try again in {seconds} second{'' if seconds == 1 else 's'}")


class LateError(ServiceError):
    """The model did not answer in time."""

    code = "late"


class StoreError(ServiceError):
    """The database does not answer or refuses, so nothing was stored."""

    code = "store"


class OutdatedError(ServiceError):
    """The tables of the store are not those of this version."""

    code = "store_outdated"


class MissingError(ServiceError):
    """Nothing goes by that name."""

    code = "not_found"


class ConflictError(ServiceError):
    """What is stored is no longer what it was when it was read."""

    code = "conflict"


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
