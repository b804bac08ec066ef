"""Words that people write for a condition: ``c[1] is between 5 and 10``, ``Top 5(c[2])``."""

from __future__ import annotations

import re
from collections.abc import Callable

from grammar.repair_condition_rules import canonical_name, nearest_name
from grammar.repair_habits import outside_quotes

_COLUMN = r"c\[\d+\]"
_VALUE = (
    r"(?:-?\d+(?:\.\d+)?%?|'(?:[^']|'')*'|\"[^\"]*\"|c\[\d+\]"
    r"|DATE\([^()]{0,40}\)|(?:TODAY|NOW)\(\))"
)
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text.replace("COL", _COLUMN).replace("VAL", _VALUE), re.IGNORECASE)


def _spaced_name(match: re.Match[str]) -> str:
    """``Greater Than(`` as one name, where it is one."""
    joined = re.sub(r"[ _-]", "", match[1])
    name = canonical_name(joined) or (None if canonical_name(match[2]) else nearest_name(joined))
    return f"{name}(" if name else match[0]


def _counted(match: re.Match[str]) -> str:
    """``Top5(c[1])`` and ``Bottom 10%(c[1])``."""
    name = match[1].capitalize() + ("Percent" if match[3] else "")
    cell = f"{match[4].strip()}, " if match[4].strip() else ""
    return f"{name}({cell}{match[2]})"


def _worded(match: re.Match[str]) -> str:
    """``c[1] is greater than 5``."""
    words = re.sub(r"[^a-z]", "", re.sub(r"^(?:is|are)\b", "", match[2].strip().lower()))
    negated = words.startswith("not") and not canonical_name(words)
    name = canonical_name(words) or nearest_name(words.removeprefix("not") if negated else words)
    if name is None:
        return match[0]
    value = match[3]
    if name == "Equals" and value[0] in "'\"":
        name = "TextEquals"
    call = f"{name}({match[1]}, {value})"
    return f"NOT({call})" if negated else call


def _state(match: re.Match[str]) -> str:
    return f"{'NotBlanks' if match[2] else 'Blanks'}({match[1]})"


def _inside(match: re.Match[str]) -> str:
    """``1 <= c[1] <= 5``; only with both ends included is it a Between."""
    low, first, cell, second, high = match.groups()
    if first[0] != second[0]:
        return match[0]
    if first == second == "<=":
        return f"Between({cell}, {low}, {high})"
    if first == second == ">=":
        return f"Between({cell}, {high}, {low})"
    return f"AND({cell} {_TURNED[first]} {low}, {cell} {second} {high})"


def _turned(match: re.Match[str]) -> str:
    value, sign, cell = match.groups()
    return f"{cell} {_TURNED[sign]} {value}"


def _alternatives(match: re.Match[str]) -> str:
    """``TextEquals(c[1], 'a' or 'b')``."""
    name, cell, first, rest = match.groups()
    values = [first, *re.findall(_VALUE, rest)]
    return f"OR({', '.join(f'{name}({cell}, {value})' for value in values)})"


def _repeated(match: re.Match[str]) -> str:
    """``OR(TextEquals(c[1], 'a'), 'b')``."""
    junction, name, cell, first, rest = match.groups()
    values = [first, *re.findall(_VALUE, rest)]
    return f"{junction}({', '.join(f'{name}({cell}, {value})' for value in values)}"


Replacement = str | Callable[[re.Match[str]], str]
_PHRASES: tuple[tuple[re.Pattern[str], Replacement], ...] = (
    (_pattern(r"(COL)\s+(?:is\s+)?between\s+(VAL)\s+(?:and|to)\s+(VAL)"), r"Between(\1, \2, \3)"),
    (_pattern(r"(between\([^,()]*,\s*VAL)\s+(?:and|to)\s+(VAL)"), r"\1, \2"),
    (_pattern(r"(COL)\s+is\s+(not\s+|non-?)?(?:blank|empty|null)"), _state),
    (_pattern(r"(VAL)\s*(<=|>=|<|>)\s*(COL)\s*(<=|>=|<|>)\s*(VAL)"), _inside),
    (_pattern(r"(?<![\w\]])((?!c\[)VAL)\s*(<=|>=|<|>)\s*(COL)"), _turned),
    (_pattern(r"(COL)\s+((?:[a-z]+\s+){1,6})(VAL)"), _worded),
    (
        _pattern(r"([a-z]\w*)\((COL),\s*(VAL)((?:\s*(?:,|\bor\b)?\s*\bor\b\s*VAL)+)\)"),
        _alternatives,
    ),
    (_pattern(r"(OR|AND)\(\s*([a-z]\w*)\((COL),\s*(VAL)\)((?:\s*,\s*VAL)+)(?=\s*\))"), _repeated),
    (_pattern(r"\b(top|bottom)[ _]?(\d+)\s?(%|percent)?\s*\(([^(),]*)\)"), _counted),
    (_pattern(r"\b((?:[a-z]+[ _-])+([a-z]+))\s*\("), _spaced_name),
    (_pattern(r"DATE\(\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\s*\)"), r"DATE(\1,\2,\3)"),
)
_BARE_DAY = re.compile(r"\b(TODAY|NOW)\b(?!\s*\()", re.IGNORECASE)
_DECIMAL = re.compile(r"(?<=\d),(?=\d{1,2}(?!\d))")


def phrased(text: str) -> str:
    """The text with such words as calls."""
    text = outside_quotes(_BARE_DAY, r"\1()", text)
    for pattern, new in _PHRASES:
        text = pattern.sub(new, text)
    return text


def with_points(text: str) -> str:
    """The text with commas between digits as decimal points."""
    return outside_quotes(_DECIMAL, ".", text)


def has_bare_day(text: str) -> bool:
    """Whether ``TODAY`` stands there without parentheses."""
    return outside_quotes(_BARE_DAY, "", text) != text
