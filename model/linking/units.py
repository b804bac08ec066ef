"""Amounts with a unit, said otherwise than the column counts: hours in minutes, kilos in grams."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from grammar.table import Table
from model.linking.mentions import header_words

_DAY = 86400.0
_KINDS: dict[str, dict[str, float]] = {
    "time": {
        **dict.fromkeys(("ms", "millisecond", "milliseconds"), 0.001),
        **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
        **dict.fromkeys(("min", "mins", "minute", "minutes"), 60.0),
        **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600.0),
        **dict.fromkeys(("d", "day", "days"), _DAY),
        **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), 7 * _DAY),
        **dict.fromkeys(("fortnight", "fortnights"), 14 * _DAY),
        **dict.fromkeys(("mth", "mths", "month", "months"), 30 * _DAY),
        **dict.fromkeys(("yr", "yrs", "year", "years"), 365 * _DAY),
    },
    "mass": {
        **dict.fromkeys(("mg", "milligram", "milligrams"), 0.001),
        **dict.fromkeys(("g", "gr", "gram", "grams", "gramme", "grammes", "gramms"), 1.0),
        **dict.fromkeys(("kg", "kgs", "kilo", "kilos", "kilogram", "kilograms"), 1e3),
        **dict.fromkeys(("t", "ton", "tons", "tonne", "tonnes"), 1e6),
    },
    "length": {
        **dict.fromkeys(("mm", "millimetre", "millimetres", "millimeter", "millimeters"), 0.001),
        **dict.fromkeys(("cm", "centimetre", "centimetres", "centimeter", "centimeters"), 0.01),
        **dict.fromkeys(("m", "metre", "metres", "meter", "meters"), 1.0),
        **dict.fromkeys(("km", "kms", "kilometre", "kilometres", "kilometer", "kilometers"), 1e3),
    },
    "volume": {
        **dict.fromkeys(("ml", "millilitre", "millilitres", "milliliter", "milliliters"), 0.001),
        **dict.fromkeys(("cl", "centilitre", "centilitres"), 0.01),
        **dict.fromkeys(("l", "ltr", "litre", "litres", "liter", "liters"), 1.0),
        **dict.fromkeys(("hl", "hectolitre", "hectolitres"), 100.0),
    },
    "data": {"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "gig": 1e9, "gigs": 1e9},
    "power": {"w": 1.0, "watt": 1.0, "watts": 1.0, "kw": 1e3, "mw": 1e6},
    "energy": {"wh": 1.0, "kwh": 1e3, "mwh": 1e6},
}
UNITS = {unit: (kind, size) for kind, units in _KINDS.items() for unit, size in units.items()}
_UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
_AFTER = re.compile(rf"[\s-]?(?P<unit>{_UNIT})\b(?!['’])", re.IGNORECASE)
_RANGE_AFTER = re.compile(
    rf"\s?(?:-|–|to|or|and)\s?[\d.,]+\s?(?P<unit>{_UNIT})\b(?!['’])", re.IGNORECASE
)
_CENTS = re.compile(r"\s?(?:cents?|pence|pennies|ct|cts|p)\b", re.IGNORECASE)
_LONG_UNIT = "|".join(unit for unit in sorted(UNITS, key=len, reverse=True) if len(unit) > 2)
BARE = re.compile(
    r"\b(?P<count>(?:half|quarter\sof)\san?|an?|one)\s"
    rf"(?P<unit>{_LONG_UNIT})\b"
    r"(?P<half>\sand\sa\shalf\b)?",
    re.IGNORECASE,
)
"""One of a unit, or a part of one, without digits."""
_THOUSANDS = re.compile(
    r"(?:\b[kt][$€£]|[$€£]\s?k\b|\bk(?:usd|eur|gbp|chf)\b"
    r"|\bthousands?\b|['’(]000s?\b|\(k\)|\bin k\b)",
    re.IGNORECASE,
)
_MILLIONS = re.compile(
    r"(?:\bm[$€£]|[$€£]\s?mn?\b|\bm(?:usd|eur|gbp)\b|\bmillions?\b)", re.IGNORECASE
)


def bare_count(count: str, half: bool) -> float:
    """The number that ``half an``, ``a`` or ``one`` stands for; half a unit more at will."""
    part = {"half": 0.5, "quar": 0.25}.get(count.lower()[:4], 1.0)
    return part + 0.5 * half


def conversions(text: str, end: int, value: float, table: Table) -> Iterator[tuple[int, float]]:
    """(end of the unit, number) for every unit of headers that the amount could be in."""
    match = _AFTER.match(text, end) or _RANGE_AFTER.match(text, end)
    if match:
        stop = match.end() if match.re is _AFTER else end
        for number in in_other_units(value, match["unit"].lower(), table):
            yield stop, number
    cents = _CENTS.match(text, end)
    if cents:
        yield cents.end(), round(value / 100, 10)
    for size in header_scales(table):
        if abs(value) >= size and value % (size / 10) == 0:
            yield end, round(value / size, 10)


def in_other_units(value: float, unit: str, table: Table) -> list[float]:
    """The amount in the other units of its kind that headers name."""
    kind, size = UNITS[unit]
    others = sorted({other for own, other in header_units(table) if own == kind} - {size})
    return [float(f"{value * size / other:.10g}") for other in others]


def header_units(table: Table) -> frozenset[tuple[str, float]]:
    """Kind and size of every unit that a header of the table names."""
    return frozenset(unit for column in table.columns for unit in _units_of(column.header))


@lru_cache(maxsize=8192)
def _units_of(header: str) -> tuple[tuple[str, float], ...]:
    words = [word.text for word in header_words(header)]
    return tuple(UNITS[word] for word in words if word in UNITS)


def header_scales(table: Table) -> tuple[float, ...]:
    """Thousand or million, where a header says that its column counts in them."""
    return tuple(sorted({scale for column in table.columns for scale in _scales_of(column.header)}))


@lru_cache(maxsize=8192)
def _scales_of(header: str) -> tuple[float, ...]:
    patterns = ((1e3, _THOUSANDS), (1e6, _MILLIONS))
    return tuple(scale for scale, pattern in patterns if pattern.search(header))
