"""Values and arrays written out, and text made fit for a web address."""

from __future__ import annotations

from urllib.parse import quote

from grammar.calc.blocks import Block
from grammar.calc.coercion import general
from grammar.calc.context import Context, Value
from grammar.calc.faults import CellError
from grammar.calc.registry import as_block, excel
from grammar.values import CellValue, ExcelError


def _shown(value: CellValue, strict: bool) -> str:
    if isinstance(value, ExcelError):
        return value.value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return general(value)
    if isinstance(value, str) and strict:
        return '"' + value.replace('"', '""') + '"'
    return value or ""


def _check(mode: int) -> None:
    if mode not in (0, 1):
        raise CellError(ExcelError.VALUE)


@excel("VALUETOTEXT", "e", "i")
def valuetotext(value: CellValue, mode: int = 0) -> str:
    """The value as text, in mode 1 as a formula would write it."""
    _check(mode)
    return _shown(value, mode == 1)


@excel("ARRAYTOTEXT", "r", "i", context=True)
def arraytotext(context: Context, source: Value, mode: int = 0) -> str:
    """All cells as one text, in mode 1 as an array in a formula."""
    _check(mode)
    block: Block = as_block(context, source)
    if mode == 0:
        return ", ".join(_shown(cell, False) for cell in block.flat())
    return "{" + ";".join(",".join(_shown(c, True) for c in row) for row in block.rows()) + "}"


@excel("ENCODEURL", "t")
def encodeurl(text: str) -> str:
    """The text with all but unreserved characters percent-encoded."""
    return quote(text, safe="-_.~")
