"""The command line: answers, exit statuses, and one clear line for bad input."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from suggesting import tiny_suggester

import server.suggestions
from grammar.values import Kind
from model.pipeline import Suggester
from server.cli import COMMANDS, main
from server.sample import HEADERS, ROWS, order_rows
from server.workbooks import list_rules, read_table

TODAY = "2026-11-23"
SHOWS = "TextEquals(c[5], 'Open')"


def call(*arguments: object, text: str | None = None) -> Result:
    """The result of one command; anything but a clean exit is a failure of its own."""
    result = CliRunner().invoke(main, [str(each) for each in arguments], input=text)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def refused(*arguments: object) -> str:
    """The one line with which a command ends in status 2."""
    result = call(*arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    lines = result.stderr.strip().splitlines()
    assert lines[-1].startswith("Error: ")
    assert not result.stdout
    return lines[-1]


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample workbook."""
    path = tmp_path_factory.mktemp("sample") / "orders.xlsx"
    assert call("sample", path, "--today", TODAY).exit_code == 0
    return path


@pytest.fixture
def suggester(monkeypatch: pytest.MonkeyPatch) -> Suggester:
    """A tiny model with random weights in place of the shipped one."""
    found = tiny_suggester()
    monkeypatch.setattr(server.suggestions, "default_suggester", lambda: found)
    return found


def test_every_command_has_help() -> None:
    """``--help`` of the whole and of each command exits 0."""
    assert all(name in call("--help").output for name in COMMANDS)
    for name in COMMANDS:
        assert "Usage" in call(name, "--help").output


def test_unknown_commands_are_bad_usage() -> None:
    """An unknown command and a missing argument exit 2."""
    assert call("frobnicate").exit_code == 2
    assert call("validate").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (("validate", "GreaterThan( c[3],40 )"), "GreaterThan(c[3], 40)"),
        (("validate", "=a1>5", "--formula"), "=A1>5"),
        (("explain", "GreaterThan(c[3], 40)"), "40"),
        (("explain", "=A1>5"), "A1"),
        (("calc", "=1+2"), "3"),
        (("calc", "=1=1"), "TRUE"),
        (("calc", "=YEAR(TODAY())", "--today", "2031-01-01"), "2031"),
        (("repair", "GreaterThen(c[3], 40)"), "GreaterThan(c[3], 40)"),
    ],
)
def test_plain_answers(arguments: tuple[str, ...], answer: str) -> None:
    """The answer stands in the output and the status is 0."""
    result = call(*arguments)
    assert result.exit_code == 0
    assert answer in result.stdout
    assert not result.stderr


def test_validate_as_json() -> None:
    """Right text has a canonical form, wrong text a place and status 1."""
    right = call("validate", "blanks(c[0])", "--json")
    assert json.loads(right.stdout) == {"valid": True, "canonical": "Blanks(c[0])", "error": None}
    wrong = call("validate", "Blanks(c[0]", "--json")
    found = json.loads(wrong.stdout)
    assert wrong.exit_code == 1
    assert (found["valid"], found["error"]["code"], found["error"]["line"]) == (False, "parse", 1)


@pytest.mark.parametrize("more", [(), ("--formula",)])
def test_invalid_text_exits_one(more: tuple[str, ...]) -> None:
    """The answer no has status 1 and a reason."""
    result = call("validate", "=((", *more)
    assert result.exit_code == 1
    assert result.stderr.startswith("invalid: ")


def test_repair_and_explain_as_json() -> None:
    """Repairs carry cost and reason; an explanation its text."""
    found = json.loads(call("repair", "GreaterThen(c[3], 40)", "--json").stdout)
    assert found["repairs"][0]["text"] == "GreaterThan(c[3], 40)"
    assert set(found["repairs"][0]) == {"text", "cost", "reason"}
    found = json.loads(call("explain", "Blanks(c[0])", "--json").stdout)
    assert set(found) == {"text", "explanation"}


def test_explain_of_nonsense_is_refused() -> None:
    """Text that is no condition is unreadable input."""
    result = call("explain", "Blanks(")
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_calc_as_json_and_by_line(book: Path) -> None:
    """One formula, cells of a workbook, and one JSON object a line."""
    assert json.loads(call("calc", "=1/4", "--json").stdout) == {"kind": "number", "value": 0.25}
    found = call("calc", '=B1&"!"', "--workbook", book, "--json")
    assert json.loads(found.stdout) == {"kind": "text", "value": "Customer!"}
    record = {"formula": "=A1>5", "cells": {"A1": {"kind": "number", "value": 7}}}
    lines = call("calc", "-", text=json.dumps(record) + "\n\n" + json.dumps(record) + "\n")
    assert [json.loads(line) for line in lines.stdout.splitlines()] == [
        {"kind": "bool", "value": True}
    ] * 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("calc", "=((", "--json"),
        ("calc", "=A1", "--cell", "nowhere"),
        ("calc", "=A1", "--sheet", "nowhere"),
        ("calc", "=A1", "--workbook", "nowhere.xlsx"),
        ("calc", "=A1", "--today", "soon"),
    ],
)
def test_calc_refuses_what_it_cannot_read(arguments: tuple[str, ...]) -> None:
    """A formula, cell, sheet, file or day that is none exits 2."""
    result = call(*arguments)
    assert result.exit_code == 2
    assert "Error: " in result.stderr


@pytest.mark.parametrize("line", ["{", "5", "[]", "{}", '{"formula": 5}'])
def test_calc_by_line_never_breaks(line: str) -> None:
    """A line that is no record is refused or answered, never a traceback."""
    assert call("calc", "-", text=line + "\n").exit_code in (0, 2)


def test_sample_is_read_with_the_right_kinds(book: Path) -> None:
    """Dates are dates, amounts numbers, texts texts; blanks occur."""
    table = read_table(book)
    kinds = dict(zip(HEADERS, (column.kind for column in table.columns), strict=True))
    assert table.row_count == ROWS
    assert kinds["Ordered"] is kinds["Delivered"] is Kind.DATE
    assert kinds["Amount"] is kinds["Discount"] is Kind.NUMBER
    assert kinds["Order"] is kinds["Status"] is kinds["Region"] is Kind.TEXT
    assert None in table.columns[HEADERS.index("Delivered")].values


def test_the_sample_is_the_same_for_a_day() -> None:
    """Orders depend on the day alone and lie in the 90 days before it."""
    day = dt.date(2026, 11, 23)
    rows = list(order_rows(day))
    assert rows == list(order_rows(day))
    ordered = [row[3] for row in rows if isinstance(row[3], dt.date)]
    assert min(ordered) >= day - dt.timedelta(days=90)
    assert max(ordered) <= day


def test_apply_writes_the_rule(book: Path, tmp_path: Path) -> None:
    """The copy has the rule, the JSON says which cells it selects."""
    output = tmp_path / "out.xlsx"
    arguments = ("--rule", SHOWS, "--target", "row", "--fill", "orange")
    result = call("apply", *arguments, "--workbook", book, "--output", output, "--json")
    assert result.exit_code == 0
    [rule] = json.loads(result.stdout)["rules"]
    sheet = openpyxl.load_workbook(output)["Orders"]
    open_rows = [cell.row for cell in sheet["F"] if cell.value == "Open"]
    assert rule["matches"] == [f"{letter}{row}" for row in open_rows for letter in "ABCDEFGH"]
    assert rule["target"] == "row"
    assert rule["style"] == {"fill": "#FFC000"}
    assert len(list_rules(output, "Orders")) == 1
    assert not list_rules(book, "Orders")


def test_apply_in_words(book: Path, tmp_path: Path) -> None:
    """Without --json the explanation and the file are named."""
    output = tmp_path / "out.xlsx"
    result = call("apply", "--rule", "Blanks(c[4])", "--workbook", book, "--output", output)
    assert result.exit_code == 0
    assert "cells of E2:E61" in result.stdout
    assert f"wrote {output}" in result.stdout


def bad_workbook(kind: str, folder: Path) -> Path:
    """A file that is no workbook, or one with an empty sheet."""
    path = folder / f"{kind}.xlsx"
    if kind == "empty":
        openpyxl.Workbook().save(path)
    elif kind == "encrypted":
        path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2048))
    elif kind == "text":
        path.write_text("a,b\n1,2\n", encoding="utf-8")
    elif kind == "folder":
        path.mkdir()
    return path


COMMANDS_OF_A_WORKBOOK = ("apply", "preview", "suggest")


def request(command: str, book: Path, output: Path, *more: object) -> tuple[object, ...]:
    """The arguments of a command on a workbook; rules need no model."""
    if command == "suggest":
        return ("suggest", "open ones in red", "--workbook", book, *more)
    return (command, "--rule", "Blanks(c[0])", "--workbook", book, "--output", output, *more)


@pytest.mark.parametrize("command", COMMANDS_OF_A_WORKBOOK)
@pytest.mark.parametrize("kind", ["text", "encrypted", "empty", "missing", "folder"])
def test_a_bad_workbook_is_refused(command: str, kind: str, tmp_path: Path, suggester) -> None:
    """Whatever is wrong with the file: one line, status 2, nothing written."""
    path, output = bad_workbook(kind, tmp_path), tmp_path / "out.xlsx"
    before = sorted(tmp_path.iterdir())
    refused(*request(command, path, output))
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("command", COMMANDS_OF_A_WORKBOOK)
@pytest.mark.parametrize(
    "more",
    [
        ("--range", "AA500:AB600"),
        ("--range", "somewhere"),
        ("--range", "'Or''ders'!A1:B2"),
        ("--range", "A0:B1"),
        ("--sheet", "Nowhere"),
    ],
)
def test_a_bad_place_is_refused(
    command: str, more: tuple[str, ...], book: Path, tmp_path: Path, suggester
) -> None:
    """A range outside the sheet and a sheet that is not there."""
    refused(*request(command, book, tmp_path / "out.xlsx", *more))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["apply", "preview"])
def test_an_output_that_cannot_be_written_is_refused(
    command: str, book: Path, tmp_path: Path
) -> None:
    """An output that exists stays as it is; one without a folder is not made."""
    taken = tmp_path / "taken.xlsx"
    taken.write_text("mine", encoding="utf-8")
    assert "exists already" in refused(*request(command, book, taken))
    assert taken.read_text(encoding="utf-8") == "mine"
    assert "there is no folder" in refused(*request(command, book, tmp_path / "no" / "out.xlsx"))
    assert list(tmp_path.iterdir()) == [taken]


def test_a_preview_is_of_a_known_kind(book: Path, tmp_path: Path) -> None:
    """Other suffixes than png, html and xlsx are refused."""
    assert ".png, .html, .xlsx" in refused(*request("preview", book, tmp_path / "out.gif"))


@pytest.mark.parametrize("utterance", ["", "   ", "red " * 2500], ids=["empty", "blank", "long"])
@pytest.mark.parametrize("command", COMMANDS_OF_A_WORKBOOK)
def test_a_bad_utterance_is_refused(
    command: str, utterance: str, book: Path, tmp_path: Path, suggester
) -> None:
    """An empty request and one of ten thousand characters."""
    output = () if command == "suggest" else ("--output", tmp_path / "out.xlsx")
    found = refused(command, utterance, "--workbook", book, *output)
    assert "request" in found
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "more",
    [
        ("--rule", "Blanks("),
        ("--rule", "Blanks(c[0])", "--fill", "blurple-ish"),
        ("--rule", "Blanks(c[0])", "--target", "everywhere"),
        ("--rule", "Blanks(c[40])"),
        ("--rule", "Blanks(c[0])", "--target", "c[40]"),
        ("open ones", "--rule", "Blanks(c[0])"),
        (),
    ],
)
@pytest.mark.parametrize("command", ["apply", "preview"])
def test_a_bad_rule_is_refused(
    command: str, more: tuple[str, ...], book: Path, tmp_path: Path
) -> None:
    """A condition, colour, target or column that is none; both or neither of request and rule."""
    result = call(command, *more, "--workbook", book, "--output", tmp_path / "out.xlsx")
    assert result.exit_code == 2
    assert "Error: " in result.stderr
    assert not list(tmp_path.iterdir())


def test_suggest_gives_the_same_answer_twice(book: Path, suggester) -> None:
    """Same input, same seed, same answer, in the layout of the contract."""
    arguments = ("suggest", "open ones in red", "--workbook", book, "--today", TODAY, "--json")
    first, second = call(*arguments), call(*arguments)
    found = json.loads(first.stdout)
    assert first.stdout == second.stdout
    assert set(found) == {"candidates", "abstained", "question"}
    assert first.exit_code == (0 if found["candidates"] else 1)


def test_evaluate_writes_a_line_for_each_case(tmp_path: Path, suggester) -> None:
    """Answers go to the file, figures to the output; an empty request is an abstention."""
    rows = [["Name", "Weight"], ["a", 10], ["b", 50]]
    cases = [{"ID": i, "NL Utterance": say, "Data": rows} for i, say in enumerate(["above 9", ""])]
    path, answers = tmp_path / "cases.json", tmp_path / "answers.jsonl"
    path.write_text(json.dumps({"test": cases, "dev": []}), encoding="utf-8")
    more = ("--split", "test", "--predictions", answers, "--json")
    result = call("evaluate", path, *more)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["cases"] == 2
    lines = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
    wanted = {"id", "candidates", "abstained", "question", "seconds"}
    assert [set(line) for line in lines] == [wanted] * 2
    assert lines[1]["abstained"]
    assert "exists already" in refused("evaluate", path, *more)
    assert "no split" in refused("evaluate", path, "--split", "train")


NO_MODEL = [
    ("validate", "Blanks(c[0])"),
    ("explain", "Blanks(c[0])"),
    ("repair", "Blnks(c[0])"),
    ("calc", "=1+2"),
]


def test_rule_commands_load_no_model(book: Path, tmp_path: Path) -> None:
    """What needs no model imports neither torch nor the model's libraries."""
    commands = [*NO_MODEL, ("sample", str(tmp_path / "sample.xlsx"))]
    for number, command in enumerate(["apply", "preview"]):
        commands.append(tuple(map(str, request(command, book, tmp_path / f"{number}.xlsx"))))
    program = (
        "import sys\nfrom click.testing import CliRunner\nfrom server.cli import main\n"
        f"for each in {commands!r}:\n"
        "    assert CliRunner().invoke(main, each).exit_code == 0, each\n"
        "print(sorted({'torch', 'transformers', 'tokenizers', 'flask'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("validate", "Blanks(c[0])"), 0),
        (("validate", "Blanks("), 1),
        (("explain", "Blanks("), 2),
        (("apply", "--rule", "Blanks(c[0])", "--workbook", "none.xlsx", "--output", "x.xlsx"), 2),
    ],
)
def test_exit_statuses_of_the_program(
    arguments: tuple[str, ...], status: int, tmp_path: Path
) -> None:
    """The installed program ends as the contract says, without a traceback."""
    program = "from server.cli import main; main()"
    root = str(Path(server.suggestions.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {root!r}); {program}", *arguments],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())
