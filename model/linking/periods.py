"""Decades, seasons, weekends, feasts and days without a month of their own."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator

from grammar.conditions import Date, Number
from model.linking.calendar_words import MONTH, MONTHS
from model.linking.mentions import Mention

_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
_DAYS = {name: day for day, name in enumerate(_ORDINALS, 1)} | {"thirtieth": 30}
_DAYS |= {f"twenty-{name}": 20 + day for name, day in _DAYS.items() if day < 10}
_DAYS |= {"thirty-first": 31}
_ORDINAL = "|".join(sorted(_DAYS, key=len, reverse=True)).replace("-", "[\\s-]")
_YEAR = r"(?:[\s,]+(?P<year>20\d\d|19\d\d)\b)?"
_SPELT_DAY = re.compile(
    rf"\b(?P<day>{_ORDINAL})\sof\s(?P<month>{MONTH})\b{_YEAR}"
    rf"|\b(?P<month2>{MONTH})\s(?:the\s)?(?P<day2>{_ORDINAL})\b",
    re.IGNORECASE,
)
_NTH = r"\d{1,2}(?:st|nd|rd|th)?"
_JOINT = r"\s?(?:-|–|to|until|till|through|and|or)\s?(?:the\s)?"
_DAY_RANGE = re.compile(
    rf"(?<![\w.,/-])(?P<a>{_NTH}){_JOINT}{_NTH}\s(?:of\s)?(?P<m1>{MONTH})\b{_YEAR}"
    rf"|\b(?P<m2>{MONTH})\s{_NTH}{_JOINT}(?P<b>{_NTH})\b(?![%.,:/]\d)",
    re.IGNORECASE,
)
_LONE_DAY = re.compile(
    rf"\bthe\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)\b(?!\s(?:of\s)?(?:{MONTH}|percentile|centile|quarter))",
    re.IGNORECASE,
)
_DECADES = {
    name: tens
    for tens, names in {
        20: ("twenties",),
        30: ("thirties",),
        40: ("forties",),
        50: ("fifties",),
        60: ("sixties",),
        70: ("seventies",),
        80: ("eighties",),
        90: ("nineties",),
    }.items()
    for name in names
}
_DECADE = re.compile(
    rf"\b(?P<name>{'|'.join(_DECADES)})\b|(?<![\w.])(?P<full>(?:19|20)\d0)['’]?s\b"
    r"|(?<![\w.])['’]?(?P<short>[2-9]0)['’]?s\b|\b(?P<thousand>mill?enn?ium)\b",
    re.IGNORECASE,
)
_WEEKEND = re.compile(r"\bweek-?ends?\b|\bwork(?:ing)?[\s-]?days?\b|\bweek-?days?\b", re.IGNORECASE)
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9}
_SEASON = re.compile(
    r"\b(?P<name>spring|summer|autumn|fall)\s(?:of\s)?(?P<year>20\d\d|['’]?\d\d)\b", re.IGNORECASE
)
_HALF = re.compile(
    r"\b(?:(?P<nth>first|1st|second|2nd|last)\shalf\s(?:of\s)?(?:(?P<of>(?:19|20)\d\d)\b|(?:the|this)\syear\b)"
    r"|(?<![:$\w])h(?P<h>[12])\b(?![:$]|\s?(?:to|-|–)\s?\$?[a-z]+\$?\d)"
    r"(?:[\s/,-]*(?P<year>(?:19|20)\d\d)\b)?)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\b(?:cells?|columns?|cols?|range|rows?)\W*$", re.IGNORECASE)
_FEASTS = {
    "christmas eve": (12, 24),
    "christmas day": (12, 25),
    "christmas": (12, 25),
    "xmas": (12, 25),
    "boxing day": (12, 26),
    "new year's eve": (12, 31),
    "new years eve": (12, 31),
    "new year's day": (1, 1),
    "new years day": (1, 1),
    "new year": (1, 1),
    "halloween": (10, 31),
    "valentine's day": (2, 14),
    "valentine's": (2, 14),
    "may day": (5, 1),
}
_FEAST = re.compile(
    rf"\b(?P<name>{'|'.join(sorted(_FEASTS, key=len, reverse=True))})(?!\w){_YEAR}", re.IGNORECASE
)
_BEYOND_BEFORE = re.compile(
    r"\b(?:after|past|beyond|end of|until|till|through|by|up to|later than|to|following)\s+$", re.I
)
_BEYOND_AFTER = re.compile(
    r"\s*(?:or|and)\s(?:earlier|before|older|previously|prior|sooner)\b|\s*at the latest\b", re.I
)
_LAST_YEAR = 9999


def moments_in(text: str, today: dt.date) -> Iterator[Mention]:
    """Days in words, of feasts and without a month, and days that share one month."""
    yield from _spelt_days(text, today)
    for match in _DAY_RANGE.finditer(text):
        group = "a" if match["a"] else "b"
        month = MONTHS[(match["m1"] or match["m2"]).lower()]
        day = _day(int(match["year"] or today.year), month, int(re.sub(r"\D", "", match[group])))
        if day:
            yield Mention(match.start(group), match.end(group), Date(day))
    for match in _LONE_DAY.finditer(text):
        for month in _months_said(text, today):
            day = _day(today.year, month, int(match["day"]))
            if day:
                yield Mention(match.start(), match.end(), Date(day), rank=1)
    for match in _FEAST.finditer(text):
        yield from _feast(match, today)


def _spelt_days(text: str, today: dt.date) -> Iterator[Mention]:
    for match in _SPELT_DAY.finditer(text):
        name = re.sub(r"\s", "-", (match["day"] or match["day2"]).lower())
        month = MONTHS[(match["month"] or match["month2"]).lower()]
        day = _day(int(match["year"] or today.year), month, _DAYS[name])
        if day:
            yield Mention(match.start(), match.end(), Date(day))


def _months_said(text: str, today: dt.date) -> list[int]:
    said = [MONTHS[name.lower()] for name in re.findall(rf"\b({MONTH})\b", text, re.IGNORECASE)]
    said += [_FEASTS[match["name"].lower()][0] for match in _FEAST.finditer(text)]
    return list(dict.fromkeys([*said, today.month]))[:2]


def _feast(match: re.Match[str], today: dt.date) -> Iterator[Mention]:
    month, day = _FEASTS[match["name"].lower()]
    first = int(match["year"] or today.year)
    years = (first, first + 1) if (month, day) == (1, 1) and not match["year"] else (first,)
    for year in years:
        yield Mention(match.start(), match.end(), Date(dt.date(year, month, day)))


def periods_in(text: str, today: dt.date) -> Iterator[Mention]:
    """Decades, halves and seasons by first and last day, weekends by their first day's number."""
    for match in _DECADE.finditer(text):
        yield from _decade(match, today)
    for match in _HALF.finditer(text):
        if _ADDRESS.search(text[: match.start()]):
            continue
        year = int(match["of"] or match["year"] or today.year)
        first = (match["nth"] or match["h"]).lower() in ("first", "1st", "1")
        for month, number in ((1, 1), (6, 30)) if first else ((7, 1), (12, 31)):
            yield Mention(*match.span(), Date(dt.date(year, month, number)), rank=1)
    for match in _SEASON.finditer(text):
        year, month = int(match["year"][-2:]) + 2000, _SEASONS[match["name"].lower()]
        last = calendar.monthrange(year, month + 2)[1]
        for day in (dt.date(year, month, 1), dt.date(year, month + 2, last)):
            yield Mention(match.start(), match.end(), Date(day), rank=1)
    for match in _WEEKEND.finditer(text):
        yield Mention(match.start(), match.end(), Number(6.0))


def _decade(match: re.Match[str], today: dt.date) -> Iterator[Mention]:
    if match["thousand"]:
        first, last = 2000, None
    else:
        tens = _DECADES[match["name"].lower()] if match["name"] else int(match["short"] or 0)
        century = 2000 if tens <= today.year % 100 else 1900
        first = int(match["full"] or century + tens)
        last = first + 9
    place = (match.start(), match.end())
    yield from (Mention(*place, Number(float(year))) for year in (first, last) if year)
    yield Mention(*place, Date(dt.date(first, 1, 1)), rank=1)
    if last:
        yield Mention(*place, Date(dt.date(last, 12, 31)), rank=1)


def day_after(text: str, start: int, end: int, last: dt.date) -> Iterator[Mention]:
    """The day after a period, where the request asks for what is before its end or beyond it."""
    beyond = _BEYOND_BEFORE.search(text[:start]) or _BEYOND_AFTER.match(text, end)
    if beyond and last.year < _LAST_YEAR:
        yield Mention(start, end, Date(last + dt.timedelta(days=1)), rank=1)


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
