"""One JSON record with a formula and cells → one with its result, the protocol of ``calc -``."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from grammar.calc.blocks import Objects, object_array
from grammar.calc.context import Context
from grammar.calc.grid import CellGrid
from grammar.calc.locales import EN_US, Locale, find_locale
from grammar.calc.matching import evaluate_formula
from grammar.errors import GrammarError, RequestError
from grammar.formula_parser import parse_formula
from grammar.ranges import Area
from grammar.values import ERRORS_BY_TEXT, CellValue, ExcelError, to_serial

DEFAULT_CELL = "Z1"
DEFAULT_SHEET = "Sheet1"
Record = Mapping[str, object]


@dataclass(frozen=True, eq=False)
class FormulaGrid(CellGrid):
    """A grid some of whose cells hold formulas, which are evaluated when they are asked for."""

    today: dt.datetime | None = None
    locale: Locale = EN_US
    known: dict[tuple[str, int, int], CellValue] = field(default_factory=dict)
    open: set[tuple[str, int, int]] = field(default_factory=set)

    def value(self, sheet: str | None, column: int, row: int) -> CellValue:
        """The cell in a 0-based column and a 1-based row; circular ones are 0."""
        place = (self._name_of(sheet), column, row)
        if place not in self.formulas:
            return super().value(sheet, column, row)
        if place in self.open:
            return 0.0
        if place not in self.known:
            self.open.add(place)
            self.known[place] = self._evaluate(place)
            self.open.discard(place)
        return self.known[place]

    def _evaluate(self, place: tuple[str, int, int]) -> CellValue:
        name, column, row = place
        context = Context(self, self.today, row, column, name, locale=self.locale)
        value = evaluate_formula(parse_formula(self.formulas[place]), context)
        return value if not isinstance(value, np.ndarray) else value[0, 0]

    def values(self, sheet: str | None, area: Area) -> Objects:
        """The cells of an area, ``(height, width)`` objects."""
        cells = (self.value(sheet, column, row) for column, row in area.cells())
        return object_array(cells, (area.height, area.width))

    def extent(self, sheet: str | None) -> Area | None:
        """The area around all cells in use, ``None`` for an empty sheet."""
        name = self._name_of(sheet)
        places = [(column, row) for other, column, row in self.formulas if other == name]
        filled = super().extent(sheet)
        areas = [Area(column, row, column, row) for column, row in places]
        areas += [filled] if filled else []
        if not areas:
            return None
        return Area(
            min(a.first_column for a in areas),
            min(a.first_row for a in areas),
            max(a.last_column for a in areas),
            max(a.last_row for a in areas),
        )


def answer(record: Record, today: dt.datetime | None = None) -> dict[str, object]:
    """The result of a record's formula as ``{"kind": …, "value": …}``.

    ``formula`` is needed; ``cells`` maps addresses to ``{"kind", "value"}``; ``cell`` says where
    the formula stands, ``locale`` how text reads as a date, and ``array`` asks for whole arrays.

    Raises:
        RequestError: the record has not this form.
        RangeError: an address is none.
    """
    formula = record.get("formula")
    if not isinstance(formula, str):
        raise RequestError("a calc record needs its formula as text under 'formula'")
    context = _context(record, today)
    try:
        tree = parse_formula(formula if formula.startswith("=") else "=" + formula)
        value = evaluate_formula(tree, context)
    except GrammarError as error:
        return {"kind": "unsupported", "value": str(error)}
    return describe(value)


def _context(record: Record, today: dt.datetime | None) -> Context:
    cells, formulas = read_cells(record.get("cells") or {})
    locale = find_locale(str(record.get("locale", EN_US.name)))
    grid = FormulaGrid({DEFAULT_SHEET: cells}, formulas=formulas, today=today, locale=locale)
    place = Area.parse(str(record.get("cell") or DEFAULT_CELL))
    return Context(
        grid,
        today,
        place.first_row,
        place.first_column,
        DEFAULT_SHEET,
        array=record.get("array") is True,
        locale=locale,
    )


def read_cells(
    cells: object,
) -> tuple[dict[tuple[int, int], CellValue], dict[tuple[str, int, int], str]]:
    """The values and the formulas of a record's cells.

    Raises:
        RequestError: a cell has not the form ``{"kind": …, "value": …}``.
    """
    if not isinstance(cells, Mapping):
        raise RequestError("'cells' maps addresses such as A1 to {'kind', 'value'}")
    values: dict[tuple[int, int], CellValue] = {}
    formulas: dict[tuple[str, int, int], str] = {}
    for name, cell in cells.items():
        area = Area.parse(str(name))
        place = (area.first_column, area.first_row)
        if isinstance(cell, Mapping) and cell.get("kind") == "formula":
            formulas[DEFAULT_SHEET, *place] = str(cell.get("formula", cell.get("value", "")))
        else:
            values[place] = read_cell(cell)
    return values, formulas


def read_cell(cell: object) -> CellValue:
    """The value of ``{"kind": "number", "value": 7}``, or of a plain JSON value.

    Text is what somebody types, so the empty text leaves the cell blank.

    Raises:
        RequestError: it is neither.
    """
    if isinstance(cell, Mapping):
        kind, value = cell.get("kind"), cell.get("value", cell.get("code"))
    else:
        kind, value = None, cell
    if kind == "date" and isinstance(value, str):
        return to_serial(dt.datetime.fromisoformat(value))
    if kind == "error" or (kind is None and isinstance(value, str) and value in ERRORS_BY_TEXT):
        return _read_error(value)
    if kind == "blank" or value is None or value == "":
        return None
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    raise RequestError(f"a cell cannot hold {cell!r}; write {{'kind': 'number', 'value': 7}}")


def _read_error(value: object) -> ExcelError:
    if value not in ERRORS_BY_TEXT:
        raise RequestError(f"{value!r} is no error value of Excel")
    return ERRORS_BY_TEXT[str(value)]


def describe(value: CellValue | Objects) -> dict[str, object]:
    """A result as ``{"kind": …, "value": …}``; an array holds rows of the same."""
    if isinstance(value, np.ndarray):
        rows = [[describe(cell) for cell in row] for row in value]
        return {"kind": "array", "value": rows}
    if value is None:
        return {"kind": "blank", "value": None}
    if isinstance(value, bool):
        return {"kind": "bool", "value": value}
    if isinstance(value, ExcelError):
        return {"kind": "error", "value": value.value}
    return {"kind": "text" if isinstance(value, str) else "number", "value": value}
