"""The OpenAPI document: every route is in it, and every answer is as it says."""

from __future__ import annotations

import io
import json
import re

import pytest
from jsonschema import Draft202012Validator
from service import RULE, TABLE, TODAY, make_app, request_of

from server.sample import write_sample

SCHEMAS = "#/components/schemas/"


@pytest.fixture(scope="module")
def app():
    """The service with the tiny model."""
    return make_app()


@pytest.fixture(scope="module")
def document(app):
    """What it says of itself."""
    return app.test_client().get("/openapi.json").get_json()


def check(document, schema, value):
    """Fail where a value is not of a schema of the document."""
    bundle = {**schema, "components": document["components"]}
    errors = list(Draft202012Validator(bundle).iter_errors(value))
    assert not errors, errors


def test_every_route_is_documented(app, document):
    """The map of routes and the paths of the document are the same, method by method."""
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    paths = {(path, method) for path, each in document["paths"].items() for method in each}
    assert routes == paths


def test_the_contract_is_there(document):
    """All endpoints of the contract are served."""
    posts = ("suggest", "validate", "repair", "explain", "workbooks/preview", "workbooks/apply")
    pages = ("healthz", "readyz", "metrics", "openapi.json", "taskpane/", "manifest.xml")
    wanted = {f"/api/v1/{name}" for name in posts} | {f"/{name}" for name in pages}
    assert wanted <= set(document["paths"])
    assert document["openapi"].startswith("3.1")


def test_schemas_are_right_and_used(document):
    """Each schema is a JSON schema, each reference leads somewhere, and none is left over."""
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    found = set(re.findall(rf'"{SCHEMAS}(\w+)"', json.dumps(document)))
    assert found == set(schemas)


def test_operations_are_told_apart(document):
    """Every operation has an id of its own and a sentence."""
    operations = [each for path in document["paths"].values() for each in path.values()]
    ids = [each["operationId"] for each in operations]
    assert len(set(ids)) == len(ids)
    assert all(each["summary"] for each in operations)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("suggest", request_of()),
        ("suggest", request_of(utterance="hello there", top=1)),
        ("suggest", request_of(utterance="")),
        ("suggest", request_of(top=0)),
        ("suggest", request_of(top=2.0)),
        ("suggest", request_of(top="2")),
        ("suggest", {}),
        ("validate", {"text": RULE}),
        ("validate", {"text": "GreaterThan("}),
        ("validate", {"text": "=INDIRECT(A1)", "formula": True}),
        ("repair", {"text": "GreaterThan(c[1], 5"}),
        ("repair", {"text": "=IF(A1>5,1", "formula": True}),
        ("explain", {"text": RULE, "table": TABLE}),
        ("explain", {"text": "nonsense"}),
    ],
)
def test_answers_are_as_documented(app, document, path, body):
    """Requests that pass are of their schema; answers are of that of their status and type."""
    answer = app.test_client().post(f"/api/v1/{path}", json=body)
    operation = document["paths"][f"/api/v1/{path}"]["post"]
    described = operation["responses"][str(answer.status_code)]["content"][answer.mimetype]
    check(document, described["schema"], answer.get_json())
    request = operation["requestBody"]["content"]["application/json"]["schema"]
    if answer.status_code == 200:
        check(document, request, body)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json"])
def test_plain_pages_are_as_documented(app, document, path):
    """What is read without a body is of the type, and the schema, that is named."""
    answer = app.test_client().get(path)
    content = document["paths"][path]["get"]["responses"][str(answer.status_code)]["content"]
    if "schema" in content[answer.mimetype]:
        check(document, content[answer.mimetype]["schema"], answer.get_json())


@pytest.mark.parametrize("form", ["png", "html", "xlsx"])
def test_workbooks_are_as_documented(app, document, tmp_path, form):
    """Each form of a preview has one of the documented types."""
    write_sample(tmp_path / "a.xlsx", TODAY)
    rules = [{"condition": "Blanks(c[4])"}]
    fields = {"rules": json.dumps(rules), "format": form}
    stream = io.BytesIO((tmp_path / "a.xlsx").read_bytes())
    answer = app.test_client().post(
        "/api/v1/workbooks/preview", data={**fields, "workbook": (stream, "a.xlsx")}
    )
    operation = document["paths"]["/api/v1/workbooks/preview"]["post"]
    assert answer.mimetype in operation["responses"]["200"]["content"]
    schema = operation["requestBody"]["content"]["multipart/form-data"]["schema"]
    check(document, schema, {"workbook": "…", "rules": rules, "format": form})
