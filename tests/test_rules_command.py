"""The rules of a workbook by the command line, whatever kind of workbook it is."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import PatternFill
from rich_workbooks import MAIN, RED, plain_book, rewritten, rich_book, rules_of

from server.cli import main
from server.workbooks import SheetRule, apply_rules, list_rules

_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_TYPES = {
    ".xlsx": _TYPE,
    ".xltx": _TYPE.replace(b"sheet.main", b"template.main"),
    ".xlsm": b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    ".xltm": b"application/vnd.ms-excel.template.macroEnabled.main+xml",
}
_TRANSITIONAL = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = {
    MAIN[1:-1].encode(): b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    _TRANSITIONAL: b"http://purl.oclc.org/ooxml/officeDocument/relationships",
}
CONDITION = "GreaterThan(c[1], 3)"


def call(*arguments: object) -> Result:
    """The result of one command, which ends cleanly."""
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def listed(path: Path) -> list[dict[str, object]]:
    """What `rules list` says of a workbook."""
    return json.loads(call("rules", "list", "--workbook", path, "--json").stdout)["rules"]


def strict(content: bytes) -> bytes:
    """A part in the namespaces of strict OOXML."""
    for old, new in _STRICT.items():
        content = content.replace(old, new)
    return content


def book_of(folder: Path, suffix: str, is_strict: bool) -> Path:
    """A workbook of some kind with three rules."""
    book = rich_book(folder / "rich.xlsx")
    change = {"[Content_Types].xml": lambda content: content.replace(_TYPE, _TYPES[suffix])}
    if is_strict:
        names = ("workbook.xml", "_rels/workbook.xml.rels", "worksheets/sheet1.xml", "styles.xml")
        change |= {f"xl/{name}": strict for name in names} | {"_rels/.rels": strict}
    return rewritten(book, folder / f"book{suffix}", change)


@pytest.mark.parametrize(
    ("suffix", "is_strict"),
    [(".xlsx", False), (".xlsx", True), (".xltx", False), (".xlsm", False), (".xltm", True)],
)
def test_the_whole_journey_by_command(tmp_path: Path, suffix: str, is_strict: bool) -> None:
    """Apply, list, reorder, remove and merge keep the kind of the workbook and its other rules."""
    book = book_of(tmp_path, suffix, is_strict)
    paths = [tmp_path / f"{step}{suffix}" for step in range(4)]
    asked = ("--rule", CONDITION, "--fill", "green", "--range", "A1:D9")
    applied = call("apply", *asked, "--workbook", book, "--output", paths[0])
    assert "is number 1 of the 4 rules of 'Orders'" in applied.stdout
    first, *others = listed(paths[0])
    assert (first["position"], first["range"], first["style"]) == (1, "B2:B9", {"fill": "#00B050"})
    last = others[-1]["id"]
    call("rules", "reorder", last, "--workbook", paths[0], "--output", paths[1])
    assert [rule["id"] for rule in listed(paths[1])][:2] == [last, first["id"]]
    call("rules", "remove", first["id"], "--workbook", paths[1], "--output", paths[2])
    merged = call("rules", "merge", "--workbook", paths[2], "--output", paths[3])
    assert "no rule lies in fragments" in merged.stdout
    assert sorted(map(str, rules_of(paths[3]))) == sorted(map(str, rules_of(book)))


@pytest.mark.parametrize("command", ["apply", "merge", "preview"])
def test_a_copy_keeps_the_ending_that_excel_asks_for(tmp_path: Path, command: str) -> None:
    """A template under the name of a workbook would be refused by Excel, so it is not written."""
    book = book_of(tmp_path, ".xltx", False)
    words = ("rules", "merge") if command == "merge" else (command, "--rule", CONDITION)
    result = call(*words, "--workbook", book, "--output", tmp_path / "out.xlsx")
    assert result.exit_code == 2
    assert "name the output out.xltx" in result.stderr
    assert not (tmp_path / "out.xlsx").exists()


def test_what_hides_a_new_rule_is_told(tmp_path: Path) -> None:
    """A rule that is there already is found where it stands, with what may cover it."""
    book, output, again = (tmp_path / f"{name}.xlsx" for name in "abc")
    plain_book(book)
    asked = ("--rule", CONDITION, "--fill", "green", "--workbook")
    call("apply", *asked, book, "--output", output)
    apply_rules(output, "Orders", [RED], output, overwrite=True)
    result = call("apply", *asked, output, "--output", again)
    assert "is there already: it is number 2 of the 2 rules of 'Orders'" in result.stdout
    assert "above it may hide it: The value is more than 5" in result.stdout
    placed = json.loads(
        call("apply", *asked, again, "--output", tmp_path / "d.xlsx", "--json").stdout
    )
    (place,) = placed["placed"]
    assert (place["position"], place["of"], place["added"]) == (2, 2, False)
    assert place["hidden_by"] == [list_rules(again)[0].id]


def test_a_rule_is_replaced_by_command(tmp_path: Path) -> None:
    """The new rule stands where the old one stood, and its place is told."""
    book, output = rich_book(tmp_path / "book.xlsx"), tmp_path / "out.xlsx"
    before = listed(book)
    asked = ("--rule", CONDITION, "--fill", "green", "--range", "A1:D9")
    files = ("--workbook", book, "--output", output)
    result = call("rules", "replace", before[1]["id"], *asked, *files)
    assert result.exit_code == 0, result.output
    assert f"is number 2 of the {len(before)} rules of 'Orders'" in result.stdout
    assert f"replaced rule {before[1]['id']}\nwrote {output}\n" in result.stdout
    after = listed(output)
    assert after[1]["style"] == {"fill": "#00B050"}
    assert [rule["id"] for rule in (after[0], *after[2:])] == [
        rule["id"] for rule in (before[0], *before[2:])
    ]


def test_replacing_a_rule_asks_for_one_that_is_there(tmp_path: Path) -> None:
    """An unknown id, and neither words nor a rule, are refused before anything is written."""
    book, output = rich_book(tmp_path / "book.xlsx"), tmp_path / "out.xlsx"
    files = ("--workbook", book, "--output", output)
    unknown = call("rules", "replace", "12345678", "--rule", CONDITION, *files)
    assert (unknown.exit_code, output.exists()) == (2, False)
    assert "no sheet has a rule '12345678'" in unknown.stderr
    nothing = call("rules", "replace", listed(book)[0]["id"], *files)
    assert (nothing.exit_code, output.exists()) == (2, False)
    assert "give either an utterance or --rule" in nothing.stderr


def test_fragments_are_merged_on_all_sheets(tmp_path: Path) -> None:
    """Pieces of one rule become one, and the command says how many there were."""
    book = plain_book(tmp_path / "book.xlsx")
    fill = PatternFill(bgColor="FFFFC7CE")
    pieces = [
        SheetRule.of(f"B{row}", FormulaRule(formula=[f"$B{row}>5"], fill=fill))
        for row in range(2, 8)
    ]
    apply_rules(book, "Orders", pieces, book, overwrite=True)
    result = call("rules", "merge", "--workbook", book, "--output", tmp_path / "out.xlsx")
    assert "Orders: 6 rules are 1 now" in result.stdout
    (rule,) = listed(tmp_path / "out.xlsx")
    assert (rule["range"], rule["explanation"]) == ("B2:B7", "Column B is more than 5")
    shown = call("rules", "list", "--workbook", tmp_path / "out.xlsx").stdout
    assert "fill #FFC7CE" in shown


@pytest.mark.parametrize(
    ("ids", "sheet", "message"),
    [
        (["12345678"], (), "no sheet has a rule '12345678'"),
        (["twice"], (), "on several sheets, Orders, Other; name one with --sheet"),
        (["twice"], ("--sheet", "Nowhere"), "there is no sheet 'Nowhere'"),
    ],
)
def test_ids_that_say_too_little_are_refused(
    tmp_path: Path, ids: list[str], sheet: tuple[str, ...], message: str
) -> None:
    """An id that no sheet has, or several have, is one clear line and no output."""
    book, output = rich_book(tmp_path / "book.xlsx", rules=False), tmp_path / "out.xlsx"
    for name in ("Orders", "Other"):
        twice = apply_rules(book, name, [RED], book, overwrite=True).rules[0].id
    known = [twice if name == "twice" else name for name in ids]
    result = call("rules", "remove", *known, *sheet, "--workbook", book, "--output", output)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not output.exists()


def test_a_workbook_without_rules_says_so(tmp_path: Path) -> None:
    """An empty list is no error."""
    book = plain_book(tmp_path / "book.xlsx")
    assert call("rules", "list", "--workbook", book).stdout == "no rules\n"


def test_names_that_a_terminal_cannot_show(tmp_path: Path) -> None:
    """A terminal of Western letters gets question marks, and the workbook gets its rule."""
    path, output = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
    workbook = openpyxl.Workbook()
    for row in (["Имя", "Zahl"], *(["ж", number] for number in range(9))):
        workbook.active.append(row)
    workbook.save(path)
    asked = ["apply", "--rule", "Equals(c[0], 'ж')", "--workbook", path, "--output", output]
    result = CliRunner(charset="latin-1").invoke(main, [str(each) for each in asked])
    assert result.exit_code == 0
    assert result.stdout.startswith('??? is "?": 9 cells of A2:A10')
    assert output.exists()
