"""The API through the client: every endpoint, with a real model and real workbooks."""

from __future__ import annotations

import datetime as dt
import io
import json
import logging

import pytest
from openpyxl import load_workbook
from PIL import Image
from service import RULE, TABLE, TODAY, UTTERANCE, make_client, request_of, suggester

from grammar.values import Kind
from server.config import Config
from server.headers import page_policy
from server.logs import JsonFormatter
from server.sample import write_sample
from server.schemas import TableIn
from server.suggestions import to_json
from server.tables_json import split_address, table_from_json

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def client():
    """A client of the service with the tiny model."""
    return make_client()


@pytest.fixture(scope="module")
def workbook(tmp_path_factory):
    """The bytes of the sample workbook."""
    path = tmp_path_factory.mktemp("sample") / "orders.xlsx"
    write_sample(path, TODAY)
    return path.read_bytes()


def send(client, path, sent, **fields):
    """The answer to a workbook with rules."""
    fields.setdefault("rules", json.dumps([{"condition": "LessThan(c[6], 100)"}]))
    form = {"workbook": (io.BytesIO(sent), "orders.xlsx"), **fields}
    return client.post(f"/api/v1/workbooks/{path}", data=form, content_type="multipart/form-data")


def test_a_request_becomes_rules_in_their_place(client):
    """The learnt sentence gives its rule, at the true cells of the sheet, with two matches."""
    answer = client.post("/api/v1/suggest", json=request_of()).get_json()
    best = answer["candidates"][0]
    assert best["condition"] == RULE
    [rule] = best["rules"]
    assert rule["range"] == "D4:D8"
    assert rule["matches"] == ["D4", "D7"]
    assert "$D4" in rule["formula"]
    assert answer["table"] == {
        "sheet": "Orders",
        "range": "B4:D8",
        "has_header": True,
        "headers": ["Order", "Ordered", "Amount"],
        "kinds": ["text", "date", "number"],
        "rows": 5,
    }


def test_the_service_says_what_the_command_line_says(client):
    """An answer over HTTP is that of the model asked alone, as JSON."""
    table = table_from_json(TableIn.model_validate(TABLE), Config())
    alone = to_json(suggester().suggest(UTTERANCE, table, today=TODAY), table, TODAY)
    answer = client.post("/api/v1/suggest", json=request_of()).get_json()
    answer.pop("table")
    assert answer == json.loads(json.dumps(alone))


def test_suggestions_need_a_model():
    """Without weights everything else is served, and the problem says so."""
    client = make_client(weights="nowhere", without_model=True)
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()["code"]) == (503, "model")
    assert client.post("/api/v1/suggest", json=request_of()).status_code == 503
    assert client.post("/api/v1/validate", json={"text": RULE}).status_code == 200


def test_readiness_and_health(client):
    """With a model the service is ready."""
    assert client.get("/readyz").get_json() == {"status": "ready", "store": "ready"}
    assert client.get("/healthz").get_json()["status"] == "ok"


def test_texts_are_validated_repaired_and_explained(client):
    """The three endpoints about text answer as the command line does."""
    post = client.post
    found = post("/api/v1/validate", json={"text": "GreaterThan(c[2],100)"}).get_json()
    assert found == {"valid": True, "canonical": "GreaterThan(c[2], 100)", "error": None}
    found = post("/api/v1/validate", json={"text": "=A1>", "formula": True}).get_json()
    assert (found["valid"], found["error"]["code"]) == (False, "parse")
    found = post("/api/v1/repair", json={"text": "GreaterThan(c[2], 100", "top": 1}).get_json()
    assert [each["text"] for each in found["repairs"]] == ["GreaterThan(c[2], 100)"]
    found = post("/api/v1/explain", json={"text": RULE, "table": TABLE}).get_json()
    assert found == {"text": RULE, "explanation": "Amount is less than 100"}


def test_rules_are_applied_to_a_workbook(client, workbook):
    """The answer is a workbook with the rules in their order, under a new name."""
    rules = [
        {"condition": "LessThan(c[6], 100)", "style": {"fill": "#12AB34"}, "target": "row"},
        "TextEquals(c[5], 'Open')",
    ]
    answer = send(client, "apply", workbook, rules=json.dumps(rules), sheet="Orders")
    assert answer.status_code == 200, answer.get_json()
    assert answer.mimetype == XLSX
    assert "orders-formatted.xlsx" in answer.headers["Content-Disposition"]
    sheet = load_workbook(io.BytesIO(answer.data))["Orders"]
    found = [
        (rule.priority, str(area.sqref))
        for area in sheet.conditional_formatting
        for rule in area.rules
    ]
    assert sorted(found)[:2] == [(1, "A2:H61"), (2, "F2:F61")]


def test_a_candidate_can_be_sent_back(client, workbook):
    """What was suggested is applied as it is, without being taken apart by the caller."""
    candidate = {
        "rank": 1,
        "rules": [{"condition": "Blanks(c[4])", "range": "E2:E61", "matches": []}],
    }
    answer = send(client, "apply", workbook, rules=json.dumps(candidate))
    assert answer.status_code == 200, answer.get_json()


def test_previews_come_in_three_forms(client, workbook):
    """A picture, a page that runs nothing, and a copy."""
    picture = send(client, "preview", workbook, format="png")
    assert Image.open(io.BytesIO(picture.data)).format == "PNG"
    page = send(client, "preview", workbook, format="html")
    assert page.get_data(as_text=True).startswith("<!DOCTYPE html>")
    assert "sandbox" in page.headers["Content-Security-Policy"]
    copy = send(client, "preview", workbook, format="xlsx")
    assert load_workbook(io.BytesIO(copy.data)).sheetnames == ["Orders"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"rules": "["}, "invalid_input"),
        ({"rules": "[]"}, "invalid_input"),
        ({"rules": '[{"condition": "LessThan("}]'}, "parse"),
        ({"rules": '[{"condition": "LessThan(c[40], 1)"}]'}, "invalid_rule"),
        ({"rules": '[{"condition": "Blanks(c[0])", "target": ["x"]}]'}, "invalid_rule"),
        ({"rules": '[{"condition": "Blanks(c[0])", "style": {"fill": "red"}}]'}, "invalid_input"),
        ({"sheet": "Nowhere"}, "range"),
        ({"range": "A1:ZZZZ9"}, "range"),
        ({"workbook": (io.BytesIO(b"no workbook"), "a.xlsx")}, "unreadable_workbook"),
        ({"workbook": "as text"}, "invalid_input"),
        ({"format": "pdf"}, "invalid_input"),
    ],
)
def test_bad_forms_are_refused_with_the_reason(client, workbook, fields, code):
    """Every part of a form that cannot be used is status 422 with its own code."""
    answer = send(client, "preview", workbook, **fields)
    assert (answer.status_code, answer.get_json()["code"]) == (422, code)


@pytest.mark.parametrize(
    ("table", "status", "code"),
    [
        ({"address": "A1:B2", "values": [[1]]}, 422, "range"),
        ({"address": "nowhere!", "values": [[1]]}, 422, "range"),
        ({"address": "XFD1", "values": [[1, 2]]}, 422, "range"),
        ({"address": "A1", "values": [[1], [1, 2]]}, 422, "invalid_input"),
        ({"address": "A1", "values": [[]]}, 422, "invalid_input"),
        ({"address": "A1", "values": [[{}]]}, 422, "invalid_input"),
        ({"address": "A1", "values": [[1]], "number_formats": [["0", "0"]]}, 422, "invalid_input"),
        ({"address": "A1", "values": [[0] * 600]}, 413, "too_large"),
    ],
)
def test_bad_tables_are_refused(client, table, status, code):
    """Addresses, forms and sizes that do not fit are told from each other."""
    answer = client.post("/api/v1/suggest", json=request_of(table=table))
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_number_formats_decide_what_is_a_date():
    """The same number is a date or an amount by its format; text stays text."""
    table = table_from_json(TableIn.model_validate(TABLE), Config())
    assert [column.kind for column in table.columns] == [Kind.TEXT, Kind.DATE, Kind.NUMBER]
    assert table.columns[2].error_count == 1
    assert table.columns[2].values[2] is None
    assert (table.first_column, table.first_row, table.sheet) == (1, 4, "Orders")


def test_without_formats_text_is_read_as_typed():
    """A script may send dates and percentages as text; codes stay text."""
    rows = [["Day", "Share", "Code"], ["2026-08-01", "12%", "007"], ["2026-08-02", "5%", "008"]]
    table = table_from_json(TableIn(address="A1", values=rows), Config())
    assert [column.kind for column in table.columns] == [Kind.DATE, Kind.NUMBER, Kind.TEXT]
    assert table.columns[1].values == (0.12, 0.05)


def test_a_table_without_a_header_keeps_its_first_row():
    """Numbers from the first row on are data, addressed from there."""
    source = TableIn(address="C5:D7", values=[[1, 2], [3, 4], [5, 6]])
    table = table_from_json(source, Config())
    assert (table.has_header, table.first_row, table.row_count) == (False, 5, 3)


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("A1:B2", ("Sheet1", "A1:B2")),
        ("Orders!A1", ("Orders", "A1")),
        ("'My sheet'!A1", ("My sheet", "A1")),
        ("'It''s! mine'!A1:B2", ("It's! mine", "A1:B2")),
    ],
)
def test_addresses_are_split(address, parts):
    """Sheets are named as Excel quotes them."""
    assert split_address(address) == parts


def test_request_ids_are_kept_or_made(client):
    """A plain id of a proxy comes back; one that could break a log is replaced."""
    assert client.get("/healthz", headers={"X-Request-Id": "abc-12345"}).headers[
        "X-Request-Id"
    ] == ("abc-12345")
    made = client.get("/healthz", headers={"X-Request-Id": 'x"; drop'}).headers["X-Request-Id"]
    assert len(made) == 32


def test_logs_hold_neither_requests_nor_cells(client, caplog):
    """A line of JSON says route, status, time and id, and nothing that a person wrote."""
    logger = logging.getLogger("cellfusion")
    logger.addHandler(caplog.handler)
    answer = client.post("/api/v1/suggest", json=request_of())
    client.post("/api/v1/explain", json={"text": "Confidential("})
    client.get("/confidential")
    logger.removeHandler(caplog.handler)
    lines = [JsonFormatter().format(record) for record in caplog.records]
    assert "onfidential" not in "".join(lines)
    assert "amounts" not in "".join(lines)
    assert "A-1" not in "".join(lines)
    first = json.loads(lines[0])
    assert first["request_id"] == answer.headers["X-Request-Id"]
    assert (first["route"], first["status"]) == ("/api/v1/suggest", 200)
    assert dt.datetime.fromisoformat(first["time"]).tzinfo is not None


def test_every_answer_has_its_security_headers(client):
    """Nothing is guessed, kept or framed; no other origin is let in; Office may frame the pane."""
    origin = {"Origin": "https://evil.example"}
    for path in ("/healthz", "/nowhere", "/openapi.json", "/taskpane/"):
        headers = client.get(path, headers=origin, buffered=True).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == ("no-cache" if path == "/taskpane/" else "no-store")
        assert "X-Frame-Options" not in headers
        assert not [name for name, _ in headers if name.startswith("Access-Control")]
        wanted = "'none'" if path != "/taskpane/" else "https://*.officeapps.live.com"
        assert wanted in headers["Content-Security-Policy"].partition("frame-ancestors")[2]


def test_the_policy_of_the_page_can_be_set():
    """Ancestors, scripts and connections come from the settings; scripts are never inline."""
    config = Config(frame_ancestors=("https://a.example",), connect_sources=("https://b.example",))
    directives = dict(part.split(" ", 1) for part in page_policy(config).split("; "))
    assert directives["frame-ancestors"] == "'self' https://a.example"
    assert directives["connect-src"] == "'self' https://b.example"
    assert "unsafe" not in directives["script-src"]
    assert directives["default-src"] == "'none'"


def test_icons_may_be_kept(client):
    """Office shows a blank icon where the answer says no-store."""
    answer = client.get("/taskpane/icons/icon-32.png", buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert answer.headers["Cache-Control"].startswith("public")
    assert client.get("/taskpane/icons/none.png").headers["Cache-Control"] == "no-store"


def test_the_manifest_names_the_address_that_is_asked():
    """By default it is the host of the request, by https; a setting goes before it."""
    answer = make_client().get("/manifest.xml")
    assert (answer.status_code, answer.mimetype) == (200, "application/xml")
    assert "https://localhost/taskpane/" in answer.get_data(as_text=True)
    own = make_client(base_url="https://cells.example").get("/manifest.xml")
    assert "https://cells.example/taskpane/" in own.get_data(as_text=True)
    assert make_client(base_url="http://cells.example").get("/manifest.xml").status_code == 422


def test_metrics_count_routes_and_batches(client):
    """Requests are counted by route, never by path, and batches by size."""
    client.get("/some/private/path")
    client.post("/api/v1/suggest", json=request_of())
    text = client.get("/metrics").get_data(as_text=True)
    assert 'cellfusion_requests_total{method="GET",route="none",status="404"}' in text
    assert "private" not in text
    assert "cellfusion_batch_size_count" in text
    assert 'cellfusion_suggestions_total{outcome="offered"}' in text


def test_the_rule_can_be_watched_taking_shape(client):
    """Asked for events, the answer is who comes first, every step and then the same candidates.

    The first step is the beam's, the others those of denoising.
    """
    headers = {"Accept": "text/event-stream"}
    answer = client.post("/api/v1/suggest", json=request_of(), headers=headers)
    assert answer.mimetype == "text/event-stream"
    blocks = [block.split("\n") for block in answer.get_data(as_text=True).strip().split("\n\n")]
    names = [name.removeprefix("event: ") for name, _ in blocks]
    values = [json.loads(data.removeprefix("data: ")) for _, data in blocks]
    while names[0] == "waiting":
        assert (names.pop(0), values.pop(0)) == ("waiting", {"ahead": 0})
    assert names == ["step", "step", "step", "step", "candidates"]
    assert [value["step"] for value in values[:4]] == [1, 2, 3, 4]
    assert values[0]["rule"] == values[3]["rule"] == RULE
    assert values[4] == client.post("/api/v1/suggest", json=request_of()).get_json()


def test_what_is_refused_at_once_is_no_stream(client):
    """An empty request is a problem with its status, whatever was asked for."""
    headers = {"Accept": "text/event-stream"}
    answer = client.post("/api/v1/suggest", json=request_of(utterance=" "), headers=headers)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
