"""One formula on the cells of a workbook, as a rule standing in a given cell would see it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from grammar.calc.context import Context
from grammar.calc.grid import CellGrid
from grammar.calc.matching import evaluate_formula
from grammar.calc.protocol import describe
from grammar.errors import RangeError, UnsupportedError
from grammar.formula_parser import parse_formula
from grammar.ranges import Area
from grammar.values import CellValue
from server.workbooks.cells import Grid, read_cells, read_strings
from server.workbooks.package import open_package

_Cells = dict[tuple[int, int], CellValue]


def calculate(
    formula: str, workbook: Path | None, sheet: str | None, cell: str, today: dt.date
) -> dict[str, object]:
    """``{"kind": …, "value": …}`` of a formula; without a workbook all cells are blank.

    Raises:
        ParseError: the formula is none.
        WorkbookError: the workbook, the sheet or the cell cannot be read.
    """
    tree = parse_formula(formula)
    sheets = workbook_cells(workbook) if workbook else {"Sheet1": {}}
    name = sheet or next(iter(sheets), "")
    if name not in sheets:
        raise RangeError(f"there is no sheet {name!r}; there are {', '.join(sheets)}")
    place = Area.parse(cell)
    midnight = dt.datetime(today.year, today.month, today.day)
    grid = CellGrid(sheets, sheet=name)
    context = Context(grid, midnight, place.first_row, place.first_column, name)
    try:
        return describe(evaluate_formula(tree, context))
    except UnsupportedError as error:
        return {"kind": "unsupported", "value": str(error)}


def workbook_cells(workbook: Path) -> dict[str, _Cells]:
    """The cells of every worksheet by name; formulas by the value that was last computed."""
    with open_package(workbook) as package:
        strings = read_strings(package)
        return {
            sheet.name: _cells(read_cells(package, sheet.part, strings))
            for sheet in package.worksheets()
            if sheet.part is not None
        }


def _cells(grid: Grid) -> _Cells:
    return {
        (index, row): value
        for index, column in grid.columns.items()
        for row, value in zip(column.rows, column.values, strict=True)
    }
