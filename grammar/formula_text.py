"""Pieces of Excel formula text: literals, calls and conjunctions."""

from __future__ import annotations

from collections.abc import Iterable

from grammar.calc.coercion import general
from grammar.conditions import Bool, Date, Number, Text
from grammar.ranges import Area, column_letters
from grammar.values import to_serial

LONGEST_TEXT = 255
"""Characters in one text literal. Source: Microsoft, Excel specifications and limits."""

Parts = tuple[str, ...]
"""Conditions that must all hold; the empty tuple always holds."""


def quote(text: str) -> str:
    """A text literal; a longer one is joined of several."""
    pieces = [text[i : i + LONGEST_TEXT] for i in range(0, len(text), LONGEST_TEXT)] or [""]
    quoted = ['"' + piece.replace('"', '""') + '"' for piece in pieces]
    return quoted[0] if len(quoted) == 1 else f"({'&'.join(quoted)})"


def number_text(value: float) -> str:
    """A number with the 15 digits that Excel keeps."""
    return general(value)


def literal(node: Number | Text | Bool | Date) -> str:
    """A literal of the condition language as Excel writes it."""
    if isinstance(node, Text):
        return quote(node.value)
    if isinstance(node, Bool):
        return "TRUE" if node.value else "FALSE"
    if isinstance(node, Date):
        day = node.value
        in_excel = day.year >= 1900
        return (
            f"DATE({day.year},{day.month},{day.day})" if in_excel else number_text(to_serial(day))
        )
    percent = number_text(round(node.value * 100, 12))
    is_exact = float(percent) / 100 == node.value
    return f"{percent}%" if node.percent and is_exact else number_text(node.value)


def call(name: str, *arguments: str) -> str:
    """``NAME(argument,argument)``."""
    return f"{name}({','.join(arguments)})"


def all_of(parts: Iterable[str]) -> str:
    """One condition that says that all hold."""
    distinct = tuple(dict.fromkeys(parts))
    if not distinct:
        return "TRUE"
    return distinct[0] if len(distinct) == 1 else call("AND", *distinct)


def any_of(parts: Iterable[str]) -> str:
    """One condition that says that one of them holds."""
    distinct = tuple(dict.fromkeys(parts))
    if not distinct:
        return "FALSE"
    return distinct[0] if len(distinct) == 1 else call("OR", *distinct)


def product_of(parts: Iterable[str]) -> str:
    """The same as :func:`all_of`, row by row of a range: a product of ones and zeros."""
    return "*".join(f"({part})" for part in dict.fromkeys(parts)) or "1"


def sum_of(parts: Iterable[str]) -> str:
    """The same as :func:`any_of`, row by row of a range."""
    return "+".join(f"({part})" for part in dict.fromkeys(parts)) + ">0"


def either(alternatives: Iterable[Parts | None], by_row: bool = False) -> Parts | None:
    """Conditions that hold where one of the alternatives does; ``None`` where none can."""
    possible = tuple(dict.fromkeys(parts for parts in alternatives if parts is not None))
    if not possible:
        return None
    if () in possible or len(possible) == 1:
        return () if () in possible else possible[0]
    shared = tuple(part for part in possible[0] if all(part in parts for parts in possible))
    rests = [tuple(part for part in parts if part not in shared) for parts in possible]
    if () in rests:
        return shared
    if by_row:
        return (*shared, sum_of(product_of(rest) for rest in rests))
    return (*shared, any_of(all_of(rest) for rest in rests))


def both(*groups: Parts | None) -> Parts | None:
    """All conditions of all groups; ``None`` where one can never hold."""
    if any(group is None for group in groups):
        return None
    return tuple(dict.fromkeys(part for group in groups for part in group or ()))


def absolute(area: Area) -> str:
    """``$D$2:$D$31``."""
    first = f"${column_letters(area.first_column)}${area.first_row}"
    last = f"${column_letters(area.last_column)}${area.last_row}"
    return first if first == last else f"{first}:{last}"
