"""Which cells a condition selects: on one column of everything, then the edges."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle_cases import TODAY, draw_condition, draw_table

from grammar.calc import CellGrid
from grammar.conditions import Not
from grammar.errors import InvalidRuleError, UnsupportedError
from grammar.evaluate import matches, selected_areas
from grammar.parser import parse_condition
from grammar.rules import ROW, Rule, Target
from grammar.subjects import subject_column
from grammar.table import Table, TableColumn
from grammar.values import ExcelError, to_serial

MIXED = {
    "zero": 0.0,
    "five": 5.0,
    "again": 5.0,
    "twenty": 20.0,
    "minus": -3.0,
    "late": "late",
    "report": "LATE report",
    "text5": "5",
    "star": "a*b",
    "blank": None,
    "empty": "",
    "spaces": "  ",
    "yes": True,
    "no": False,
    "na": ExcelError.NA,
    "today": dt.datetime(2026, 11, 23),
    "yesterday": dt.datetime(2026, 11, 22, 12),
    "october": dt.datetime(2026, 10, 15),
    "december": dt.datetime(2026, 12, 5),
}


def mixed_table():
    """One column with a cell of every sort, named by the keys of ``MIXED``."""
    dates = tuple(isinstance(value, dt.datetime) for value in MIXED.values())
    values = (to_serial(v) if isinstance(v, dt.datetime) else v for v in MIXED.values())
    return Table((TableColumn("mixed", tuple(values), dates),))


def expectations():
    """(condition, selected names) of the fixture."""
    text = Path(__file__).with_name("fixtures").joinpath("mixed_column.tsv").read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]


def rows_of(text, table, **options):
    """The rows that a condition selects."""
    mask = matches(parse_condition(text), table, today=options.pop("today", TODAY), **options)
    return np.flatnonzero(mask).tolist()


@pytest.mark.parametrize(("text", "wanted"), expectations(), ids=lambda value: value[:60])
def test_mixed_column(text, wanted):
    """Every condition selects what a person means, and no cell of another type."""
    names = list(MIXED)
    selected = [names[row] for row in rows_of(text, mixed_table())]
    assert " ".join(selected) == wanted.replace("-", "")


@given(st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_negation_splits_the_filled_rows(rng):
    """No row is selected both by a condition and by its negation."""
    table, condition = draw_table(rng), draw_condition(rng)
    mask = matches(condition, table, column=0, today=TODAY)
    assert mask.shape == (table.row_count,)
    assert not (mask & matches(Not(condition), table, column=0, today=TODAY)).any()


def test_numbers_agree_at_fifteen_digits():
    """0.1 + 0.2 is 0.3, as in Excel."""
    table = Table((TableColumn.of("share", [0.1 + 0.2, 0.3000001]),))
    assert rows_of("Equals(0.3)", table) == [0]
    assert rows_of("GreaterThan(0.3)", table) == [1]


def test_constant_column_has_nothing_beyond_its_average():
    """Where all numbers are the same none is above average, however far."""
    table = Table((TableColumn.of("same", [5, 5, 5]),))
    assert rows_of("AboveAverage()", table) == []
    assert rows_of("BelowAverage(2)", table) == []


def test_percentages_and_shares():
    """10% is 0.1, and ten percent of nine cells is one of them."""
    table = Table((TableColumn.of("rate", [0.1, 0.2, 0.3]),))
    assert rows_of("GreaterThan(10%)", table) == [1, 2]
    assert rows_of("Top(10%)", table) == [2]


@pytest.mark.parametrize(
    ("day", "name", "rows"),
    [
        (dt.date(2026, 11, 22), "ThisWeek", [1, 2, 3]),
        (dt.date(2026, 11, 28), "ThisWeek", [1, 2, 3]),
        (dt.date(2026, 11, 29), "LastWeek", [1, 2, 3]),
        (dt.date(2026, 11, 21), "NextWeek", [1, 2, 3]),
        (dt.datetime(2026, 11, 28, 23, 59), "Last7Days", [1, 2, 3]),
        (dt.date(2026, 12, 1), "LastMonth", [0, 1, 2, 3]),
        (dt.date(2026, 10, 31), "NextMonth", [0, 1, 2, 3]),
    ],
)
def test_weeks_start_on_sunday(day, name, rows):
    """Weeks run from Sunday to Saturday and the time of day does not count."""
    days = (21, 22, 25.75, 28)
    serials = [to_serial(dt.date(2026, 11, 1)) + day - 1 for day in days]
    table = Table((TableColumn.of("day", serials, is_date=True),))
    assert rows_of(f"{name}()", table, today=day) == rows


def test_months_around_new_year():
    """Last month of January is December of the year before."""
    serials = [to_serial(dt.date(2025, 12, 31)), to_serial(dt.date(2026, 12, 31))]
    table = Table((TableColumn.of("day", serials, is_date=True),))
    assert rows_of("LastMonth()", table, today=dt.date(2026, 1, 15)) == [0]
    assert rows_of("NextMonth()", table, today=dt.date(2026, 11, 15)) == [1]


def test_grid_answers_references_outside():
    """A cell outside the table is read from the grid, and may be a date or a number."""
    table = Table((TableColumn.of("due", [46000, 46200], is_date=True),))
    grid = CellGrid({"Sheet1": {(5, 9): 46100.0}})
    assert rows_of("GreaterThan(c[0], $F$9)", table) == []
    assert rows_of("GreaterThan(c[0], $F$9)", table, grid=grid) == [1]


def test_reference_to_a_header():
    """The header of a column can be referred to."""
    table = Table((TableColumn.of("x", ["late", "X"]),))
    assert rows_of("Equals(c[0], $A$1)", table) == [1]


def test_missing_column_is_refused():
    """A condition about a column that is not there names the columns that are."""
    with pytest.raises(InvalidRuleError, match=r"c\[3\]"):
        rows_of("GreaterThan(c[3], 1)", mixed_table())


def test_open_value_is_refused():
    """A condition that leaves a value open selects nothing, loudly."""
    with pytest.raises(UnsupportedError):
        rows_of("GreaterThan(c[0], ?)", mixed_table())


def test_empty_table():
    """A table of headers alone has no rows to select."""
    assert rows_of("GreaterThan(1)", Table((TableColumn.of("x", []),))) == []


def people():
    """A table with a column of each kind."""
    return Table(
        (
            TableColumn.of("name", ["Ann", "Bob", "Cid"]),
            TableColumn.of("status", ["late", "done", None]),
            TableColumn.of("age", [31, 45, 27]),
            TableColumn.of("due", [46000, 46100, 46200], is_date=True),
        ),
        first_column=1,
        first_row=4,
    )


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("GreaterThan(c[2], c[1])", 2),
        ("GreaterThan(30)", 2),
        ("Equals('Done')", 1),
        ("TextContains('zzz')", 0),
        ("LessThan(TODAY())", 3),
        ("ThisMonth()", 3),
        ("Top(3)", 2),
        ("Blanks()", 1),
        ("Duplicates()", 0),
        ("AND(Blanks(c[3]), Equals(c[1], 'late'))", 3),
        ("GreaterThan(LEN(c[1]), 3)", 1),
        ("Formula('=AND($D4>5,$C4=\"A1\")')", 2),
    ],
)
def test_subject_column(text, column):
    """The subject is the column named first, else the first one that fits."""
    assert subject_column(parse_condition(text), people()) == column


@pytest.mark.parametrize(
    ("target", "areas"),
    [(Target(), ["D4:D6"]), (ROW, ["B4:E6"]), (Target("columns", (0, 3)), ["B4:B6", "E4:E6"])],
)
def test_selected_areas(target, areas):
    """A rule is written on its column, the whole rows or the columns it names."""
    rule = Rule(parse_condition("GreaterThan(c[2], 30)"), target)
    assert [str(area) for area in selected_areas(rule, people())] == areas
