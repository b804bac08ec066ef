"""Rules that a workbook has: found by their ids, with the cells of their sheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from grammar.calc.grid import Grid
from grammar.errors import RangeError
from grammar.ooxml_match import Place, excel_matches
from grammar.ranges import Area
from grammar.table import Table, TableColumn
from server.checks.suite_schema import RuleEntry
from server.checks.suites import Case, changed
from server.workbooks.existing import ListedRule, list_rules
from server.workbooks.number_formats import shows_date
from server.workbooks.package import Package, open_package
from server.workbooks.workbook_grid import WorkbookGrid

_MOST_KEPT = 4
"""Workbooks whose rules and cells are kept for the next case."""
_Stamp = tuple[int, int]
_GRIDS: dict[tuple[Path, str, _Stamp], WorkbookGrid] = {}


@dataclass(frozen=True, eq=False)
class OwnRule:
    """A rule of a workbook that is open."""

    listed: ListedRule
    grid: WorkbookGrid
    moment: dt.datetime

    @property
    def sheet(self) -> str:
        return self.listed.sheet

    @property
    def package(self) -> Package:
        return self.grid.package

    def cells(self, grid: Grid | None = None) -> frozenset[Place]:
        """What it selects, in another grid than that of the workbook where one is given."""
        return excel_matches(self.listed.rule, grid or self.grid, self.moment, self.sheet)


def own_id(case: Case) -> str | None:
    """The id of the rule of the workbook that a case is about, if it is about one."""
    entry = case.entry.rule
    return entry.id if isinstance(entry, RuleEntry) else None


@contextmanager
def own_rule(case: Case) -> Iterator[OwnRule]:
    """The rule that a case names by its id.

    Raises:
        CellFusionError: there is none, or the workbook cannot be read.
    """
    name = own_id(case)
    if case.workbook is None:
        raise RangeError("a rule by its id needs a workbook")
    stamp = changed(case.workbook)
    rules = _rules(case.workbook, case.sheet, stamp)
    if name is None or name not in rules:
        raise RangeError(f"there is no rule {name!r}; there are {', '.join(rules) or 'none'}")
    moment = dt.datetime(case.today.year, case.today.month, case.today.day)
    with open_package(case.workbook) as package:
        found = rules[name]
        yield OwnRule(found, _grid(package, case.workbook, found.sheet, stamp), moment)


@lru_cache(maxsize=_MOST_KEPT)
def _rules(workbook: Path, sheet: str | None, stamp: _Stamp) -> Mapping[str, ListedRule]:
    """The rules of a workbook by their ids, read once for all cases until the file changes."""
    return {rule.id: rule for rule in list_rules(workbook, sheet)}


def _grid(package: Package, workbook: Path, sheet: str, stamp: _Stamp) -> WorkbookGrid:
    """The cells, of which what was read for another case is kept."""
    key = (workbook, sheet, stamp)
    grid = _GRIDS.pop(key, None) or WorkbookGrid(package, sheet)
    grid.package = package  # the one that was open before is closed now
    _GRIDS[key] = grid
    if len(_GRIDS) > _MOST_KEPT:
        del _GRIDS[next(iter(_GRIDS))]
    return grid


def own_table(case: Case, area: Area) -> Table:
    """The cells of an area on the sheet of such a rule, as a table without headers.

    Raises:
        CellFusionError: the workbook cannot be read.
    """
    with own_rule(case) as own:
        columns = range(area.first_column, area.last_column + 1)
        found = tuple(_column(own, column, area) for column in columns)
    return Table(found, first_column=area.first_column, first_row=area.first_row, has_header=False)


def _column(own: OwnRule, column: int, area: Area) -> TableColumn:
    rows = range(area.first_row, area.last_row + 1)
    values = tuple(own.grid.value(own.sheet, column, row) for row in rows)
    dates = tuple(
        type(value) is float and shows_date(own.grid.number_format(own.sheet, column, row))
        for row, value in zip(rows, values, strict=True)
    )
    return TableColumn("", values, dates)
