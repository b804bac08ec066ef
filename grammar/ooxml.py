"""Rules as the objects that openpyxl writes into a sheet.

The way back, every rule that a workbook holds, is :func:`read_rules`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from openpyxl.formatting.rule import ColorScale, DataBar, FormatObject, IconSet
from openpyxl.formatting.rule import Rule as SheetFormat
from openpyxl.styles import Color

from grammar.conditions import SCALES, State, selects_cells
from grammar.errors import UnsupportedError
from grammar.evaluate import selected_areas
from grammar.formulas import formula_of
from grammar.native import NativeRule, native_rule
from grammar.ooxml_existing import ExistingRule
from grammar.ooxml_formula import file_formula
from grammar.ooxml_match import excel_matches, explain_existing
from grammar.ooxml_read import read_rules, read_worksheet_rules
from grammar.ooxml_styles import read_style, to_differential
from grammar.rules import Rule, RuleSet
from grammar.scale_colours import bar_colour, scale_colours
from grammar.subjects import subject_column
from grammar.table import Table

__all__ = [
    "ExistingRule",
    "SheetRule",
    "excel_matches",
    "explain_existing",
    "read_rules",
    "read_style",
    "read_worksheet_rules",
    "to_differential",
    "to_openpyxl",
    "to_openpyxl_rules",
]

ICON_SET: Literal["3TrafficLights1"] = "3TrafficLights1"
ICON_LIMITS = (0, 33, 67)
"""Per cent of the way from lowest to highest at which each icon starts."""


@dataclass(frozen=True)
class SheetRule:
    """One rule for ``worksheet.conditional_formatting.add(sqref, rule)``."""

    sqref: str
    rule: SheetFormat


def to_openpyxl_rules(rules: RuleSet, table: Table) -> list[SheetRule]:
    """The rules of a set, ``priority`` 1 first."""
    found = [part for rule in rules.rules for part in to_openpyxl(rule, table)]
    for priority, part in enumerate(found, 1):
        part.rule.priority = priority
    return found


def to_openpyxl(rule: Rule, table: Table, *, column: int | None = None) -> list[SheetRule]:
    """A rule as one or, for a scale over several columns, more rules of a sheet.

    The kind is Excel's own where that selects the same cells, else ``expression``. ``column``
    (0-based in the table) stands for the cell that the condition leaves out.

    Raises:
        InvalidRuleError: the condition names a column that the table does not have.
        UnsupportedError: the rule leaves a value open, or mixes a scale with a condition.
    """
    if not selects_cells(rule.condition):
        return list(_scales(rule, table, column))
    sqref = " ".join(map(str, selected_areas(rule, table, column=column)))
    native = native_rule(rule.condition, table, column=column, target=rule.target)
    if native is None:
        formula = formula_of(rule.condition, table, column=column)
        native = NativeRule("expression", formulas=(formula.removeprefix("="),))
    return [SheetRule(sqref, _format(native, rule))]


def _format(native: NativeRule, rule: Rule) -> SheetFormat:
    # openpyxl's types list the very words that NativeRule holds as text
    attributes: dict[str, Any] = {
        "type": native.type,
        "operator": native.operator,
        "formula": [file_formula(formula) for formula in native.formulas],
        "text": native.text,
        "rank": native.rank,
        "percent": native.percent or None,
        "bottom": native.bottom or None,
        "stdDev": native.std_dev,
        "aboveAverage": None if native.above_average else False,
        "equalAverage": native.equal_average or None,
        "timePeriod": native.time_period,
        "stopIfTrue": rule.stop_if_true or None,
    }
    return SheetFormat(dxf=to_differential(rule.style), **attributes)


def scale_areas(rule: Rule, table: Table, column: int | None) -> list[str]:
    """The columns that a scale is drawn on, each with a scale of its own.

    Raises:
        UnsupportedError: the scale is part of a condition.
    """
    if not isinstance(rule.condition, State):
        raise UnsupportedError("a colour scale, data bar or icon set stands alone; take it out")
    index = subject_column(rule.condition, table) if column is None else column
    columns = rule.target.columns or (index,)
    return [str(table.column_area(number)) for number in columns]


def _scales(rule: Rule, table: Table, column: int | None) -> Iterator[SheetRule]:
    for area in scale_areas(rule, table, column):
        yield SheetRule(area, _scale(rule))


def _scale(rule: Rule) -> SheetFormat:
    name = rule.condition.name if isinstance(rule.condition, State) else ""
    if name == "ColorScale":
        return SheetFormat(type="colorScale", colorScale=_colour_scale(scale_colours(rule)))
    if name == "DataBar":
        ends = [FormatObject(type="min"), FormatObject(type="max")]
        bar = DataBar(cfvo=ends, color=_argb(bar_colour(rule)))
        return SheetFormat(type="dataBar", dataBar=bar)
    if name not in SCALES:
        raise UnsupportedError(f"{name} draws no scale")
    limits = [FormatObject(type="percent", val=limit) for limit in ICON_LIMITS]
    return SheetFormat(type="iconSet", iconSet=IconSet(iconSet=ICON_SET, cfvo=limits))


def _colour_scale(colours: tuple[str, ...]) -> ColorScale:
    """A scale through two colours or three, whose middle is the median."""
    middle = [FormatObject(type="percentile", val=50)] if len(colours) == 3 else []
    points = [FormatObject(type="min"), *middle, FormatObject(type="max")]
    return ColorScale(cfvo=points, color=[_argb(colour) for colour in colours])


def _argb(colour: str) -> Color:
    return Color(rgb="FF" + colour.lstrip("#").upper())
