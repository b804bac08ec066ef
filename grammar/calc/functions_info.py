"""Functions that ask what a value or a reference is."""

from __future__ import annotations

import math

from grammar.calc.blocks import Block
from grammar.calc.coercion import to_number
from grammar.calc.context import Context, Lambda, Value
from grammar.calc.faults import CellError
from grammar.calc.grid import Reference
from grammar.calc.registry import excel
from grammar.ranges import column_letters
from grammar.values import CellValue, ExcelError

_ERROR_TYPES = {
    ExcelError.NULL: 1,
    ExcelError.DIV0: 2,
    ExcelError.VALUE: 3,
    ExcelError.REF: 4,
    ExcelError.NAME: 5,
    ExcelError.NUM: 6,
    ExcelError.NA: 7,
    ExcelError.GETTING_DATA: 8,
    ExcelError.SPILL: 9,
    ExcelError.CONNECT: 10,
    ExcelError.BLOCKED: 11,
    ExcelError.UNKNOWN: 12,
    ExcelError.FIELD: 13,
    ExcelError.CALC: 14,
}


@excel("ISBLANK", "e")
def isblank(value: CellValue) -> bool:
    """Whether nothing is there."""
    return value is None


@excel("ISNUMBER", "e")
def isnumber(value: CellValue) -> bool:
    """Whether it is a number."""
    return type(value) is float


@excel("ISTEXT", "e")
def istext(value: CellValue) -> bool:
    """Whether it is text."""
    return isinstance(value, str)


@excel("ISNONTEXT", "e")
def isnontext(value: CellValue) -> bool:
    """Whether it is anything but text."""
    return not isinstance(value, str)


@excel("ISLOGICAL", "e")
def islogical(value: CellValue) -> bool:
    """Whether it is TRUE or FALSE."""
    return isinstance(value, bool)


@excel("ISERROR", "e")
def iserror(value: CellValue) -> bool:
    """Whether it is an error."""
    return isinstance(value, ExcelError)


@excel("ISERR", "e")
def iserr(value: CellValue) -> bool:
    """Whether it is an error other than ``#N/A``."""
    return isinstance(value, ExcelError) and value is not ExcelError.NA


@excel("ISNA", "e")
def isna(value: CellValue) -> bool:
    """Whether it is ``#N/A``."""
    return value is ExcelError.NA


def _whole(context: Context, value: CellValue) -> int:
    if isinstance(value, bool):
        raise CellError(ExcelError.VALUE)
    return math.trunc(to_number(value, context.locale))


@excel("ISEVEN", "v", context=True)
def iseven(context: Context, value: CellValue) -> bool:
    """Whether the whole part is even."""
    return _whole(context, value) % 2 == 0


@excel("ISODD", "v", context=True)
def isodd(context: Context, value: CellValue) -> bool:
    """Whether the whole part is odd."""
    return _whole(context, value) % 2 == 1


@excel("ISREF", "r")
def isref(value: Value) -> bool:
    """Whether it is a reference."""
    return isinstance(value, Reference)


@excel("ISFORMULA", "r", context=True)
def isformula(context: Context, value: Value) -> bool:
    """Whether the referenced cell holds a formula."""
    if not isinstance(value, Reference):
        raise CellError(value if isinstance(value, ExcelError) else ExcelError.VALUE)
    area = value.area
    place = (context.sheet_of(value), area.first_column, area.first_row)
    return context.grid.formula(*place) is not None


@excel("FORMULATEXT", "r", context=True)
def formulatext(context: Context, value: Value) -> str:
    """The formula of the referenced cell."""
    if not isinstance(value, Reference):
        raise CellError(ExcelError.VALUE)
    area = value.area
    found = context.grid.formula(context.sheet_of(value), area.first_column, area.first_row)
    if found is None:
        raise CellError(ExcelError.NA)
    return found


@excel("ERROR.TYPE", "e")
def error_type(value: CellValue) -> int:
    """The number of an error."""
    if not isinstance(value, ExcelError):
        raise CellError(ExcelError.NA)
    return _ERROR_TYPES[value]


@excel("TYPE", "r", context=True)
def type_(context: Context, value: Value) -> int:
    """1 number, 2 text, 4 boolean, 16 error, 64 array, 128 function."""
    if isinstance(value, Lambda):
        return 128
    plain = context.plain(value)
    if isinstance(plain, Block):
        return 64
    if isinstance(plain, bool):
        return 4
    return 2 if isinstance(plain, str) else 16 if isinstance(plain, ExcelError) else 1


@excel("N", "r", context=True)
def n(context: Context, value: Value) -> CellValue:
    """A number as it is, TRUE as 1, an error as it is, all else as 0."""
    cell = context.scalar(value)
    if isinstance(cell, ExcelError | float):
        return cell
    return float(cell) if isinstance(cell, bool) else 0.0


@excel("T", "r", context=True)
def t(context: Context, value: Value) -> CellValue:
    """Text and errors as they are, all else as the empty text."""
    cell = context.scalar(value)
    return cell if isinstance(cell, str | ExcelError) else ""


@excel("NA")
def na() -> ExcelError:
    """``#N/A``."""
    return ExcelError.NA


@excel("SHEET", "", "r", context=True)
def sheet(context: Context, value: Value = None) -> int:
    """The number of a sheet, the formula's own without an argument."""
    names = [name.lower() for name in context.grid.sheets()]
    wanted: str | None = context.sheet
    if isinstance(value, Reference):
        wanted = context.sheet_of(value)
    elif value is not None:
        text = context.scalar(value)
        if not isinstance(text, str) or text.lower() not in names:
            raise CellError(ExcelError.NA)
        wanted = text
    if wanted is None:
        return 1
    if wanted.lower() not in names:
        raise CellError(ExcelError.REF)
    return names.index(wanted.lower()) + 1


@excel("SHEETS", "", "r", context=True)
def sheets(context: Context, value: Value = None) -> int:
    """How many sheets there are, 1 for a reference."""
    return max(1, len(context.grid.sheets())) if value is None else 1


@excel("CELL", "t", "r", context=True)
def cell(context: Context, what: str, value: Value = None) -> CellValue:
    """A fact about the top-left cell of a reference, the formula's own cell without one."""
    column, row, name = context.column, context.row, context.sheet
    if isinstance(value, Reference):
        column, row = value.area.first_column, value.area.first_row
        name = context.sheet_of(value)
    elif value is not None:
        raise CellError(ExcelError.VALUE)
    content = context.grid.value(name, column, row)
    if what.lower() == "format":
        return format_letter(context.grid.number_format(name, column, row))
    facts: dict[str, CellValue] = {
        "row": float(row),
        "col": float(column + 1),
        "address": f"${column_letters(column)}${row}",
        "contents": 0.0 if content is None else content,
        "type": "b" if content is None else "l" if isinstance(content, str) else "v",
    }
    if what.lower() not in facts:
        raise CellError(ExcelError.VALUE)
    return facts[what.lower()]


_LETTERS = {
    "general": "G",
    "0": "F0",
    "#,##0": ",0",
    "0.00": "F2",
    "#,##0.00": ",2",
    "0%": "P0",
    "0.00%": "P2",
    "0.00e+00": "S2",
    "m/d/yy": "D4",
    "m/d/yyyy": "D4",
    "mm/dd/yy": "D4",
    "d-mmm-yy": "D1",
    "dd-mmm-yy": "D1",
    "d-mmm": "D2",
    "dd-mmm": "D2",
    "mmm-yy": "D3",
    "mm/dd": "D5",
    "h:mm am/pm": "D7",
    "h:mm:ss am/pm": "D6",
    "h:mm": "D9",
    "h:mm:ss": "D8",
    "@": "G",
    "yyyy-mm-dd": "D4",
    "$#,##0": "C0",
    "$#,##0.00": "C2",
}


def format_letter(number_format: str) -> str:
    """The code that ``CELL("format")`` gives for a number format."""
    code = number_format.split(";")[0].replace("\\", "").replace('"', "").lower()
    return _LETTERS.get(code, "D4" if "y" in code else "G")
