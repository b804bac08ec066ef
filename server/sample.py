"""A sample workbook to try requests on: an order list as a small shop keeps it."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from server.workbooks.output import whole_output

ROWS = 60
HEADERS = ("Order", "Customer", "Region", "Ordered", "Delivered", "Status", "Amount", "Discount")
_CUSTOMERS = (
    "Abelard Tools,Bright Bakery,Cove Hotels,Dunmore School,Elm Street Gym,Fjord Optics,"
    "Garden & Sons,Harbour Cafe,Iris Florists,Jansen Printing"
).split(",")
_REGIONS = ("North", "South", "East", "West")
_WIDTHS = (10, 20, 9, 12, 12, 12, 11, 10)


def write_sample(output: Path, today: dt.date) -> None:
    """Write the workbook; its dates lie in the 90 days before ``today``.

    Raises:
        OutputError: it cannot be written.
    """
    workbook = Workbook()
    sheet = workbook.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook has a worksheet")
    sheet.title = "Orders"
    sheet.append(HEADERS)
    for row in order_rows(today):
        sheet.append(row)
    _decorate(sheet)
    with whole_output(output) as stream:
        workbook.save(stream)


def order_rows(today: dt.date) -> Iterator[list[str | float | dt.date | None]]:
    """The orders, oldest first: the same for the same day."""
    rng = random.Random(20261123)  # noqa: S311 - made-up orders, not secrets
    for number in range(ROWS):
        ordered = today - dt.timedelta(days=round(90 - number * 1.5))
        status = _status(rng, number)
        delivered = ordered + dt.timedelta(days=rng.randint(1, 9))
        yield [
            f"A-{1041 + number}",
            rng.choice(_CUSTOMERS),
            rng.choice(_REGIONS),
            ordered,
            delivered if status == "Delivered" else None,
            status,
            round(rng.lognormvariate(5.3, 0.9), 2),
            rng.choice((None, None, 0.05, 0.1, 0.15)),
        ]


def _status(rng: random.Random, number: int) -> str:
    if number > ROWS - 14:
        return rng.choice(("Open", "Packed", "Shipped", "Open"))
    return rng.choice(("Delivered",) * 7 + ("Returned", "Cancelled", "Shipped"))


def _decorate(sheet: Worksheet) -> None:
    for cell in sheet[1]:
        cell.font = Font(bold=True, color="FFFFFFFF")
        cell.fill = PatternFill("solid", fgColor="FF44546A")
        cell.alignment = Alignment(horizontal="center")
    for letter, width in zip("ABCDEFGH", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    for row in sheet.iter_rows(min_row=2):
        row[3].number_format = row[4].number_format = "yyyy-mm-dd"
        row[6].number_format = "#,##0.00"
        row[7].number_format = "0%"
    sheet.freeze_panes = "A2"
