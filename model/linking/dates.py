"""Dates in a request: days, months, quarters, years and weekdays."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator

from grammar.conditions import Date, Number
from model.linking.calendar_words import MONTH, MONTHS, QUARTERS, WEEKDAYS
from model.linking.mentions import Mention
from model.linking.periods import day_after, moments_in, periods_in
from model.linking.spelt import spelt_numbers

_YEAR = r"(?P<year>(?:19|20)\d\d|['’]\d\d)"
_OR_SHORT = _YEAR[:-1] + r"|2\d(?=\s*(?:$|[,;)])))"
"""A year that may be two digits at the end of a phrase: *1 jan 27*."""
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_PATTERNS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<!\d)(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)",
        rf"\b(?:the\s)?{_DAY}\s?(?:of\s|-|\.\s?)?(?P<name>{MONTH})\b\.?(?:[\s,-]+{_OR_SHORT}(?!\d))?",
        rf"\b(?P<name>{MONTH})\b\.?\s?(?:the\s)?{_DAY}(?![\d:%])(?:[\s,]+{_YEAR}(?!\d))?",
        r"(?<![\d/.-])(?P<a>\d{1,2})(?P<mark>[/.-])(?P<b>\d{1,2})(?P=mark)(?P<year>\d{4}|\d\d)(?![\d/.-])",
    )
]
_PERIOD = re.compile(
    rf"\b(?P<name>{MONTH})\b\.?(?:[\s,-]*(?P<year>(?:19|20)\d\d)\b)?"
    r"|\b(?:q(?P<quarter>[1-4])|(?P<nth>first|second|third|fourth|last|[1-4](?:st|nd|rd|th))\squarter)\b"
    r"(?:[\s/,-]*(?:of\s)?(?P<qyear>(?:19|20)\d\d)\b)?",
    re.IGNORECASE,
)
_BARE_YEAR = re.compile(r"(?<![\w.,:/#-])(?:19[5-9]|20[0-4])\d(?![\w/-]|[.,:]\d)")
_FIRST_YEAR, _LAST_YEAR = 1900, 2050
_SHORT_YEAR = re.compile(r"(?<![\w'’])['’]\d\d(?![\w'’])")
_LATER_YEAR = re.compile(
    rf"\s?(?:-|–|/|to|or|and)\s?(?:{MONTH})\b\.?[\s,]+(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE
)
_RELATIVE_YEAR = re.compile(r"\b(?P<which>last|this|next)\sy(?:ea)?r\b", re.IGNORECASE)
_RELATIVE_END = re.compile(
    r"\b(?P<end>end|start|beginning)\sof\s(?:the\s)?(?:(?P<which>last|this|current|next)\s)?"
    r"(?P<period>month|year)\b|\b(?P<year>year)[\s-]?end\b",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(rf"\b(?P<name>{'|'.join(sorted(WEEKDAYS, key=len, reverse=True))})s?\b", re.I)
_AMBIGUOUS = {"may", "mar", "march"}
_DATE_CUES = re.compile(
    rf"\b(?:in|since|before|after|until|till|by|during|of|from|to|and|or|for|late|early|(?:{MONTH})\s?[-/–])\s*$",
    re.IGNORECASE,
)


def dates_in(text: str, today: dt.date) -> Iterator[Mention]:
    """Every date that the text mentions; a month or quarter by number, first and last day."""
    taken: list[tuple[int, int]] = []
    yield from _days(text, today, taken)
    for match in _PERIOD.finditer(text):
        if not _taken(match, taken) and _is_period(text, match):
            taken.append(match.span())
            yield from _period(text, match, today)
    yield from _relative_ends(text, today)
    yield from periods_in(text, today)
    yield from _years(text, today, taken)
    for match in _WEEKDAY.finditer(text):
        if not _taken(match, taken) and _is_weekday(text, match):
            number = WEEKDAYS[match["name"].lower()]
            yield Mention(match.start(), match.end(), Number(float(number)))
            yield Mention(match.start(), match.end(), Number((number + 5) % 7 + 1.0), rank=1)


def _days(text: str, today: dt.date, taken: list[tuple[int, int]]) -> Iterator[Mention]:
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            day = _day_of(match, today)
            if day and not _taken(match, taken):
                taken.append(match.span())
                yield Mention(match.start(), match.end(), Date(day))
                yield from _short_year(match, day)
    for mention in moments_in(text, today):
        taken.append((mention.start, mention.end))
        yield mention


def _short_year(match: re.Match[str], day: dt.date) -> Iterator[Mention]:
    """``dec 26`` as the month of that year too."""
    groups = match.groupdict()
    if not re.fullmatch(r"[a-z]+\.?\s\d\d", match[0], re.IGNORECASE) or groups.get("year"):
        return
    year, month = 2000 + int(match["day"]), day.month
    last = calendar.monthrange(year, month)[1]
    yield Mention(match.start(), match.end(), Date(dt.date(year, month, 1)), rank=1)
    yield Mention(match.start(), match.end(), Date(dt.date(year, month, last)), rank=1)


def _relative_ends(text: str, today: dt.date) -> Iterator[Mention]:
    """``the end of the year``, ``start of next month``."""
    for match in _RELATIVE_END.finditer(text):
        shift = {"last": -1, "next": 1}.get((match["which"] or "").lower(), 0)
        whole_year = match["year"] or match["period"].lower() == "year"
        months = today.year * 12 + today.month - 1 + shift * (12 if whole_year else 1)
        year, month = divmod(months, 12)
        first, last = (1, 12) if whole_year else (month + 1, month + 1)
        at_end = match["year"] or match["end"].lower() == "end"
        last_day = calendar.monthrange(year, last)[1]
        day = dt.date(year, last, last_day) if at_end else dt.date(year, first, 1)
        yield Mention(match.start(), match.end(), Date(day))


def _years(text: str, today: dt.date, taken: list[tuple[int, int]]) -> Iterator[Mention]:
    for match in _RELATIVE_YEAR.finditer(text):
        year = today.year + {"last": -1, "this": 0, "next": 1}[match["which"].lower()]
        yield Mention(match.start(), match.end(), Number(float(year)))
        yield from _ends_of_year(text, match, year)
    for match in _BARE_YEAR.finditer(text):
        if not _taken(match, taken):
            yield from _ends_of_year(text, match, int(match[0]))
    for start, end, number in spelt_numbers(text):
        if number == int(number) and _FIRST_YEAR <= number <= _LAST_YEAR:
            yield from _ends_of(text, (start, end), int(number), rank=1)
    for match in _SHORT_YEAR.finditer(text):
        if not _taken(match, taken):
            year = _year(match[0], today)
            yield Mention(match.start(), match.end(), Number(float(year)))
            yield from _ends_of_year(text, match, year)


def _ends_of_year(text: str, match: re.Match[str], year: int) -> Iterator[Mention]:
    yield from _ends_of(text, match.span(), year)


def _ends_of(text: str, place: tuple[int, int], year: int, rank: int = 0) -> Iterator[Mention]:
    last = dt.date(year, 12, 31)
    yield Mention(*place, Date(dt.date(year, 1, 1)), rank=rank)
    yield Mention(*place, Date(last), rank=rank)
    yield from day_after(text, *place, last)


def _taken(match: re.Match[str], taken: list[tuple[int, int]]) -> bool:
    return any(match.start() < end and start < match.end() for start, end in taken)


def _day_of(match: re.Match[str], today: dt.date) -> dt.date | None:
    groups = match.groupdict()
    year = _year(groups.get("year"), today)
    if groups.get("a"):
        first, second = int(match["a"]), int(match["b"])
        return _date(year, second, first) or _date(year, first, second)
    month = MONTHS[match["name"].lower()] if groups.get("name") else int(match["month"])
    return _date(year, month, int(match["day"]))


def _year(spelling: str | None, today: dt.date) -> int:
    if not spelling:
        return today.year
    year = int(spelling.lstrip("'’"))
    return year + 2000 if year < 100 else year


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _is_period(text: str, match: re.Match[str]) -> bool:
    name = (match["name"] or "").lower()
    if name not in _AMBIGUOUS or match["year"]:
        return True
    capital = match["name"][0].isupper() and match.start() > 0
    return capital or bool(_DATE_CUES.search(text[: match.start()]))


def _is_weekday(text: str, match: re.Match[str]) -> bool:
    name = match["name"].lower()
    if len(name) > 3:
        return True
    cued = re.search(r"\b(?:on|every|each)\s$", text[: match.start()], re.IGNORECASE)
    return match.start() > 0 and (match["name"][0].isupper() or bool(cued))


def _period(text: str, match: re.Match[str], today: dt.date) -> Iterator[Mention]:
    later = _LATER_YEAR.match(text, match.end())
    spelt = match["year"] or match["qyear"] or (later["year"] if later else None)
    year = _year(spelt, today)
    if not match["name"]:
        nth = (match["quarter"] or match["nth"]).lower()
        last_month = 3 * (QUARTERS.get(nth) or int(nth[0]))
        first_month = last_month - 2
        for month in (first_month, last_month):
            yield Mention(match.start(), match.end(), Number(float(month)), rank=1)
    else:
        first_month = last_month = MONTHS[match["name"].lower()]
        yield Mention(match.start(), match.end(), Number(float(first_month)))
        if match["year"]:
            yield Mention(match.start(), match.end(), Number(float(year)), rank=1)
    last_day = calendar.monthrange(year, last_month)[1]
    yield Mention(match.start(), match.end(), Date(dt.date(year, first_month, 1)))
    last = dt.date(year, last_month, last_day)
    yield Mention(match.start(), match.end(), Date(last))
    yield from day_after(text, match.start(), match.end(), last)
