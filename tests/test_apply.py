"""Applying rules to workbooks without touching anything else."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from openpyxl.formatting.rule import CellIsRule
from openpyxl.formatting.rule import Rule as SheetFormat
from openpyxl.styles import PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from rich_workbooks import (
    ALL,
    BAR,
    ICONS,
    LATE,
    MAIN,
    RED,
    part,
    plain_book,
    raw_members,
    rewritten,
    rich_book,
    rules_of,
)
from schema_order import format_count, styles_faults, worksheet_faults

from grammar.errors import HostileWorkbookError, OutputError, RangeError, UnreadableWorkbookError
from grammar.ooxml import to_openpyxl_rules
from grammar.parser import parse_condition
from grammar.rules import Rule, RuleSet
from server.workbooks import SheetRule, apply_rules, list_rules, read_table
from server.workbooks.bounds import Bounds
from server.workbooks.markup import Xml
from server.workbooks.output import clear_leftovers, whole_output
from server.workbooks.session import open_sheet


@pytest.fixture
def book(tmp_path):
    return rich_book(tmp_path / "book.xlsx")


@pytest.fixture
def output(tmp_path):
    return tmp_path / "out.xlsx"


def test_all_other_parts_are_the_same_bytes(book, output):
    """Only the sheet and the styles differ; order, dates and packed bytes of the rest stay."""
    result = apply_rules(book, "Orders", ALL, output)
    before, after = raw_members(book), raw_members(output)
    assert result.changed
    assert list(before) == list(after)
    differing = {name for name in before if before[name] != after[name]}
    assert differing == {"xl/worksheets/sheet1.xml", "xl/styles.xml"}
    with zipfile.ZipFile(output) as archive:
        assert archive.testzip() is None


def test_the_text_of_the_sheet_is_kept_around_the_rules(book, output):
    """Cells keep their bytes, and the rules that were there keep all but their priority."""
    apply_rules(book, "Orders", ALL, output)
    old, new = (part(path, "xl/worksheets/sheet1.xml") for path in (book, output))
    cells = old.index(b"</sheetData>")
    assert new[:cells] == old[:cells]
    assert rules_of(output)[len(ALL) :] == rules_of(book)


def test_new_rules_win_over_those_of_the_sheet(book, output):
    """The first rule given gets priority 1; the others of the sheet follow in their order."""
    result = apply_rules(book, "orders", ALL, output)
    assert [rule.priority for rule in result.rules] == [1, 2, 3, 4]
    assert result.sheet == "Orders"
    with open_sheet(output, "Orders") as opened:
        assert [rule.priority for rule in opened.rules] == list(range(1, 8))


def test_openpyxl_reads_the_rules_with_their_styles(book, output):
    """An independent reader sees type, formula, cells and format."""
    apply_rules(book, "Orders", ALL, output)
    with pytest.warns(UserWarning, match="extension is not supported"):
        sheet = openpyxl.load_workbook(output)["Orders"]
    rules = {
        rule.priority: (str(cells.sqref), rule)
        for cells in sheet.conditional_formatting
        for rule in cells.rules
    }
    cells, rule = rules[1]
    assert (cells, rule.operator, rule.formula) == ("B2:B9", "greaterThan", ["5"])
    assert rule.dxf.fill.bgColor.rgb == "FFFFC7CE"
    assert (rule.dxf.font.color.rgb, rule.dxf.font.b) == ("FF9C0006", True)
    assert rules[2][1].formula == ['AND($A2="ä<b",$B2>1)']
    assert rules[2][1].stopIfTrue
    assert rules[2][1].dxf.border.left.style == "thin"
    assert rules[4][1].iconSet.iconSet == "3Arrows"


def test_elements_stand_in_the_order_of_the_schema(book, output):
    """A sheet with validation, drawings and tables keeps the order that Excel asks for."""
    apply_rules(book, "Orders", ALL, output)
    sheet, styles = (part(output, f"xl/{name}.xml") for name in ("worksheets/sheet1", "styles"))
    assert worksheet_faults(sheet, format_count(styles)) + styles_faults(styles) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b"<pageMargins", b"<sheetData/><pageMargins", "sheetData after"),
        (b'priority="1"', b'priority=""', "priority ''"),
        (b'dxfId="', b'dxfId="9', "of 1"),
        (b"<formula>", b"<extLst/><formula>", "formula after extLst in cfRule"),
        (b"<x14:axisColor", b"<x14:axisColor/><x14:negativeFillColor", "negativeFillColor after"),
        (b'priority="2"', b'priority="2" id="5"', "cfRule has"),
    ],
)
def test_the_check_of_the_schema_finds_faults(book, old, new, fault):
    """What Excel would repair or refuse is told, each by its name."""
    sheet = part(book, "xl/worksheets/sheet1.xml")
    assert old in sheet
    assert any(fault in found for found in worksheet_faults(sheet.replace(old, new, 1), 1))


def test_a_data_bar_has_its_2010_twin(book, output):
    """Rule and twin share an id, in the one extension that the sheet has for rules."""
    apply_rules(book, "Orders", [BAR], output)
    root = etree.fromstring(part(output, "xl/worksheets/sheet1.xml"))
    main = {node.text for node in root.iterfind(".//{*}cfRule/{*}extLst/{*}ext/{*}id")}
    twins = {
        node.get("id") for node in root.iterfind(".//{*}ext/{*}conditionalFormattings//{*}cfRule")
    }
    assert len(main) == 2
    assert main == twins
    assert len(root.findall(".//{*}ext/{*}conditionalFormattings")) == 1


@pytest.mark.parametrize("rules", [True, False])
def test_the_same_rules_again_change_nothing(tmp_path, output, rules):
    """A second application gives the same file, byte for byte, and says so."""
    book = rich_book(tmp_path / "book.xlsx", rules)
    apply_rules(book, "Orders", ALL, output)
    again = tmp_path / "again.xlsx"
    result = apply_rules(output, "Orders", ALL, again)
    assert not result.changed
    assert [rule.added for rule in result.rules] == [False] * 4
    assert [rule.priority for rule in result.rules] == [1, 2, 3, 4]
    assert again.read_bytes() == output.read_bytes()


def test_a_format_that_is_there_is_used_again(book, tmp_path, output):
    """Equal formats are one entry of the styles, whichever rules use them."""
    apply_rules(book, "Orders", [RED], output)
    moved = SheetRule("B20:B29", RED.rule, RED.dxf)
    further = tmp_path / "further.xlsx"
    apply_rules(output, "Orders", [moved], further)
    assert part(further, "xl/styles.xml") == part(output, "xl/styles.xml")
    assert raw_members(further)["xl/styles.xml"] == raw_members(output)["xl/styles.xml"]


def test_rules_that_may_hide_another_are_named(tmp_path, output):
    """Above a rule: one that sets the same property or stops, on a common cell."""
    book = plain_book(tmp_path / "book.xlsx")
    fill = CellIsRule(operator="lessThan", formula=["9"], fill=PatternFill(bgColor="FF00FF00"))
    green, apart = SheetRule.of("B1:B4", fill), SheetRule.of("B5:B20", fill)
    result = apply_rules(book, "Orders", [green, RED, apart, ICONS], output)
    ids = [rule.id for rule in result.rules]
    assert [rule.hidden_by for rule in result.rules] == [(), (ids[0],), (ids[1],), ()]
    stopped = apply_rules(output, "Orders", [LATE], tmp_path / "2.xlsx")
    assert stopped.rules[0].hidden_by == ()
    last = apply_rules(tmp_path / "2.xlsx", "Orders", [ICONS], tmp_path / "3.xlsx")
    assert last.rules[0].hidden_by == (stopped.rules[0].id,)


def test_a_number_format_gets_an_id_that_is_free(tmp_path, output):
    """A format's number format does not take the id of another one."""
    book = plain_book(tmp_path / "book.xlsx")
    codes = ["0.000", '0 "pcs"', "0.000"]
    rules = []
    for place, code in enumerate(codes):
        style = DifferentialStyle(numFmt=NumberFormat(numFmtId=164, formatCode=code))
        rules.append(
            SheetRule.of(
                f"B{place + 1}", SheetFormat("cellIs", operator="equal", formula=["1"], dxf=style)
            )
        )
    apply_rules(book, "Orders", rules, output)
    styles = etree.fromstring(part(output, "xl/styles.xml"))
    formats = [
        (node.get("numFmtId"), node.get("formatCode"))
        for node in styles.iterfind(f"{MAIN}dxfs/*/{MAIN}numFmt")
    ]
    assert formats == [("164", "0.000"), ("165", '0 "pcs"')]


def test_rules_of_a_pivot_table_keep_their_priority(tmp_path, output):
    """Pivot tables name rules by priority, so new rules come after all others."""
    name = "xl/worksheets/sheet1.xml"
    rule = b'<cfRule type="top10" priority="7" rank="1"/>'
    pivot = b'<conditionalFormatting pivot="1" sqref="B2">%b</conditionalFormatting>' % rule
    change = {name: lambda content: content.replace(b"</sheetData>", b"</sheetData>" + pivot)}
    book = rewritten(plain_book(tmp_path / "plain.xlsx"), tmp_path / "book.xlsx", change)
    result = apply_rules(book, "Orders", [RED], output)
    assert pivot in part(output, name)
    assert [rule.priority for rule in result.rules] == [8]
    assert "pivot" in result.notes[0]


def test_a_signature_that_breaks_is_noted(book, tmp_path, output):
    """A signed workbook is changed all the same, but the user is told."""
    signed = rewritten(book, tmp_path / "signed.xlsx", {"_xmlsignatures/sig1.xml": b"<a/>"})
    assert "signature" in apply_rules(signed, "Orders", [RED], output).notes[0]


@pytest.mark.parametrize(
    ("protection", "noted"),
    [(b'sheet="1"', True), (b'sheet="1" formatCells="0"', False), (b'objects="1"', False)],
)
def test_a_protected_sheet_is_noted(tmp_path, output, protection, noted):
    """The rule is written all the same; who cannot change it in Excel is told why."""
    name, element = "xl/worksheets/sheet1.xml", b"<sheetProtection %b/>" % protection
    change = {name: lambda content: content.replace(b"</sheetData>", b"</sheetData>" + element)}
    locked = rewritten(plain_book(tmp_path / "plain.xlsx"), tmp_path / "locked.xlsx", change)
    result = apply_rules(locked, "Orders", [RED], output)
    assert any("protected" in note for note in result.notes) == noted
    assert element in part(output, name)
    assert not apply_rules(output, "Orders", [RED], tmp_path / "again.xlsx").notes


def test_a_name_that_no_file_can_have_is_refused(book, tmp_path):
    """A name that is too long is one clear error of ours."""
    with pytest.raises(OutputError, match="cannot be written: File name too long"):
        apply_rules(book, "Orders", [RED], tmp_path / f"{'x' * 300}.xlsx")


def test_an_output_that_exists_is_refused_unless_asked_for(book, output):
    """Nobody's file is written over by mistake; the source itself may be the output."""
    output.write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        apply_rules(book, "Orders", [RED], output)
    assert output.read_text() == "mine"
    apply_rules(book, "Orders", [RED], output, overwrite=True)
    apply_rules(book, "Orders", [RED], book, overwrite=True)
    assert book.read_bytes() == output.read_bytes()


@pytest.mark.parametrize(
    ("sheet", "bounds", "error"),
    [
        ("Sales", Bounds(), RangeError),
        ("Orders", Bounds(tail_bytes=50), HostileWorkbookError),
        ("Orders", Bounds(rules=2), HostileWorkbookError),
        ("Orders", Bounds(styles_bytes=50), HostileWorkbookError),
    ],
)
def test_a_refusal_leaves_nothing_behind(book, output, sheet, bounds, error):
    """On an error there is neither an output nor a temporary file."""
    before = sorted(book.parent.iterdir())
    with pytest.raises(error):
        apply_rules(book, sheet, [RED], output, bounds=bounds)
    assert sorted(book.parent.iterdir()) == before


def test_a_failure_while_writing_leaves_the_old_file(book, output, monkeypatch):
    """A disk that fills up in the middle costs neither source nor target."""
    output.write_text("old")

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("server.workbooks.repack._write_directory", full)
    with pytest.raises(OutputError, match="No space left"):
        apply_rules(book, "Orders", [RED], output, overwrite=True)
    assert output.read_text() == "old"
    assert sorted(path.name for path in book.parent.iterdir()) == ["book.xlsx", "out.xlsx"]


def test_killed_applications_leave_a_whole_file():
    """Killed at every chosen moment, in every way to write; the committed command does more."""
    command = Path(__file__).parent / "bench" / "kill_apply.py"
    run = subprocess.run(
        [sys.executable, str(command), "--count", "12"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "12 killed" in run.stdout


def test_only_our_own_leftovers_are_cleared(book, tmp_path, output):
    """What is being written, other files, folders and links of such a name stay."""
    name = ".cellfusion-0123456789abcde{}.tmp"
    dead, alive, link, folder = (tmp_path / name.format(digit) for digit in range(4))
    other = tmp_path / ".cellfusion-notes.tmp"
    for path in (dead, other):
        path.write_text("left")
    link.symlink_to(other)
    folder.mkdir()
    with alive.open("wb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        apply_rules(book, "Orders", [RED], output)
        assert set(tmp_path.iterdir()) == {book, output, alive, link, folder, other}


def test_an_output_is_not_cleared_while_it_is_written(tmp_path, output):
    """Two writers in one folder do not take away each other's file."""
    with whole_output(output) as first, whole_output(tmp_path / "b.xlsx") as second:
        first.write(b"1")
        second.write(b"2")
        clear_leftovers(tmp_path)
    assert (output.read_bytes(), (tmp_path / "b.xlsx").read_bytes()) == (b"1", b"2")


def test_a_folder_that_is_not_there_is_an_output_error(book, tmp_path):
    """The message names the output."""
    with pytest.raises(OutputError, match="cannot be written"):
        apply_rules(book, "Orders", [RED], tmp_path / "none" / "out.xlsx")


@pytest.mark.parametrize(
    "content",
    [b"<worksheet", b"<chartsheet/>", b"<!DOCTYPE a><worksheet/>", b"<worksheet><sheetData/></a>"],
)
def test_damaged_sheets_are_refused(book, tmp_path, output, content):
    """A sheet part that is no sheet gives one of our errors."""
    bad = rewritten(book, tmp_path / "bad.xlsx", {"xl/worksheets/sheet1.xml": content})
    with pytest.raises((UnreadableWorkbookError, HostileWorkbookError)):
        apply_rules(bad, "Orders", [RED], output)
    assert not output.exists()


attributes = st.dictionaries(
    st.sampled_from(["operator", "rank", "text"]), st.text("a<&\"'é\n", max_size=6), max_size=2
)


@settings(max_examples=60, deadline=None)
@given(attributes, st.text("ab<&>\"' é☃", max_size=12))
def test_any_text_survives_being_written(pairs, text):
    """What is rendered parses to the same value, in any encoding of XML."""
    value = Xml("cfRule", tuple(sorted(pairs.items())), (Xml("formula", text=text),))
    wrapped = f'<a xmlns="urn:a" xmlns:x="urn:a">{value.render("x:")}</a>'
    (element,) = etree.fromstring(wrapped.encode("ascii", "xmlcharrefreplace"))
    read = Xml.of(element)
    assert read.canonical() == value.canonical()


@pytest.mark.parametrize(
    "condition",
    ["GreaterThan(c[1], 5)", "AND(Blanks(c[0]), LessThan(c[1], 3))", "DataBar(c[2])"],
)
def test_a_rule_of_the_language_goes_the_whole_way(tmp_path, output, condition):
    """Read the table, build the rule, apply it, and read it back from the workbook."""
    book = plain_book(tmp_path / "book.xlsx")
    table = read_table(book)
    built = to_openpyxl_rules(RuleSet((Rule(parse_condition(condition)),)), table)
    result = apply_rules(book, table.sheet, built, output)
    (listed,) = list_rules(output)
    assert listed.id == result.rules[0].id
    assert listed.sqref == built[0].sqref
    assert listed.kind == built[0].rule.type
    assert not apply_rules(output, table.sheet, built, tmp_path / "again.xlsx").changed
