"""Findings about what a rule selects among the values that its cells hold now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from grammar.calc.coercion import read_number
from grammar.formula_tree import (
    CellRef,
    Expression,
    FunctionCall,
    NameRef,
    RangeRef,
    StructuredRef,
    walk,
)
from grammar.functions import bare_name
from grammar.ooxml_match import Place
from grammar.ranges import address
from server.checks.lint_comparisons import (
    LiteralTest,
    contradictory,
    required_tests,
    seen_from,
    tests_in,
)
from server.checks.lint_findings import Finding, counted
from server.checks.lint_rules import LintedRule, SheetRules, anchor

_SHOWN = 20
"""Addresses that a finding names."""
_FEWEST = 5
"""Filled cells from which on it says something that all of them are selected."""
_GUARDS = frozenset(("containsErrors", "containsBlanks", "duplicateValues", "timePeriod"))
"""Kinds that are drawn for what should not be, or is not yet."""
_OPEN = frozenset(("notContainsErrors", "notContainsBlanks", "uniqueValues"))
"""Kinds that select most cells of an ordinary range."""
_CHANGING = frozenset(
    "TODAY NOW RAND RANDBETWEEN RANDARRAY ROW COLUMN ROWS COLUMNS CELL INFO INDIRECT OFFSET SHEET "
    "SHEETS ADDRESS".split()
)
"""Functions that may differ from cell to cell or from day to day without any argument."""


def value_findings(sheet: SheetRules, rule: LintedRule) -> Iterator[Finding]:
    """What a rule selects that it should not, or does not select that it should."""
    if rule.matches is None:
        return
    if rule.tree is not None:
        yield from _quoted_numbers(sheet, rule, rule.tree)
        yield from _mistaken(sheet, rule, rule.tree)
    yield from _extent(sheet, rule, rule.matches)


def _extent(sheet: SheetRules, rule: LintedRule, matches: frozenset[Place]) -> Iterator[Finding]:
    """Rules that select nothing or everything, by their text or by the present values."""
    proven = _proven(rule, rule.tree) if rule.tree is not None else None
    if proven is not None:
        yield proven
        return
    filled = list(sheet.filled(rule))
    if not matches and filled and not _is_guard(rule):
        what = "no number" if rule.is_scale else "none"
        cells = counted(len(filled), "filled cell")
        yield rule.finding("no-match", f"It selects {what} of its {cells} as they are now.")
    is_wide = len(filled) >= _FEWEST and not rule.is_scale and rule.rule.kind not in _OPEN
    if is_wide and matches.issuperset(filled):
        yield rule.finding(
            "matches-all",
            f"It selects all of its {len(filled):,} filled cells as they are now.",
        )


def _is_guard(rule: LintedRule) -> bool:
    if rule.rule.kind in _GUARDS:
        return True
    return rule.tree is not None and bool(_calls(rule.tree) & {"TODAY", "NOW", "ISERROR", "ISNA"})


def _proven(rule: LintedRule, tree: Expression) -> Finding | None:
    """Whether the formula's text alone says that it never, or always, holds."""
    cell = contradictory(required_tests(tree))
    if cell is not None:
        name = address(cell.column, cell.row)
        return rule.finding("never-matches", f"No value of {name} passes all of its tests at once.")
    if not _is_constant(tree):
        return None
    if rule.matches:
        return rule.finding("always-matches", "Its formula holds whatever the cells are.")
    return rule.finding("never-matches", "Its formula never holds, whatever the cells are.")


def _is_constant(tree: Expression) -> bool:
    kinds = (CellRef, RangeRef, NameRef, StructuredRef)
    return not any(isinstance(node, kinds) for node in walk(tree)) and not _calls(tree) & _CHANGING


def _calls(tree: Expression) -> set[str]:
    return {bare_name(node.name) for node in walk(tree) if isinstance(node, FunctionCall)}


def _quoted_numbers(sheet: SheetRules, rule: LintedRule, tree: Expression) -> Iterator[Finding]:
    """Numbers in quotes compared with cells that hold numbers and no such text."""
    for test in dict.fromkeys(tests_in(tree)):
        if not isinstance(test.value, str) or read_number(test.value) is None:
            continue
        values = [sheet.value(place) for place in _looked_at(sheet, rule, test)]
        texts = (value for value in values if isinstance(value, str))
        numbers = sum(type(value) is float for value in values)
        if numbers and not any(read_number(text) is not None for text in texts):
            yield rule.finding(
                "quoted-number",
                f'It compares {counted(numbers, "number")} with the text "{test.value}", '
                "and a number never equals a text; leave the quotes out.",
            )


def _looked_at(sheet: SheetRules, rule: LintedRule, test: LiteralTest) -> set[Place]:
    if not _is_here(sheet, test):
        return set()
    start = anchor(rule)
    cells = (place for area in rule.areas for place in area.cells())
    return {seen_from(test.reference, start, place) for place in cells}


def _is_here(sheet: SheetRules, test: LiteralTest) -> bool:
    name = test.reference.sheet
    return name is None or name.lower() == sheet.sheet.lower()


def _mistaken(sheet: SheetRules, rule: LintedRule, tree: Expression) -> Iterator[Finding]:
    """Text that counts as more than any number, and blanks that count as 0."""
    for test in dict.fromkeys(required_tests(tree)):
        if isinstance(test.value, str) or not _is_here(sheet, test):
            continue
        pairs = [
            (place, sheet.value(seen_from(test.reference, anchor(rule), place)))
            for place in sorted(rule.matches or ())
        ]
        texts = [place for place, value in pairs if isinstance(value, str)]
        if texts and test.operator in (">", ">="):
            yield rule.finding(
                "text-as-number",
                f"It selects {_cells(texts)} because of text, which Excel takes for more than any "
                f"number; test with ISNUMBER too.",
                _addresses(texts),
            )
        blanks = [place for place, value in pairs if value is None and _is_within(sheet, place)]
        if blanks and test.operator != "<>":
            yield rule.finding(
                "blank-as-number",
                f"It selects {_cells(blanks)} because of a blank, which Excel takes for 0; test "
                "that the cell is filled too.",
                _addresses(blanks),
            )


def _is_within(sheet: SheetRules, place: Place) -> bool:
    used = sheet.used
    return used is not None and used.first_row <= place[1] <= used.last_row


def _cells(places: list[Place]) -> str:
    return counted(len(places), "cell")


def _addresses(places: Iterable[Place]) -> str:
    return " ".join(address(*place) for place in list(places)[:_SHOWN])
