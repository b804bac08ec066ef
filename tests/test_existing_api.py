"""Rules that an uploaded workbook has: told to the page, and arranged as the page says."""

from __future__ import annotations

import io
import json

import pytest
from jsonschema import Draft202012Validator
from rich_workbooks import ALL, plain_book, rewritten, rich_book, rules_of
from service import make_client
from test_rules_command import book_of

from server.existing_forms import ExistingRules
from server.workbooks import apply_rules, list_rules

GREEN = {"condition": "GreaterThan(c[1], 3)", "style": {"fill": "#00FF00"}}


@pytest.fixture(scope="module")
def client():
    """A client of the service."""
    return make_client()


@pytest.fixture
def book(tmp_path):
    """A workbook with three rules, four more on top."""
    book = rich_book(tmp_path / "book.xlsx")
    apply_rules(book, "Orders", ALL, book, overwrite=True)
    return book


def send(client, path, book, name="orders.xlsx", **fields):
    """The answer to a workbook."""
    form = {"workbook": (io.BytesIO(book.read_bytes()), name), **fields}
    return client.post(f"/api/v1/workbooks/{path}", data=form, content_type="multipart/form-data")


def arranged(client, book, target, order, rules=()):
    """The workbook in which the sheet has what was asked for."""
    fields = {"rules": json.dumps(rules), "order": json.dumps(order), "range": "A1:D9"}
    answer = send(client, "arrange", book, sheet="Orders", **fields)
    assert answer.status_code == 200, answer.get_json()
    target.write_bytes(answer.data)
    return target


def test_rules_are_told_with_what_they_do(client, book):
    """Styles come with the cells that they hold for, scales with what they draw in each."""
    found = send(client, "rules", book, sheet="orders", range="A1:D9").get_json()
    Draft202012Validator(ExistingRules.model_json_schema()).validate(found)
    assert found["sheet"] == "Orders"
    red, late, bar, icons, small, *_ = found["rules"]
    assert [rule["id"] for rule in found["rules"]] == [rule.id for rule in list_rules(book)]
    assert (red["matches"], red["match_count"]) == (["B7", "B8", "B9"], 3)
    assert red["style"]["fill"] == "#FFC7CE"
    assert red["explanation"].startswith("Amount is more than 5")
    assert late["stop_if_true"]
    assert bar["office"]["type"] == "DataBar"
    start, end, colour = bar["drawn"]["C9"]["bar"]
    assert (start, end, colour) == (0.0, 1.0, "#638EC6")
    assert icons["drawn"]["D2"] == {"icon": 1.0}
    assert icons["drawn"]["D9"] == {"icon": 0.0}
    assert red["id"] in small["hidden_by"]
    scale = found["rules"][-1]
    assert scale["office"]["rule"]["criteria"].keys() == {"minimum", "midpoint", "maximum"}
    assert scale["drawn"]["D2"]["fill"] == scale["office"]["rule"]["criteria"]["maximum"]["color"]


def test_a_workbook_without_rules_has_an_empty_list(client, tmp_path):
    """The first sheet is taken where none is named."""
    book = plain_book(tmp_path / "book.xlsx")
    assert send(client, "rules", book).get_json() == {"sheet": "Orders", "rules": []}


def test_a_rule_that_cannot_be_evaluated_is_told_with_a_note(client, tmp_path, book):
    """The others are told all the same, and it can be moved or removed."""
    change = {
        "xl/worksheets/sheet1.xml": lambda xml: xml.replace(
            b"<formula>3</formula>", b"<formula>NOSUCH(A1)</formula>"
        )
    }
    damaged = rewritten(book, tmp_path / "damaged.xlsx", change)
    found = send(client, "rules", damaged).get_json()["rules"]
    assert [bool(rule["note"]) for rule in found] == [False] * 4 + [True, False, False]
    assert "NOSUCH" in found[4]["note"]


def test_new_and_old_rules_are_arranged(client, book, tmp_path):
    """The order is that of the list, with new rules between; what is not in it is removed."""
    ids = [rule.id for rule in list_rules(book)]
    output = arranged(client, book, tmp_path / "out.xlsx", [ids[2], "+0", ids[0]], [GREEN])
    listed = list_rules(output)
    assert [rule.id for rule in listed][::2] == [ids[2], ids[0]]
    assert listed[1].rule.style.fill == "#00FF00"
    assert len(listed) == 3


def test_all_in_its_order_changes_no_rule(client, book, tmp_path):
    """The list sent back as it was told leaves the workbook as it was."""
    ids = [rule.id for rule in list_rules(book)]
    output = arranged(client, book, tmp_path / "out.xlsx", ids)
    assert rules_of(output) == rules_of(book)
    assert output.read_bytes() == book.read_bytes()
    assert rules_of(arranged(client, book, tmp_path / "none.xlsx", [])) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"order": "["}, "invalid_input"),
        ({"order": '["nonsense"]'}, "invalid_input"),
        ({"order": '["+0"]'}, "invalid_input"),
        ({"order": '["00000000"]'}, "range"),
        ({"order": "[]", "rules": '["Blanks("]'}, "parse"),
        ({"order": "[]", "workbook": "as text"}, "invalid_input"),
    ],
)
def test_what_cannot_be_arranged_is_refused(client, book, fields, code):
    """A wrong order, rule or file is status 422 with its own code."""
    answer = send(client, "arrange", book, **{"rules": "[]", **fields})
    assert (answer.status_code, answer.get_json()["code"]) == (422, code)


@pytest.mark.parametrize("kind", ["template", "macroEnabledTemplate"])
def test_a_template_comes_back_as_one(client, tmp_path, kind):
    """The answer has the type and the ending that Excel asks for, whatever the file was called."""
    suffix = ".xltx" if kind == "template" else ".xltm"
    book = book_of(tmp_path, suffix, False)
    answer = send(client, "apply", book, rules=json.dumps([GREEN]), range="A1:D9")
    assert answer.status_code == 200
    assert f"orders-formatted{suffix}" in answer.headers["Content-Disposition"]
    assert "template" in answer.mimetype
