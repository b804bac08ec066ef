"""Names of months and weekdays, whole and short."""

from __future__ import annotations

import calendar

MONTHS = {
    name.lower(): number
    for names in (calendar.month_name, calendar.month_abbr)
    for number, name in enumerate(names)
    if name
} | {"sept": 9}
"""Number of a month by its name or short name, in lower case."""
MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
"""A pattern's alternatives for a month, longest first."""
WEEKDAYS = {
    name.lower(): (place + 1) % 7 + 1
    for names in (calendar.day_name, calendar.day_abbr)
    for place, name in enumerate(names)
}
"""Number of a weekday, as Excel's WEEKDAY counts from Sunday on, by its name or short name."""
QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}
"""Number of a quarter by the word for it."""
_WHOLE = tuple(name.lower() for name in (*calendar.day_name, *calendar.month_name) if name)
_SHORTEST, _LONGEST_SHORT = 3, 5


def calendar_name(word: str) -> str | None:
    """The whole name of the weekday or month that ``word`` is, in the plural too, or begins.

    Args:
        word: a word in lower case, as ``sat``, ``thurs.`` or ``mondays``.
    """
    plain = word.rstrip(".")
    whole = (name for name in _WHOLE if plain in (name, name + "s"))
    short = _SHORTEST <= len(plain) <= _LONGEST_SHORT
    begun = (name for name in _WHOLE if short and name.startswith(plain))
    return next(whole, None) or next(begun, None)


def calendar_names(word: str) -> tuple[str, ...]:
    """The whole names that ``word`` stands for: those of two days, if it is a weekend."""
    if word.removesuffix("s") == "weekend":
        return ("saturday", "sunday")
    name = calendar_name(word)
    return (name,) if name else ()
