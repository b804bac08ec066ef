"""What can be compared and reckoned with what."""

from __future__ import annotations

import datetime as dt

import pytest

from grammar.conditions import walk
from grammar.parser import parse_condition
from grammar.table import Table, TableColumn
from grammar.values import to_serial
from model.kinds import clashes

DAYS = [to_serial(dt.date(2026, 8, day)) for day in (1, 2, 3)]
TABLE = Table(
    (
        TableColumn.of("Amount", [10, 20, 30]),
        TableColumn.of("Status", ["open", "done", "late"]),
        TableColumn.of("Due", DAYS, is_date=True),
        TableColumn.of("Paid", [True, False, True]),
        TableColumn.of("Note", ["-", 4, None]),
    )
)


@pytest.mark.parametrize(
    ("condition", "clash"),
    [
        ("GreaterThan(c[0], 5)", False),
        ("GreaterThan(c[0], c[2])", True),
        ("GreaterThan(c[0], PREV(c[0]) * 2)", False),
        ("GreaterThan(c[1], 'm')", True),
        ("Equals(c[1], 'open')", False),
        ("Equals(c[3], TRUE)", False),
        ("GreaterThanEqual(c[3], 0.75)", True),
        ("TextEquals(c[3], 'yes')", True),
        ("TextEquals(c[1], c[0])", True),
        ("LessThan(c[2], TODAY() - 10)", False),
        ("LessThan(c[2] - TODAY(), 10)", False),
        ("LessThan(c[2], c[2] - TODAY())", True),
        ("LessThan(c[2], c[0])", True),
        ("Between(c[2], TODAY(), TODAY() + 7)", False),
        ("Between(c[2], TODAY(), 7)", True),
        ("Equals(YEAR(c[2]), 2026)", False),
        ("GreaterThan(c[2], MAX(c[2]) - 7)", False),
        ("GreaterThan(c[2] * 2, 7)", True),
        ("GreaterThan(c[1] + 2, 7)", True),
        ("GreaterThan(c[4], 7)", False),
        ("Top(c[1], 3)", True),
        ("AboveAverage(c[2])", False),
        ("TextContains(LEFT(c[1], 2), 'o')", False),
    ],
)
def test_clashes(condition: str, clash: bool) -> None:
    """Numbers, dates, texts and booleans are told apart; what is mixed may be anything."""
    parts = list(walk(parse_condition(condition)))
    assert any(clashes(part, TABLE) for part in parts) is clash
