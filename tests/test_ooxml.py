"""Rules to sheets and back: what is written, what is read, what Excel would paint."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from openpyxl import Workbook, load_workbook
from openpyxl.xml.functions import tostring

from grammar.calc.grid import CellGrid, TableGrid
from grammar.conditions import (
    Average,
    Binary,
    Call,
    Cell,
    Comparison,
    Condition,
    Formula,
    Number,
    Range,
    Rank,
    Reference,
    State,
    Text,
    TextTest,
    selects_cells,
)
from grammar.errors import UnreadableWorkbookError, UnsupportedError
from grammar.evaluate import matches
from grammar.ooxml import (
    ExistingRule,
    SheetRule,
    excel_matches,
    explain_existing,
    read_rules,
    read_style,
    read_worksheet_rules,
    to_differential,
    to_openpyxl,
    to_openpyxl_rules,
)
from grammar.ooxml_existing import KINDS
from grammar.ooxml_formula import file_formula
from grammar.parser import parse_condition
from grammar.rules import CELLS, ROW, Rule, RuleSet, Style, Target
from grammar.table import Table, TableColumn
from grammar.values import CellValue, ExcelError, to_serial

FIXTURES = Path(__file__).parent / "fixtures"
TODAY = dt.datetime(2026, 8, 12)
DAYS = [to_serial(TODAY + dt.timedelta(days=offset)) for offset in (-40, -8, -1, 0, 1, 6, 12, 33)]
PARCELS = Table(
    (
        TableColumn.of("Name", ["anna", "bert", "carla", "dora", "emil", "fay", "anna", "gus"]),
        TableColumn.of("Due", DAYS, is_date=True),
        TableColumn.of("Weight", [3, 40, 7, 12, 99, 12, 50, 1]),
        TableColumn.of("Note", ["ok", None, "late", 5, True, ExcelError.NA, "", "7"]),
    ),
    first_column=1,
    first_row=3,
)


def saved(rules: list[SheetRule]) -> bytes:
    """A workbook file with the rules."""
    book = Workbook()
    for part in rules:
        book.active.conditional_formatting.add(part.sqref, part.rule)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def read_back(file: bytes) -> list[ExistingRule]:
    """The rules of a saved workbook, from its parts."""
    with zipfile.ZipFile(io.BytesIO(file)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml")
        return read_rules(sheet, package.read("xl/styles.xml"))


def written(condition: str, target: Target = CELLS, table: Table = PARCELS) -> ExistingRule:
    """One rule, written to a file and read again."""
    rules = to_openpyxl(Rule(parse_condition(condition), target), table)
    return read_back(saved(rules))[0]


NATIVE = [
    ("GreaterThan(c[2], 10)", "cellIs", Comparison("GreaterThan", Cell(), Number(10))),
    ("Between(c[2], 10, 20)", "cellIs", Range("Between", Cell(), Number(10), Number(20))),
    ("Duplicates(c[0])", "duplicateValues", State("Duplicates", Cell())),
    ("Uniques(c[0])", "uniqueValues", State("Uniques", Cell())),
    ("Top(c[2], 3)", "top10", Rank("Top", Cell(), 3)),
    ("BottomPercent(c[2], 25)", "top10", Rank("BottomPercent", Cell(), 25)),
    ("AboveAverage(c[2])", "aboveAverage", Average("AboveAverage", Cell())),
    ("BelowAverage(c[2])", "aboveAverage", Average("BelowAverage", Cell())),
    ("Blanks(c[3])", "containsBlanks", State("Blanks", Cell())),
    ("Errors(c[3])", "containsErrors", State("Errors", Cell())),
    ("TextContains(c[0], 'an')", "containsText", TextTest("TextContains", Cell(), Text("an"))),
    ("TextStartsWith(c[0], 'a')", "beginsWith", TextTest("TextStartsWith", Cell(), Text("a"))),
    ("TextEndsWith(c[0], 'a')", "endsWith", TextTest("TextEndsWith", Cell(), Text("a"))),
    ("NextMonth(c[1])", "timePeriod", State("NextMonth", Cell())),
    ("LastWeek(c[1])", "timePeriod", State("LastWeek", Cell())),
    ("ColorScale(c[2])", "colorScale", State("ColorScale", Cell())),
    ("DataBar(c[2])", "dataBar", State("DataBar", Cell())),
    ("IconSet(c[2])", "iconSet", State("IconSet", Cell())),
]


@pytest.mark.parametrize(("text", "kind", "condition"), NATIVE)
def test_a_native_kind_comes_back(text: str, kind: str, condition: Condition) -> None:
    """Excel's own kinds are written where they fit, and read as the same condition."""
    rule = written(text)
    assert (rule.kind, rule.condition, rule.excel_semantics) == (kind, condition, True)


@pytest.mark.parametrize("text", [text for text, _, _ in NATIVE])
def test_openpyxl_objects_read_like_parts(text: str) -> None:
    """A loaded worksheet gives the rules that its XML gives."""
    file = saved(to_openpyxl(Rule(parse_condition(text)), PARCELS))
    loaded = read_worksheet_rules(load_workbook(io.BytesIO(file)).active)
    for one, two in zip(loaded, read_back(file), strict=True):
        same = ("kind", "sqref", "priority", "condition", "style", "stop_if_true", "formulas")
        assert [getattr(one, name) for name in same] == [getattr(two, name) for name in same]


CONDITIONS = [
    *(text for text, _, _ in NATIVE),
    "LessThan(c[2], 20)",
    "Equals(c[2], 12)",
    "NotEquals(c[2], 12)",
    "NotBetween(c[2], 10, 20)",
    "GreaterThan(c[3], 4)",
    "LessThan(c[3], 4)",
    "Equals(c[3], TRUE)",
    "TextEquals(c[3], 'OK')",
    "TextNotContains(c[3], 'a')",
    "NotBlanks(c[3])",
    "NoErrors(c[3])",
    "Duplicates(c[3])",
    "LessThan(c[1], TODAY())",
    "Between(c[1], TODAY(), TODAY()+7)",
    "Last7Days(c[1])",
    "ThisWeek(c[1])",
    "NextWeek(c[1])",
    "LastMonth(c[1])",
    "Yesterday(c[1])",
    "AND(GreaterThan(c[2], 5), TextContains(c[0], 'a'))",
    "NOT(GreaterThan(c[3], 4))",
    "AboveAverage(c[2], 1)",
    "GreaterThan(c[2], PREV(c[2]))",
    "Formula('=$D3>10')",
]


@pytest.mark.parametrize("text", CONDITIONS)
def test_excel_paints_what_the_condition_means(text: str) -> None:
    """The rule in the file, taken as Excel takes it, paints what the condition selects."""
    condition = parse_condition(text)
    rule = written(text)
    painted = {row for _, row in excel_matches(rule, TableGrid(PARCELS), TODAY)}
    meant = matches(condition, PARCELS, today=TODAY)
    assert painted == {int(row) + PARCELS.first_row for row in np.flatnonzero(meant)}


CELLS_OF_A_COLUMN = st.one_of(
    st.none(),
    st.integers(-3, 9),
    st.sampled_from(("a", "B", "late", "", " ", "5", "z*")),
    st.booleans(),
    st.just(ExcelError.NA),
)
COLUMNS = st.one_of(
    st.lists(CELLS_OF_A_COLUMN, min_size=1, max_size=8),
    st.lists(st.integers(-3, 9) | st.none(), min_size=1, max_size=8),
    st.lists(st.sampled_from(("a", "B", "late", "b")) | st.none(), min_size=1, max_size=8),
)
PROPERTY_TEXTS = (
    *("GreaterThan(c[0], 2)", "LessThan(c[0], 2)", "Equals(c[0], 0)", "NotEquals(c[0], 3)"),
    *("Between(c[0], 4, 1)", "NotBetween(c[0], 1, 4)", "TextEquals(c[0], 'B')", "Blanks(c[0])"),
    *("TextContains(c[0], 'a')", "TextNotContains(c[0], 'a')", "TextStartsWith(c[0], 'L')"),
    *("Duplicates(c[0])", "Uniques(c[0])", "Top(c[0], 2)", "Bottom(c[0], 1)", "Errors(c[0])"),
    *("TopPercent(c[0], 30)", "AboveAverage(c[0])", "BelowAverage(c[0])", "NotBlanks(c[0])"),
)


@settings(max_examples=80, deadline=None)
@given(COLUMNS, st.sampled_from(PROPERTY_TEXTS))
def test_any_column_is_painted_as_meant(values: list[CellValue], text: str) -> None:
    """Whatever a column holds, the written rule paints what the condition selects."""
    table = Table((TableColumn.of("x", values),))
    rule = written(text, table=table)
    painted = {row - 2 for _, row in excel_matches(rule, TableGrid(table), TODAY)}
    meant = matches(parse_condition(text), table, today=TODAY)
    assert painted == {int(row) for row in np.flatnonzero(meant)}


def test_a_row_target_is_an_expression() -> None:
    """Whole rows cannot be tested by a native kind, so they get the guarded formula."""
    rule = written("GreaterThan(c[2], 10)", ROW)
    assert (rule.kind, rule.sqref, rule.formulas) == ("expression", "B3:E10", ("$D3>10",))


def test_named_columns_are_several_areas() -> None:
    """A target of columns has one area a column, in one rule."""
    rule = written("GreaterThan(c[2], 10)", Target("columns", (0, 2)))
    assert rule.sqref == "B3:B10 D3:D10"


def test_rules_keep_their_order() -> None:
    """A set is written with priorities from 1, and its stops."""
    one = Rule(parse_condition("Blanks(c[3])"), style=Style(fill="#FFFF00"), stop_if_true=True)
    two = Rule(parse_condition("GreaterThan(c[2], 10)"), ROW)
    found = read_back(saved(to_openpyxl_rules(RuleSet((one, two)), PARCELS)))
    assert [(rule.priority, rule.stop_if_true) for rule in found] == [(1, True), (2, False)]
    assert found[0].style == Style(fill="#FFFF00")


@pytest.mark.parametrize(
    ("text", "style", "colours"),
    [
        ("ColorScale(c[2])", None, ["FFF8696B", "FFFFEB84", "FF63BE7B"]),
        ("ColorScale(c[2])", Style(fill="#0070C0"), ["FFFFFFFF", "FF0070C0"]),
        ("DataBar(c[2])", None, ["FF638EC6"]),
        ("DataBar(c[2])", Style(fill="#00B050"), ["FF00B050"]),
    ],
)
def test_a_scale_takes_the_colour_asked_for(
    text: str, style: Style | None, colours: list[str]
) -> None:
    """Without a colour a scale has Excel's own, else it runs from white to the colour."""
    condition = parse_condition(text)
    rule = Rule(condition, style=style) if style else Rule(condition)
    xml = etree.fromstring(tostring(to_openpyxl(rule, PARCELS)[0].rule.to_tree()))
    assert [element.get("rgb") for element in xml.iter("color")] == colours


def test_each_column_has_its_own_scale() -> None:
    """A scale over two columns is two rules, so that each has its own lowest and highest."""
    rule = Rule(parse_condition("ColorScale(c[2])"), Target("columns", (1, 2)))
    assert [part.sqref for part in to_openpyxl(rule, PARCELS)] == ["C3:C10", "D3:D10"]


def test_a_scale_inside_a_condition_is_refused() -> None:
    """No rule of Excel's draws a scale for some of its cells only."""
    condition = parse_condition("AND(ColorScale(c[2]), GreaterThan(c[2], 5))")
    with pytest.raises(UnsupportedError, match="stands alone"):
        to_openpyxl(Rule(condition), PARCELS)
    assert not selects_cells(condition)


COLOURS = st.none() | st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06X}")
FLAGS = st.none() | st.booleans()
STYLES = st.builds(
    Style, COLOURS, COLOURS, FLAGS, FLAGS, FLAGS, FLAGS, COLOURS, st.none() | st.just("0.00%")
)


@given(STYLES)
def test_a_style_comes_back(style: Style) -> None:
    """Every style is read from the dxf that it was written as.

    openpyxl itself does not write that bold, italic or an underline is taken away.
    """
    dxf = etree.fromstring(tostring(to_differential(style).to_tree("dxf")))
    assert read_style(dxf) == replace(
        style,
        bold=style.bold or None,
        italic=style.italic or None,
        underline=style.underline or None,
    )


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("=$B2>5", "$B2>5"),
        ("=concat(A1,B1)=xlookup(A1,B:B,C:C)", "_xlfn.CONCAT(A1,B1)=_xlfn.XLOOKUP(A1,B:B,C:C)"),
        ("=SUM(FILTER(A1:A9,A1:A9>1))", "SUM(_xlfn._xlws.FILTER(A1:A9,A1:A9>1))"),
        ("=STDEV.S(A1:A9)>1", "_xlfn.STDEV.S(A1:A9)>1"),
        ("=_xlfn.STDEV.S(A1:A9)>1", "_xlfn.STDEV.S(A1:A9)>1"),
        ("=NETWORKDAYS.INTL(A1,B1)>ERROR.TYPE(C1)", "NETWORKDAYS.INTL(A1,B1)>ERROR.TYPE(C1)"),
        ('="STDEV.S(1)"=A1', '"STDEV.S(1)"=A1'),
    ],
)
def test_later_functions_get_their_prefix(formula: str, text: str) -> None:
    """A file holds formulas without = and calls functions later than 2007 by their long names."""
    assert file_formula(formula) == text


@pytest.fixture(scope="module")
def fixture_rules() -> list[ExistingRule]:
    """The rules of a sheet with every kind, some of them only in its extension list."""
    sheet = (FIXTURES / "sheet_rules.xml").read_bytes()
    return read_rules(sheet, (FIXTURES / "sheet_rules_styles.xml").read_bytes())


def test_every_kind_is_read(fixture_rules: list[ExistingRule]) -> None:
    """All eighteen kinds of the main namespace are known, and sorted by priority."""
    assert {rule.kind for rule in fixture_rules} == set(KINDS)
    assert [rule.priority for rule in fixture_rules] == list(range(1, 27))


CELL = Cell()
READ = {
    1: Comparison("GreaterThan", CELL, Number(5)),
    2: Range("Between", CELL, Reference("$D$1"), Binary("+", Call("TODAY"), Number(7))),
    3: Formula("=$B1>5"),
    4: Formula("=A1<>(B2)"),
    5: TextTest("TextContains", CELL, Text('la"te')),
    6: TextTest("TextNotContains", CELL, Text("x")),
    7: TextTest("TextStartsWith", CELL, Text("ab")),
    8: TextTest("TextEndsWith", CELL, Text("yz")),
    9: Formula("=NOT(ISERROR(SEARCH($D$1,A1)))"),
    16: Rank("Top", CELL, 3),
    17: Rank("BottomPercent", CELL, 20),
    18: Average("AboveAverage", CELL),
    19: Average("BelowAverage", CELL, 2),
    20: Formula("=A1<=AVERAGE($A$1:$A$9)"),
    21: State("LastWeek", CELL),
    26: Formula("=Other!A1=1"),
}


@pytest.mark.parametrize(("priority", "condition"), READ.items())
def test_a_rule_is_said_in_our_language(
    fixture_rules: list[ExistingRule], priority: int, condition: Condition
) -> None:
    """What the language can say becomes a condition, the rest its formula."""
    assert fixture_rules[priority - 1].condition == condition


def test_styles_resolve_themes_and_indices(fixture_rules: list[ExistingRule]) -> None:
    """Theme colours with their tint, indexed colours and switched-off flags are read."""
    assert fixture_rules[2].style == Style(
        fill="#B4C7E7", font="#000000", bold=True, italic=False, underline=False, border="#000000"
    )
    assert fixture_rules[0].style == Style(
        fill="#FFC7CE", font="#9C0006", strike=True, number_format="0.0%"
    )
    assert fixture_rules[25].style == Style(fill="#FF0000", bold=True)


def test_an_extension_twin_joins_its_rule(fixture_rules: list[ExistingRule]) -> None:
    """A data bar and its later options are one rule; an extension rule alone is marked."""
    bar, alone = fixture_rules[23], fixture_rules[25]
    assert "rightToLeft" in bar.extension_xml
    assert not bar.is_extension
    assert (alone.is_extension, alone.sqref) == (True, "F1:F5")


def test_formulas_hang_on_the_bounding_box(fixture_rules: list[ExistingRule]) -> None:
    """With several areas, references are relative to the top left of the box around them."""
    rule = fixture_rules[24]
    assert rule.anchor == "C2"
    grid = CellGrid({"Sheet1": {(2, 2): "x", (3, 6): "x", (3, 2): "x", (2, 5): "x"}})
    assert excel_matches(rule, grid, TODAY) == {(2, 2), (3, 6)}


MIXED: dict[tuple[int, int], CellValue] = {
    (0, 1): 3.0,
    (0, 2): 7.0,
    (0, 3): None,
    (0, 4): "text",
    (0, 5): True,
    (0, 6): ExcelError.NA,
    (0, 7): "",
    (0, 8): 7.0,
    (0, 9): 100.0,
}
PAINTED = {
    1: {2, 4, 5, 7, 8, 9},
    10: {3, 7},
    11: {1, 2, 4, 5, 8, 9},
    12: {6},
    13: {1, 2, 3, 4, 5, 7, 8, 9},
    14: {2, 8},
    15: {1, 4, 5, 6, 9},
    16: {2, 8, 9},
    17: {1},
    18: {9},
    19: set(),
    20: {1, 2, 8},
    22: {1, 2, 8, 9},
    24: {1, 2, 8, 9},
}


@pytest.mark.parametrize(("priority", "rows"), PAINTED.items())
def test_existing_rules_keep_excels_semantics(
    fixture_rules: list[ExistingRule], priority: int, rows: set[int]
) -> None:
    """Text and TRUE are greater than 5, blanks count as blank and never in a rank."""
    found = excel_matches(fixture_rules[priority - 1], CellGrid({"Sheet1": MIXED}), TODAY)
    assert {row for _, row in found} == rows


def test_whole_columns_end_with_the_data() -> None:
    """A rule on A:A is evaluated down to the last cell in use."""
    rule = ExistingRule("containsBlanks", "A:A", 1, State("Blanks", CELL))
    assert excel_matches(rule, CellGrid({"Sheet1": MIXED}), TODAY) == {(0, 3), (0, 7)}


@pytest.mark.parametrize(
    ("operator", "formula", "words"),
    [
        ("greaterThan", "5", "The value is more than 5 (Excel selects text too)"),
        ("greaterThan", "-5", "The value is more than -5 (Excel selects text and blank cells too)"),
        ("lessThan", "5", "The value is less than 5 (Excel selects blank cells too)"),
        ("lessThan", "0", "The value is less than 0"),
        ("equal", '"x"', 'The value is "x"'),
    ],
)
def test_an_explanation_says_what_excel_adds(operator: str, formula: str, words: str) -> None:
    """Where Excel paints cells that the words do not name, the explanation says so."""
    xml = (
        f"<worksheet><conditionalFormatting sqref='A1:A9'><cfRule type='cellIs' priority='1' "
        f"operator='{operator}'><formula>{formula}</formula></cfRule></conditionalFormatting>"
        "</worksheet>"
    )
    assert explain_existing(read_rules(xml.encode())[0]) == words


def test_an_existing_rule_is_told_by_its_header(fixture_rules: list[ExistingRule]) -> None:
    """A rule on one column of a table is told with that column's header."""
    table = Table((TableColumn.of("Weight", range(9)),), first_row=1, has_header=False)
    assert explain_existing(fixture_rules[15], table) == "Weight is one of the 3 highest"


@pytest.mark.parametrize(
    "xml",
    [
        b"<worksheet",
        b"<worksheet><conditionalFormatting sqref='nowhere'><cfRule type='expression'/>"
        b"</conditionalFormatting></worksheet>",
        b"<worksheet><conditionalFormatting><cfRule type='expression'/>"
        b"</conditionalFormatting></worksheet>",
    ],
)
def test_a_damaged_part_is_refused(xml: bytes) -> None:
    """Broken XML and rules without a range are errors that say so."""
    with pytest.raises(UnreadableWorkbookError):
        read_rules(xml)


THREE = CellGrid({"Sheet1": {(0, row): float(row) for row in (1, 2, 3)}})


@pytest.mark.parametrize(
    "attributes",
    [
        "type='top10' rank='many'",
        "type='top10' rank='nan' percent='1'",
        "type='top10' rank=''",
        "type='aboveAverage' stdDev='two'",
        "type='aboveAverage' stdDev='-inf'",
    ],
)
def test_a_rule_with_a_damaged_number_paints_nothing(attributes: str) -> None:
    """It is listed with the others, said to select nothing, and selects nothing."""
    xml = (
        f"<worksheet><conditionalFormatting sqref='A1:A9'><cfRule {attributes}/>"
        "</conditionalFormatting></worksheet>"
    )
    (rule,) = read_rules(xml.encode())
    assert rule.condition == Formula("=FALSE")
    assert excel_matches(rule, THREE, TODAY) == frozenset()


@pytest.mark.parametrize("rank", ["1e300", "-5", "1e9", "0.5"])
def test_ranks_out_of_range_are_taken_as_the_nearest(rank: str) -> None:
    """A huge rank takes all cells, one below 1 the first."""
    xml = (
        f"<worksheet><conditionalFormatting sqref='A1:A3'><cfRule type='top10' rank='{rank}' "
        "/></conditionalFormatting></worksheet>"
    )
    found = excel_matches(read_rules(xml.encode())[0], THREE, TODAY)
    assert len(found) == (3 if "e" in rank else 1)


def test_a_formula_left_empty_paints_nothing() -> None:
    """Some programs write an expression rule without a formula; it matches no cell."""
    xml = (
        b"<worksheet><conditionalFormatting sqref='A1:A9'><cfRule type='expression' priority='x'>"
        b"<formula/></cfRule></conditionalFormatting></worksheet>"
    )
    rule = read_rules(xml)[0]
    assert rule.condition == Formula("=FALSE")
    assert excel_matches(rule, CellGrid({"Sheet1": MIXED}), TODAY) == frozenset()
