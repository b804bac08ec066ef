"""A sample workbook to try requests on: an order list as a small shop keeps it."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from grammar.values import to_serial
from server.workbooks.output import whole_output

SHEET, ROWS = "Orders", 60
HEADERS = ("Order", "Customer", "Region", "Ordered", "Delivered", "Status", "Amount", "Discount")
_CUSTOMERS = (
    "Abelard Tools,Bright Bakery,Cove Hotels,Dunmore School,Elm Street Gym,Fjord Optics,"
    "Garden & Sons,Harbour Cafe,Iris Florists,Jansen Printing"
).split(",")
_REGIONS = ("North", "South", "East", "West")
_WIDTHS = (10, 20, 9, 12, 12, 12, 11, 10)
_FORMATS = {3: "yyyy-mm-dd", 4: "yyyy-mm-dd", 6: "#,##0.00", 7: "0%"}
"""Number formats by column."""


def write_sample(output: Path, today: dt.date) -> None:
    """Write the workbook; its dates lie in the 90 days before ``today``.

    Raises:
        OutputError: it cannot be written.
    """
    workbook = Workbook()
    sheet = workbook.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook has a worksheet")
    sheet.title = SHEET
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
        for column, code in _FORMATS.items():
            row[column].number_format = code
    sheet.freeze_panes = "A2"


def sample_module(today: dt.date) -> str:
    """The sheet as a JavaScript module, for the task pane in an ordinary browser.

    ``day`` is what ``today`` was, so that the page can move the dates to its own day.
    """
    body = {
        "name": SHEET,
        "day": to_serial(today),
        "formats": [_FORMATS.get(column, "General") for column in range(len(HEADERS))],
        "rows": [list(HEADERS), *([_plain(value) for value in row] for row in order_rows(today))],
    }
    rows = json.dumps(body, separators=(",", ":")).replace("],[", "],\n[")
    return f"/** The sample orders; written by server/sample.py. */\nexport default {rows};\n"


def _plain(value: str | float | dt.date | None) -> str | float:
    return to_serial(value) if isinstance(value, dt.date) else "" if value is None else value
