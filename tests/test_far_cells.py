"""Small files that speak of huge areas: refused or left out with a reason, never allocated."""

from __future__ import annotations

import datetime as dt
import resource
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pytest
from openpyxl.formatting.rule import CellIsRule, DataBarRule, FormulaRule, Rule
from openpyxl.styles import PatternFill
from rich_workbooks import rewritten, rich_book

from grammar.errors import RangeError, UnsupportedError
from grammar.ranges import Area
from server.checks.lint import lint_workbook
from server.workbooks import SheetRule, apply_rules, list_rules, read_table
from server.workbooks.package import open_package
from server.workbooks.shown_rules import shown_rules
from server.workbooks.workbook_grid import WorkbookGrid

TODAY = dt.date(2026, 8, 1)
FILL = PatternFill(bgColor="FFFFC7CE")
HUGE = "A1:XFC1048575"
"""Not quite the whole sheet, which would be cut at the last cell in use."""
RULES = (
    CellIsRule(operator="greaterThan", formula=["5"], fill=FILL),
    FormulaRule(formula=["$A1>5"], fill=FILL),
    Rule("top10", rank=3),
    DataBarRule("min", None, "max", None, color="FF638EC6"),
)


@contextmanager
def confined(mebibytes: int = 256):
    """Within, an allocation that is much larger fails."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    limit = pages * resource.getpagesize() + mebibytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.fixture
def book(tmp_path):
    """A table of a few cells, and rules over the whole sheet."""
    book = openpyxl.Workbook()
    for row in [("Item", "Amount"), ("a", 3), ("b", 7), ("c", 9)]:
        book.active.append(row)
    for rule in RULES:
        book.active.conditional_formatting.add(HUGE, rule)
    book.save(tmp_path / "book.xlsx")
    return tmp_path / "book.xlsx"


def test_rules_over_a_whole_sheet_are_told_without_their_cells(book) -> None:
    """They are listed, linted and shown with a note in place of billions of cells."""
    with confined():
        assert len(list_rules(book)) == len(RULES)
        found = shown_rules(book, "Sheet", TODAY)
        lint_workbook(book, TODAY)
    assert all("cells" in rule.note for rule in found)


def test_a_table_over_a_whole_sheet_is_refused(tmp_path) -> None:
    """An Excel table whose reference was blown up names no table that can be read."""
    book = rich_book(tmp_path / "rich.xlsx")
    change = {"xl/tables/table1.xml": lambda xml: xml.replace(b'ref="M1:N4"', b'ref="A1:XFD9999"')}
    damaged = rewritten(book, tmp_path / "damaged.xlsx", change)
    with confined(), pytest.raises(RangeError, match="name a smaller range"):
        read_table(damaged, "Orders", "Extra")


def test_cells_far_apart_are_not_filled_up(tmp_path) -> None:
    """A cell in each corner makes a used range of billions; columns hold what they have."""
    book = openpyxl.Workbook()
    book.active["A1"] = "Item"
    book.active["XFD1048576"] = 1
    book.save(tmp_path / "far.xlsx")
    with confined(), open_package(tmp_path / "far.xlsx") as package:
        grid = WorkbookGrid(package, "Sheet")
        assert grid.value("Sheet", 16_383, 1_048_576) == 1.0
        assert grid.value("Sheet", 5, 1_000_000) is None
        assert grid.values("Sheet", Area(0, 1, 3, 4)).tolist()[0] == ["Item", None, None, None]
        with pytest.raises(UnsupportedError, match="more than"):
            grid.values("Sheet", Area(0, 1, 99, 1_048_576))


def test_many_columns_with_a_far_cell_are_bounded(tmp_path) -> None:
    """Columns that each end far below are held up to a bound in all."""
    book = openpyxl.Workbook()
    for column in range(1, 31):
        book.active.cell(1_048_576, column, 1)
    book.save(tmp_path / "far.xlsx")
    with confined(), open_package(tmp_path / "far.xlsx") as package:
        grid = WorkbookGrid(package, "Sheet")
        with pytest.raises(UnsupportedError, match="further apart"):
            [grid.value("Sheet", column, 1) for column in range(30)]


def test_rules_go_into_sheets_with_far_cells(book, tmp_path) -> None:
    """Writing a rule looks at no cell, so that its bounds are those of the file alone."""
    new = CellIsRule(operator="lessThan", formula=["5"], fill=FILL)
    with confined():
        result = apply_rules(book, "Sheet", [SheetRule.of(HUGE, new)], tmp_path / "out.xlsx")
    assert len(list_rules(result.output)) == len(RULES) + 1
