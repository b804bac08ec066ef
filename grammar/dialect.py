"""Benchmark spellings → the written form: text without quotes gets its quotes.

The published pairs write ``TextContains(Gent)`` and ``TextContains(RT (Retaken))``. Arguments end
where another condition begins, so commas and parentheses inside bare text are kept.
"""

from __future__ import annotations

import re

from grammar.builder import CANONICAL_NAMES
from grammar.conditions import COMPARISONS, RANGES, TEXT_TESTS
from grammar.printer import quote

_CALL = re.compile(r"\s*([A-Za-z][A-Za-z0-9]*)\s*\((.*)\)\s*", re.DOTALL)
_PREDICATE = "|".join(sorted(CANONICAL_NAMES, key=len, reverse=True))
_NEXT_CONDITION = re.compile(rf"\)\s*,\s*(?=(?:{_PREDICATE})\s*\()", re.IGNORECASE)
_PLAIN = re.compile(
    r"\s*(?:'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|c\[[\d?]+\]|\?|-?\d+(?:\.\d*)?%?|-?\.\d+%?"
    r"|\$[A-Za-z]{1,3}\$\d+|(?:DATE|PREV|NEXT|TODAY)\(.*\)|TRUE|FALSE)\s*",
    re.IGNORECASE | re.DOTALL,
)
_STRUCTURE = re.compile(r"c\[[\d?]+\]")
_FIRST_COLUMN = re.compile(r"\s*c\[[\d?]+\]\s*,")


def quote_bare_text(text: str) -> str:
    """The same condition with bare text in quotes, or the text itself where there is none."""
    match = _CALL.fullmatch(text)
    if not match:
        return text
    name = CANONICAL_NAMES.get(match[1].lower())
    if name in ("AND", "OR", "NOT"):
        parts = _split_conditions(match[2])
        return f"{name}({', '.join(quote_bare_text(part) for part in parts)})"
    return f"{name}({_quote_arguments(name, match[2])})" if name else text


def _split_conditions(inner: str) -> list[str]:
    """The conditions inside a junction, split only where parentheses are closed."""
    parts, start = [], 0
    for match in _NEXT_CONDITION.finditer(inner):
        piece = inner[start : match.start() + 1]
        if piece.count("(") <= piece.count(")"):
            parts.append(piece)
            start = match.end()
    return [*parts, inner[start:]]


def _quote_arguments(name: str, inner: str) -> str:
    column = _FIRST_COLUMN.match(inner)
    head = column[0] + " " if column else ""
    rest = inner[column.end() :] if column else inner
    if name in RANGES:
        return head + ", ".join(_quote_plain(part) for part in rest.split(",", 1))
    if name in COMPARISONS:
        return head + _quote_plain(rest)
    return head + _quote(rest) if name in TEXT_TESTS else inner


def _quote_plain(argument: str) -> str:
    """A value to compare with is words, without the parentheses that text to find may have."""
    return argument if set(argument) & set("()") else _quote(argument)


def _quote(argument: str) -> str:
    if _PLAIN.fullmatch(argument) or _STRUCTURE.search(argument) or not argument:
        return argument
    return quote(argument.strip() or argument)
