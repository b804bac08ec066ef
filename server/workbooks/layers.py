"""The rules of a sheet as layers: which cells each one holds for, in the order of precedence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from grammar.calc.context import Context
from grammar.calc.grid import clipped
from grammar.calc.matching import result
from grammar.errors import GrammarError, InvalidRuleError, UnreadableWorkbookError
from grammar.formula_parser import parse_formula
from grammar.ooxml_existing import SCALE_KINDS, ExistingRule
from grammar.ooxml_match import excel_matches, explain_existing
from grammar.ooxml_read import read_rules
from grammar.ranges import Area, bounding_box
from grammar.table import Table
from server.workbooks.effective import Layer
from server.workbooks.markup import ascii_bytes
from server.workbooks.package import Package
from server.workbooks.placed import placed_rules
from server.workbooks.scales import Evaluate, Numbers, read_scale
from server.workbooks.sheet_text import read_sheet_text
from server.workbooks.styles import read_styles
from server.workbooks.workbook_grid import WorkbookGrid

DAMAGED = (ValueError, OverflowError, ZeroDivisionError, TypeError)
"""What numbers that are none raise in attributes of damaged rules."""


@dataclass(frozen=True, eq=False)
class SheetContext:
    """A sheet to evaluate rules on, and the table on it that people look at."""

    package: Package
    grid: WorkbookGrid
    table: Table
    today: dt.date
    theme: tuple[str, ...]

    @property
    def moment(self) -> dt.datetime:
        return dt.datetime(self.today.year, self.today.month, self.today.day)

    @property
    def sheet(self) -> str:
        return self.table.sheet


@dataclass(frozen=True)
class NewRule:
    """How a rule that is being previewed is called and explained."""

    label: str
    explanation: str


def read_layers(
    context: SheetContext, new: Mapping[str, NewRule], area: Area
) -> tuple[list[Layer], list[str]]:
    """The rules that touch an area, the one that wins first, and notes on those left out.

    ``new`` names by its id every rule that is being previewed.
    """
    layers: list[Layer] = []
    notes: list[str] = []
    old = 0
    for name, rule in _rules(context):
        known = new.get(name)
        old += known is None
        label = known.label if known else f"existing rule {old}"
        if not any(part.intersection(area) for part in rule.areas):
            continue
        try:
            layers.append(layer_of(context, rule, label, known))
        except (GrammarError, *DAMAGED) as error:
            if known:
                raise
            reason = str(error).splitlines()[0] if isinstance(error, GrammarError) else "damaged"
            notes.append(f"{label} ({rule.kind} on {rule.sqref[:60]}) is not shown: {reason}")
    return layers, notes


def _rules(context: SheetContext) -> list[tuple[str, ExistingRule]]:
    """Ids and rules, by priority."""
    package = context.package
    text = read_sheet_text(package, package.sheet(context.sheet).part or "")
    styles = read_styles(package)
    placed = placed_rules(text, styles, package.bounds)
    if not placed:
        return []
    head = ascii_bytes(f'<?xml version="1.0" encoding="{text.root.encoding}"?>')
    try:
        existing = read_rules(head + text.document, styles.data, context.theme)
    except (InvalidRuleError, *DAMAGED) as error:
        raise UnreadableWorkbookError(
            f"a rule on {context.sheet!r} is damaged: {error}; remove it and try again"
        ) from error
    return [(place.id, rule) for place, rule in zip(placed, existing, strict=True)]


def layer_of(
    context: SheetContext, rule: ExistingRule, label: str, known: NewRule | None = None
) -> Layer:
    """A rule in force; one that is being previewed is ``known``.

    Raises:
        GrammarError: a formula of it cannot be evaluated; the errors of ``DAMAGED`` too.
    """
    explanation = known.explanation if known else explain_existing(rule, context.table)
    if rule.kind in SCALE_KINDS:
        areas = tuple(clipped(area, context.grid.extent(context.sheet)) for area in rule.areas)
        numbers = _numbers(context, areas)
        scale = read_scale(rule, numbers, _evaluate(context, areas), context.theme)
        is_new = known is not None
        return Layer(
            label, explanation, rule, is_new, areas=areas, scale=scale, numbers=len(numbers)
        )
    places = excel_matches(rule, context.grid, context.moment, context.sheet)
    return Layer(label, explanation, rule, known is not None, places)


def _numbers(context: SheetContext, areas: tuple[Area, ...]) -> Numbers:
    cells = (cell for area in areas for cell in context.grid.values(context.sheet, area).ravel())
    return np.array([cell for cell in cells if type(cell) is float], np.float64)


def _evaluate(context: SheetContext, areas: tuple[Area, ...]) -> Evaluate:
    """Limits of a scale that are formulas, seen from the top left of its range."""
    box = bounding_box(areas)

    def evaluate(text: str) -> float | None:
        place = Context(
            context.grid, context.moment, box.first_row, box.first_column, context.sheet
        )
        try:
            value = result(parse_formula(text), place)
        except GrammarError:
            return None
        return value if type(value) is float else None

    return evaluate
