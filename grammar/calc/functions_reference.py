"""Functions that give or ask for references."""

from __future__ import annotations

import math
import re

from grammar.calc.blocks import Block
from grammar.calc.coercion import to_number
from grammar.calc.context import Context, Value
from grammar.calc.evaluator import evaluate
from grammar.calc.faults import CellError
from grammar.calc.grid import Reference
from grammar.calc.registry import as_block, excel
from grammar.errors import CellFusionError, UnsupportedError
from grammar.formula_parser import parse_formula
from grammar.ranges import MAX_COLUMN, MAX_ROW, Area, column_letters
from grammar.values import CellValue, ExcelError

_R1C1 = re.compile(r"R(\[?-?\d+\]?)?C(\[?-?\d+\]?)?", re.IGNORECASE)
_PLAIN_SHEET = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


def _lines(context: Context, value: Value, rows: bool) -> Value:
    if not isinstance(value, Reference):
        raise CellError(value if isinstance(value, ExcelError) else ExcelError.VALUE)
    area = value.area
    start, count = (area.first_row, area.height) if rows else (area.first_column + 1, area.width)
    if count == 1:
        return float(start)
    numbers: list[CellValue] = [float(start + offset) for offset in range(count)]
    return Block.of_list(numbers, (count, 1) if rows else (1, count))


@excel("ROW", "", "r", context=True)
def row(context: Context, value: Value = None) -> Value:
    """The row of a reference, or of the formula's own cell."""
    return context.row if value is None else _lines(context, value, True)


@excel("COLUMN", "", "r", context=True)
def column(context: Context, value: Value = None) -> Value:
    """The column of a reference, or of the formula's own cell."""
    return context.column + 1 if value is None else _lines(context, value, False)


def _extent(context: Context, value: Value) -> tuple[int, int]:
    if isinstance(value, ExcelError):
        raise CellError(value)
    if isinstance(value, Reference):
        if len(value.areas) > 1:
            raise CellError(ExcelError.REF)
        return value.area.height, value.area.width
    return as_block(context, value).shape


@excel("ROWS", "r", context=True)
def rows(context: Context, value: Value) -> int:
    """How many rows there are."""
    return _extent(context, value)[0]


@excel("COLUMNS", "r", context=True)
def columns(context: Context, value: Value) -> int:
    """How many columns there are."""
    return _extent(context, value)[1]


@excel("AREAS", "r")
def areas(value: Value) -> int:
    """How many areas a reference has."""
    if not isinstance(value, Reference):
        raise CellError(value if isinstance(value, ExcelError) else ExcelError.VALUE)
    return len(value.areas)


@excel("INDEX", "rr", "rr", context=True)
def index(
    context: Context, source: Value, row_: Value, column_: Value = None, which: Value = None
) -> Value:
    """The cell at a row and a column, or a whole row or column where one of them is 0."""
    if isinstance(source, ExcelError):
        raise CellError(source)
    picked = [context.plain(value) for value in (row_, column_)]
    arrays = [value for value in picked if isinstance(value, Block)]
    if arrays:
        return _index_each(context, source, picked, arrays[0])
    numbers = [math.trunc(to_number(context.scalar(value), context.locale)) for value in picked]
    if isinstance(source, Reference):
        area = _chosen_area(context, source, which)
        box = _index_box(area.height, area.width, numbers[0], numbers[1], column_ is None)
        top, left, height, width = box
        found = Area(
            area.first_column + left,
            area.first_row + top,
            area.first_column + left + width - 1,
            area.first_row + top + height - 1,
        )
        return Reference((found,), source.sheet)
    block = as_block(context, source)
    top, left, height, width = _index_box(*block.shape, numbers[0], numbers[1], column_ is None)
    part = block.part(top, left, height, width)
    return part.first if part.shape == (1, 1) else part


def _chosen_area(context: Context, source: Reference, which: Value) -> Area:
    number = 1 if which is None else int(to_number(context.scalar(which), context.locale))
    if not 1 <= number <= len(source.areas):
        raise CellError(ExcelError.REF)
    return source.areas[number - 1]


def _index_each(
    context: Context, source: Value, picked: list[CellValue | Block], like: Block
) -> Block:
    cells: list[CellValue] = []
    for place in range(like.values.size):
        row_, column_ = (
            v.flat()[place % v.values.size] if isinstance(v, Block) else v for v in picked
        )
        try:
            cells.append(context.scalar(index(context, source, row_, column_)))
        except CellError as fault:
            cells.append(fault.error)
    return Block.of_list(cells, like.shape)


def _index_box(
    height: int, width: int, row_: int, column_: int, only_one: bool
) -> tuple[int, int, int, int]:
    """Top, left, height and width of what ``INDEX`` picks.

    Raises:
        CellError: it lies outside (``#REF!``), or a number is negative (``#VALUE!``).
    """
    if only_one and height == 1 and width > 1:
        row_, column_ = min(row_, 1) if row_ == 0 else 1, row_
    if row_ < 0 or column_ < 0:
        raise CellError(ExcelError.VALUE)
    if row_ > height or column_ > width:
        raise CellError(ExcelError.REF)
    top, tall = (row_ - 1, 1) if row_ else (0, height)
    left, wide = (column_ - 1, 1) if column_ else (0, width)
    return top, left, tall, wide


@excel("OFFSET", "rvv", "vv", context=True)
def offset(
    context: Context,
    start: Value,
    down: CellValue,
    right: CellValue,
    height: CellValue = None,
    width: CellValue = None,
) -> Value:
    """A reference moved and resized."""
    if not isinstance(start, Reference):
        raise CellError(start if isinstance(start, ExcelError) else ExcelError.VALUE)
    area = start.area
    move = [math.trunc(to_number(value, context.locale)) for value in (down, right)]
    size = [
        whole if value is None else math.trunc(to_number(value, context.locale))
        for value, whole in ((height, area.height), (width, area.width))
    ]
    top, bottom = _stretch(area.first_row + move[0], size[0])
    left, right_ = _stretch(area.first_column + move[1], size[1])
    if top < 1 or left < 0 or bottom > MAX_ROW or right_ >= MAX_COLUMN:
        raise CellError(ExcelError.REF)
    return Reference((Area(left, top, right_, bottom),), start.sheet)


def _stretch(start: int, size: int) -> tuple[int, int]:
    if size == 0:
        raise CellError(ExcelError.REF)
    return (start, start + size - 1) if size > 0 else (start + size + 1, start)


@excel("INDIRECT", "t", "b", context=True)
def indirect(context: Context, text: str, a1: bool = True) -> Value:
    """The reference that a text names."""
    found = _read_a1(context, text) if a1 else _read_r1c1(context, text)
    if not isinstance(found, Reference):
        raise CellError(ExcelError.REF)
    names = [name.lower() for name in context.grid.sheets()]
    if found.sheet is not None and found.sheet.lower() not in names:
        raise CellError(ExcelError.REF)
    return found


def _read_a1(context: Context, text: str) -> Value:
    try:
        tree = parse_formula("=" + text.strip())
        value = evaluate(tree, context.at(context.column, context.row, (0, 0)))
    except UnsupportedError:
        raise
    except CellFusionError:
        raise CellError(ExcelError.REF) from None
    return value


def _read_r1c1(context: Context, text: str) -> Value:
    corners = []
    for part in text.split(":"):
        found = _R1C1.fullmatch(part.strip())
        if found is None:
            raise CellError(ExcelError.REF)
        corners.append(
            (
                _coordinate(found.group(2), context.column + 1) - 1,
                _coordinate(found.group(1), context.row),
            )
        )
    (left, top), (right, bottom) = corners[0], corners[-1]
    area = Area(min(left, right), min(top, bottom), max(left, right), max(top, bottom))
    if area.first_column < 0 or area.first_row < 1:
        raise CellError(ExcelError.REF)
    return Reference((area,))


def _coordinate(text: str | None, own: int) -> int:
    if text is None:
        return own
    return own + int(text[1:-1]) if text.startswith("[") else int(text)


@excel("ADDRESS", "ii", "ibt")
def address_(
    row_: int, column_: int, kind: int = 1, a1: bool = True, sheet: str | None = None
) -> str:
    """The address of a cell as text."""
    if not (1 <= row_ <= MAX_ROW and 1 <= column_ <= MAX_COLUMN and 1 <= kind <= 4):
        raise CellError(ExcelError.VALUE)
    fixed_row, fixed_column = kind in (1, 2), kind in (1, 3)
    if a1:
        letters = column_letters(column_ - 1)
        text = ("$" if fixed_column else "") + letters + ("$" if fixed_row else "") + str(row_)
    else:
        text = f"R{row_}" if fixed_row else f"R[{row_}]"
        text += f"C{column_}" if fixed_column else f"C[{column_}]"
    if sheet is None:
        return text
    if sheet and not _PLAIN_SHEET.fullmatch(sheet):
        sheet = "'" + sheet.replace("'", "''") + "'"
    return f"{sheet}!{text}"
