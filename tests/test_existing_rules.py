"""Listing, removing, replacing, reordering and joining the rules of a workbook."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.formatting.rule import CellIsRule, DataBarRule, FormulaRule, Rule
from openpyxl.styles import PatternFill
from rich_workbooks import rewritten

from grammar.errors import InvalidRuleError, RangeError
from grammar.ranges import Area
from server.workbooks import (
    SheetRule,
    apply_rules,
    list_rules,
    merge_rules,
    remove_rules,
    reorder_rules,
    replace_rule,
)
from server.workbooks.merge import joined_areas

RED = PatternFill(bgColor="FFFFC7CE")
NEW = SheetRule.of("A1:A9", CellIsRule(operator="equal", formula=["7"], fill=RED))
BAR = SheetRule.of("C1:C9", DataBarRule("min", None, "max", None, color="FF638EC6"))
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def book(tmp_path):
    """Six rules: two with extensions, one of which stands in the extension alone."""
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Orders")
        sheet.write_column(0, 0, range(9))
        red, green = (book.add_format({"bg_color": colour}) for colour in ("#FF0000", "#00FF00"))
        sheet.conditional_format(
            "A1:A9", {"type": "cell", "criteria": ">", "value": 5, "format": red}
        )
        sheet.conditional_format(
            "A1:A5", {"type": "formula", "criteria": "=$A1<3", "format": green}
        )
        sheet.conditional_format("B1:B9", {"type": "data_bar", "data_bar_2010": True})
        sheet.conditional_format("C1:C9", {"type": "data_bar", "data_bar_2010": True})
        sheet.conditional_format("D1:D9", {"type": "2_color_scale"})
        sheet.conditional_format("A1:D1", {"type": "no_blanks", "stop_if_true": True})
        book.add_worksheet("Empty")
    return path


@pytest.fixture
def output(tmp_path):
    return tmp_path / "out.xlsx"


def text_of(path):
    with zipfile.ZipFile(path) as archive:
        return archive.read(SHEET).decode()


def ids(path):
    return [rule.id for rule in list_rules(path)]


def test_rules_are_listed_in_order_with_what_hides_them(book):
    """Position, kind, cells and the rules above on the same cells are told."""
    rules = list_rules(book)
    assert [rule.position for rule in rules] == [1, 2, 3, 4, 5, 6]
    assert [rule.kind for rule in rules[:3]] == ["cellIs", "expression", "dataBar"]
    assert [rule.sqref for rule in rules] == ["A1:A9", "A1:A5", "B1:B9", "C1:C9", "D1:D9", "A1:D1"]
    assert rules[0].rule.style.fill == "#FF0000"
    assert rules[1].hidden_by == (rules[0].id,)
    assert rules[5].hidden_by == ()
    assert list_rules(book, "Empty") == ()
    assert len(set(ids(book))) == 6


def test_ids_stay_when_rules_come_and_go(book, output):
    """A rule is found by the same id after others were added, moved or removed."""
    before = ids(book)
    apply_rules(book, "Orders", [NEW], output)
    assert ids(output)[1:] == before


@pytest.mark.parametrize("place", range(6))
def test_any_rule_can_be_removed(book, output, place):
    """The rule and its twin go; all others keep their bytes."""
    before = list_rules(book)
    assert remove_rules(book, "Orders", [before[place].id], output)
    after = list_rules(output)
    assert [rule.id for rule in after] == [r.id for i, r in enumerate(before) if i != place]
    assert [r.rule.xml for r in after] == [r.rule.xml for i, r in enumerate(before) if i != place]
    has_twin = before[place].kind == "dataBar"
    assert text_of(output).count("<x14:cfRule") == 2 - has_twin


def test_removing_all_rules_leaves_no_trace(book, output):
    """No empty block and no empty extension stays behind."""
    remove_rules(book, "Orders", ids(book), output)
    assert "conditionalFormatting" not in text_of(output)
    assert "extLst" not in text_of(output)
    assert openpyxl.load_workbook(output)["Orders"]["A9"].value == 8


def test_adding_and_removing_a_rule_gives_the_old_sheet(book, tmp_path, output):
    """Apart from priorities, the text of the sheet is as it was."""
    result = apply_rules(book, "Orders", [NEW], output)
    back = tmp_path / "back.xlsx"
    remove_rules(output, "Orders", [result.rules[0].id], back)
    assert [rule.id for rule in list_rules(back)] == ids(book)
    assert len(text_of(back)) == len(text_of(book))


@pytest.mark.parametrize("place", range(6))
@pytest.mark.parametrize("rule", [NEW, BAR])
def test_any_rule_can_be_replaced(book, output, place, rule):
    """The new rule takes the place of the old one."""
    before = list_rules(book)
    replace_rule(book, "Orders", before[place].id, rule, output)
    after = list_rules(output)
    assert after[place].sqref == rule.sqref
    assert after[place].kind == rule.rule.get("type")
    others = [found.id.split("-")[0] for i, found in enumerate(after) if i != place]
    assert others == [found.id for i, found in enumerate(before) if i != place]


@pytest.mark.parametrize("place", range(6))
def test_a_rule_can_give_its_place_to_several(book, output, place):
    """They stand in their order where it stood, above the same rules as before."""
    before = list_rules(book)
    replace_rule(book, "Orders", before[place].id, [BAR, NEW], output)
    after = list_rules(output)
    assert [found.sqref for found in after[place : place + 2]] == [BAR.sqref, NEW.sqref]
    expected = [found.reading for i, found in enumerate(before) if i != place]
    assert [found.reading for found in (*after[:place], *after[place + 2 :])] == expected


def of_a_pivot_table(text):
    """The sheet whose rules belong to a pivot table."""
    return text.replace(b"<conditionalFormatting ", b'<conditionalFormatting pivot="1" ')


def test_a_rule_of_a_pivot_table_makes_no_room(book, output):
    """Several rules above it would move it, so they are refused and nothing is written."""
    pivot = rewritten(book, output.with_name("pivot.xlsx"), {SHEET: of_a_pivot_table})
    with pytest.raises(InvalidRuleError, match="belongs to a pivot table"):
        replace_rule(pivot, "Orders", list_rules(pivot)[0].id, [BAR, NEW], output)
    assert not output.exists()


def test_a_style_of_an_absurd_index_is_none(book, output):
    """A rule that names a style of five thousand digits has no style."""
    absurd = b'dxfId="%s"' % (b"9" * 5000)
    named = {SHEET: lambda text: text.replace(b'dxfId="0"', absurd)}
    assert not list_rules(rewritten(book, output, named))[0].rule.style.to_json()


def test_replacing_a_rule_by_itself_changes_nothing(book, tmp_path, output):
    """The file is the same, byte for byte."""
    result = apply_rules(book, "Orders", [NEW], output)
    same = tmp_path / "same.xlsx"
    assert not replace_rule(output, "Orders", result.rules[0].id, NEW, same)
    assert same.read_bytes() == output.read_bytes()


@settings(max_examples=15, deadline=None)
@given(order=st.permutations(range(6)), count=st.integers(0, 6))
def test_rules_can_be_put_in_any_order(tmp_path_factory, order, count):
    """Those that are named come first; nothing but priorities changes."""
    folder = tmp_path_factory.mktemp("order")
    book = Path(folder / "book.xlsx")
    sheet = openpyxl.Workbook()
    for index in range(6):
        rule = CellIsRule(operator="equal", formula=[str(index)], fill=RED)
        sheet.active.conditional_formatting.add(f"A{index + 1}", rule)
    sheet.save(book)
    before = ids(book)
    first = [before[index] for index in order[:count]]
    reorder_rules(book, "Sheet", first, folder / "out.xlsx")
    assert ids(folder / "out.xlsx") == first + [name for name in before if name not in first]


def test_pivot_rules_do_not_move(book, tmp_path, output):
    """A pivot table names its rules by priority, so their order is not ours to change."""
    marked = tmp_path / "pivot.xlsx"
    buffer = io.BytesIO()
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == SHEET:
                content = content.replace(b' sqref="D1:D9"', b' pivot="1" sqref="D1:D9"')
            new.writestr(name, content)
    marked.write_bytes(buffer.getvalue())
    with pytest.raises(InvalidRuleError, match="pivot table"):
        reorder_rules(marked, "Orders", ids(marked)[::-1], output)
    assert not output.exists()


def test_an_unknown_id_is_answered_with_the_known_ones(book, output):
    """The message lists the rules of the sheet."""
    with pytest.raises(RangeError, match=r"no rule 'nine'; its rules are [0-9a-f]{8}"):
        remove_rules(book, "Orders", ["nine"], output)


def fragmented(path, rules):
    book = openpyxl.Workbook()
    for sqref, rule in rules:
        book.active.conditional_formatting.add(sqref, rule)
    book.save(path)
    return path


def test_fragments_of_a_rule_are_joined(tmp_path, output):
    """Equal rules on neighbouring cells become one, with formulas for the common corner."""
    rules = [
        (area, FormulaRule(formula=[formula], fill=RED))
        for area, formula in [("B2:C5", "$A2>1"), ("B6:C9", "$A6>1"), ("B10:C12", "$A10>1")]
    ]
    book = fragmented(tmp_path / "book.xlsx", rules)
    result = merge_rules(book, "Sheet", output)
    assert (result.changed, result.before, result.after) == (True, 3, 1)
    (rule,) = list_rules(output)
    assert (rule.sqref, rule.rule.formulas) == ("B2:C12", ("$A2>1",))
    assert not merge_rules(output, "Sheet", tmp_path / "again.xlsx").changed


@pytest.mark.parametrize(
    "rules",
    [
        [("A1:A5", FormulaRule(formula=["$A1>1"])), ("A6:A9", FormulaRule(formula=["$A1>1"]))],
        [("A1:A5", Rule("top10", rank=3)), ("A6:A9", Rule("top10", rank=3))],
        [
            ("A1:A5", CellIsRule(operator="equal", formula=["1"], fill=RED)),
            ("A6:A9", CellIsRule(operator="equal", formula=["1"])),
        ],
        [
            ("A1:A5", CellIsRule(operator="equal", formula=["1"])),
            ("A1:A9", CellIsRule(operator="equal", formula=["2"])),
            ("A6:A9", CellIsRule(operator="equal", formula=["1"])),
        ],
        [("B1", FormulaRule(formula=["A1=1"])), ("A2", FormulaRule(formula=["XFD2=1"]))],
    ],
)
def test_rules_that_differ_are_not_joined(tmp_path, output, rules):
    """Other formulas, other styles, ranks over a range and rules between keep rules apart."""
    book = fragmented(tmp_path / "book.xlsx", rules)
    assert not merge_rules(book, "Sheet", output).changed
    assert output.read_bytes() == book.read_bytes()


areas = st.builds(
    lambda left, top, width, height: Area(left, top, left + width, top + height),
    st.integers(0, 5),
    st.integers(1, 6),
    st.integers(0, 3),
    st.integers(0, 3),
)


@given(st.lists(areas, min_size=1, max_size=8))
def test_joined_areas_cover_the_same_cells(parts):
    """Joining rectangles neither adds nor loses a cell, and never gives more of them."""
    joined = joined_areas(parts)
    cells = {cell for area in parts for cell in area.cells()}
    assert {cell for area in joined for cell in area.cells()} == cells
    assert len(joined) <= len(set(parts))
