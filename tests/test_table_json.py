"""Reading tables from rows of plain values."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grammar.table_json import read_value, table_from_rows
from grammar.values import ExcelError, Kind, to_serial


def serial(year, month, day):
    return to_serial(dt.date(year, month, day))


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("619.5", 619.5),
        (" 12 ", 12.0),
        ("12%", 0.12),
        ("33.07%", 0.3307),
        ("$1,200", 1200.0),
        ("-$5.50", -5.5),
        ("(1,200)", -1200.0),
        ("9.02E-2", 0.0902),
        (".25", 0.25),
        (7, 7.0),
        (True, True),
        ("TRUE", True),
        ("#N/A", ExcelError.NA),
        ("", None),
        (None, None),
    ],
)
def test_plain_text_is_read_as_excel_reads_typing(raw, value):
    """Numbers, percentages, money, booleans, errors and blanks get their own types."""
    read = read_value(raw)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "007",
        "1234567890123456",
        "18-34",
        "1:0.5",
        "(-12-)",
        "28,054.71Cr",
        "1,20",
        "Yes 04/08/2021",
        "April 1-March 31",
        "1835, 1439",
        "1.2.3",
        "31/02/2026",
        "Apr 2026",
        "May",
        "nan",
        "1e999",
        "--5",
        " ",
    ],
)
def test_what_only_resembles_a_number_or_date_stays_text(text):
    """Codes, ranges, units and impossible dates are text, to the letter."""
    assert read_value(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "2026-04-03",
        "2026/4/3",
        "04/03/2026",
        "4/3/26",
        "3 Apr 2026",
        "3-Apr-26",
        "April 3, 2026",
        "Fri, 3 April 2026",
        "2026-04-03T00:00:00",
        "2026-04-03 00:00",
    ],
)
def test_dates_become_serials(text):
    """ISO and local dates are the same serial number."""
    assert read_value(text) == serial(2026, 4, 3)


def test_a_time_is_the_fraction_of_a_day():
    """The time of day is kept behind the date."""
    assert read_value("2026-04-03 18:00") == serial(2026, 4, 3) + 0.75


def test_a_day_past_the_twelfth_shows_the_order_of_its_column():
    """One 25/03 makes the whole column day first; without it the month is first."""
    rows = [["Due"], ["03/04/2026"], ["25/03/2026"]]
    assert table_from_rows(rows).columns[0].values[0] == serial(2026, 4, 3)
    assert table_from_rows(rows[:2]).columns[0].values[0] == serial(2026, 3, 4)
    assert table_from_rows([["Due"], ["03.04.2026"]]).columns[0].values[0] == serial(2026, 4, 3)


def test_columns_have_kinds_formats_and_places():
    """A table of several types keeps each column's type, format and address."""
    table = table_from_rows(
        [
            ["Item", "Price", "Share", "Due", None],
            ["pen", "$1.50", "5%", "2026-11-01", 1],
            ["cap", "$2,000", "15%", "2026-11-02"],
        ]
    )
    kinds = [Kind.TEXT, Kind.NUMBER, Kind.NUMBER, Kind.DATE, Kind.NUMBER]
    assert [column.kind for column in table.columns] == kinds
    formats = ["General", "$#,##0.00", "0%", "yyyy-mm-dd", "General"]
    assert [column.number_format for column in table.columns] == formats
    assert str(table.area) == "A2:E3"
    assert table.columns[4].header == ""
    assert table.columns[4].values == (1.0, None)


@pytest.mark.parametrize("rows", [[], [["Item", "Price"]], [[]]])
def test_a_header_row_alone_gives_no_column(rows):
    """There is nothing to format where there is no data."""
    assert table_from_rows(rows).columns == ()


def test_integers_never_become_dates():
    """Serial-like integers stay numbers, in JSON and in text."""
    column = table_from_rows([["Id"], [46336], ["46336"], ["20261110"]]).columns[0]
    assert column.kind is Kind.NUMBER
    assert not any(column.dates)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=0, width=64))
def test_the_text_of_a_float_is_the_float(value):
    """Shortest decimal text reads back as the same number."""
    assert read_value(repr(value)) == value


@given(st.text(max_size=40))
def test_any_text_is_read_without_an_exception(text):
    """Whatever stands in a cell gives a value of a cell's types."""
    assert isinstance(read_value(text), None | bool | float | str | ExcelError)
