"""Which rows and columns a preview shows."""

from __future__ import annotations

import pytest
from stock_books import TODAY, book, picture_of, rules

from server.workbooks.preview import preview_picture, write_preview
from server.workbooks.preview_picture import Span
from server.workbooks.preview_rows import MOST_PIXELS, MOST_ROWS, Gap, choose_columns, choose_rows


def test_large_sheets_show_the_rows_that_matter(tmp_path):
    """Rows around matches are shown, the others are counted."""
    found = rules("Equals(c[1], 5000)", "Equals(c[1], 9990)")
    picture = picture_of(tmp_path, found, rows=1204)
    shown = [str(row) if isinstance(row, Gap) else row.number for row in picture.rows]
    assert shown == [
        *(1, "… 498 rows without a match …", 500, 501, 502),
        *("… 496 rows without a match …", 999, 1000, 1001),
        "… 204 rows without a match …",
    ]


@pytest.mark.parametrize("matched", [(), range(2, 900), (2, 500, 502, 899), range(2, 900, 7)])
def test_the_rows_shown_and_left_out_are_all_rows(matched):
    """Gaps and rows together count every row and every match once, within the budget."""
    chosen = choose_rows(2, 901, set(matched))
    rows = [row for row in chosen if isinstance(row, int)]
    gaps = [row for row in chosen if isinstance(row, Gap)]
    assert len(rows) + sum(gap.count for gap in gaps) == 900
    assert len(set(rows) & set(matched)) + sum(gap.matching for gap in gaps) == len(set(matched))
    assert len(rows) <= MOST_ROWS + len(gaps)
    assert rows == sorted(rows)


def hide(*rows, columns=""):
    """A change that hides rows and columns of a sheet."""

    def change(sheet):
        for row in rows:
            sheet.row_dimensions[row].hidden = True
        for column in columns:
            sheet.column_dimensions[column].hidden = True

    return change


def numbers_of(picture):
    """The rows of a picture, gaps as text."""
    return [str(row) if isinstance(row, Gap) else row.number for row in picture.rows]


def test_what_the_sheet_hides_is_not_shown(tmp_path):
    """Hidden rows and columns are left out without a gap, and a note says so."""
    picture = picture_of(tmp_path, rules("LessThan(c[1], 45)"), change=hide(3, 4, 9, columns="C"))
    assert numbers_of(picture) == [1, 2, *range(5, 9), *range(10, 22)]
    assert [column.letters for column in picture.columns] == ["A", "B"]
    assert picture.notes == (
        "3 rows are hidden in the sheet, 2 of them with a match",
        "1 column is hidden in the sheet: C",
    )


def test_gaps_count_the_rows_that_the_sheet_shows(tmp_path):
    """Of a filtered sheet the neighbours of a match are the rows that stand beside it."""
    found, hidden = rules("Equals(c[1], 5000)"), range(400, 501)
    picture = picture_of(tmp_path, found, rows=1204, change=hide(*hidden, 502))
    assert numbers_of(picture) == [
        *(1, "… 397 rows without a match …", 399, 501, 503),
        "… 702 rows without a match …",
    ]


def test_a_table_whose_rows_are_all_hidden_is_its_header(tmp_path):
    """A filter that leaves nothing leaves a picture of the header, as page and as image."""
    path, table = book(tmp_path, change=hide(*range(2, 22)))
    found = rules("GreaterThan(c[1], 100)")
    assert numbers_of(preview_picture(path, found, table, TODAY)) == [1]
    for name in ("all.png", "all.html"):
        write_preview(path, found, table, tmp_path / name, TODAY)
    none, table = book(tmp_path, change=hide(*range(1, 22)), name="none.xlsx")
    write_preview(none, found, table, tmp_path / "none.png", TODAY)
    assert numbers_of(preview_picture(none, found, table, TODAY)) == []


def test_a_merged_cell_reaches_over_hidden_rows(tmp_path):
    """The span of a merged cell is that of the rows that are shown."""

    def change(sheet):
        sheet.merge_cells("C4:C8")
        hide(5, 6)(sheet)

    picture = picture_of(tmp_path, rules("GreaterThan(c[1], 150)"), change=change)
    merged = next(row for row in picture.rows if row.number == 4)
    assert merged.spans[2] == Span(1, 3)


def test_zeros_are_blank_where_the_sheet_hides_them(tmp_path):
    """A sheet that shows no zeros shows none here, and rules hold for them all the same."""

    def change(sheet):
        sheet.sheet_view.showZeros = False
        sheet["B3"] = 0

    picture = picture_of(tmp_path, rules("LessThan(c[1], 15)"), change=change)
    first, zero = (picture.rows[place].cells[1] for place in (1, 2))
    assert (first.text, zero.text) == ("10", "")
    assert first.is_new
    assert zero.is_new


def test_columns_that_rules_look_at_are_always_shown():
    """Of a hundred wide columns those that fit are shown, the tested one among them."""
    chosen = choose_columns(dict.fromkeys(range(100), 100), [77])
    assert 77 in chosen
    assert len(chosen) * 100 <= MOST_PIXELS
    assert chosen[:3] == [0, 1, 2]
