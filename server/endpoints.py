"""Endpoints that know their schemas: bodies are checked and documented from one declaration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import TypeVar

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from server.errors import InvalidInputError, LimitError, MalformedError, MediaTypeError
from server.identity.who import PUBLIC, Access
from server.service import service

JSON, FORM = "application/json", "multipart/form-data"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSM = "application/vnd.ms-excel.sheet.macroEnabled.12"
XLTX = "application/vnd.openxmlformats-officedocument.spreadsheetml.template"
XLTM = "application/vnd.ms-excel.template.macroEnabled.12"
WORKBOOKS: dict[str, None] = dict.fromkeys((XLSX, XLSM, XLTX, XLTM))
"""A workbook as an answer, of the kind that was sent."""

_Body = TypeVar("_Body", bound=BaseModel)
_View = Callable[..., object]
_BODY_PROBLEMS = (400, 413, 415, 422)


@dataclass(frozen=True)
class Operation:
    """What the OpenAPI document says of one endpoint."""

    view: _View
    answers: Mapping[str, type[BaseModel] | None]
    """Media types of an answer with status 200, and the schema where it is JSON."""
    access: Access
    body: type[BaseModel] | None = None
    media: str = JSON
    problems: tuple[int, ...] = ()
    method: str = "GET"
    query: type[BaseModel] | None = None


def post(
    blueprint: Blueprint,
    path: str,
    body: type[_Body],
    answers: type[BaseModel] | Mapping[str, type[BaseModel] | None],
    media: str = JSON,
    problems: tuple[int, ...] = (),
    *,
    access: Access,
) -> Callable[[Callable[[_Body], object]], Callable[[_Body], object]]:
    """Serve a view of a checked body at a path, to those whom ``access`` names."""
    read = read_form if media == FORM else read_json
    found = answers if isinstance(answers, Mapping) else {JSON: answers}
    problems = (*_BODY_PROBLEMS, *problems)

    def register(view: Callable[[_Body], object]) -> Callable[[_Body], object]:
        @wraps(view)
        def respond() -> ResponseReturnValue:
            return as_response(view(read(body)))

        operation = Operation(view, found, access, body, media, problems + _doors(access), "POST")
        _serve(blueprint, path, respond, operation)
        return view

    return register


def put(
    blueprint: Blueprint,
    path: str,
    body: type[_Body],
    answers: type[BaseModel],
    problems: tuple[int, ...] = (),
    *,
    access: Access,
) -> Callable[[_View], _View]:
    """Serve a view that replaces what is at a path; its arguments are the path's, then the body."""

    def register(view: _View) -> _View:
        @wraps(view)
        def respond(**arguments: object) -> ResponseReturnValue:
            return as_response(view(*arguments.values(), read_json(body)))

        known = (*_BODY_PROBLEMS, *problems, *_doors(access))
        operation = Operation(view, {JSON: answers}, access, body, JSON, known, "PUT")
        _serve(blueprint, path, respond, operation)
        return view

    return register


def get(
    blueprint: Blueprint,
    path: str,
    answers: type[BaseModel] | Mapping[str, type[BaseModel] | None],
    problems: tuple[int, ...] = (),
    *,
    access: Access,
    query: type[BaseModel] | None = None,
) -> Callable[[_View], _View]:
    """Serve a view without a body at a path, to those whom ``access`` names.

    The view's arguments are those of the path, and the checked query where one is declared.
    """
    return _without_body("GET", blueprint, path, answers, problems, access, query)


def delete(
    blueprint: Blueprint,
    path: str,
    answers: type[BaseModel],
    problems: tuple[int, ...] = (),
    *,
    access: Access,
) -> Callable[[_View], _View]:
    """Serve a view that removes what is at a path."""
    return _without_body("DELETE", blueprint, path, answers, problems, access, None)


def _without_body(
    method: str,
    blueprint: Blueprint,
    path: str,
    answers: type[BaseModel] | Mapping[str, type[BaseModel] | None],
    problems: tuple[int, ...],
    access: Access,
    query: type[BaseModel] | None,
) -> Callable[[_View], _View]:
    found = answers if isinstance(answers, Mapping) else {JSON: answers}
    known = (*problems, *_doors(access), *((422,) if query else ()))

    def register(view: _View) -> _View:
        @wraps(view)
        def respond(**arguments: object) -> ResponseReturnValue:
            asked = (read_query(query),) if query else ()
            return as_response(view(*asked, **arguments))

        operation = Operation(view, found, access, problems=known, method=method, query=query)
        _serve(blueprint, path, respond, operation)
        return view

    return register


def _doors(access: Access) -> tuple[int, ...]:
    """The problems of those whom an endpoint does not let in."""
    return (429,) if access == PUBLIC else (401, 403, 429, 503)


def _serve(
    blueprint: Blueprint,
    path: str,
    respond: Callable[..., ResponseReturnValue],
    operation: Operation,
) -> None:
    vars(respond)["operation"] = operation
    vars(respond)["access"] = operation.access
    blueprint.add_url_rule(path, operation.view.__name__, respond, methods=[operation.method])


def as_response(found: object) -> ResponseReturnValue:
    """A model or a mapping as JSON, a response as it is."""
    if isinstance(found, BaseResponse):
        return found
    return jsonify(found.model_dump(mode="json") if isinstance(found, BaseModel) else found)


def read_json(body: type[_Body]) -> _Body:
    """The checked JSON body of the request.

    Raises:
        MediaTypeError, LimitError, MalformedError, InvalidInputError: it is none.
    """
    if request.mimetype != JSON:
        raise MediaTypeError(f"send the body as {JSON}")
    request.max_content_length = service().config.json_bytes
    try:
        return body.model_validate_json(request.get_data(cache=False))
    except ValidationError as error:
        raise _refusal(error) from None
    except RequestEntityTooLarge:
        raise _too_large(request.max_content_length) from None


def read_query(query: type[_Body]) -> _Body:
    """The checked query of the request.

    Raises:
        InvalidInputError: it is not of the documented form.
    """
    try:
        return query.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise _refusal(error) from None


def read_form(body: type[_Body]) -> _Body:
    """The checked form of the request, with its file as ``workbook``.

    Raises:
        MediaTypeError, LimitError, MalformedError, InvalidInputError: it is none.
    """
    if request.mimetype != FORM:
        raise MediaTypeError(f"send the workbook and the rules as {FORM}")
    config = service().config
    request.max_content_length = config.upload_bytes
    request.max_form_memory_size = config.json_bytes
    try:
        fields = {**request.form.to_dict(), **request.files.to_dict()}
        return body.model_validate(fields)
    except ValidationError as error:
        raise _refusal(error) from None
    except RequestEntityTooLarge:
        raise _too_large(config.upload_bytes) from None


def _too_large(most: int | None) -> LimitError:
    return LimitError(f"the body is larger than {most:,} bytes")


def _refusal(error: ValidationError) -> MalformedError | InvalidInputError:
    """What is wrong and where, without the values that were sent."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if found[0]["type"] == "json_invalid":
        return MalformedError(f"the body is no JSON: {found[0]['msg']}")
    places = ("/".join(map(str, each["loc"])) or "body" for each in found[:20])
    return InvalidInputError(
        [
            {"place": place, "message": each["msg"], "kind": each["type"]}
            for place, each in zip(places, found, strict=False)
        ]
    )
