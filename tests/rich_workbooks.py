"""Workbooks with most of what Excel can put into one, and rules for them."""

from __future__ import annotations

import zipfile

import openpyxl
import xlsxwriter
from openpyxl.formatting.rule import CellIsRule, DataBarRule, FormulaRule, IconSetRule
from openpyxl.styles import Border, Font, PatternFill, Side

from server.workbooks import SheetRule
from server.workbooks.session import open_sheet

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RED = SheetRule.of(
    "B2:B9",
    CellIsRule(
        operator="greaterThan",
        formula=["5"],
        fill=PatternFill(bgColor="FFFFC7CE"),
        font=Font(color="FF9C0006", bold=True),
    ),
)
LATE = SheetRule.of(
    "A2:D9 F2:F9",
    FormulaRule(
        formula=['AND($A2="ä<b",$B2>1)'], border=Border(left=Side("thin")), stopIfTrue=True
    ),
)
BAR = SheetRule.of("C2:C9", DataBarRule("min", None, "max", None, color="FF638EC6"))
ICONS = SheetRule.of("D2:D9", IconSetRule("3Arrows", "percent", [0, 33, 67]))
ALL = (RED, LATE, BAR, ICONS)


def rich_book(path, rules=True):
    """A workbook with most of what openpyxl would drop."""
    book = xlsxwriter.Workbook(path)
    book.set_size(1200, 800)
    sheet = book.add_worksheet("Orders")
    sheet.write_row(0, 0, ["Item", "Amount", "Share", "Rank"])
    for row in range(1, 9):
        sheet.write_row(row, 0, [f"item {row}", row, row / 10, 9 - row])
    sheet.write_formula("E2", "=SUM(B2:B9)", None, 36)
    sheet.write_dynamic_array_formula("G2", "=SORT(B2:B9)")
    sheet.add_sparkline("H2", {"range": "Orders!B2:B9"})
    sheet.insert_checkbox("I2", True)
    sheet.insert_textbox("K2", "note")
    sheet.insert_button("K9", {})
    sheet.ignore_errors({"number_stored_as_text": "A1:A9"})
    sheet.merge_range("A12:C12", "merged")
    sheet.data_validation("B2:B9", {"validate": "integer", "criteria": ">", "value": 0})
    sheet.add_table("M1:N4", {"name": "Extra"})
    sheet.write_comment("A1", "a comment")
    sheet.freeze_panes(1, 0)
    if rules:
        yellow = book.add_format({"bg_color": "#FFFF00"})
        sheet.conditional_format(
            "B2:B9", {"type": "cell", "criteria": "<", "value": 3, "format": yellow}
        )
        bar = {"type": "data_bar", "data_bar_2010": True, "bar_color": "#00B050"}
        sheet.conditional_format("C2:C9", bar)
        sheet.conditional_format("D2:D9", {"type": "3_color_scale"})
    book.add_worksheet("Other").write(0, 0, "plain")
    book.close()
    return path


def plain_book(path):
    book = openpyxl.Workbook()
    book.active.title = "Orders"
    for row in range(1, 10):
        book.active.append([f"item {row}", row, row / 10, 9 - row])
    book.save(path)
    return path


def rewritten(source, target, changes):
    """A copy of an archive with some parts changed, added or (None) left out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), *changes]):
            change = changes.get(name, lambda content: content)
            content = old.read(name) if name in old.namelist() else b""
            content = change(content) if callable(change) else change
            if content is not None:
                new.writestr(name, content)
    return target


def raw_members(path):
    """By name, the bytes that each member has in the file and what the directory says of it."""
    data = path.read_bytes()
    found = {}
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            start = info.header_offset
            lengths = data[start + 26 : start + 28], data[start + 28 : start + 30]
            end = start + 30 + sum(int.from_bytes(length, "little") for length in lengths)
            stored = data[start : end + info.compress_size]
            found[info.filename] = (stored, info.date_time, info.flag_bits, info.external_attr)
    return found


def part(path, name):
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def rules_of(path, sheet="Orders"):
    """What each rule of a sheet says, the first one first."""
    with open_sheet(path, sheet) as opened:
        return [(rule.sqref, rule.value.canonical(), rule.dxf) for rule in opened.rules]
