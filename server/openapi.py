"""The OpenAPI document, made from the schemas that check the requests.

Source: OpenAPI Specification 3.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from flask import Flask
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema
from werkzeug.routing import Rule

from server.answers import Problem
from server.endpoints import Operation
from server.identity.who import Access
from server.problems import HTTP_CODES, PROBLEM
from server.version import VERSION

Json = dict[str, object]
SCHEMES: Json = {
    "entra": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of Microsoft Entra ID, version 2.0.",
    },
    "key": {"type": "http", "scheme": "bearer", "description": "An API key, as cf_…_…."},
}
"""How a request says whose it is; a service for this machine alone needs neither."""
_REF = "#/components/schemas/"


@lru_cache(maxsize=4)
def document(app: Flask) -> Json:
    """The description of every endpoint of an application."""
    paths: dict[str, Json] = {}
    operations = list(_operations(app))
    refs, schemas = _schemas([operation for _, operation in operations])
    for rule, operation in operations:
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        paths.setdefault(path, {})[operation.method.lower()] = _describe(rule, operation, refs)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "CellFusion",
            "version": VERSION,
            "description": "Conditional formatting from plain English.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": SCHEMES},
    }


def _operations(app: Flask) -> Iterator[tuple[Rule, Operation]]:
    """Every route with what is declared of it."""
    for rule in app.url_map.iter_rules():
        operation = vars(app.view_functions[rule.endpoint]).get("operation")
        if isinstance(operation, Operation):
            yield rule, operation


Refs = dict[tuple[object, JsonSchemaMode], Json]


def _schemas(operations: list[Operation]) -> tuple[Refs, Json]:
    """References by model, and the schemas that they lead to."""
    wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [(Problem, "serialization")]
    for operation in operations:
        wanted += [(operation.body, "validation")] if operation.body else []
        wanted += [(model, "serialization") for model in operation.answers.values() if model]
    found, definitions = models_json_schema(
        list(dict.fromkeys(wanted)), ref_template=_REF + "{model}"
    )
    return {(kind, mode): schema for (kind, mode), schema in found.items()}, dict(
        definitions.get("$defs", {})
    )


def _describe(rule: Rule, operation: Operation, refs: Refs) -> Json:
    """The operation object of one endpoint."""
    view = operation.view
    found: Json = {
        "operationId": view.__name__,
        "summary": (view.__doc__ or "").strip().rstrip("."),
        "tags": [rule.endpoint.partition(".")[0]],
        "responses": _responses(operation, refs),
    }
    parameters = [_parameter(name) for name in sorted(rule.arguments)] + _asked(operation)
    if parameters:
        found["parameters"] = parameters
    if operation.access.role is not None:
        found["security"] = [{"entra": []}, {"key": []}]
        found["description"] = _who(operation.access)
    if operation.body:
        schema = refs[operation.body, "validation"]
        media: Json = {"schema": schema}
        if operation.media != "application/json":
            media["encoding"] = {"rules": {"contentType": "application/json"}}
        found["requestBody"] = {"required": True, "content": {operation.media: media}}
    return found


def _who(access: Access) -> str:
    scope = f" A key needs the scope `{access.scope}`." if access.scope else ""
    near = " Networks of `metrics_networks` need nothing." if access.nearby else ""
    return f"Needs the role `{access.role}`.{scope}{near}"


def _parameter(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _asked(operation: Operation) -> list[Json]:
    """The parameters of a query."""
    schema = operation.query.model_json_schema() if operation.query else {"properties": {}}
    needed = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": each}
        for name, each in schema["properties"].items()
    ]


def _responses(operation: Operation, refs: Refs) -> Json:
    """The answer and the problems that may come instead."""
    content = {
        media: {"schema": refs[model, "serialization"]} if model else {}
        for media, model in operation.answers.items()
    }
    found: Json = {"200": {"description": "The answer.", "content": content}}
    schema = refs[Problem, "serialization"]
    for status in sorted({*operation.problems, 500}):
        text = HTTP_CODES[status].replace("_", " ").capitalize()
        found[str(status)] = {"description": text, "content": {PROBLEM: {"schema": schema}}}
    return found
