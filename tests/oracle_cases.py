"""Tables and conditions drawn at random over every predicate, type of cell and edge.

``rng`` is a ``random.Random``, or Hypothesis's imitation of one, which shrinks.
"""

from __future__ import annotations

import datetime as dt

from grammar.conditions import (
    AVERAGES,
    COMPARISONS,
    DATE_PERIODS,
    RANGES,
    RANKS,
    TEXT_TESTS,
    Average,
    Binary,
    Bool,
    Call,
    Column,
    Comparison,
    Date,
    Junction,
    Neighbour,
    Not,
    Number,
    Range,
    Rank,
    Reference,
    State,
    Text,
    TextTest,
)
from grammar.table import Table, TableColumn
from grammar.values import ExcelError, to_serial

TODAY = dt.date(2026, 11, 23)
NUMBERS = (0.0, 1.0, 2.0, 5.0, 5.0, 7.5, -3.0, 20.0, 40.0, 100.0, 0.1, 1e6, 0.1 + 0.2, 2024.0)
TEXTS = ("late", "Late", "on time", "a*b", "what?", "x~y", "5", "A", "b", "Zoë", "it's", 'say "no"')
BLANKS = (None, None, "", " ", "   ")
ERRORS = (ExcelError.NA, ExcelError.DIV0, ExcelError.VALUE)
DAYS = (-400, -60, -31, -14, -8, -7, -6, -3, -1, 0, 1, 2, 5, 6, 8, 13, 25, 40, 0.75, -0.5)
KINDS = {
    "numbers": (NUMBERS,),
    "numbers and blanks": (NUMBERS, NUMBERS, (None,)),
    "positive": ((1.0, 2.0, 3.0, 5.0, 8.0, 5.0), (1.0, 40.0, 7.5), (None,)),
    "text": (TEXTS,),
    "text and blanks": (TEXTS, TEXTS, BLANKS),
    "dates": ("dates",),
    "dates and blanks": ("dates", "dates", (None,)),
    "numbers and dates": (NUMBERS, "dates", (None,)),
    "numbers and text": (NUMBERS, TEXTS, BLANKS),
    "booleans": ((True, False), (None,)),
    "errors among numbers": (NUMBERS, NUMBERS, ERRORS, (None,)),
    "errors among text": (TEXTS, TEXTS, ERRORS, BLANKS),
    "everything": (NUMBERS, TEXTS, "dates", (True, False), ERRORS, BLANKS),
    "nothing": (BLANKS[:2],),
}


def draw_cell(rng, kind):
    """A cell (value, whether a date) of a kind of column."""
    source = rng.choice(KINDS[kind])
    if source == "dates":
        return to_serial(TODAY) + rng.choice(DAYS), True
    return rng.choice(source), False


def draw_column(rng, header, rows, kind=None):
    """A column of a kind of :data:`KINDS`, any where none is named."""
    kind = kind or rng.choice(list(KINDS))
    cells = [draw_cell(rng, kind) for _ in range(rows)]
    return TableColumn(header, tuple(value for value, _ in cells), tuple(day for _, day in cells))


def draw_table(rng):
    """A table of three columns, the first two of the same kind more often than not."""
    rows = rng.randint(1, 12)
    kind = rng.choice(list(KINDS))
    second = kind if rng.random() < 0.6 else None
    kinds = (kind, second, None)
    columns = (draw_column(rng, f"head {i}", rows, kind) for i, kind in enumerate(kinds))
    return Table(tuple(columns))


def draw_number(rng):
    return Number(rng.choice(NUMBERS))


def draw_value(rng, depth=0):
    """A scalar to compare with: a literal, a cell, or something computed."""
    makers = (
        draw_number,
        draw_number,
        lambda rng: Text(rng.choice(TEXTS)),
        lambda rng: Date(TODAY + dt.timedelta(days=int(rng.choice(DAYS)))),
        lambda rng: Bool(rng.random() < 0.5),
        draw_column_name,
        lambda rng: Binary(rng.choice("+-"), Call("TODAY"), Number(float(rng.randint(0, 40)))),
        lambda rng: Call(rng.choice(("AVERAGE", "MEDIAN", "MIN", "MAX", "SUM")), (Column(0),)),
        lambda rng: Call("PERCENTILE", (Column(0), Number(rng.choice((0.0, 0.25, 0.9, 1.0))))),
        lambda rng: Reference(f"${rng.choice('AB')}${rng.randint(2, 6)}"),
        draw_computed,
    )
    return rng.choice(makers)(rng) if depth < 2 else draw_number(rng)


def draw_column_name(rng):
    return Column(rng.randint(0, 2))


def draw_computed(rng):
    """A scalar computed of cells."""
    column = draw_column_name(rng)
    makers = (
        lambda: Binary(rng.choice("+-*/"), column, draw_column_name(rng)),
        lambda: Binary(rng.choice("+-*/^"), column, draw_number(rng)),
        lambda: Binary("-", column, Call("TODAY")),
        lambda: Neighbour(column, rng.choice((-1, 1))),
        lambda: Call(rng.choice(("LEN", "TRIM", "UPPER", "LOWER")), (column,)),
        lambda: Call(rng.choice(("LEFT", "RIGHT")), (column, Number(float(rng.randint(0, 3))))),
        lambda: Call("MID", (column, Number(2.0), Number(2.0))),
        lambda: Call(rng.choice(("YEAR", "MONTH", "DAY", "WEEKDAY")), (column,)),
        lambda: Call(rng.choice(("ABS", "INT")), (column,)),
        lambda: Call("ROUND", (column, Number(float(rng.randint(-1, 1))))),
        lambda: Call("MOD", (column, Number(float(rng.randint(0, 3))))),
        lambda: Call("COUNTIF", (column, column)),
        lambda: Call("ROW"),
        lambda: Binary("&", column, Text("x")),
    )
    return rng.choice(makers)()


def draw_subject(rng):
    """Mostly the first column, sometimes something computed."""
    return Column(0) if rng.random() < 0.8 else draw_computed(rng)


def draw_text(rng):
    """A text to look for, or a cell that holds one."""
    if rng.random() < 0.15:
        return draw_column_name(rng)
    return Text(rng.choice((*TEXTS, "a", "*", "?", "~", "t", " ", "LATE", "5")))


PREDICATES = (
    lambda rng: Comparison(rng.choice(COMPARISONS), draw_subject(rng), draw_value(rng)),
    lambda rng: Comparison(rng.choice(COMPARISONS), Column(0), draw_value(rng)),
    lambda rng: Range(rng.choice(RANGES), draw_subject(rng), draw_value(rng), draw_value(rng)),
    lambda rng: Range(rng.choice(RANGES), Column(0), draw_number(rng), draw_number(rng)),
    lambda rng: TextTest(rng.choice(TEXT_TESTS), draw_subject(rng), draw_text(rng)),
    lambda rng: State(rng.choice(("Blanks", "NotBlanks", "Errors", "NoErrors")), draw_subject(rng)),
    lambda rng: State(rng.choice(("Duplicates", "Uniques")), Column(0)),
    lambda rng: State(rng.choice(DATE_PERIODS), Column(0)),
    lambda rng: Rank(rng.choice(RANKS), Column(0), float(rng.choice((1, 2, 3, 10, 34, 50, 100)))),
    lambda rng: Average(rng.choice(AVERAGES), Column(0), float(rng.choice((0, 0, 1, 2)))),
)


def draw_condition(rng, depth=0):
    """A predicate, or a junction or negation of some."""
    if depth < 2 and rng.random() < 0.25:
        if rng.random() < 0.4:
            return Not(draw_condition(rng, depth + 1))
        parts = (draw_condition(rng, depth + 1), draw_condition(rng, depth + 1))
        return Junction(rng.choice(("AND", "OR")), parts)
    return rng.choice(PREDICATES)(rng)


def refill(rng, table):
    """The table with some blanks filled, with values of the column, and some cells emptied."""
    return Table(tuple(_refill_column(rng, column) for column in table.columns))


def _refill_column(rng, column):
    pairs = list(zip(column.values, column.dates, strict=True))
    values = [pair for pair in pairs if pair[0] is not None]
    for row, (value, _) in enumerate(pairs):
        if value is None and values and rng.random() < 0.7:
            pairs[row] = rng.choice(values)
        elif value is not None and rng.random() < 0.3:
            pairs[row] = (None, False)
    return TableColumn(column.header, *zip(*pairs, strict=True))
