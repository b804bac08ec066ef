"""Mends of calls whose arguments do not fit: swapped, dropped, repeated, another function."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import combinations

from grammar.errors import InvalidRuleError
from grammar.formula_check import check_calls, is_reference
from grammar.formula_parser import parse_formula
from grammar.formula_tree import (
    BinaryOperation,
    BoolLiteral,
    Expression,
    FunctionCall,
    Missing,
    NumberLiteral,
    TextLiteral,
    walk,
)
from grammar.functions import find_function
from grammar.repair_doubts import CRITERION_CELL, is_comparison, swallows_comparison

Mend = tuple[str, Expression]

_PLURALS = {"SUMIF": "SUMIFS", "COUNTIF": "COUNTIFS", "AVERAGEIF": "AVERAGEIFS"}
_WRAPPED = {"IFERROR": "ISERROR", "IFNA": "ISNA"}
_EXTREMES = {"LARGE": "MAX", "SMALL": "MIN"}
_DEFAULTS: dict[tuple[str, int], tuple[int, Expression]] = {
    ("TEXTJOIN", 2): (1, BoolLiteral(True)),
    ("ROUND", 1): (1, NumberLiteral(0.0, "0")),
    ("ROUNDUP", 1): (1, NumberLiteral(0.0, "0")),
    ("ROUNDDOWN", 1): (1, NumberLiteral(0.0, "0")),
    ("DATEDIF", 2): (2, TextLiteral("d")),
    ("LARGE", 1): (1, NumberLiteral(1.0, "1")),
    ("SMALL", 1): (1, NumberLiteral(1.0, "1")),
    ("IFERROR", 1): (1, TextLiteral("")),
    ("IFNA", 1): (1, TextLiteral("")),
}
"""What is put in, and where, when a function has so few arguments."""


def mend_calls(tree: Expression) -> Iterator[tuple[tuple[str, ...], Expression]]:
    """Trees whose first misfit is mended, with the names of the edits; at most two in all."""
    for name, mended in _mend_first(tree):
        if _fits(mended):
            yield (name,), mended
        else:
            yield from (
                ((name, second), twice) for second, twice in _mend_first(mended) if _fits(twice)
            )


def _fits(tree: Expression) -> bool:
    try:
        check_calls(tree)
    except InvalidRuleError:
        return False
    return True


def _mend_first(tree: Expression) -> Iterator[Mend]:
    for node in walk(tree):
        if isinstance(node, FunctionCall) and not _fits_alone(node):
            for name, mended in _mends(node):
                if _fits_alone(mended):
                    yield name, _exchanged(tree, node, mended)
            return


def _fits_alone(node: Expression) -> bool:
    """Whether the arguments of the call itself fit, whatever is inside them."""
    if not isinstance(node, FunctionCall) or (signature := find_function(node.name)) is None:
        return True
    return signature.takes(len(node.arguments)) and all(
        signature.type_of(index) != "range" or is_reference(argument)
        for index, argument in enumerate(node.arguments)
    )


def _mends(call: FunctionCall) -> Iterator[Mend]:
    yield from _swapped(call)
    yield from _completed(call)
    yield from _renamed(call)
    yield from _shortened(call)


def _swapped(call: FunctionCall) -> Iterator[Mend]:
    for left, right in combinations(range(min(len(call.arguments), 8)), 2):
        arguments = list(call.arguments)
        arguments[left], arguments[right] = arguments[right], arguments[left]
        yield "swap_arguments", replace(call, arguments=tuple(arguments))


def _completed(call: FunctionCall) -> Iterator[Mend]:
    name, arguments = call.name.upper(), call.arguments
    if found := _DEFAULTS.get((name, len(arguments))):
        index, value = found
        yield (
            "insert_argument",
            replace(call, arguments=(*arguments[:index], value, *arguments[index:])),
        )
    if name.endswith("IFS") and len(arguments) > 1 and not is_reference(arguments[1]):
        yield "repeat_argument", replace(call, arguments=(arguments[0], *arguments))


def _renamed(call: FunctionCall) -> Iterator[Mend]:
    name, arguments = call.name.upper(), call.arguments
    if name in _WRAPPED and len(arguments) == 3:
        test = FunctionCall(_WRAPPED[name], arguments[:1])
        yield "other_function", FunctionCall("IF", (test, *arguments[1:]))
    if name in _EXTREMES:
        yield "other_function", replace(call, name=_EXTREMES[name])
    if name in _PLURALS:
        yield "other_function", replace(call, name=_PLURALS[name])
    if name in _PLURALS.values():
        yield "other_function", replace(call, name=call.name[:-1])


def _shortened(call: FunctionCall) -> Iterator[Mend]:
    name, arguments = call.name.upper(), call.arguments
    if name == "IF" and len(arguments) > 3 and is_comparison(arguments[2]):
        tail = FunctionCall(call.name, arguments[2:])
        yield "nest_tail", replace(call, arguments=(*arguments[:2], tail))
    for index, argument in enumerate(arguments):
        if isinstance(argument, Missing):
            yield "missing_argument", replace(call, arguments=_without(arguments, index))
    if signature := find_function(call.name):
        yield "drop_argument", replace(call, arguments=arguments[: signature.greatest])
    for index in range(min(len(arguments), 8)):
        yield "drop_argument", replace(call, arguments=_without(arguments, index))


def compared_again(tree: Expression) -> Expression:
    """The tree with ``OR(A2="a","b")`` as ``OR(A2="a",A2="b")``."""
    for node in walk(tree):
        if not isinstance(node, FunctionCall) or node.name.upper() not in ("AND", "OR"):
            continue
        arguments: list[Expression] = []
        for argument in node.arguments:
            before = arguments[-1] if arguments else None
            if isinstance(argument, TextLiteral | NumberLiteral) and is_comparison(before):
                argument = replace(before, right=argument)
            arguments.append(argument)
        if tuple(arguments) != node.arguments:
            changed = replace(node, arguments=tuple(arguments))
            return compared_again(_exchanged(tree, node, changed))
    return tree


def compared_outside(tree: Expression) -> Expression:
    """The tree with ``LEN(A2>5)`` as ``LEN(A2)>5``."""
    for node in walk(tree):
        if isinstance(node, FunctionCall) and swallows_comparison(node):
            last = node.arguments[-1]
            if is_comparison(last):
                call = replace(node, arguments=(*node.arguments[:-1], last.left))
                return compared_outside(_exchanged(tree, node, replace(last, left=call)))
    return tree


def criterion_joined(tree: Expression) -> Expression:
    """The tree with the criterion ``"<=&D2"`` as ``"<="&D2``."""
    for node in walk(tree):
        if isinstance(node, TextLiteral) and (parts := CRITERION_CELL.fullmatch(node.value)):
            cell = parse_formula(parts[2])
            return criterion_joined(
                _exchanged(tree, node, BinaryOperation("&", TextLiteral(parts[1]), cell))
            )
    return tree


def _without(arguments: tuple[Expression, ...], index: int) -> tuple[Expression, ...]:
    return arguments[:index] + arguments[index + 1 :]


def _exchanged(tree: Expression, old: Expression, new: Expression) -> Expression:
    """The tree with one node, found by identity, replaced."""
    if tree is old:
        return new
    changed = {}
    for field in fields(tree):
        value = getattr(tree, field.name)
        after = _exchanged_value(value, old, new)
        if after is not value:
            changed[field.name] = after
    return replace(tree, **changed) if changed else tree


def _exchanged_value(value: object, old: Expression, new: Expression) -> object:
    if isinstance(value, Expression):
        return _exchanged(value, old, new)
    if isinstance(value, tuple):
        parts = tuple(_exchanged_value(part, old, new) for part in value)
        return parts if any(a is not b for a, b in zip(parts, value, strict=True)) else value
    return value
