"""Every error as a problem document with its status and code."""

from __future__ import annotations

import io
import json
import logging

import pytest
from flask import Flask

import grammar.errors
import server.errors
from grammar.errors import CellFusionError, ParseError
from server.app import create_app
from server.config import Config
from server.errors import InvalidInputError
from server.identity.who import PUBLIC
from server.logs import JsonFormatter
from server.problems import PROBLEM, STATUS, URN, status_of

PRIVATE = "the salary of Ms Miller"


def tree(kind):
    """A class with all below it."""
    return [kind, *(each for below in kind.__subclasses__() for each in tree(below))]


def example(kind):
    """An error of a class."""
    if issubclass(kind, InvalidInputError):
        return kind([{"place": "text", "message": "missing", "kind": "missing"}])
    return kind("what was wrong")


@pytest.fixture
def app() -> Flask:
    """An application without a model, and with a route that raises what it is told to."""
    return create_app(Config(), NoModel())


class NoModel:
    """A model that is never asked."""


def answer_to(app, error):
    """The answer of a view that raises."""

    def fail():
        raise error

    vars(fail)["access"] = PUBLIC
    app.add_url_rule("/fail", "fail", fail)
    return app.test_client().get("/fail")


@pytest.mark.parametrize("kind", tree(CellFusionError), ids=lambda kind: kind.__name__)
def test_every_error_has_a_status_and_a_code(app, kind):
    """Each class of the tree becomes a problem with the status of the map and its own code."""
    response = answer_to(app, example(kind))
    assert response.status_code == status_of(example(kind))
    assert response.content_type == PROBLEM
    body = response.get_json()
    assert body["code"] == kind.code
    assert body["type"] == URN + kind.code
    assert body["status"] == response.status_code
    assert body["request_id"] == response.headers["X-Request-Id"]
    assert ("Retry-After" in response.headers) == (response.status_code == 503)


def test_the_map_names_every_class_of_the_two_trees():
    """No class of the public trees is left to chance, and codes are distinct."""
    modules = (grammar.errors.__name__, server.errors.__name__)
    public = [kind for kind in tree(CellFusionError) if kind.__module__ in modules]
    assert set(public) == set(STATUS)
    assert len({kind.code for kind in public}) == len(public)


def test_a_parse_error_says_where(app):
    """Line, column and what could have stood there are members of the problem."""
    body = answer_to(app, ParseError("odd", "x)", 1, 2, ("an operator",))).get_json()
    assert (body["detail"], body["line"], body["column"]) == ("odd", 1, 2)
    assert body["expected"] == ["an operator"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("get", "/nowhere", {}, 404, "not_found"),
        ("get", "/taskpane/../secret", {}, 404, "not_found"),
        ("get", "/taskpane/%2e%2e/config.py", {}, 404, "not_found"),
        ("get", "/api/v1/suggest", {}, 405, "method_not_allowed"),
        ("delete", "/healthz", {}, 405, "method_not_allowed"),
        ("post", "/api/v1/validate", {"data": "text=1"}, 415, "unsupported_media_type"),
        ("post", "/api/v1/workbooks/apply", {"json": {}}, 415, "unsupported_media_type"),
        (
            "post",
            "/api/v1/validate",
            {"data": "{", "content_type": "application/json"},
            400,
            "malformed",
        ),
        ("post", "/api/v1/validate", {"json": {}}, 422, "invalid_input"),
        ("post", "/api/v1/validate", {"json": {"text": "x", "more": 1}}, 422, "invalid_input"),
        ("post", "/api/v1/explain", {"json": {"text": "GreaterThan("}}, 422, "parse"),
        ("post", "/api/v1/repair", {"json": {"text": "x" * 9000}}, 422, "invalid_input"),
    ],
)
def test_bad_requests_are_problems(app, method, path, body, status, code):
    """Wrong paths, methods, types and bodies each have their status and code."""
    response = getattr(app.test_client(), method)(path, **body)
    assert (response.status_code, response.get_json()["code"]) == (status, code)
    assert response.content_type == PROBLEM
    assert ("Allow" in response.headers) == (status == 405)


def test_a_body_that_is_too_large_is_refused():
    """JSON has its own bound, below that of workbooks."""
    client = create_app(Config(json_bytes=100), NoModel()).test_client()
    response = client.post("/api/v1/validate", json={"text": "x" * 200})
    assert (response.status_code, response.get_json()["code"]) == (413, "too_large")


def test_a_workbook_that_is_too_large_is_refused():
    """The bound of uploads holds for the whole form."""
    client = create_app(Config(upload_bytes=1000, json_bytes=1000), NoModel()).test_client()
    form = {"rules": "[]", "workbook": (io.BytesIO(b"x" * 2000), "a.xlsx")}
    response = client.post("/api/v1/workbooks/apply", data=form)
    assert (response.status_code, response.get_json()["code"]) == (413, "too_large")


def test_a_foreign_host_name_is_refused(app):
    """A page that points its own name at this machine reaches nothing."""
    response = app.test_client().get("/healthz", headers={"Host": "evil.example"})
    assert (response.status_code, response.get_json()["code"]) == (400, "bad_request")


def test_a_failure_is_a_problem_and_tells_nothing(app, caplog):
    """What nobody foresaw is status 500; neither answer nor log quotes the exception's message."""
    logging.getLogger("cellfusion").addHandler(caplog.handler)
    response = answer_to(app, ValueError(PRIVATE))
    logging.getLogger("cellfusion").removeHandler(caplog.handler)
    assert (response.status_code, response.get_json()["code"]) == (500, "internal")
    lines = [JsonFormatter().format(record) for record in caplog.records]
    assert PRIVATE not in response.get_data(as_text=True) + "".join(lines)
    failed = next(json.loads(line) for line in lines if "exception" in line)
    assert failed["exception"]["type"] == "ValueError"
    assert failed["request_id"] == response.headers["X-Request-Id"]
