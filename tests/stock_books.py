"""Small workbooks of a stock, and previews of rules on them."""

from __future__ import annotations

import datetime as dt

import openpyxl

from grammar.parser import parse_condition
from grammar.rules import Rule, RuleSet, Style
from server.workbooks import read_table
from server.workbooks.preview import preview_picture

TODAY = dt.date(2026, 11, 23)
ORANGE = Style(fill="#FFA500")
HEADER = ["Item", "Amount", "Due"]


def book(tmp_path, rows=20, change=None, name="book.xlsx"):
    """A workbook of items, amounts 10, 20, … and dates, saved and read back as a table."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "Stock"
    sheet.append(HEADER)
    for number in range(1, rows + 1):
        sheet.append([f"item {number}", number * 10, TODAY + dt.timedelta(days=number - 5)])
    if change:
        change(sheet)
    path = tmp_path / name
    workbook.save(path)
    return path, read_table(path)


def rules(*texts, style=ORANGE, target=None):
    """A rule set of condition texts."""
    kept = {"target": target} if target else {}
    return RuleSet(tuple(Rule(parse_condition(text), style=style, **kept) for text in texts))


def picture_of(tmp_path, found, **kwargs):
    """The preview of rules on such a workbook, as data."""
    path, table = book(tmp_path, **kwargs)
    return preview_picture(path, found, table, TODAY)
