"""What makes a formula that parses unlikely to be the one that was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeGuard

from grammar.formula_tree import (
    ArrayLiteral,
    BinaryOperation,
    BoolLiteral,
    CellRef,
    Expression,
    FunctionCall,
    Missing,
    NameRef,
    NumberLiteral,
    Parenthesis,
    RangeRef,
    StructuredRef,
    TextLiteral,
    Unary,
    walk,
)
from grammar.functions import Signature, find_function
from grammar.repair_foreign import is_foreign
from grammar.repair_rules import nearest_function

_COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
_ARITHMETIC = ("+", "-", "*", "/", "^")
_REFERENCE_FUNCTIONS = ("INDEX", "OFFSET", "INDIRECT", "CHOOSE", "IF", "XLOOKUP")
_WHOLE = ("MATCH", "VLOOKUP", "HLOOKUP")
"""Functions whose last argument may be left out but seldom is."""
_NUMERIC = ("statistics", "mathematics", "date and time")
_TWO_CELLS = re.compile(r"[A-Z]{1,3}\d+\.+[A-Z]{1,3}\d+", re.IGNORECASE)
_SHEET_CELL = re.compile(r"[A-Z]\w*\.\$?[A-Z]{1,3}\$?\d{1,7}", re.IGNORECASE)
"""``Sheet2.A1``, as LibreOffice writes it."""
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_PLACES = ("ROW", "COLUMN")
_NEVER_MEANT = (
    "odd_name",
    "misspelt_function",
    "bare_date",
    "ordered_chain",
    "text_condition",
    *("bare_format", "swallowed_comparison", "cell_intersection", "criterion_in_text"),
)
_CRITERION = re.compile(r"\s*[<>=]")
CRITERION_CELL = re.compile(r"(<=|>=|<>|[<>=])\s*&\s*(\$?[A-Z]{1,3}\$?\d{1,7})", re.IGNORECASE)
"""A criterion that has swallowed the cell after it: ``"<=&D2"``."""
_NO_TRUTH = (
    *("COUNTIF", "MOD", "LEN", "ROUND", "LEFT", "RIGHT", "MID", "FIND", "SEARCH", "WEEKDAY"),
    *("YEAR", "MONTH", "DAY", "ABS", "TRIM", "UPPER", "LOWER", "RANK"),
)
"""Functions whose last argument is no question."""
_FORMAT_PART = re.compile(r"([dmyhs])\1{0,4}")
_CONDITIONS = ("AND", "OR", "NOT", "XOR")


def doubts(tree: Expression) -> Iterator[str]:
    """The names of what is odd, each as often as it occurs."""
    if isinstance(tree, Parenthesis):
        yield "needless_parentheses"
    for node in walk(tree):
        if isinstance(node, FunctionCall):
            yield from _call_doubts(node)
        elif isinstance(node, BinaryOperation):
            yield from _operation_doubts(node)
        elif isinstance(node, TextLiteral) and CRITERION_CELL.fullmatch(node.value):
            yield "criterion_in_text"
        elif isinstance(node, TextLiteral) and _is_code(node.value):
            yield "code_in_text"
        elif isinstance(node, Parenthesis) and not _has_operator(node.inner):
            yield "needless_parentheses"
        elif _is_odd_name(node):
            yield "odd_name"
        elif isinstance(node, NameRef) and find_function(node.name):
            yield "name_like_function"


def _is_odd_name(node: Expression) -> bool:
    """Whether a name is one only because something else was written wrongly."""
    if isinstance(node, StructuredRef):
        return find_function(node.table) is not None
    if isinstance(node, BinaryOperation) and node.operator in (" ", ":"):
        return isinstance(node.left, NameRef) or isinstance(node.right, NameRef)
    if not isinstance(node, NameRef):
        return False
    signature = find_function(node.name)
    return bool(_TWO_CELLS.fullmatch(node.name) or _SHEET_CELL.fullmatch(node.name)) or (
        signature is not None and (signature.greatest == 0 or signature.name in _PLACES)
    )


def is_plausible(tree: Expression) -> bool:
    """Whether nothing in a formula that parses is most likely a slip."""
    return not any(doubt in _NEVER_MEANT for doubt in doubts(tree))


def _call_doubts(call: FunctionCall) -> Iterator[str]:
    signature = find_function(call.name)
    if signature is None:
        known = nearest_function(call.name) or is_foreign(call.name, len(call.arguments))
        yield "misspelt_function" if known else "unknown_function"
        return
    if swallows_comparison(call):
        yield "swallowed_comparison"
    if signature.name == "IF" and len(call.arguments) == 2:
        yield "no_alternative"
    if signature.name in _WHOLE and len(call.arguments) < signature.greatest:
        yield "omitted_argument"
    for index, argument in enumerate(call.arguments):
        yield from _argument_doubts(signature, index, argument)
    if signature.name in ("AND", "OR") and _states_values(call):
        yield "text_condition"


def swallows_comparison(call: FunctionCall) -> bool:
    """Whether a comparison with the result has slipped into a call: ``LEN(A2>5)``."""
    if call.name.upper() not in _NO_TRUTH or not call.arguments:
        return False
    last = call.arguments[-1]
    return is_comparison(last) and isinstance(
        last.right, NumberLiteral | TextLiteral | FunctionCall
    )


def _states_values(call: FunctionCall) -> bool:
    """Whether a comparison is followed by mere values: ``OR(A2="a","b")``."""
    places = [index for index, one in enumerate(call.arguments) if is_comparison(one)]
    return bool(places) and any(
        isinstance(one, TextLiteral | NumberLiteral) for one in call.arguments[places[0] :]
    )


def _argument_doubts(signature: Signature, index: int, argument: Expression) -> Iterator[str]:
    kind = signature.type_of(index)
    if isinstance(argument, Missing):
        yield "missing_argument"
    elif isinstance(argument, Parenthesis):
        yield "needless_parentheses"
    if wants_number(signature, index) and is_comparison(argument):
        yield "compared_number"
    if kind == "logical" and signature.name in _CONDITIONS and _is_constant(argument):
        yield "constant_logical"
    if signature.name == "IF" and index == 0 and _is_constant(argument):
        yield "constant_condition"
    if kind != "criterion" and _CRITERION.match(_first_text(argument)):
        yield "criterion_outside"
    if (signature.name, index) == ("TEXT", 1) and _is_bare_format(argument):
        yield "bare_format"
    if kind == "text" and isinstance(argument, RangeRef) and argument.whole == "rows":
        yield "constant_condition"


def _is_bare_format(argument: Expression) -> bool:
    """Whether a number format lacks its quotes: ``dd/mm/yyyy``."""
    if isinstance(argument, NumberLiteral):
        return argument.spelling.startswith("0.0")
    names = [part.name.lower() for part in walk(argument) if isinstance(part, NameRef)]
    return bool(names) and all(_FORMAT_PART.fullmatch(name) for name in names)


def wants_number(signature: Signature, index: int) -> bool:
    """Whether a comparison is an unlikely argument at a 0-based position."""
    kind = signature.type_of(index)
    return kind in ("number", "criterion") or (kind == "any" and signature.category in _NUMERIC)


def _first_text(node: Expression) -> str:
    """The text that a value begins with, where it is known."""
    while isinstance(node, BinaryOperation) and node.operator == "&":
        node = node.left
    return node.value if isinstance(node, TextLiteral) else ""


def _operation_doubts(node: BinaryOperation) -> Iterator[str]:
    sides = (node.left, node.right)
    if node.operator == " " and any(isinstance(side, CellRef) for side in sides):
        yield "cell_intersection"
    if _is_odd_name(node):
        yield "odd_name"
    if _is_date(node):
        yield "bare_date"
    elif node.operator in _COMPARISONS and is_comparison(node.left):
        yield "ordered_chain" if _is_ordered(node) else "chained_comparison"
    elif node.operator in _ARITHMETIC and any(isinstance(side, TextLiteral) for side in sides):
        yield "arithmetic_text"
    elif node.operator == ":" and not all(_is_corner(side) for side in sides):
        yield "mixed_range"


def _is_ordered(node: BinaryOperation) -> bool:
    """Whether a chain is like ``1<A2<5``, of which Excel compares TRUE or FALSE with 5."""
    left = node.left
    signs = ("<", ">", "<=", ">=")
    return isinstance(left, BinaryOperation) and node.operator in signs and left.operator in signs


def _is_date(node: BinaryOperation) -> bool:
    """Whether a difference is a date such as ``2026-08-01``."""
    left = node.left
    if node.operator != "-" or not isinstance(left, BinaryOperation) or left.operator != "-":
        return False
    parts = (left.left, left.right, node.right)
    spelled = [part.spelling for part in parts if isinstance(part, NumberLiteral)]
    return len(spelled) == 3 and _DATE.fullmatch("-".join(spelled)) is not None


def _is_corner(node: Expression) -> bool:
    """Whether a range may well end in it."""
    if isinstance(node, FunctionCall):
        return node.name.upper() in _REFERENCE_FUNCTIONS
    return isinstance(node, CellRef)


def _has_operator(node: Expression) -> bool:
    return isinstance(node, BinaryOperation | Unary)


def is_comparison(node: Expression | None) -> TypeGuard[BinaryOperation]:
    """Whether the value is that of a comparison."""
    return isinstance(node, BinaryOperation) and node.operator in _COMPARISONS


def _is_constant(node: Expression) -> bool:
    if isinstance(node, BinaryOperation):
        return node.operator in (*_ARITHMETIC, "&")
    return isinstance(
        node, NumberLiteral | TextLiteral | BoolLiteral | ArrayLiteral | Missing
    ) and (not isinstance(node, BoolLiteral))


def _is_code(text: str) -> bool:
    """Whether a text looks as if a quote had swallowed a piece of the formula."""
    return text.count("(") != text.count(")") or "," in text.strip(", ") or '"' in text
