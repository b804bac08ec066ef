"""Answers about rule text alone, the same on the command line and over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from grammar.errors import CellFusionError, GrammarError, ParseError

if TYPE_CHECKING:
    from grammar.table import Table


def canonical(text: str, is_formula: bool) -> str:
    """The canonical form of a condition or a formula.

    Raises:
        GrammarError: it is none, or it may not stand in a rule.
    """
    if is_formula:
        from grammar.formula_check import check_formula
        from grammar.formula_parser import parse_formula
        from grammar.formula_printer import print_formula

        tree = parse_formula(text)
        check_formula(tree)
        return "=" + print_formula(tree)
    from grammar.parser import parse_condition
    from grammar.printer import print_condition

    return print_condition(parse_condition(text))


def validity(text: str, is_formula: bool) -> dict[str, object]:
    """Whether a text is right: its canonical form, or the error with its place."""
    try:
        return {"valid": True, "canonical": canonical(text, is_formula), "error": None}
    except GrammarError as error:
        return {"valid": False, "canonical": None, "error": fault(error)}


def fault(error: CellFusionError) -> dict[str, object]:
    """An error as JSON, with its place where it has one."""
    found: dict[str, object] = {"code": error.code, "message": str(error)}
    if isinstance(error, ParseError):
        found |= {"message": error.reason, "line": error.line, "column": error.column}
        found["expected"] = list(error.expected)
    return found


def repairs(
    text: str, is_formula: bool, top: int, allowed: Callable[[str], bool] = lambda text: True
) -> dict[str, object]:
    """The nearest texts that are right, of those that are allowed, cheapest change first."""
    from grammar.repair import repair_condition, repair_formula

    found = (repair_formula if is_formula else repair_condition)(text, top=top)
    entries = [
        {"text": each.text, "cost": each.cost, "reason": each.reason}
        for each in found
        if allowed(each.text)
    ]
    return {"input": text, "repairs": entries}


def explanation(text: str, is_formula: bool, table: Table | None = None) -> str:
    """What a condition or a formula selects, in plain English.

    Raises:
        GrammarError: the text is neither.
    """
    from grammar.explain import explain, explain_formula
    from grammar.formula_parser import parse_formula
    from grammar.parser import parse_condition

    if is_formula or text.lstrip().startswith("="):
        return explain_formula(parse_formula(text), table)
    return explain(parse_condition(text), table)
