"""Worksheet functions: one small sheet, many formulas, results that two engines agree on."""

from __future__ import annotations

import datetime as dt
import json
import math
from pathlib import Path

import pytest

from grammar.calc import CellGrid, Context, evaluate_formula, find_locale, function_names
from grammar.calc.coercion import general, read_number
from grammar.calc.locales import EN_US
from grammar.errors import UnsupportedError
from grammar.formula_parser import parse_formula
from grammar.values import ERRORS_BY_TEXT, ExcelError

FIXTURE = Path(__file__).parent / "fixtures" / "calc_functions.jsonl"
CASES = [json.loads(line) for line in FIXTURE.read_text(encoding="utf-8").splitlines()]
COLUMNS = (
    (10.0, 20.0, "late", None, True, "20", -5.5, 46336.0),
    ("apple", "banana", "Cherry", "apple pie", None, "a*b", "date", "é"),
    (3.0, 1.0, 2.0, 2.0, 5.0, 4.0, 1.5, 9.0),
    ("x", "y", "x", "x", "y", "z", "x", "y"),
    (ExcelError.NA,),
)
GRID = CellGrid(
    {
        "Sheet1": {
            (column, row): value
            for column, values in enumerate(COLUMNS)
            for row, value in enumerate(values, 1)
        }
    }
)
TODAY = dt.datetime(2026, 11, 10, 18)


def value_of(formula: str, locale: str = "en-US"):
    """The value of a formula in Z1 of the small sheet."""
    context = Context(GRID, TODAY, 1, 25, "Sheet1", locale=find_locale(locale))
    return evaluate_formula(parse_formula(formula), context)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["formula"])
def test_functions(case):
    """Every formula of the fixture has its result."""
    value = value_of(case["formula"])
    if case["kind"] == "number":
        assert math.isclose(value, case["value"], rel_tol=1e-11, abs_tol=1e-12)
    elif case["kind"] == "error":
        assert value is ERRORS_BY_TEXT[case["value"]]
    else:
        assert value == case["value"]


def test_functions_that_rules_use_are_there():
    """All functions seen in the conditional formats of real workbooks can be evaluated."""
    real = (
        "AND TODAY DATE ISERROR SEARCH MONTH ROW IF NOT ISNUMBER YEAR LEN COUNTIFS DAY UPPER RIGHT "
        "CONCAT SUM COUNTIF VLOOKUP MATCH WEEKDAY FLOOR MOD LEFT OR EDATE FIND ROUNDDOWN ISEVEN "
        "DATEVALUE MAX TRIM AVERAGE MEDIAN SUMPRODUCT COLUMN MID IFERROR COUNTA SHEET ISODD "
        "ISBLANK INT ROUND"
    ).split()
    assert set(real) <= function_names()


def test_today_is_injected():
    """TODAY and NOW are those of the context."""
    assert value_of("=TODAY()") == 46336.0
    assert value_of("=NOW()") == 46336.75


def test_unknown_function_is_unsupported():
    """A function that is not implemented is said to be so and never a silent result."""
    with pytest.raises(UnsupportedError, match="CUBEVALUE"):
        value_of('=IF(TRUE,CUBEVALUE("a"),1)')


@pytest.mark.parametrize(
    ("locale", "text", "serial"),
    [
        ("en-US", "2/3/2026", 46056.0),
        ("en-GB", "2/3/2026", 46083.0),
        ("ja-JP", "26/3/2", 46083.0),
        ("de-DE", "2026-03-02", 46083.0),
    ],
)
def test_dates_are_read_by_locale(locale, text, serial):
    """The order of a short date's parts is that of the locale; ISO dates are the same anywhere."""
    assert value_of(f'=DATEVALUE("{text}")', locale) == serial


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.1 + 0.2, "0.3"), (1e20, "1E+20"), (1e15, "1000000000000000"), (1 / 3, "0.333333333333333")],
)
def test_general_format(number, text):
    """Numbers turn to text with 15 digits, long ones with an exponent."""
    assert general(number) == text


def test_text_that_is_no_number():
    """Words, dates that do not exist and numbers with stray signs do not read as numbers."""
    for text in ("", "abc", "2026-02-30", "--5", "1.2.3", "12abc", "1e", "(5"):
        assert read_number(text, EN_US) is None
