"""Finding and typing tables in workbooks."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.worksheet.table import Table as ExcelTable

from grammar.errors import HostileWorkbookError, RangeError
from grammar.ranges import address
from grammar.values import ExcelError, Kind, to_serial
from server.workbooks import list_tables, read_table
from server.workbooks.bounds import Bounds
from server.workbooks.number_formats import shows_date

HEADER = ["Item", "Price", "Due"]
ROWS = [
    ["pen", 1.5, dt.date(2026, 11, 1)],
    ["cap", 20, dt.date(2026, 11, 2)],
    ["mug", 7, dt.date(2026, 11, 3)],
    ["pad", 3, dt.date(2026, 11, 4)],
]


def book_of(rows, top=1, left=1, merges=(), change=None):
    """A workbook whose sheet holds rows from a cell on."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Orders"
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            if value is not None:
                sheet.cell(top + number, left + place, value)
    for merge in merges:
        sheet.merge_cells(merge)
    if change:
        change(sheet)
    return saved(book)


def saved(book):
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def headers(table):
    return [column.header for column in table.columns]


def test_a_plain_table_is_typed_and_placed():
    """Header, kinds, number formats and addresses come from the cells."""
    table = read_table(book_of([HEADER, *ROWS]))
    assert headers(table) == HEADER
    assert [column.kind for column in table.columns] == [Kind.TEXT, Kind.NUMBER, Kind.DATE]
    assert table.columns[2].values[0] == to_serial(dt.date(2026, 11, 1))
    assert table.columns[2].number_format == "yyyy-mm-dd"
    assert (str(table.area), table.sheet, table.has_header) == ("A2:C5", "Orders", True)


@pytest.mark.parametrize(
    ("rows", "top", "left", "area"),
    [
        ([["Orders of November"], [], HEADER, *ROWS], 1, 1, "A4:C7"),
        ([["Orders"], ["as of today"], HEADER, *ROWS], 3, 2, "B6:D9"),
        ([["As of", dt.date(2026, 11, 1)], HEADER, *ROWS], 1, 1, "A3:C6"),
        ([HEADER, *ROWS, ["Total", "=SUM(B2:B5)"]], 1, 1, "A2:C5"),
        ([HEADER, *ROWS, [], ["Grand total", 31.5]], 1, 1, "A2:C5"),
        ([HEADER, *ROWS, [None, "=SUBTOTAL(9,B2:B5)"]], 1, 1, "A2:C5"),
        ([HEADER, *ROWS[:2], [], *ROWS[2:]], 1, 1, "A2:C6"),
        (ROWS, 2, 3, "C2:E5"),
        ([HEADER, *ROWS, [], [], [], ["Note", "later"]], 1, 1, "A2:C5"),
    ],
)
def test_titles_totals_and_notes_are_left_out(rows, top, left, area):
    """The table is what lies between the title and the totals, wherever it starts."""
    table = read_table(book_of(rows, top, left))
    assert str(table.area) == area
    assert table.has_header is (rows[0] is not ROWS[0])
    assert headers(table) == (HEADER if table.has_header else ["", "", ""])


def test_two_header_rows_are_joined():
    """A merged header above others becomes a part of each of them."""
    rows = [["Region", "2025", None, "2026", None], [None, "Q1", "Q2", "Q1", "Q2"]]
    data = [[name, 1, 2, 3, 4] for name in ("north", "south", "west")]
    table = read_table(book_of([*rows, *data], merges=("B1:C1", "D1:E1")))
    assert headers(table) == ["Region", "2025 Q1", "2025 Q2", "2026 Q1", "2026 Q2"]
    assert str(table.area) == "A3:E5"


def test_units_below_the_header_belong_to_it():
    """A second row of texts over columns of numbers is no data."""
    rows = [
        ["Item", "Weight", "Price"],
        ["", "kg", "EUR"],
        *([n, i, i] for i, n in enumerate("abcd")),
    ]
    table = read_table(book_of(rows))
    assert headers(table) == ["Item", "Weight kg", "Price EUR"]
    assert table.first_row == 3


def test_years_and_dates_may_be_headers():
    """A row of rising years names columns of numbers."""
    rows = [["Region", 2024, 2025, 2026], ["north", 5, 2, 7], ["south", 1, 8, 3]]
    table = read_table(book_of(rows))
    assert headers(table) == ["Region", "2024", "2025", "2026"]
    months = [["Region", *(dt.date(2026, month, 1) for month in (1, 2, 3))], *rows[1:]]
    assert headers(read_table(book_of(months)))[1:] == ["2026-01-01", "2026-02-01", "2026-03-01"]


def test_a_table_without_header_has_empty_headers():
    """Numbers over numbers are data; the first row counts as such."""
    table = read_table(book_of([[5, 1], [6, 2], [7, 3]]))
    assert not table.has_header
    assert headers(table) == ["", ""]
    assert (table.first_row, table.row_count) == (1, 3)


def test_a_blank_column_inside_stays_in_place():
    """Indices of columns follow the sheet, over an empty column too."""
    rows = [[row[0], None, row[1]] for row in [HEADER, *ROWS]]
    table = read_table(book_of(rows))
    assert headers(table) == ["Item", "", "Price"]
    assert table.columns[1].kind is Kind.BLANK


def test_the_larger_of_two_tables_side_by_side_is_taken():
    """Tables of unlike height, or with the same headers, are two tables."""
    unlike = [
        [*row, None, *([1, 2] if place < 2 else [])] for place, row in enumerate([HEADER, *ROWS])
    ]
    assert str(read_table(book_of(unlike)).area) == "A2:C5"
    twins = [[*row, None, *row[:2]] for row in [HEADER, *ROWS]]
    assert str(read_table(book_of(twins)).area) == "A2:C5"


def with_excel_table(sheet):
    table = ExcelTable(displayName="Stock", ref="B3:C6", totalsRowCount=1)
    sheet.add_table(table)


def test_excels_own_tables_come_first():
    """A table object gives its range, name and headers; its totals row is no data."""
    rows = [["free", "text"], [], [None, "Item", "Left"], [None, "pen", 5], [None, "cap", 0]]
    book = book_of([*rows, [None, "Total", 5]], change=with_excel_table)
    table = read_table(book)
    assert (table.name, str(table.area), headers(table)) == ("Stock", "B4:C5", ["Item", "Left"])
    assert str(read_table(book, area="stock").area) == "B4:C5"
    assert [info.name for info in list_tables(book)] == ["Stock"]


@pytest.mark.parametrize(
    ("area", "data", "has_header"),
    [
        ("A1:C5", "A2:C5", True),
        ("A1:F200", "A2:C5", True),
        ("A2:C5", "A2:C5", True),
        ("A3:C5", "A3:C5", False),
        ("B:C", "B2:C5", True),
        ("Orders!B2:B3", "B2:B3", True),
        ("$B$2", "B2", True),
    ],
)
def test_a_range_finds_its_header_inside_or_above(area, data, has_header):
    """The header may be the first row of the range or the row above it."""
    table = read_table(book_of([HEADER, *ROWS]), "orders", area)
    assert (str(table.area), table.has_header) == (data, has_header)


@pytest.mark.parametrize(
    ("sheet", "area", "message"),
    [
        ("Sales", None, r"no sheet 'Sales'; the workbook has 'Orders', 'Empty'"),
        ("Empty", None, r"'Empty' is empty; there are cells in 'Orders'"),
        ("Orders", "H1:K9", r"H1:K9 of 'Orders' is empty; its cells lie in A1:C5"),
        ("Orders", "Stock", "is no range"),
        ("Orders", "Empty!A1:B2", "does not lie on the sheet"),
        ("Chart", None, "chartsheet without cells"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(sheet, area, message):
    """An unknown sheet or range is answered with the ones that exist."""
    book = openpyxl.load_workbook(io.BytesIO(book_of([HEADER, *ROWS])))
    book.create_sheet("Empty")
    book.create_chartsheet("Chart")
    with pytest.raises(RangeError, match=message):
        read_table(saved(book), sheet, area)


def test_the_sheet_shown_on_opening_is_the_default():
    """Without a name it is the active sheet, or the first one with cells."""
    book = openpyxl.load_workbook(io.BytesIO(book_of([HEADER, *ROWS])))
    other = book.create_sheet("Other")
    book.active = other
    assert read_table(saved(book)).sheet == "Orders"
    other.append(["Name", "Age"])
    other.append(["Ann", 41])
    assert read_table(saved(book)).sheet == "Other"


def test_cells_of_every_kind_are_read():
    """Errors, booleans, rich text, empty text, line breaks and blanks keep their types."""

    def fill(sheet):
        rich = CellRichText("big ", TextBlock(InlineFont(b=True), "red"))
        for row, value in enumerate(["Value", "#N/A", True, rich, 2.5, "a\nb", None, "_x0041_"], 1):
            sheet.cell(row, 1, value)
            sheet.cell(row, 2, row)

    column = read_table(book_of([], change=fill), area="A2:A8").columns[0]
    assert column.values == (ExcelError.NA, True, "big red", 2.5, "a\nb", None, "A")


def test_dates_of_the_1904_system_are_shifted():
    """A day is the same serial whatever the workbook counts from."""
    book = openpyxl.load_workbook(io.BytesIO(book_of([HEADER, *ROWS])))
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active["C2"] = dt.date(2026, 11, 9)
    column = read_table(saved(book)).columns[2]
    assert column.values[0] == to_serial(dt.date(2026, 11, 9))


@pytest.mark.parametrize(
    ("code", "is_date"),
    [
        ("General", False),
        ("0.00%", False),
        ("yyyy-mm-dd", True),
        ("[$-409]d-mmm-yy;@", True),
        ('#,##0 "days"', False),
        ("[h]:mm:ss", False),
        ("mm:ss.0", False),
        ("mmm", True),
        ("m/d/yyyy h:mm AM/PM", True),
        ("[Red]0.00", False),
        (r"0\d", False),
        ("_-* #,##0.00_-", False),
    ],
)
def test_format_codes_show_dates_or_not(code, is_date):
    """Only a year, a month or a day makes a date; literals and colours do not."""
    assert shows_date(code) is is_date


def test_too_many_cells_are_refused():
    """The bound on filled cells holds."""
    with pytest.raises(HostileWorkbookError, match="more than 5 filled cells"):
        read_table(book_of([HEADER, *ROWS]), bounds=Bounds(cells=5))


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(2, 12), st.integers(1, 5))
def test_a_table_is_found_wherever_it_lies(top, left, height, width):
    """Whatever the corner and the size, header and data are told apart."""
    rows = [[f"Name {place}" for place in range(width)]]
    rows += [[row * 10 + place for place in range(width)] for row in range(height)]
    table = read_table(book_of(rows, top, left))
    assert headers(table) == rows[0]
    assert table.address(0, 0) == address(left - 1, top + 1)
    assert (table.row_count, len(table.columns)) == (height, width)


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("Price_xD83D__xDE00_", "Price\U0001f600"),
        ("Price_xD800_", "Price\ufffd"),
        ("_x001B_[2JPrice_x0000_", "[2JPrice"),
        ("Price_x000D__x000A_net", "Price net"),
    ],
)
def test_escaped_signs_of_a_header_are_text(text, header):
    """Pairs are one sign, halves of one are replaced, and what no one sees is left out."""
    table = read_table(book_of([["Item", text], *(row[:2] for row in ROWS)]))
    assert headers(table) == ["Item", header]
    header.encode()


def test_a_range_that_is_none_names_the_tables():
    """Who has misspelt the name of a table is told those there are."""

    def change(sheet):
        sheet.add_table(ExcelTable(displayName="Prices", ref="A1:C5"))

    with pytest.raises(RangeError, match=r"'Price' is no range; .*, or name a table: 'Prices'"):
        read_table(book_of([HEADER, *ROWS], change=change), area="Price")
