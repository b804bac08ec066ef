"""Which cells a rule of a workbook paints, with Excel's semantics and not our language's.

Text there is greater than any number, a blank counts as 0, and formulas are taken as they stand.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from grammar.calc.grid import Grid, clipped
from grammar.calc.matching import matching_cells
from grammar.errors import UnsupportedError
from grammar.explain import explain
from grammar.formula_parser import parse_formula
from grammar.ooxml_existing import (
    SCALE_KINDS,
    TEXT_KINDS,
    ExistingRule,
    cell_is_formula,
    is_set,
    number_of,
    text_formulas,
)
from grammar.ranges import Area, bounding_box
from grammar.table import Table
from grammar.values import CellValue, ExcelError

Place = tuple[int, int]
"""0-based column and 1-based row."""

MOST_CELLS = 2_500_000
"""Cells that a rule is tried on; a range drawn over a whole sheet would not fit into memory."""
_LAST_RANK = 1_000_000
"""Past every rank that a file may name."""
_FIXED_FORMULAS = {
    "containsBlanks": "LEN(TRIM({0}))=0",
    "notContainsBlanks": "LEN(TRIM({0}))>0",
    "containsErrors": "ISERROR({0})",
    "notContainsErrors": "NOT(ISERROR({0}))",
}
_WEEK = "AND(TODAY()-ROUNDDOWN({{0}},0)>={},TODAY()-ROUNDDOWN({{0}},0)<={})"
_MONTH = "AND(MONTH({{0}})=MONTH(EDATE(TODAY(),{0})),YEAR({{0}})=YEAR(EDATE(TODAY(),{0})))"
_PERIOD_FORMULAS = {
    "yesterday": "FLOOR({0},1)=TODAY()-1",
    "today": "FLOOR({0},1)=TODAY()",
    "tomorrow": "FLOOR({0},1)=TODAY()+1",
    "last7Days": "AND(TODAY()-FLOOR({0},1)<=6,FLOOR({0},1)<=TODAY())",
    "lastWeek": _WEEK.format("WEEKDAY(TODAY())", "WEEKDAY(TODAY())+6"),
    "thisWeek": _WEEK.format("WEEKDAY(TODAY())-7", "WEEKDAY(TODAY())-1"),
    "nextWeek": _WEEK.format("WEEKDAY(TODAY())-14", "WEEKDAY(TODAY())-8"),
    "lastMonth": _MONTH.format(-1),
    "thisMonth": _MONTH.format(0),
    "nextMonth": _MONTH.format(1),
}


def excel_formula(rule: ExistingRule) -> str | None:
    """What Excel evaluates for a rule, relative to its anchor and without ``=``.

    ``None`` for a rule that looks at its whole range: ranks, averages, duplicates and scales.
    """
    cell = rule.anchor
    if rule.kind == "cellIs":
        return cell_is_formula(rule.attributes.get("operator", ""), cell, rule.formulas)
    if rule.formulas and rule.kind not in _WHOLE_RANGE:
        return rule.formulas[0]
    if rule.kind in TEXT_KINDS:
        return text_formulas(TEXT_KINDS[rule.kind], rule.attributes.get("text", ""), cell)[0]
    if rule.kind == "timePeriod":
        return _PERIOD_FORMULAS.get(rule.attributes.get("timePeriod", ""), "FALSE").format(cell)
    if rule.kind in _FIXED_FORMULAS:
        return _FIXED_FORMULAS[rule.kind].format(cell)
    return "FALSE" if rule.kind == "expression" else None


def excel_matches(
    rule: ExistingRule, grid: Grid, today: dt.datetime, sheet: str | None = None
) -> frozenset[Place]:
    """The cells that the rule paints; a scale paints every number of its range.

    Whole columns and rows are cut at the last cell in use.

    Raises:
        ParseError: a formula of the rule is none.
        UnsupportedError: the rule needs what is not implemented, or has too many cells.
    """
    areas = tuple(clipped(area, grid.extent(sheet)) for area in rule.areas)
    if sum(area.width * area.height for area in areas) > MOST_CELLS:
        raise UnsupportedError(f"the rule is on more than {MOST_CELLS:,} cells")
    formula = excel_formula(rule)
    if formula is None:
        whole = _WHOLE_RANGE.get(rule.kind)
        if whole is None:
            raise UnsupportedError(f"rules of kind {rule.kind!r} cannot be evaluated")
        return frozenset(whole(_Range(areas, grid, sheet), rule.attributes))
    masks = matching_cells(parse_formula(formula), areas, grid, today, sheet)
    return frozenset(
        place
        for area, mask in zip(areas, masks, strict=True)
        for place, is_match in zip(area.cells(), mask.ravel(), strict=True)
        if is_match
    )


def explain_existing(rule: ExistingRule, table: Table | None = None) -> str:
    """The rule in plain English, with what Excel counts that a person would not expect."""
    box = bounding_box(rule.areas)
    column = box.first_column - table.first_column if table and box.width == 1 else None
    is_inside = table is not None and column is not None and 0 <= column < len(table.columns)
    text = explain(rule.condition, table if is_inside else None, column=column)
    surprise = _surprise(rule)
    return f"{text} ({surprise})" if surprise else text


def _surprise(rule: ExistingRule) -> str:
    """What a ``cellIs`` rule paints beside the numbers that it names."""
    operator = rule.attributes.get("operator", "")
    limits = [_plain_number(formula) for formula in rule.formulas]
    if rule.kind != "cellIs" or not limits or None in limits:
        return ""
    if operator in ("greaterThan", "greaterThanOrEqual"):
        also = "text" if _excludes_zero(operator, limits) else "text and blank cells"
        return f"Excel selects {also} too"
    is_low = operator in ("lessThan", "lessThanOrEqual") and not _excludes_zero(operator, limits)
    return "Excel selects blank cells too" if is_low else ""


def _plain_number(formula: str) -> float | None:
    try:
        return float(formula)
    except ValueError:
        return None


def _excludes_zero(operator: str, limits: list[float | None]) -> bool:
    limit = limits[0] or 0.0
    tests: dict[str, bool] = {
        "greaterThan": limit >= 0,
        "greaterThanOrEqual": limit > 0,
        "lessThan": limit <= 0,
        "lessThanOrEqual": limit < 0,
    }
    return tests[operator]


@dataclass(frozen=True, eq=False)
class _Range:
    """The cells of all areas of a rule, each once."""

    areas: tuple[Area, ...]
    grid: Grid
    sheet: str | None

    @cached_property
    def values(self) -> dict[Place, CellValue]:
        """The cells that are not blank."""
        found: dict[Place, CellValue] = {}
        for area in self.areas:
            cells = self.grid.values(self.sheet, area).ravel()
            pairs = zip(area.cells(), cells, strict=True)
            found.update((place, value) for place, value in pairs if value is not None)
        return found

    @cached_property
    def numbers(self) -> dict[Place, float]:
        """The numeric cells; text, booleans, blanks and errors never take part in a rank."""
        return {place: value for place, value in self.values.items() if type(value) is float}


Attributes = Mapping[str, str]


def _ranked(cells: _Range, attributes: Attributes) -> Iterator[Place]:
    """Cells at or beyond the n-th value; a share counts ``floor(n * p)`` cells, at least one."""
    ordered = sorted(cells.numbers.values(), reverse=not is_set(attributes, "bottom"))
    amount = number_of(attributes, "rank", 10)
    if not ordered or amount is None:
        return
    count = int(min(amount, _LAST_RANK))
    if is_set(attributes, "percent"):
        count = int(len(ordered) * count / 100)
    limit = ordered[min(max(count, 1), len(ordered)) - 1]
    sign = -1 if is_set(attributes, "bottom") else 1
    yield from (place for place, value in cells.numbers.items() if sign * (value - limit) >= 0)


def _averaged(cells: _Range, attributes: Attributes) -> Iterator[Place]:
    numbers = np.array(list(cells.numbers.values()))
    deviations = number_of(attributes, "stdDev", 0)
    if deviations is None or len(numbers) < (2 if deviations else 1):
        return
    sign = 1 if is_set(attributes, "aboveAverage", default=True) else -1
    spread = deviations * float(np.std(numbers, ddof=1)) if deviations else 0.0
    limit = float(np.mean(numbers)) + sign * spread
    also_equal = is_set(attributes, "equalAverage") and not deviations
    for place, value in cells.numbers.items():
        is_equal = bool(np.isclose(value, limit, rtol=1e-15, atol=0))
        if (also_equal and is_equal) or (not is_equal and sign * (value - limit) > 0):
            yield place


def _counted(cells: _Range, is_wanted: Callable[[int], bool]) -> Iterator[Place]:
    """Filled cells whose value is there so often; case does not count."""
    keys = {place: _key(value) for place, value in cells.values.items() if value != ""}
    counts = Counter(keys.values())
    return (place for place, key in keys.items() if is_wanted(counts[key]))


def _key(value: CellValue) -> tuple[str, object]:
    if isinstance(value, str):
        return "text", value.casefold()
    kind = "error" if isinstance(value, ExcelError) else type(value).__name__
    return kind, value


_WHOLE_RANGE: dict[str, Callable[[_Range, Attributes], Iterator[Place]]] = {
    "top10": _ranked,
    "aboveAverage": _averaged,
    "duplicateValues": lambda cells, _: _counted(cells, lambda count: count > 1),
    "uniqueValues": lambda cells, _: _counted(cells, lambda count: count == 1),
    **dict.fromkeys(SCALE_KINDS, lambda cells, _: iter(cells.numbers)),
}
