"""The rules of one sheet, read and evaluated for lint."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from grammar.calc.grid import clipped
from grammar.errors import CellFusionError, GrammarError, ParseError
from grammar.formula_parser import parse_formula
from grammar.formula_tree import Expression
from grammar.ooxml_existing import SCALE_KINDS, ExistingRule
from grammar.ooxml_match import Place, excel_formula, excel_matches
from grammar.ooxml_read import read_rules
from grammar.ranges import Area, bounding_box
from grammar.values import CellValue
from server.checks.lint_findings import Finding
from server.workbooks.hiding import Layer
from server.workbooks.markup import ascii_bytes
from server.workbooks.package import Package, Sheet
from server.workbooks.placed import PlacedRule, placed_rules
from server.workbooks.sheet_text import read_sheet_text
from server.workbooks.styles import read_styles
from server.workbooks.workbook_grid import WorkbookGrid

MOST_CELLS = 300_000
"""Cells of one rule that are evaluated; a rule on more is not."""
_DAMAGED = (ValueError, ArithmeticError, LookupError, TypeError, RecursionError)
"""What a damaged rule raises on the way through readers that trust their input."""


@dataclass(frozen=True, eq=False)
class LintedRule:
    """One rule; ``matches`` is ``None`` where it cannot be evaluated, for the ``reason``."""

    placed: PlacedRule
    rule: ExistingRule
    areas: tuple[Area, ...]
    tree: Expression | None
    matches: frozenset[Place] | None
    reason: str = ""

    @property
    def id(self) -> str:
        return self.placed.id

    @property
    def is_scale(self) -> bool:
        """Whether it draws a scale rather than pick cells."""
        return self.rule.kind in SCALE_KINDS

    @property
    def cell_count(self) -> int:
        """Cells of its areas, without what lies beyond the sheet's used cells where it ends
        nowhere."""
        return sum(area.width * area.height for area in self.areas)

    @cached_property
    def properties(self) -> frozenset[str]:
        """What it sets in a cell."""
        return Layer.of_placed(self.placed, self.placed.priority).properties

    def finding(self, kind: str, message: str, cells: str = "", fix: str | None = None) -> Finding:
        """A finding about the rule; its sheet is filled in later."""
        return Finding(kind, message, "", (self.id,), cells or self.rule.sqref, fix)


@dataclass(frozen=True, eq=False)
class SheetRules:
    """A sheet's rules, the first one first, with the cells that they look at."""

    sheet: str
    rules: tuple[LintedRule, ...]
    grid: WorkbookGrid
    names: frozenset[str]

    @property
    def used(self) -> Area | None:
        """The rectangle around the filled cells."""
        return self.grid.extent(self.sheet)

    def value(self, place: Place) -> CellValue:
        """The value of a cell."""
        return self.grid.value(self.sheet, *place)

    def filled(self, rule: LintedRule) -> Iterator[Place]:
        """The cells of a rule that hold something, each once."""
        seen: set[Place] = set()
        used = self.used
        for area in rule.areas:
            inside = area.intersection(used) if used else None
            for place in inside.cells() if inside else ():
                if place not in seen and self.value(place) not in (None, ""):
                    seen.add(place)
                    yield place


def read_sheet_rules(
    package: Package, sheet: Sheet, grid: WorkbookGrid, today: dt.datetime
) -> SheetRules:
    """The rules of a sheet, evaluated.

    Raises:
        CellFusionError: the sheet or its rules cannot be read.
    """
    text = read_sheet_text(package, sheet.part or "")
    styles = read_styles(package)
    placed = placed_rules(text, styles, package.bounds)
    if not placed:
        return SheetRules(sheet.name, (), grid, frozenset())
    head = ascii_bytes(f'<?xml version="1.0" encoding="{text.root.encoding}"?>')
    existing = read_rules(head + text.document, styles.data)
    pairs = zip(placed, existing, strict=True)
    rules = tuple(_linted(one, rule, grid, today, sheet.name) for one, rule in pairs)
    return SheetRules(sheet.name, rules, grid, _names(package))


def _names(package: Package) -> frozenset[str]:
    nodes = package.workbook.iter("{*}definedName")
    return frozenset(str(node.get("name", "")).lower() for node in nodes)


def _linted(
    placed: PlacedRule, rule: ExistingRule, grid: WorkbookGrid, today: dt.datetime, sheet: str
) -> LintedRule:
    extent = grid.extent(sheet)
    areas = tuple(clipped(area, extent) for area in rule.areas)
    tree = _tree(rule)
    if sum(area.width * area.height for area in areas) > MOST_CELLS:
        return LintedRule(placed, rule, areas, tree, None, "it is drawn on too many cells")
    try:
        matches = excel_matches(rule, grid, today, sheet)
    except (CellFusionError, *_DAMAGED) as error:
        is_known = isinstance(error, CellFusionError)
        reason = _first_line(error) if is_known else "it is damaged"
        return LintedRule(placed, rule, areas, tree, None, reason)
    return LintedRule(placed, rule, areas, tree, matches)


def _first_line(error: Exception) -> str:
    reason = error.reason if isinstance(error, ParseError) else str(error)
    return (reason.splitlines() or ["it is damaged"])[0]


def _tree(rule: ExistingRule) -> Expression | None:
    """What Excel evaluates for the rule; nothing where it is no formula."""
    formula = excel_formula(rule)
    try:
        return parse_formula(formula) if formula is not None else None
    except GrammarError:
        return None


def anchor(rule: LintedRule) -> Place:
    """The cell that the rule's formulas are written for."""
    box = bounding_box(rule.rule.areas)
    return box.first_column, box.first_row
