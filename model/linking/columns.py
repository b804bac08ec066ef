"""Columns that a request mentions: by header, by part of one, or by letter."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein

from grammar.ranges import column_index
from grammar.table import Table
from model.linking.calendar_words import QUARTERS, calendar_name
from model.linking.cells import distinct_texts
from model.linking.mentions import STOPWORDS, Word, header_words, words_of

_LETTER = re.compile(
    r"\b(?:columns?|cols?\.?)\s*[-:]?\s*[\"'“]?\$?(?P<a>[A-Za-z]{1,2})\b(?!['’])", re.IGNORECASE
)
_BARE_LETTER = re.compile(
    r"(?P<edge>(?:\d|\b(?:end|start|begin|finish|terminat)\w*)\s)?\bin\s(?P<a>[A-Z])(?=\s*(?:[,.;:!?)]|$))"
    r"|(?<![\w$'’&/.°-])(?<!\d\s)(?P<b>[A-Z])\s?(?:[<>!]=|<>|[<>≤≥≠]|=(?=\s?[A-Z]\b)"
    r"|is\s(?:over|under|above|below|blank|empty)\b)(?:\s?(?P<c>[A-Z])(?!\w))?"
)
"""Not after *ends in*, nor after a number, *30 C*, nor in *F = pink*, where no letter follows."""

_RANGE = re.compile(
    r"(?<![\w$])\$?(?P<a>[A-Za-z]{1,2})\$?\d{1,7}"
    r"(?:\s?(?::|-|–|(?:down\s)?to)\s?\$?(?P<b>[A-Za-z]{1,2})\$?\d{0,7})?(?!\w)"
    r"|(?<![\w$])(?P<c>[A-Z]{1,2}):(?P<d>[A-Z]{1,2})(?!\w)"
)
_ABBREVIATIONS = {
    "qty": "quantity",
    "amt": "amount",
    "no": "number",
    "nr": "number",
    "num": "number",
    "avg": "average",
    "dept": "department",
    "temp": "temperature",
    "hrs": "hours",
    "pct": "percent",
    "wt": "weight",
    "desc": "description",
    "ref": "reference",
    "acct": "account",
    "cust": "customer",
    "mgr": "manager",
    "max": "maximum",
    "min": "minimum",
    "est": "estimated",
    "act": "actual",
    "prev": "previous",
    "bal": "balance",
    "addr": "address",
    "tel": "phone",
    "qtr": "quarter",
    "yr": "year",
}
_QUARTER = re.compile(
    r"\bq(?:tr|uarter)?\.?[\s_]?(?P<number>[1-4])\b"
    r"|\b(?P<nth>first|second|third|fourth|last|[1-4](?:st|nd|rd|th|\.)?)[\s_-](?:quarter|qtr)\b",
    re.IGNORECASE,
)

_SIGN = re.compile(r"[<>=≤≥≠:]")
_LIMITS = frozenset(
    "top bottom first last best worst next past over under above below max min".split()
)
"""First words that say how many or how far, as in *top 10*, more often than they name a column."""

_WHOLE, _PART = 1.5, 0.6
"""Score of a mention of a header that is a quarter and nothing else, and of one that has more."""

Span = tuple[int, int, int]
"""Start and end in the request, and the 0-based column."""


def columns_in(text: str, table: Table) -> Iterator[Span]:
    """Every mention of a column, the best of those that overlap; ties are all kept."""
    words, quarters = words_of(text), list(quarters_in(text))
    found: list[tuple[float, Span]] = []
    for index, column in enumerate(table.columns):
        own = [word for word in header_words(column.header) if word.text]
        found += [(score, (start, end, index)) for score, start, end in _mentions(words, own)]
        for start, end, number in quarters:
            score = _names_quarter(text[start:end], number, column.header)
            found += [(score, (start, end, index))] if score else []
    mentions = [*_best(found), *letters_in(text, table)]
    bare = [span for span in bare_letters_in(text, table) if not _is_within(span, mentions)]
    places = {span[:2] for span in bare}
    yield from (span for span in mentions if span[:2] not in places)
    yield from bare


def _is_within(span: Span, others: Sequence[Span]) -> bool:
    """Whether a longer mention stands around a span."""
    start, end, _ = span
    return any(a <= start and end <= b and b - a > end - start for a, b, _ in others)


def says_one_of_a_series(said: str, header: str, table: Table) -> bool:
    """Whether a request says a numbered header whole, *Test 1* beside ``Test 2``.

    Not with a comparison, *rating > 3* beside ``Rating 3``; of *Top 10* the words are more often
    meant as such, and so are those of *Age 65* beside ``Age``.
    """
    own = [word.text for word in header_words(header)]
    named = [word for word in own if not word.isdigit()]
    if own != [word.text for word in words_of(said)] or _SIGN.search(said) or own[0] in _LIMITS:
        return False
    others = [
        [word.text for word in header_words(column.header)]
        for column in table.columns
        if column.header != header
    ]
    return named not in others and named in [
        [word for word in other if not word.isdigit()] for other in others
    ]


def _names_quarter(said: str, number: int, header: str) -> float:
    """The score of a quarter that a request says where a header has it in another form, else 0."""
    own = {found: header[start:end] for start, end, found in quarters_in(header)}
    alone = any(len(each) == len(header.strip()) for each in own.values())
    if number not in own or (not alone and said.lower() == own[number].lower()):
        return 0.0
    return _WHOLE if alone else _PART


def quarters_in(text: str) -> Iterator[Span]:
    """Quarters of a year, *Q3*, *Qtr 3*, *third quarter*: start, end and number."""
    for match in _QUARTER.finditer(text):
        said = (match["number"] or match["nth"]).lower()
        yield match.start(), match.end(), QUARTERS.get(said) or int(said[0])


def names_period(said: str, header: str) -> bool:
    """Whether both name the same quarter, month or weekday, as *Q1* and ``Qtr 1``."""
    one, other = (
        {number for _, _, number in quarters_in(text)}
        | {calendar_name(word.text) for word in words_of(text)} - {None}
        for text in (said, header)
    )
    return bool(one & other)


def _mentions(words: Sequence[Word], own: Sequence[Word]) -> Iterator[tuple[float, int, int]]:
    """(score, start, end): runs of the request's words that stand in the header."""
    telling = [word for word in own if word.text not in STOPWORDS] or own
    position = 0
    while position < len(words):
        run = _run(words, position, own)
        matched = words[position : position + run]
        shared = [word for word in matched if word.text not in STOPWORDS or len(own) == 1]
        only_digits = bool(shared) and all(word.text.isdigit() for word in shared)
        if (shared and not only_digits) or run == len(own) > 0:
            score = min(1.0, len(shared or matched) / len(telling))
            yield score + 0.1 * run, matched[0].start, matched[-1].end
        position += max(run, 1)


def _run(words: Sequence[Word], position: int, own: Sequence[Word]) -> int:
    """How many words from ``position`` on stand in the header, each used once."""
    left, length = list(own), 0
    for word in words[position : position + len(own)]:
        match = next((other for other in left if _same(word, other)), None)
        if match is None:
            break
        left.remove(match)
        length += 1
    return length


def _same(word: Word, other: Word) -> bool:
    return word.stem == other.stem or _alike(word.text, other.text)


@lru_cache(maxsize=16384)
def _alike(said: str, own: str) -> bool:
    """Whether one is the other's abbreviation, beginning or misspelling."""
    if _ABBREVIATIONS.get(own) == said or _ABBREVIATIONS.get(said) == own:
        return True
    if any(letter.isdigit() for letter in said + own):
        return False
    name = calendar_name(said)
    if name is not None and name == calendar_name(own):
        return True
    shorter, longer = sorted((said, own), key=len)
    if len(shorter) >= 4 and longer.startswith(shorter) and shorter not in STOPWORDS:
        return True
    return len(shorter) >= 5 and DamerauLevenshtein.distance(shorter, longer, score_cutoff=1) <= 1


def _best(found: list[tuple[float, Span]]) -> Iterator[Span]:
    by_place = defaultdict(list)
    for score, span in found:
        by_place[span[:2]].append((score, span))
    taken: list[tuple[int, int, float]] = []
    for place in sorted(by_place, key=lambda key: -max(score for score, _ in by_place[key])):
        best = max(score for score, _ in by_place[place])
        if any(place[0] < end and start < place[1] and top > best for start, end, top in taken):
            continue
        taken.append((*place, best))
        ties = [span for score, span in by_place[place] if score >= best - 1e-9]
        yield from ties[:3]


def letters_in(text: str, table: Table) -> Iterator[Span]:
    """Every mention of a column by its letter, or by a range of cells in it."""
    for pattern in (_LETTER, _RANGE):
        for match in pattern.finditer(text):
            index = _place(match["a"] or match["c"], table)
            if index is not None:
                yield match.start(), match.end(), index


def bare_letters_in(text: str, table: Table) -> Iterator[Span]:
    """Single capitals, *errors in H* or *D > 5*, that no header and no cell has as a word."""
    for match in _BARE_LETTER.finditer(text):
        for group in ("a", "b", "c") if not match["edge"] else ():
            index = _place(match[group], table) if match[group] else None
            if index is not None and not _is_a_word(match[group], table):
                yield *match.span(group), index


def _place(letters: str, table: Table) -> int | None:
    """The 0-based place of a column of the sheet in a table, None outside it."""
    index = column_index(letters) - table.first_column
    return index if 0 <= index < len(table.columns) else None


def _is_a_word(letter: str, table: Table) -> bool:
    """Whether a capital is a word or the letter of a code in the table.

    Not a small one beside other words, as in ``Labour h``.
    """
    low = letter.lower()
    for column in table.columns:
        alone = " " not in column.header.strip()
        for word in header_words(column.header):
            if word.text == low and (alone or word.spelt == letter):
                return True
        for word in (word for text in distinct_texts(column) for word in words_of(text)):
            if word.text[0] == low and (len(word.text) == 1 or word.text[1:].isdigit()):
                return True
    return False
