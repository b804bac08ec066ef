"""The value of a formula tree in a context. Every formula is an array formula."""

from __future__ import annotations

import re
from collections.abc import Callable

from grammar.calc.blocks import Block
from grammar.calc.context import Context, Lambda, Value
from grammar.calc.faults import CellError
from grammar.calc.grid import Reference
from grammar.calc.operators import binary, unary
from grammar.calc.registry import FUNCTIONS, invoke
from grammar.errors import UnsupportedError
from grammar.formula_tree import (
    ArrayLiteral,
    BinaryOperation,
    BoolLiteral,
    CellRef,
    ErrorLiteral,
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
)
from grammar.ranges import Area, bounding_box
from grammar.values import CellValue, ExcelError

MAX_DEPTH = 64
"""Names and function values may call each other no deeper than this."""
_PREFIX = re.compile(r"^(?:_xlfn\.|_xlws\.|_xludf\.)+", re.IGNORECASE)


def evaluate(node: Expression, context: Context) -> Value:
    """The value of a tree: a cell value, an array, a reference or a function.

    Raises:
        UnsupportedError: the tree uses what is not implemented.
    """
    handler = _HANDLERS.get(type(node))
    if handler is None:
        raise UnsupportedError(f"a formula with {type(node).__name__} cannot be evaluated")
    try:
        return handler(node, context)
    except CellError as fault:
        return fault.error


def function_name(name: str) -> str:
    """The upper-case name of a function without the prefixes that files carry."""
    return _PREFIX.sub("", name).upper()


def _number(node: NumberLiteral, context: Context) -> Value:
    """The value of a literal, of which Excel keeps 15 digits and drops the rest."""
    if len(node.spelling) <= 15:
        return node.value
    digits, _, exponent = node.spelling.upper().partition("E")
    kept, count = "", 0
    for sign in digits:
        count += sign.isdigit() and (count > 0 or sign != "0")
        kept += "0" if count > 15 and sign.isdigit() else sign
    return float(f"{kept}E{exponent or 0}")


def _cell(node: CellRef, context: Context) -> Value:
    column, row = context.place(node.column, node.row, node.absolute_column, node.absolute_row)
    return Reference((Area(column, row, column, row),), node.sheet)


def _range(node: RangeRef, context: Context) -> Value:
    area = range_area(node, context)
    return Reference((area,), node.sheet if node.sheet is not None else node.start.sheet)


def range_area(node: RangeRef, context: Context) -> Area:
    """Where a range lies, seen from the context's cell."""
    start, end = node.start, node.end
    left, top = context.place(
        start.column,
        start.row,
        start.absolute_column or node.whole == "rows",
        start.absolute_row or node.whole == "columns",
    )
    right, bottom = context.place(
        end.column,
        end.row,
        end.absolute_column or node.whole == "rows",
        end.absolute_row or node.whole == "columns",
    )
    return Area(min(left, right), min(top, bottom), max(left, right), max(top, bottom))


def _name(node: NameRef, context: Context) -> Value:
    key = node.name.lower()
    if key in context.names and node.sheet is None:
        return context.names[key]
    if context.depth >= MAX_DEPTH:
        raise CellError(ExcelError.REF)
    tree = context.grid.defined_name(node.name, node.sheet)
    if tree is None:
        raise CellError(ExcelError.NAME)
    inner = context.at(context.column, context.row, (context.column, context.row - 1))
    return evaluate(tree, inner.with_names({}))


def _structured(node: StructuredRef, context: Context) -> Value:
    raise UnsupportedError(f"the table reference {node.table}[{node.specifier}] is not evaluated")


def _array(node: ArrayLiteral, context: Context) -> Value:
    rows = [[context.scalar(evaluate(cell, context)) for cell in row] for row in node.rows]
    return Block.of_rows(rows)


def _unary(node: Unary, context: Context) -> Value:
    if node.operator == "@":
        return implicit_intersection(evaluate(node.operand, context), context)
    if node.operator == "#":
        raise UnsupportedError("spilled ranges (#) are not evaluated")
    return unary(node.operator, context.plain(evaluate(node.operand, context)), context.locale)


def implicit_intersection(value: Value, context: Context) -> Value:
    """The cell of a range in the formula's own row or column, the first of an array."""
    if isinstance(value, Block):
        return value.first
    if not isinstance(value, Reference) or value.is_cell:
        return value
    area = value.area
    if area.width == 1 and area.first_row <= context.row <= area.last_row:
        row, column = context.row, area.first_column
    elif area.height == 1 and area.first_column <= context.column <= area.last_column:
        row, column = area.first_row, context.column
    else:
        raise CellError(ExcelError.VALUE)
    return Reference((Area(column, row, column, row),), value.sheet)


def _binary(node: BinaryOperation, context: Context) -> Value:
    left, right = evaluate(node.left, context), evaluate(node.right, context)
    if node.operator in _REFERENCE_OPERATORS:
        return _REFERENCE_OPERATORS[node.operator](_reference(left), _reference(right))
    return binary(node.operator, context.plain(left), context.plain(right), context.locale)


def _reference(value: Value) -> Reference:
    if isinstance(value, ExcelError):
        raise CellError(value)
    if not isinstance(value, Reference):
        raise CellError(ExcelError.VALUE)
    return value


def _span(left: Reference, right: Reference) -> Reference:
    if right.sheet is not None and right.sheet != left.sheet:
        raise CellError(ExcelError.VALUE)
    return Reference((bounding_box(left.areas + right.areas),), left.sheet)


def _union(left: Reference, right: Reference) -> Reference:
    return Reference(left.areas + right.areas, left.sheet)


def _intersect(left: Reference, right: Reference) -> Reference:
    common = [a.intersection(b) for a in left.areas for b in right.areas]
    areas = tuple(area for area in common if area is not None)
    if not areas:
        raise CellError(ExcelError.NULL)
    return Reference(areas, left.sheet)


_REFERENCE_OPERATORS: dict[str, Callable[[Reference, Reference], Reference]] = {
    ":": _span,
    ",": _union,
    " ": _intersect,
}


def _call(node: FunctionCall, context: Context) -> Value:
    name = function_name(node.name)
    variable = context.names.get(node.name.lower())
    if isinstance(variable, Lambda):
        return call_lambda(variable, [evaluate(a, context) for a in node.arguments], context)
    function = FUNCTIONS.get(name)
    if function is None:
        raise UnsupportedError(f"the function {name} is not evaluated")
    if function.lazy:
        function.letters(len(node.arguments))
        return function.call(context, node.arguments)
    return invoke(function, context, [evaluate(a, context) for a in node.arguments])


def call_lambda(function: Lambda, arguments: list[Value], context: Context) -> Value:
    """The value of a function value for its arguments.

    Raises:
        CellError: too many or too few arguments (``#VALUE!``), or endless recursion (``#NUM!``).
    """
    if len(arguments) != len(function.parameters):
        raise CellError(ExcelError.VALUE)
    if context.depth >= MAX_DEPTH:
        raise CellError(ExcelError.NUM)
    bound = dict(zip(function.parameters, arguments, strict=True))
    return evaluate(function.body, context.with_names({**function.names, **bound}))


def first_cell(value: Value, context: Context) -> CellValue:
    """A value as one cell, whatever goes wrong as an error value."""
    try:
        return context.scalar(value)
    except CellError as fault:
        return fault.error


def is_match(value: CellValue) -> bool:
    """Whether a formula's result paints the cell: TRUE or a number other than 0."""
    return not isinstance(value, str | ExcelError) and bool(value)


_HANDLERS: dict[type[Expression], Callable[..., Value]] = {
    NumberLiteral: _number,
    TextLiteral: lambda node, context: node.value,
    BoolLiteral: lambda node, context: node.value,
    ErrorLiteral: lambda node, context: node.value,
    Missing: lambda node, context: None,
    Parenthesis: lambda node, context: evaluate(node.inner, context),
    CellRef: _cell,
    RangeRef: _range,
    NameRef: _name,
    StructuredRef: _structured,
    ArrayLiteral: _array,
    Unary: _unary,
    BinaryOperation: _binary,
    FunctionCall: _call,
}
