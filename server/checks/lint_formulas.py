"""Findings about the text of a rule's formulas."""

from __future__ import annotations

from collections.abc import Iterator

from grammar.errors import GrammarError, ParseError, UnsafeFormulaError
from grammar.formula_check import check_formula
from grammar.formula_parser import parse_formula
from grammar.formula_tree import (
    ErrorLiteral,
    Expression,
    FunctionCall,
    NameRef,
    RangeRef,
    walk,
)
from grammar.functions import bare_name
from grammar.values import ExcelError
from server.checks.lint_findings import Finding
from server.checks.lint_rules import LintedRule, SheetRules

_REF = "#REF!"
_VOLATILE = frozenset(("NOW", "RAND", "RANDBETWEEN", "RANDARRAY", "OFFSET", "INDIRECT", "CELL"))
"""Functions that make Excel calculate the rule again at every change; TODAY is as volatile, but
there is no other way to say it and it costs nothing."""
_CATCHING = frozenset(
    "IFERROR IFNA ISERROR ISERR ISNA ISREF ERROR.TYPE IF IFS SWITCH CHOOSE AGGREGATE COUNT COUNTA "
    "TYPE ISNUMBER ISTEXT ISNONTEXT ISLOGICAL ISBLANK ISFORMULA".split()
)
"""Functions that may give a value although one of their arguments is an error."""
_SLOW_READS = 5_000_000
"""Cells read for one evaluation of a whole rule, from which on it is called slow."""


def formula_findings(sheet: SheetRules, rule: LintedRule) -> Iterator[Finding]:
    """What is wrong with the formulas of a rule, however its cells are filled."""
    if _is_deleted(rule):
        yield _deleted(rule)
        return
    for text in rule.rule.formulas:
        yield from _text_findings(sheet, rule, text)
    if rule.tree is not None:
        yield from _volatile(rule, rule.tree)
        yield from _slow(sheet, rule, rule.tree)


def is_dead(rule: LintedRule) -> bool:
    """Whether an error in the rule's formula keeps it from ever holding."""
    if rule.tree is None or rule.is_scale or rule.matches is None or rule.matches:
        return False
    calls = (node for node in walk(rule.tree) if isinstance(node, FunctionCall))
    return not any(bare_name(call.name) in _CATCHING for call in calls)


def _is_deleted(rule: LintedRule) -> bool:
    if rule.is_scale:
        return _REF in rule.rule.xml or _REF in rule.rule.extension_xml
    return any(map(_names_deleted, rule.rule.formulas))


def _names_deleted(text: str) -> bool:
    """Whether a formula refers to deleted cells, a mere text apart."""
    if _REF not in text.upper():
        return False
    try:
        return any(map(_is_ref, walk(parse_formula(text))))
    except GrammarError:
        return True


def _is_ref(node: Expression) -> bool:
    if isinstance(node, ErrorLiteral):
        return node.value is ExcelError.REF
    return getattr(node, "sheet", None) == _REF


def _deleted(rule: LintedRule) -> Finding:
    fix = "remove the rule" if is_dead(rule) and not rule.placed.is_pivot else None
    tail = ", so that it never holds" if is_dead(rule) else ""
    text = next((text for text in rule.rule.formulas if _REF in text.upper()), _REF)
    return rule.finding(
        "deleted-reference", f"{_shown(text)} refers to cells that were deleted{tail}.", fix=fix
    )


def _text_findings(sheet: SheetRules, rule: LintedRule, text: str) -> Iterator[Finding]:
    try:
        tree = parse_formula(text)
    except ParseError as error:
        reason = error.reason.rstrip(".")
        yield rule.finding("invalid-formula", f"{_shown(text)} cannot be parsed: {reason}.")
        return
    except UnsafeFormulaError as error:
        yield rule.finding("unsafe-function", f"{_first_line(error)}.")
        return
    try:
        check_formula(tree)
    except UnsafeFormulaError as error:
        yield rule.finding("unsafe-function", f"{_first_line(error)}.")
        return
    except GrammarError as error:
        yield rule.finding("refused-formula", f"{_first_line(error)}.")
        return
    yield from _unknown_names(sheet, rule, tree)


def _unknown_names(sheet: SheetRules, rule: LintedRule, tree: Expression) -> Iterator[Finding]:
    """Names that the workbook does not define, most often text without its quotes."""
    calls = {bare_name(node.name) for node in walk(tree) if isinstance(node, FunctionCall)}
    if calls & {"LET", "LAMBDA"}:
        return
    found = (node.name for node in walk(tree) if isinstance(node, NameRef))
    for name in dict.fromkeys(found):
        if name.lower() not in sheet.names:
            yield rule.finding(
                "unknown-name",
                f'The workbook has no name {name}; if a text is meant, write "{name}".',
            )


def _volatile(rule: LintedRule, tree: Expression) -> Iterator[Finding]:
    calls = (bare_name(node.name) for node in walk(tree) if isinstance(node, FunctionCall))
    names = [name for name in dict.fromkeys(calls) if name in _VOLATILE]
    if names:
        yield rule.finding(
            "volatile",
            f"{' and '.join(names)} makes Excel calculate the rule again at every change of any "
            "cell.",
        )


def _slow(sheet: SheetRules, rule: LintedRule, tree: Expression) -> Iterator[Finding]:
    used = sheet.used
    rows = used.last_row if used else 1
    reads = sum(_read_by(node, rows) for node in walk(tree) if isinstance(node, RangeRef))
    total = reads * rule.cell_count
    if total >= _SLOW_READS:
        yield rule.finding(
            "slow",
            f"It reads {reads:,} cells for each of its {rule.cell_count:,} cells, "
            f"{total:,} in all, whenever one of them changes.",
        )


def _read_by(node: RangeRef, rows: int) -> int:
    height = min(node.end.row, max(rows, node.start.row)) - node.start.row + 1
    width = 1 if node.whole == "rows" else node.end.column - node.start.column + 1
    return max(height, 1) * max(width, 1)


def _first_line(error: GrammarError) -> str:
    text = (str(error).splitlines() or [""])[0].rstrip(".")
    return text[:1].upper() + text[1:]


def _shown(text: str) -> str:
    return f"={text}" if len(text) <= 80 else f"={text[:77]}…"
