"""Numbers in a request: digits, words, percents, fractions, durations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grammar.conditions import Binary, Number, Scalar
from grammar.table import NUMBER, Table
from model.linking.mentions import Mention, overlaps
from model.linking.spelt import BIG, SMALL, spelt_numbers
from model.linking.units import BARE, bare_count, conversions, in_other_units

_SINGLES = {"couple": 2.0, "nil": 0.0, "twice": 2.0, "double": 2.0, "doubled": 2.0}
_SINGLES |= {"doubles": 2.0, "thrice": 3.0, "triple": 3.0, "tripled": 3.0, "half": 0.5}
_SINGLES |= {"quadruple": 4.0, "fortnight": 14.0, "treble": 3.0, "halved": 0.5}
_SINGLES |= {"minor": 18.0, "minors": 18.0, "underage": 18.0, "adult": 18.0, "adults": 18.0}
_SCALES = {
    "k": 1e3,
    "thousand": 1e3,
    "grand": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "mio": 1e6,
    "mil": 1e6,
    "million": 1e6,
    "millions": 1e6,
    "bn": 1e9,
    "billion": 1e9,
    "hundred": 100.0,
    "lakh": 1e5,
    "lakhs": 1e5,
    "lac": 1e5,
    "crore": 1e7,
    "crores": 1e7,
    "dozen": 12.0,
}
_DAYS = {"week": 7, "wk": 7, "fortnight": 14, "month": 30, "mth": 30, "quarter": 91, "year": 365}
_DAYS |= {"yr": 365}
_YEAR_OF_MONTHS = 12 * _DAYS["month"]
_LARGEST_COUNT = 100
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_LARGEST = 1e300
"""More digits than that are no number of a sheet, and soon infinite."""
_HOURS = {"hour": 1 / 24, "hr": 1 / 24, "minute": 1 / 1440, "min": 1 / 1440}
_SCALE = "|".join(sorted(_SCALES, key=len, reverse=True))
_DIGITS = re.compile(
    r"(?:(?<![\w.,:/#-])|(?<=[\d%€$£][-–])|(?<=\d[kKmM][-–]))(?P<sign>(?:[-−–]|\bminus\s)(?=[\d.$€£¥]))?(?:[$€£¥]|rs\.?|usd|eur|gbp|chf)?\s?(?P<minus>[-−](?=\d))?"
    r"(?P<number>\d{1,3}(?:[ ,.'’]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)?|\.\d+)"
    rf"(?:(?P<percent>\s?(?:%|percents?\b|precents?\b|pct\b|per\s?cent\b|pc\b))|\s?(?P<scale>{_SCALE})\b)?",
    re.IGNORECASE,
)
_GLUED = re.compile(r"(?<=top|tom)(?P<a>\d+)|(?<=bottom)(?P<b>\d+)", re.IGNORECASE)
_SHARE = re.compile(
    r"\b(?:top|bottom|first|last|upper|lower|best|worst"
    r"|(?!latest|earliest)\w{3,}est)\s"
    r"(?P<part>third|quarter|quartile|fifth|quintile|tenth|decile|half(?!\s(?:a\s)?dozen))\b|\b(?P<alone>decile|quartile)\b"
    r"|\b(?P<rank>\d{1,2})(?:st|nd|rd|th)?\s(?:percentile|centile)",
    re.IGNORECASE,
)
_PARTS = {"third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9}
_PARTS |= {"tenth": 10, "twelfth": 12, "twentieth": 20, "hundredth": 100, "thousandth": 1000}
_SHARES = _PARTS | {"quartile": 4, "quintile": 5, "decile": 10, "half": 2}
_COUNTS = {word: int(value) for word, value in SMALL.items() if 0 < value < _LARGEST_COUNT}
_COUNTS |= {"a": 1}
_FRACTION = re.compile(
    r"(?<![\w/.])(?P<top>\d{1,2})\s?/\s?(?P<bottom>\d{1,3})(?![\w/])"
    rf"|\b(?P<count>{'|'.join(_COUNTS)}|\d{{1,2}})[\s-](?P<part>{'|'.join(_PARTS)})s?\b(?!\sof\s(?:{_MONTH})\b)",
    re.IGNORECASE,
)
_SINGLE = re.compile(rf"\b(?:{'|'.join(sorted(_SINGLES, key=len, reverse=True))})\b", re.IGNORECASE)
_PART_PERCENT = re.compile(
    r"\b(?P<part>half|quarter)\s(?:of\s)?(?:an?\s|one\s)?(?:%|percent\b|per\s?cent\b)",
    re.IGNORECASE,
)
_PERCENT_AFTER = re.compile(r"\s?(?:%|percent\b|per\s?cent\b)", re.IGNORECASE)
_UNIT_DAYS = {**_DAYS, **_HOURS, "day": 1}
_HALF = 0.5
_UNIT = "|".join([*_DAYS, *_HOURS])
_UNIT_AFTER = re.compile(rf"[\s-]?(?P<unit>{_UNIT})s?\b", re.IGNORECASE)
_BARE_UNIT = re.compile(
    r"\b(?:a|an|one|the last|the past|past|last|previous|per)\s"
    r"(?P<unit>week|fortnight|month|year|hour)\b",
    re.IGNORECASE,
)
_POINTS = re.compile(
    r"[\s-]?(?:percentage[\s-]|%[\s-]?)?(?:points?|pts?|pp|ppts?)\b", re.IGNORECASE
)
_RANGE_TAIL = re.compile(
    rf"\s?(?:-|–|to|and|or|/)\s?[$€£]?(?:[\d.,]*\d|(?:{'|'.join(SMALL)}))\s?"
    rf"(?:(?P<percent>%|percent\b|per\s?cent\b)|(?P<scale>{_SCALE})\b)",
    re.IGNORECASE,
)
_NO_TABLE = Table(())
_REACH = 10
"""So many times the table's largest number is no number of the table: ``120 m`` are metres then."""


def numbers_in(text: str, table: Table = _NO_TABLE) -> Iterator[Mention]:
    """Every number that the text mentions; durations and other amounts also in other units."""
    taken: list[tuple[int, int]] = []
    for mention in [
        *_shares(text),
        *_fractions(text),
        *_digits(text, table),
        *_glued(text),
        *_spelt(text),
        *_singles(text),
    ]:
        place = (mention.start, mention.end)
        if place not in taken and overlaps(*place, taken):
            continue
        taken.append((mention.start, mention.end))
        yield mention
        yield from _in_days(text, mention)
        yield from _otherwise(text, mention, table)
    yield from _bare(text, table)


def _otherwise(text: str, mention: Mention, table: Table) -> Iterator[Mention]:
    """The number in units of headers, as percent of points, with the scale of its range."""
    literal = mention.literal
    if not isinstance(literal, Number) or literal.percent or mention.rank:
        return
    for end, value in conversions(text, mention.end, literal.value, table):
        yield Mention(mention.start, end, Number(value), rank=1)
    points = _POINTS.match(text, mention.end)
    if points:
        percent = _number(literal.value, percent=True)
        yield Mention(mention.start, points.end(), percent, rank=1)
    tail = _RANGE_TAIL.match(text, mention.end)
    if tail and literal.value < _SCALES.get((tail["scale"] or "").lower(), _LARGEST):
        factor = _SCALES.get((tail["scale"] or "").lower(), 1.0)
        number = _number(literal.value * factor, percent=bool(tail["percent"]))
        yield Mention(mention.start, mention.end, number, rank=1)


def _bare(text: str, table: Table) -> Iterator[Mention]:
    """``an hour``, ``half a day``, ``a ton``: one of a unit without digits."""
    for match in _BARE_UNIT.finditer(text):
        days = _days(match["unit"])
        yield Mention(match.start("unit"), match.end(), Number(days))
    for match in BARE.finditer(text):
        count = bare_count(match["count"], half=bool(match["half"]))
        unit = match["unit"].lower()
        numbers = in_other_units(count, unit, table)
        lasts = _UNIT_DAYS.get(unit.removesuffix("s"))
        numbers += [round(count * lasts, 10)] if lasts and count != 1 else []
        numbers += [count * 60] if unit in ("hour", "minute") else []
        numbers += [180.0, 183.0] if lasts == _DAYS["year"] and count == _HALF else []
        for number in dict.fromkeys(numbers):
            yield Mention(match.start(), match.end(), Number(number), rank=1)


def parse_number(spelling: str) -> float:
    """The value of digits with thousands separators or a decimal comma."""
    plain = re.sub(r"[ '’]", "", spelling)
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", plain):
        return float(plain.replace(",", ""))
    if re.fullmatch(r"\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,}", plain):
        return float(plain.replace(".", "").replace(",", "."))
    return float(plain.replace(",", "."))


def _digits(text: str, table: Table) -> Iterator[Mention]:
    for match in _DIGITS.finditer(text):
        if text[match.end() : match.end() + 1].isalpha() and not _unit_follows(text, match.end()):
            continue
        plain = parse_number(match["number"])
        value = plain * _SCALES.get((match["scale"] or "").lower(), 1.0)
        if value > _LARGEST:
            continue
        sign = -1 if match["sign"] or match["minus"] else 1
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        readings = [value, plain] if match["scale"] else [value]
        if match["scale"] and 0 < _REACH * _largest(table) < value:
            readings.reverse()
        for rank, each in enumerate(readings):
            literal = _number(sign * each, bool(match["percent"]))
            yield Mention(start, match.end(), literal, rank=rank)
        if re.fullmatch(r"\d{1,3}\.000", match["number"]):
            yield Mention(start, match.end(), Number(sign * value * 1000))


def _largest(table: Table) -> float:
    """The largest number of a table's cells, 0 where it has none."""
    columns = (column.numbers[column.codes == NUMBER] for column in table.columns)
    return max((float(abs(numbers).max()) for numbers in columns if numbers.size), default=0.0)


def _unit_follows(text: str, end: int) -> bool:
    """Whether letters glued to digits are a unit (``40kg``), not the rest of a code (``4XB``)."""
    return bool(re.match(r"(?:[a-zµ°]{1,8}|[A-Za-z]{1,4})(?![\w-])", text[end:]))


def _number(value: float, percent: bool) -> Number:
    return Number(round(value / 100, 14), percent=True) if percent else Number(value)


def _glued(text: str) -> Iterator[Mention]:
    for match in _GLUED.finditer(text):
        yield Mention(match.start(), match.end(), Number(float(match[0])))


def _fractions(text: str) -> Iterator[Mention]:
    for match in _FRACTION.finditer(text):
        if match["part"]:
            count = match["count"].lower()
            top, bottom = _COUNTS.get(count, 0) or int(count), _PARTS[match["part"].lower()]
        else:
            top, bottom = int(match["top"]), int(match["bottom"])
        if 0 < top < bottom:
            literal: Scalar = Binary("/", Number(top), Number(bottom))
            yield Mention(match.start(), match.end(), literal)


def _shares(text: str) -> Iterator[Mention]:
    for match in _SHARE.finditer(text):
        if match["rank"]:
            yield Mention(match.start(), match.end(), _number(float(match["rank"]), percent=True))
            continue
        group = "part" if match["part"] else "alone"
        share = Number(round(1 / _SHARES[match[group].lower()], 14), percent=True)
        yield Mention(match.start(group), match.end(group), share)


def _spelt(text: str) -> Iterator[Mention]:
    for start, stop, value in spelt_numbers(text):
        percent = _PERCENT_AFTER.match(text, stop)
        end = percent.end() if percent else stop
        yield Mention(start, end, _number(value, bool(percent)))
        scale = text[start:stop].lower().rpartition(" ")
        if scale[2] in BIG and scale[0] and value >= BIG["thousand"]:
            yield Mention(start, end, Number(value / BIG[scale[2]]), rank=1)


def _singles(text: str) -> Iterator[Mention]:
    for match in _PART_PERCENT.finditer(text):
        part = bare_count(match["part"], half=False) / 100
        yield Mention(match.start(), match.end(), Number(part, percent=True))
    for match in _SINGLE.finditer(text):
        yield Mention(match.start(), match.end(), Number(_SINGLES[match[0].lower()]))


def _in_days(text: str, mention: Mention) -> Iterator[Mention]:
    """The duration in days; hours and minutes also in the next smaller unit."""
    match = _UNIT_AFTER.match(text, mention.end)
    if match and isinstance(mention.literal, Number) and not mention.literal.percent:
        amount, unit = mention.literal.value, match["unit"].lower()
        days = amount * _days(unit)
        days = 365.0 if days == _YEAR_OF_MONTHS else days
        yield Mention(mention.start, match.end(), Number(round(days, 10)))
        if unit in _HOURS:
            yield Mention(mention.start, match.end(), Number(amount * 60))


def _days(unit: str) -> float:
    unit = unit.lower()
    return float(_UNIT_DAYS[unit])
