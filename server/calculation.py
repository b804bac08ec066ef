"""One formula on the cells of a workbook, as a rule standing in a given cell would see it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from grammar.calc.context import Context
from grammar.calc.grid import CellGrid, Grid
from grammar.calc.matching import evaluate_formula
from grammar.calc.protocol import describe
from grammar.errors import RangeError, UnsupportedError
from grammar.formula_parser import parse_formula
from grammar.ranges import Area
from server.workbooks.package import open_package
from server.workbooks.workbook_grid import WorkbookGrid


def calculate(
    formula: str, workbook: Path | None, sheet: str | None, cell: str, today: dt.date
) -> dict[str, object]:
    """``{"kind": …, "value": …}`` of a formula; without a workbook all cells are blank.

    Raises:
        ParseError: the formula is none.
        WorkbookError: the workbook, the sheet or the cell cannot be read.
    """
    if workbook is None:
        if sheet is not None:
            raise RangeError(f"there is no sheet {sheet!r} without a workbook; give --workbook")
        return _evaluated(formula, CellGrid({"Sheet1": {}}), "Sheet1", cell, today)
    with open_package(workbook) as package:
        home = package.sheet(sheet) if sheet else package.worksheets()[0]
        return _evaluated(formula, WorkbookGrid(package, home.name), home.name, cell, today)


def _evaluated(
    formula: str, grid: Grid, sheet: str, cell: str, today: dt.date
) -> dict[str, object]:
    place = Area.parse(cell)
    midnight = dt.datetime(today.year, today.month, today.day)
    context = Context(grid, midnight, place.first_row, place.first_column, sheet)
    try:
        return describe(evaluate_formula(parse_formula(formula), context))
    except UnsupportedError as error:
        return {"kind": "unsupported", "value": str(error)}
