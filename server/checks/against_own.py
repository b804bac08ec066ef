"""A rule of a workbook by itself, in a workbook that LibreOffice can show.

The values are the same, on sheets of the same names, and nothing else paints.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.formatting.rule import Rule as BuiltRule
from openpyxl.styles import PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import fromstring

from grammar.ooxml_existing import ExistingRule
from grammar.ooxml_match import Place, excel_formula
from grammar.ranges import Area, bounding_box
from grammar.values import CellValue, ExcelError
from server.checks.libreoffice import MARK
from server.checks.own_rules import OwnRule, own_rule
from server.checks.suites import Case

_MOST_CELLS = 60_000
_MARGIN = 20
"""Rows and columns beyond the filled ones that are looked at."""


def own_reason(case: Case) -> str:
    """Why LibreOffice cannot be asked about a rule of a workbook, or nothing.

    Raises:
        CellFusionError: the workbook cannot be read.
    """
    with own_rule(case) as own:
        rule = own.listed.rule
        if excel_formula(rule) is None and _as_written(rule) is None:
            return "the rule is written in a way that LibreOffice does not read"
        if own.grid.extent(own.sheet) is None:
            return "its sheet is empty"
        filled = sum(
            len(column.rows)
            for sheet in _sheets(own)
            for column in own.grid.sheet_cells(sheet).columns.values()
        )
        box = compared_box(own)
    is_large = max(filled, box.width * box.height) > _MOST_CELLS
    return f"its sheets have more than {_MOST_CELLS:,} cells" if is_large else ""


def compared_box(own: OwnRule) -> Area:
    """The cells that are compared: from the first filled one, where LibreOffice begins, to those
    of the rule that are not far beyond the last."""
    box = bounding_box(own.listed.rule.areas)
    used = own.grid.extent(own.sheet) or Area(0, 1, 0, 1)
    return Area(
        used.first_column,
        used.first_row,
        max(used.last_column, min(box.last_column, used.last_column + _MARGIN)),
        max(used.last_row, min(box.last_row, used.last_row + _MARGIN)),
    )


def booleans(own: OwnRule) -> bool:
    """Whether a cell of the sheet holds TRUE or FALSE."""
    columns = own.grid.sheet_cells(own.sheet).columns.values()
    return any(isinstance(value, bool) for column in columns for value in column.values)


def write_own(case: Case, path: Path, paint: str) -> Area:
    """The cells that can be compared in a workbook that was written with the rule alone.

    Raises:
        CellFusionError: the workbook cannot be read.
    """
    book = Workbook()
    with own_rule(case) as own:
        box = compared_box(own)
        for number, name in enumerate(_sheets(own)):
            sheet = book.active if number == 0 else book.create_sheet()
            if isinstance(sheet, Worksheet):
                sheet.title = name
                _fill(sheet, _cells(own, name))
        _name(book, own)
        first = book.worksheets[0]
        last = first.cell(box.last_row + 2, box.last_column + 3)
        last.value = MARK + last.coordinate
        first.conditional_formatting.add(
            own.listed.rule.sqref, _painting(own.listed.rule, paint.removeprefix("#"))
        )
    book.save(path)
    return box


def _sheets(own: OwnRule) -> tuple[str, ...]:
    """The rule's sheet, and with it all others where a formula of it may look at them."""
    rule = own.listed.rule
    far = any("!" in text for text in rule.formulas) or bool(_names(own))
    others = [sheet.name for sheet in own.package.worksheets() if sheet.name != own.sheet]
    return (own.sheet, *others) if far else (own.sheet,)


def _names(own: OwnRule) -> Mapping[str, str]:
    """The names of the whole workbook that the rule's formulas mention, or such names do."""
    known = {
        str(node.get("name", "")): node.text or ""
        for node in own.package.workbook.iter("{*}definedName")
        if node.get("localSheetId") is None
    }
    found: dict[str, str] = {}
    texts = list(own.listed.rule.formulas)
    while texts:
        said = texts.pop().lower()
        new = {name: text for name, text in known.items() if name.lower() in said}
        texts += [text for name, text in new.items() if name not in found]
        found |= new
    return {name: text for name, text in found.items() if not name.startswith("_xlnm")}


def _name(book: Workbook, own: OwnRule) -> None:
    for name, text in _names(own).items():
        book.defined_names[name] = DefinedName(name, attr_text=text)


def _cells(own: OwnRule, sheet: str) -> Iterator[tuple[Place, CellValue]]:
    for index, column in own.grid.sheet_cells(sheet).columns.items():
        for row in column.rows:
            yield (index, row), own.grid.value(sheet, index, row)


def _fill(sheet: Worksheet, cells: Iterator[tuple[Place, CellValue]]) -> None:
    for (column, row), value in cells:
        cell = sheet.cell(row, column + 1)
        if isinstance(value, str):
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
            cell.data_type = "s"
        else:
            cell.value = value.value if isinstance(value, ExcelError) else value


def _painting(rule: ExistingRule, colour: str) -> BuiltRule:
    """The rule with a colour of its own as its only look; by its formula where it is written in a
    way that only Excel reads."""
    fill = PatternFill(start_color=colour, end_color=colour, fill_type="solid")
    found = _as_written(rule) or BuiltRule("expression", formula=[excel_formula(rule) or ""])
    found.dxf, found.dxfId, found.stopIfTrue = DifferentialStyle(fill=fill), None, None
    return found


def _as_written(rule: ExistingRule) -> BuiltRule | None:
    if rule.is_extension or not rule.xml:
        return None
    reader: Any = BuiltRule  # its types know no element
    try:
        found: BuiltRule = reader.from_tree(fromstring(rule.xml.encode()))
    except (ValueError, TypeError):
        return None  # an operator or a kind that there is not
    found.formula = list(rule.formulas)  # without those that are empty, as Excel reads it
    return found
