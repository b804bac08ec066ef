"""Numbers as text: ``TEXT``, ``FIXED`` and ``DOLLAR``."""

from __future__ import annotations

from grammar.calc.coercion import read_number, to_number
from grammar.calc.context import Context
from grammar.calc.functions_math import round_half_away
from grammar.calc.number_format import format_number, format_text, grouped
from grammar.calc.registry import excel
from grammar.values import CellValue


@excel("TEXT", "vt", context=True)
def text(context: Context, value: CellValue, code: str) -> CellValue:
    """A value as a format code shows it; text that reads as a number counts as one."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        number = read_number(value, context.locale, context.this_year)
        return format_text(value, code) if number is None else format_number(number, code)
    return format_number(to_number(value), code)


@excel("FIXED", "n", "ib")
def fixed(number: float, digits: int = 2, plain: bool = False) -> str:
    """A number as text with so many decimals, thousands grouped unless told otherwise."""
    return grouped(round_half_away(number, digits), max(digits, 0), not plain)


@excel("DOLLAR", "n", "i", context=True)
def dollar(context: Context, number: float, digits: int | None = None) -> str:
    """A number as text in the locale's currency."""
    places = context.locale.currency_digits if digits is None else digits
    rounded = round_half_away(number, places)
    shown = context.locale.currency + grouped(abs(rounded), max(places, 0), True)
    if rounded >= 0:
        return shown
    return f"({shown})" if context.locale.currency == "$" else f"{shown[0]}-{shown[1:]}"
