"""What a rule's formula may not hold: unsafe functions, wrong calls, what Excel refuses in rules.

Sources: MS-OI29500 3.2.3.1.2 (no array constants, structured references, unions, intersections
or 3-D references), MS-XLSB 2.5.56 (no bare range, no LAMBDA).
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from rapidfuzz import process

from grammar.errors import InvalidRuleError, UnsafeFormulaError
from grammar.formula_printer import print_formula
from grammar.formula_tree import (
    ArrayLiteral,
    BinaryOperation,
    BoolLiteral,
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
    children,
    walk,
)
from grammar.functions import Signature, bare_name, find_function, function_table

MAX_TEXT = 255
"""Characters of a text in a formula. Source: Excel specifications and limits."""
MAX_NESTING = 64
"""Levels of functions within functions. Source: Excel specifications and limits."""

_VALUES = (NumberLiteral, TextLiteral, BoolLiteral, ArrayLiteral)
_REFERENCE_OPERATORS = {
    ":": "a range of computed ends",
    " ": "an intersection (white space between references)",
    ",": "a union (a comma between references)",
}
_REFERENCE_FUNCTIONS = frozenset(
    "INDEX OFFSET INDIRECT CHOOSE IF IFS SWITCH LET XLOOKUP TAKE DROP TRIMRANGE IFERROR".split()
)
"""Functions that may give a reference, so that a range may be computed by them."""
_MARKS = {"@": "the sign @ before a range", "#": "the spill sign #"}


def check_formula(tree: Expression, names: Collection[str] | None = None) -> None:
    """Nothing, when a rule may use the formula; ``names`` are the workbook's, where known.

    Raises:
        UnsafeFormulaError: it reaches outside the workbook, or uses a function that a rule may not.
        InvalidRuleError: Excel would refuse it in a conditional format.
    """
    for node in walk(tree):
        _check_safe(node)
    check_calls(tree)
    for node in walk(tree):
        _check_allowed(node)
    _check_root(tree)
    _check_nesting(tree)
    if names is not None:
        _check_names(tree, names)


def check_calls(tree: Expression) -> None:
    """Nothing, when every call of a known function has arguments that fit.

    Raises:
        InvalidRuleError: too few or many arguments, or a value where a range has to stand.
    """
    for node in walk(tree):
        if isinstance(node, FunctionCall) and (signature := find_function(node.name)):
            _check_call(node, signature)


def check_known(tree: Expression) -> None:
    """Nothing, when Excel has every function that is called.

    Raises:
        InvalidRuleError: a function is none of Excel's.
    """
    for node in walk(tree):
        if isinstance(node, FunctionCall) and find_function(node.name) is None:
            raise InvalidRuleError(f"Excel has no function {node.name}{_did_you_mean(node.name)}")


def is_reference(node: Expression) -> bool:
    """Whether an expression may give a reference: not a literal, nor the result of arithmetic."""
    if isinstance(node, Parenthesis):
        return is_reference(node.inner)
    if isinstance(node, BinaryOperation):
        return node.operator in _REFERENCE_OPERATORS
    if isinstance(node, Unary):
        return node.operator in _MARKS
    if isinstance(node, FunctionCall):
        return find_function(node.name) is None or bare_name(node.name) in _REFERENCE_FUNCTIONS
    return not isinstance(node, _VALUES)


def _check_safe(node: Expression) -> None:
    sheet = getattr(node, "sheet", None)
    if sheet is not None and "[" in sheet:
        raise UnsafeFormulaError(
            f"{print_formula(node)} reads another workbook; refer to this workbook's cells only"
        )
    if isinstance(node, FunctionCall):
        _check_function(node)


def _check_function(call: FunctionCall) -> None:
    signature = find_function(call.name)
    if signature is None:
        if "." in call.name and call.name.upper().startswith("_XLUDF."):
            raise UnsafeFormulaError(f"{call.name} is a function of an add-in; a rule may use none")
        raise UnsafeFormulaError(
            f"Excel has no function {call.name}{_did_you_mean(call.name)}; "
            "a rule may use no function of a macro or add-in"
        )
    if signature.refused and signature.category == "lambda":
        raise InvalidRuleError(f"a rule may not use {signature.name}: {signature.refused}")
    if signature.refused:
        raise UnsafeFormulaError(f"a rule may not use {signature.name}: {signature.refused}")
    if bare_name(call.name) == "INDIRECT" and any(_names_workbook(part) for part in walk(call)):
        raise UnsafeFormulaError("INDIRECT may not name another workbook; leave out [ and ]")


def _names_workbook(node: Expression) -> bool:
    return isinstance(node, TextLiteral) and "[" in node.value


def _did_you_mean(name: str) -> str:
    found = process.extractOne(bare_name(name), function_table().keys(), score_cutoff=75)
    return f"; did you mean {found[0]}?" if found else ""


def _check_call(call: FunctionCall, signature: Signature) -> None:
    count = len(call.arguments)
    if not signature.takes(count):
        raise InvalidRuleError(
            f"{signature.name} takes {signature.counts()}; {count} given. Write {signature}"
        )
    for index, argument in enumerate(call.arguments):
        if signature.type_of(index) == "range" and not is_reference(argument):
            raise InvalidRuleError(
                f"argument {index + 1} of {signature.name} has to be a range; "
                f"{print_formula(argument) or 'nothing'} is none. Write {signature}"
            )


def _check_allowed(node: Expression) -> None:
    for kind, check in _BANS.items():
        if isinstance(node, kind):
            check(node)
    sheet = getattr(node, "sheet", None)
    if sheet is not None and ":" in sheet:
        raise _banned("a 3-D reference", node, "refer to one sheet")


def _banned(what: str, node: Expression, advice: str) -> InvalidRuleError:
    return InvalidRuleError(
        f"a conditional format takes no {what.removeprefix('a ').removeprefix('an ')}"
        f" as {print_formula(node)}; {advice}"
    )


def _check_operator(node: Expression) -> None:
    if isinstance(node, BinaryOperation) and node.operator in (" ", ","):
        raise _banned(_REFERENCE_OPERATORS[node.operator], node, "name each range by itself")


def _check_mark(node: Expression) -> None:
    if isinstance(node, Unary) and node.operator in _MARKS:
        raise _banned(_MARKS[node.operator], node, "write the range, as $A$1:$A$9")


def _check_array(node: Expression) -> None:
    raise _banned("an array constant", node, "write the values into cells, or use OR")


def _check_structured(node: Expression) -> None:
    raise _banned("a table reference", node, "write the range, as $A$2:$A$9")


def _check_text(node: Expression) -> None:
    if isinstance(node, TextLiteral) and len(node.value) > MAX_TEXT:
        raise InvalidRuleError(
            f"a text in a formula has at most {MAX_TEXT} characters; one has {len(node.value)}"
        )


_BANS: dict[type[Expression], Callable[[Expression], None]] = {
    BinaryOperation: _check_operator,
    Unary: _check_mark,
    ArrayLiteral: _check_array,
    StructuredRef: _check_structured,
    TextLiteral: _check_text,
}


def _check_root(tree: Expression) -> None:
    root = tree
    while isinstance(root, Parenthesis):
        root = root.inner
    if isinstance(root, RangeRef | Missing) or _is_computed_range(root):
        raise InvalidRuleError(
            f"{print_formula(tree)} is a whole range; a rule needs one value, as COUNTA(A1:B9)>0"
        )


def _is_computed_range(node: Expression) -> bool:
    return isinstance(node, BinaryOperation) and node.operator == ":"


def _check_nesting(tree: Expression) -> None:
    level, depth = [tree], 0
    while level:
        calls = [inner for node in level for inner in _outermost_calls(node)]
        level = [child for call in calls for child in children(call)]
        depth += bool(calls)
    if depth > MAX_NESTING:
        raise InvalidRuleError(
            f"Excel nests functions {MAX_NESTING} levels deep; the formula has {depth}"
        )


def _outermost_calls(node: Expression) -> list[Expression]:
    if isinstance(node, FunctionCall):
        return [node]
    return [inner for child in children(node) for inner in _outermost_calls(child)]


def _check_names(tree: Expression, names: Collection[str]) -> None:
    known = {name.upper() for name in names} | _let_names(tree)
    for node in walk(tree):
        if isinstance(node, NameRef) and node.name.upper() not in known:
            raise InvalidRuleError(
                f'the workbook has no name {node.name}; put text in quotes, as "{node.name}"'
            )


def _let_names(tree: Expression) -> set[str]:
    return {
        argument.name.upper()
        for node in walk(tree)
        if isinstance(node, FunctionCall) and bare_name(node.name) == "LET"
        for argument in node.arguments[:-1:2]
        if isinstance(argument, NameRef)
    }
