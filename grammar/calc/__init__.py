"""Evaluation of Excel formulas: ``evaluate_formula``, ``matching_cells`` and what they need."""

from grammar.calc.context import Context
from grammar.calc.evaluator import is_match
from grammar.calc.grid import CellGrid, Grid, Reference, TableGrid, clipped
from grammar.calc.library import function_names
from grammar.calc.locales import EN_US, LOCALES, Locale, find_locale
from grammar.calc.matching import evaluate_formula, matching_cells
from grammar.calc.protocol import answer

__all__ = [
    "EN_US",
    "LOCALES",
    "CellGrid",
    "Context",
    "Grid",
    "Locale",
    "Reference",
    "TableGrid",
    "answer",
    "clipped",
    "evaluate_formula",
    "find_locale",
    "function_names",
    "is_match",
    "matching_cells",
]
