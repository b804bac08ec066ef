"""Rules that a workbook already has, as they are and as conditions of our language."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from grammar.conditions import (
    Average,
    Cell,
    Comparison,
    Condition,
    Formula,
    Range,
    Rank,
    State,
    Text,
    TextTest,
)
from grammar.ooxml_operands import read_operand
from grammar.ranges import Area, address, bounding_box, parse_sqref
from grammar.rules import Style

OPERATORS = {
    "greaterThan": "GreaterThan",
    "greaterThanOrEqual": "GreaterThanEqual",
    "lessThan": "LessThan",
    "lessThanOrEqual": "LessThanEqual",
    "equal": "Equals",
    "notEqual": "NotEquals",
    "between": "Between",
    "notBetween": "NotBetween",
}
TEXT_KINDS = {
    "containsText": "TextContains",
    "notContainsText": "TextNotContains",
    "beginsWith": "TextStartsWith",
    "endsWith": "TextEndsWith",
}
STATE_KINDS = {
    "containsBlanks": "Blanks",
    "notContainsBlanks": "NotBlanks",
    "containsErrors": "Errors",
    "notContainsErrors": "NoErrors",
    "duplicateValues": "Duplicates",
    "uniqueValues": "Uniques",
    "colorScale": "ColorScale",
    "dataBar": "DataBar",
    "iconSet": "IconSet",
}
TIME_PERIODS = {
    "yesterday": "Yesterday",
    "today": "Today",
    "tomorrow": "Tomorrow",
    "last7Days": "Last7Days",
    "lastWeek": "LastWeek",
    "thisWeek": "ThisWeek",
    "nextWeek": "NextWeek",
    "lastMonth": "LastMonth",
    "thisMonth": "ThisMonth",
    "nextMonth": "NextMonth",
}
KINDS = ("expression", "cellIs", "top10", "aboveAverage", "timePeriod", *TEXT_KINDS, *STATE_KINDS)
"""The eighteen kinds. Source: ECMA-376 part 1, 18.18.12."""

SCALE_KINDS = ("colorScale", "dataBar", "iconSet")
NOTHING = Formula("=FALSE")
"""What a rule means that is too damaged to select a cell."""


@dataclass(frozen=True)
class ExistingRule:
    """One ``cfRule`` of a sheet.

    ``condition`` says the rule in our language; ``excel_semantics`` marks that text, blanks and
    booleans count as Excel counts them, which our language by itself does not. ``xml`` and
    ``extension_xml`` hold the elements as they were, so that nothing is lost.
    """

    kind: str
    sqref: str
    priority: int
    condition: Condition
    style: Style = field(default_factory=Style)
    stop_if_true: bool = False
    id: str | None = None
    formulas: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    is_extension: bool = False
    xml: str = ""
    extension_xml: str = ""
    excel_semantics: bool = True

    @property
    def areas(self) -> tuple[Area, ...]:
        """The rectangles that the rule is drawn on."""
        return parse_sqref(self.sqref)

    @property
    def anchor(self) -> str:
        """The cell that the formulas are relative to: top left of the box around all areas."""
        return anchor_of(self.sqref)


def condition_of(
    kind: str, attributes: Mapping[str, str], formulas: tuple[str, ...], sqref: str
) -> Condition:
    """The condition of a rule's parts; ``Formula`` where the language has no words for it."""
    if kind == "cellIs":
        return _cell_is(attributes.get("operator", ""), formulas, sqref)
    if kind in TEXT_KINDS:
        return _text_test(TEXT_KINDS[kind], attributes.get("text"), formulas, sqref)
    if kind == "timePeriod" and attributes.get("timePeriod") in TIME_PERIODS:
        return State(TIME_PERIODS[attributes["timePeriod"]], Cell())
    if kind == "top10":
        return _rank(attributes)
    if kind == "aboveAverage":
        return _average(attributes, sqref)
    if kind in STATE_KINDS:
        return State(STATE_KINDS[kind], Cell())
    return Formula(f"={formulas[0]}") if formulas else NOTHING


def is_set(attributes: Mapping[str, str], name: str, default: bool = False) -> bool:
    """An ``xsd:boolean`` attribute."""
    return attributes.get(name, "1" if default else "0").lower() in ("1", "true", "on")


def number_of(attributes: Mapping[str, str], name: str, default: float) -> float | None:
    """A numeric attribute, ``None`` where it is damaged; such a rule selects nothing."""
    try:
        number = float(attributes.get(name, default))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def cell_is_formula(operator: str, cell: str, formulas: tuple[str, ...]) -> str:
    """What a ``cellIs`` rule asks of a cell, as a formula without ``=``."""
    signs = dict(zip(list(OPERATORS)[:6], (">", ">=", "<", "<=", "=", "<>"), strict=True))
    if operator in signs and formulas:
        return f"{cell}{signs[operator]}({formulas[0]})"
    if operator not in ("between", "notBetween") or len(formulas) < 2:
        return "FALSE"
    low, high = formulas[:2]
    either = f"OR(AND({cell}>=({low}),{cell}<=({high})),AND({cell}>=({high}),{cell}<=({low})))"
    return either if operator == "between" else f"NOT({either})"


def anchor_of(sqref: str) -> str:
    """The address that a rule's formulas are relative to."""
    box = bounding_box(parse_sqref(sqref))
    return address(box.first_column, box.first_row)


def _cell_is(operator: str, formulas: tuple[str, ...], sqref: str) -> Condition:
    operands = tuple(map(read_operand, formulas))
    known = tuple(operand for operand in operands if operand is not None)
    name = OPERATORS.get(operator, "")
    if len(known) == len(operands) == 2 and name in ("Between", "NotBetween"):
        return Range(name, Cell(), known[0], known[1])
    if len(known) == len(operands) == 1 and name not in ("", "Between", "NotBetween"):
        return Comparison(name, Cell(), known[0])
    return Formula("=" + cell_is_formula(operator, anchor_of(sqref), formulas))


def _text_test(name: str, text: str | None, formulas: tuple[str, ...], sqref: str) -> Condition:
    """The formula is what Excel evaluates; ``text`` is only what its dialogue shows."""
    usual = text_formulas(name, text or "", anchor_of(sqref))
    if text and (not formulas or _bare(formulas[0]) in map(_bare, usual)):
        return TextTest(name, Cell(), Text(text))
    return Formula(f"={formulas[0]}") if formulas else NOTHING


def text_formulas(name: str, text: str, cell: str) -> tuple[str, ...]:
    """The formulas that programs write beside a text rule, Excel's own first."""
    quoted = '"' + text.replace('"', '""') + '"'
    side = "LEFT" if name == "TextStartsWith" else "RIGHT"
    if name == "TextContains":
        found = f"SEARCH({quoted},{cell})"
        return f"NOT(ISERROR({found}))", f"ISNUMBER({found})"
    if name == "TextNotContains":
        return (f"ISERROR(SEARCH({quoted},{cell}))",)
    return (
        f"{side}({cell},LEN({quoted}))={quoted}",
        f"{side}({cell},{len(text)})={quoted}",
    )


def _bare(formula: str) -> str:
    return re.sub(r"[\s$]", "", formula)


def _rank(attributes: Mapping[str, str]) -> Condition:
    side = "Bottom" if is_set(attributes, "bottom") else "Top"
    share = "Percent" if is_set(attributes, "percent") else ""
    amount = number_of(attributes, "rank", 10)
    return NOTHING if amount is None else Rank(side + share, Cell(), amount)


def _average(attributes: Mapping[str, str], sqref: str) -> Condition:
    is_above = is_set(attributes, "aboveAverage", default=True)
    if is_set(attributes, "equalAverage") and "stdDev" not in attributes:
        areas = ",".join(map(_absolute, parse_sqref(sqref)))
        return Formula(f"={anchor_of(sqref)}{'>=' if is_above else '<='}AVERAGE({areas})")
    name = "AboveAverage" if is_above else "BelowAverage"
    deviations = number_of(attributes, "stdDev", 0)
    return NOTHING if deviations is None else Average(name, Cell(), deviations)


def _absolute(area: Area) -> str:
    return re.sub(r"([A-Z]+)(\d+)", r"$\1$\2", str(area))
