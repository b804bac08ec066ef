"""Lint of the rules in workbooks: every kind of finding, what is not one, and the fixes."""

from __future__ import annotations

import datetime as dt
import json
import zipfile

import pytest
import xlsxwriter
from click.testing import CliRunner

from server.checks.lint import lint_workbook, workbooks_in
from server.checks.lint_findings import KINDS, counts_by_kind
from server.checks.lint_fix import fix_workbook
from server.cli import main
from server.workbooks import list_rules

TODAY = dt.date(2026, 11, 23)
RED, GREEN = {"bg_color": "#FF0000"}, {"bg_color": "#00FF00"}
AMOUNTS = ["Amount", 5, 20, None, "n/a", 40, 7, 12]
NAMES = ["Name", "Ann", "Bob", "Cy", "Dee", "Eve", "Flo", "Gus"]
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def book(tmp_path):
    """A function that writes a workbook with some rules and gives its path."""

    def write(*rules, name="book.xlsx"):
        path = tmp_path / name
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("Orders")
            for row, pair in enumerate(zip(AMOUNTS, NAMES, strict=True)):
                sheet.write_row(row, 0, pair)
            sheet.write_column(1, 3, [1, 2, 3, 4, 3, 6, 7])
            for cells, options, *style in rules:
                shown = book.add_format(style[0]) if style else book.add_format(RED)
                sheet.conditional_format(cells, {"format": shown, **options})
        return path

    return write


def formula(text, **more):
    return {"type": "formula", "criteria": "=" + text, **more}


def cell(criteria, value, **more):
    return {"type": "cell", "criteria": criteria, "value": value, **more}


def kinds(path):
    return [finding.kind for finding in lint_workbook(path, TODAY).findings]


ONE_RULE = [
    ("D2:D8", cell(">", 4), []),
    ("A2:A8", {"type": "no_blanks"}, []),
    ("A2:A8", {"type": "errors"}, []),
    ("D2:D8", formula("$D2>$D1"), []),
    ("D2:D8", formula("AND($D2>2,ISNUMBER($A2))"), []),
    ("D2:D8", formula('IF(D2=#REF!,"#REF!",1)=7'), ["deleted-reference"]),
    ("D2:D8", formula("#REF!>4"), ["deleted-reference"]),
    ("B2:B8", formula('B2="#REF!"'), ["no-match"]),
    ("D2:D8", formula("AND(D2>"), ["invalid-formula"]),
    ("D2:D8", formula("WEBSERVICE(D2)>1"), ["unsafe-function"]),
    ("D2:D8", formula("[1]Sheet1!$A$1>D2"), ["unsafe-function"]),
    ("D2:D8", formula("OR(D2={1,2})"), ["refused-formula"]),
    ("B2:B8", formula("B2=Ann"), ["unknown-name", "no-match"]),
    ("D2:D8", formula("AND(D2>5,D2<3)"), ["never-matches"]),
    ("D2:D8", formula("1=2"), ["never-matches"]),
    ("D2:D8", formula("TRUE"), ["always-matches"]),
    ("D2:D8", cell(">", 100), ["no-match"]),
    ("D2:D8", cell(">", 0), ["matches-all"]),
    ("A2:A8", cell(">", 10), ["text-as-number"]),
    ("A2:A8", cell("<", 10), ["blank-as-number"]),
    ("D2:D8", cell("==", '"5"'), ["quoted-number", "no-match"]),
    ("D2:D8", formula('$D2="5"'), ["quoted-number", "no-match"]),
    ("D2:D8", formula("$D1>3"), ["shifted-reference"]),
    ("A2:D8", formula("ISNUMBER(B2)"), ["shifted-reference"]),
    ("D2:D8", formula("D1048576>3"), ["shifted-reference"]),
    ("D2:D8", formula('D2>INDIRECT("D3")'), ["volatile"]),
    ("D2:D8", formula("D2>4"), []),
    ("F20:F40", cell(">", 4), ["beyond-data"]),
    ("D2:D5000", cell(">", 40), ["beyond-data", "no-match"]),
]


@pytest.mark.parametrize(("cells", "options", "wanted"), ONE_RULE)
def test_one_rule_has_exactly_its_findings(book, cells, options, wanted):
    """Each fault is told by its kind, and a sound rule has none."""
    assert sorted(kinds(book((cells, options)))) == sorted(wanted)


def test_the_text_that_counts_as_a_number_is_named(book):
    """The addresses are the cells with text, not the whole range."""
    (finding,) = lint_workbook(book(("A2:A8", cell(">", 10))), TODAY).findings
    assert finding.cells == "A5"
    assert finding.severity == "warning"


def test_whole_columns_times_many_cells_are_slow(tmp_path):
    """A rule that reads a long column for each of many cells is told."""
    path = tmp_path / "long.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_column(0, 0, range(2400))
        look = {"format": book.add_format(RED)}
        sheet.conditional_format("A1:A2400", formula("COUNTIF($A:$A,$A1)>1") | look)
    assert "slow" in kinds(path)


def test_rules_that_cannot_be_evaluated_are_told(book):
    """A range of too many cells is no silent gap."""
    assert "not-evaluated" in kinds(book(("A1:XFC900000", cell(">", 10))))


def test_a_rule_below_one_that_stops_is_hidden(book):
    """The finding names the rule that stops it."""
    path = book(("D2:D8", cell(">", 3, stop_if_true=True)), ("D2:D8", cell(">", 5), {"bold": True}))
    (finding,) = lint_workbook(path, TODAY).findings
    assert finding.kind == "hidden-by-stop"
    assert list_rules(path)[0].id in finding.message


def test_a_rule_whose_look_is_set_above_is_covered(book):
    """Only where all of its look is set for all of its cells."""
    above = ("D2:D8", cell(">", 3))
    assert kinds(book(above, ("D2:D8", cell(">", 5), GREEN))) == ["covered"]
    assert kinds(book(above, ("D2:D8", cell(">", 5), {"bold": True}))) == []
    assert kinds(book(above, ("D2:D8", cell(">", 2), GREEN))) == []


def test_a_rule_without_a_look_changes_nothing(book):
    """It is told unless it stops the rules below it."""
    assert kinds(book(("D2:D8", {**cell(">", 3), "format": None}))) == ["no-style"]
    stops = {**cell(">", 3), "format": None, "stop_if_true": True}
    assert kinds(book(("D2:D8", stops))) == []


def test_a_rule_twice_is_a_duplicate_and_in_pieces_a_fragment(book):
    """The same cells make a duplicate, other cells a fragment."""
    rule = ("D2:D5", cell(">", 2))
    assert kinds(book(rule, rule)) == ["duplicate"]
    assert kinds(book(rule, ("D6:D8", cell(">", 2)))) == ["fragmented"]
    moved = [("D2:D5", formula("$D2>2")), ("D6:D8", formula("$D6>2"))]
    assert kinds(book(*moved)) == ["fragmented"]


def test_fragments_with_a_rule_between_them_have_no_fix(book):
    """Joining them could change which rule wins."""
    path = book(("D2:D5", cell(">", 2)), ("D2:D8", cell("<", 9)), ("D6:D8", cell(">", 2)))
    found = [f for f in lint_workbook(path, TODAY).findings if f.kind == "fragmented"]
    assert [finding.fix for finding in found] == [None]


BROKEN = (
    ("D2:D5", cell(">", 2)),
    ("D2:D8", formula("#REF!>4")),
    ("D6:D8", cell(">", 2)),
    ("D2:D8", cell("==", 4), GREEN),
    ("D2:D8", cell("==", 4), GREEN),
)


def test_fixes_leave_no_fixable_finding_and_touch_nothing_else(book, tmp_path):
    """Fragments become neighbours when the rule between them goes; other parts keep their bytes."""
    path, output = book(*BROKEN), tmp_path / "fixed.xlsx"
    assert fix_workbook(path, output, TODAY) == 3
    assert not any(finding.fix for finding in lint_workbook(output, TODAY).findings)
    assert [rule.sqref for rule in list_rules(output)] == ["D2:D8", "D2:D8"]
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(output) as after:
        assert before.namelist() == after.namelist()
        changed = [name for name in before.namelist() if before.read(name) != after.read(name)]
    assert changed == [SHEET]


def test_a_workbook_without_fixable_findings_is_copied_as_it_is(book, tmp_path):
    """The bytes are the same."""
    path, output = book(("D2:D8", cell(">", 4))), tmp_path / "fixed.xlsx"
    assert fix_workbook(path, output, TODAY) == 0
    assert output.read_bytes() == path.read_bytes()


def test_every_file_is_accounted_for(book, tmp_path):
    """A file that is no workbook is a finding; lock files and other files are passed over."""
    book(("D2:D8", cell(">", 4)))
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 not really")
    (tmp_path / "~$book.xlsx").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("no workbook")
    files = list(workbooks_in([tmp_path]))
    reports = [lint_workbook(path, TODAY) for path in files]
    assert [path.name for path in files] == ["book.xlsx", "broken.xlsx"]
    assert counts_by_kind(reports) == {"unreadable-file": 1}
    assert reports[0].rule_count == 1


def run(*arguments):
    return CliRunner().invoke(main, ["lint", *map(str, arguments), "--today", "2026-11-23"])


def test_the_command_says_yes_no_or_bad_usage_by_its_status(book, tmp_path):
    """0 without findings, 1 with some, 2 for a file that is not there or half of --fix."""
    assert run(book(("D2:D8", cell(">", 4)))).exit_code == 0
    path = book(*BROKEN, name="bad.xlsx")
    assert run(path).exit_code == 1
    assert run(tmp_path / "none.xlsx").exit_code == 2
    assert run(path, "--fix").exit_code == 2
    assert run(path, "--least", "error").output.count("deleted-reference") == 2


def test_the_command_writes_json_and_corrected_copies(book, tmp_path):
    """Every finding has a kind, a severity, addresses and a sentence."""
    path = book(*BROKEN)
    result = run(tmp_path, "--json", "--fix", "--output", tmp_path / "out" / "deep")
    answer = json.loads(result.output)
    assert result.exit_code == 1
    findings = answer["files"][0]["findings"]
    assert {found["kind"] for found in findings} <= set(KINDS)
    assert all(found["message"].endswith(".") and found["addresses"] for found in findings)
    copy = tmp_path / "out" / "deep" / "book.xlsx"
    assert answer["fixed"] == {str(path): str(copy)}
    assert run(copy, "--least", "warning").exit_code == 0
    again = run(path, "--fix", "--output", tmp_path / "out" / "deep")
    assert again.exit_code == 2
