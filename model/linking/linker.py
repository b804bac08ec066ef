"""A request and its table → the slots that the model may put into a rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grammar.colours import find_colours
from grammar.conditions import Date, Number, Scalar, Text
from grammar.table import Table
from grammar.values import Kind
from model.linking.calendar_words import WEEKDAYS, calendar_names
from model.linking.cells import cells_in, distinct_texts, fragments_in, quoted_in
from model.linking.columns import columns_in, names_period, says_one_of_a_series
from model.linking.dates import dates_in
from model.linking.guesses import guessed_in, limited, siblings_of
from model.linking.mentions import Mention, overlaps
from model.linking.numbers import numbers_in

MAX_SLOTS = 32
MAX_MENTIONED = 20
MAX_LISTED = 18
MAX_PER_COLUMN = 8
MAX_COLOURS = 6
_YEAR_DIGITS = 4


@dataclass(frozen=True)
class Slot:
    """A literal that a rule may use; ``start`` is ``None`` for one that only the table names."""

    literal: Scalar
    column: int | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class ColumnMention:
    """The request says ``[start, end)`` and may mean column ``column`` by it."""

    start: int
    end: int
    column: int


@dataclass(frozen=True)
class Colour:
    """Colour words of the request and their ``#RRGGBB``."""

    start: int
    end: int
    words: str
    hex: str


@dataclass(frozen=True)
class Linked:
    """A request with everything in it, and in the table's short columns, that can fill a slot."""

    utterance: str
    table: Table
    slots: tuple[Slot, ...]
    columns: tuple[ColumnMention, ...]
    colours: tuple[Colour, ...]


def link(utterance: str, table: Table, today: dt.date) -> Linked:
    """The request's mentions; at most 32 value slots and 6 colours."""
    colours = _colours(utterance)
    columns = tuple(ColumnMention(*span) for span in columns_in(utterance, table))
    mentioned = _mentioned(utterance, table, today, columns)
    listed = _listed(table, mentioned, {mention.column for mention in columns})
    return Linked(utterance, table, (*mentioned, *listed), columns, colours)


def _colours(utterance: str) -> tuple[Colour, ...]:
    found = (
        Colour(span.start, span.end, utterance[span.start : span.end], span.colour)
        for span in find_colours(utterance)
    )
    return tuple(found)[:MAX_COLOURS]


def _mentioned(
    utterance: str, table: Table, today: dt.date, columns: tuple[ColumnMention, ...]
) -> tuple[Slot, ...]:
    colours = [(span.start, span.end) for span in find_colours(utterance)]
    quoted = list(quoted_in(utterance))
    has_dates = _has_dates(table)
    headers = [
        (m.start, m.end)
        for m in columns
        if not has_dates
        and names_period(utterance[m.start : m.end], table.columns[m.column].header)
    ]
    dates = [
        m
        for m in dates_in(utterance, today)
        if (has_dates or not _is_vague(m)) and not overlaps(m.start, m.end, headers)
    ]
    day_spans = [(m.start, m.end) for m in dates if not m.rank and not _is_year(m)]
    numbers = [
        mention
        for mention in numbers_in(utterance, table)
        if not any(
            start <= mention.start and mention.end <= end for start, end in (*day_spans, *headers)
        )
    ]
    numbers = _outside_headers(numbers, utterance, table, columns) or numbers
    cells = list(cells_in(utterance, table))
    spans = [(mention.start, mention.end) for mention in (*quoted, *cells)] + colours
    fragments = [m for m in fragments_in(utterance) if not _is_known(m, utterance, spans)]
    spans += [(mention.start, mention.end) for mention in (*dates, *numbers)]
    spans += [(mention.start, mention.end) for mention in columns]
    guesses = list(guessed_in(utterance, table, spans))
    spans += [(mention.start, mention.end) for mention in (*fragments, *guesses)]
    siblings = siblings_of(utterance, [*cells, *fragments, *guesses], spans)
    named = {(m.start, m.end) for m in (*cells, *guesses) if m.column is not None}
    dates = [m for m in dates if (m.start, m.end) not in named or not _is_weekday(m, utterance)]
    kept = _distinct([*quoted, *dates, *numbers, *cells, *fragments, *guesses, *siblings])
    return tuple(Slot(m.literal, m.column, m.start, m.end) for m in limited(kept, MAX_MENTIONED))


def _outside_headers(
    numbers: list[Mention], utterance: str, table: Table, columns: tuple[ColumnMention, ...]
) -> list[Mention]:
    """The numbers that are no part of a header, as *1* is in *Test 1 above 50*."""
    whole = [
        (m.start, m.end)
        for m in columns
        if says_one_of_a_series(utterance[m.start : m.end], table.columns[m.column].header, table)
    ]
    return [m for m in numbers if not any(a <= m.start and m.end <= b for a, b in whole)]


def _is_known(fragment: Mention, utterance: str, spans: list[tuple[int, int]]) -> bool:
    """Whether a fragment stands where a text or colour does, and adds nothing to it.

    A mark adds to it, as ``.`` and ``_`` do, and what goes on after a hyphen: *LFT-C* after *LFT*.
    """
    said = utterance[fragment.start : fragment.end]
    marked = len(said) > 1 and (said[0] in "./" or said[-1] in "_+")
    near = [span for span in spans if overlaps(fragment.start, fragment.end, [span])]
    longer = all(
        fragment.start <= a and utterance[b : fragment.end][:1] in ("-", "/") for a, b in near
    )
    return bool(near) and not marked and not longer


def _is_vague(mention: Mention) -> bool:
    """Whether a date is only one reading of what is said."""
    return _is_year(mention) or (bool(mention.rank) and isinstance(mention.literal, Date))


def _is_weekday(mention: Mention, utterance: str) -> bool:
    """Whether a number stands for a day of the week, which then is one that cells name."""
    said = utterance[mention.start : mention.end].lower()
    return isinstance(mention.literal, Number) and bool(WEEKDAYS.keys() & set(calendar_names(said)))


def _has_dates(table: Table) -> bool:
    return any(column.kind is Kind.DATE for column in table.columns)


def _is_year(mention: Mention) -> bool:
    """Whether a date stands for the first or last day of a year that is said as four digits."""
    day = mention.literal
    ends = isinstance(day, Date) and (day.value.month, day.value.day) in ((1, 1), (12, 31))
    return ends and mention.end - mention.start == _YEAR_DIGITS


def _distinct(mentions: Iterable[Mention]) -> list[Mention]:
    """Mentions in reading order, each literal once a place; longer cells hide their parts."""
    ordered = sorted(mentions, key=lambda m: (m.start, -m.end))
    kept: dict[tuple[object, ...], Mention] = {}
    for mention in ordered:
        hidden = any(_hides(other, mention) for other in ordered)
        if not hidden:
            kept.setdefault((mention.start, mention.literal, mention.column), mention)
    return list(kept.values())


def _hides(other: Mention, mention: Mention) -> bool:
    """Whether a mention is only part of a cell text of its column, or of a whole or quoted one."""
    inside = other.start <= mention.start and mention.end <= other.end
    if not inside or (other.start, other.end) == (mention.start, mention.end) or other.rank:
        return False
    if not isinstance(other.literal, Text):
        return False
    length = len(other.literal.value)
    if other.column is None:
        is_quoted = length < other.end - other.start
        return is_quoted and mention.end - mention.start < length
    said_whole = length == other.end - other.start
    return other.column == mention.column or (said_whole and mention.column is not None)


def _listed(table: Table, mentioned: tuple[Slot, ...], named: set[int]) -> tuple[Slot, ...]:
    """Values that the request does not mention: of named columns first, then of the shortest."""
    known = {(slot.column, slot.literal) for slot in mentioned}
    columns = sorted(_short_columns(table), key=lambda pair: (pair[0] not in named, len(pair[1])))
    most = min(MAX_LISTED, MAX_SLOTS - len(mentioned))
    listed: list[Slot] = []
    for index, values in columns:
        fresh = [Slot(value, index) for value in values if (index, value) not in known]
        if len(listed) + len(fresh) <= most:
            listed += fresh
    return tuple(sorted(listed, key=lambda slot: slot.column or 0))


def _short_columns(table: Table) -> Iterator[tuple[int, list[Scalar]]]:
    for index, column in enumerate(table.columns):
        if column.kind not in (Kind.TEXT, Kind.MIXED):
            continue
        texts = distinct_texts(column)
        filled = sum(isinstance(value, str) for value in column.values)
        if 0 < len(texts) <= MAX_PER_COLUMN and (len(texts) < filled or filled <= 2):
            yield index, [Text(text) for text in sorted(texts)]
