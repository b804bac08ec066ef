"""Formula tree → canonical text: no leading ``=``, no white space but the intersection's."""

from __future__ import annotations

import re
from functools import singledispatch

from grammar.errors import InvalidRuleError
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
from grammar.ranges import column_letters

_PLAIN_SHEET = re.compile(r"(\[[^\[\]']+\])?[^\W\d][\w.]*(:[^\W\d][\w.]*)?|\[[^\[\]']+\]")
_LIKE_ADDRESS = re.compile(
    r"[A-Z]{1,3}\d+(:.*)?|R(\d*)(C\d*)?|C\d*|R?\d*C\d+|TRUE|FALSE", re.IGNORECASE
)
_POSTFIX = ("%", "#")


@singledispatch
def print_formula(tree: Expression) -> str:
    """The canonical text of a tree, without a leading ``=``."""
    raise InvalidRuleError(f"{type(tree).__name__} is no part of a formula")


@print_formula.register
def _number(tree: NumberLiteral) -> str:
    return tree.spelling


@print_formula.register
def _text(tree: TextLiteral) -> str:
    doubled = tree.value.replace('"', '""')
    return f'"{doubled}"'


@print_formula.register
def _bool(tree: BoolLiteral) -> str:
    return "TRUE" if tree.value else "FALSE"


@print_formula.register
def _error(tree: ErrorLiteral) -> str:
    return print_sheet(tree.sheet) + tree.value.value


@print_formula.register
def _missing(tree: Missing) -> str:
    return ""


@print_formula.register
def _cell(tree: CellRef) -> str:
    return print_sheet(tree.sheet) + _column(tree) + _row(tree)


@print_formula.register
def _range(tree: RangeRef) -> str:
    if tree.whole == "columns":
        area = f"{_column(tree.start)}:{_column(tree.end)}"
    elif tree.whole == "rows":
        area = f"{_row(tree.start)}:{_row(tree.end)}"
    else:
        area = f"{_cell(tree.start)}:{_cell(tree.end)}"
    return print_sheet(tree.sheet) + area


@print_formula.register
def _name(tree: NameRef) -> str:
    return print_sheet(tree.sheet) + tree.name


@print_formula.register
def _structured(tree: StructuredRef) -> str:
    return f"{tree.table}[{tree.specifier}]"


@print_formula.register
def _array(tree: ArrayLiteral) -> str:
    rows = (",".join(print_formula(cell) for cell in row) for row in tree.rows)
    return "{" + ";".join(rows) + "}"


@print_formula.register
def _unary(tree: Unary) -> str:
    operand = print_formula(tree.operand)
    return operand + tree.operator if tree.operator in _POSTFIX else tree.operator + operand


@print_formula.register
def _binary(tree: BinaryOperation) -> str:
    return print_formula(tree.left) + tree.operator + print_formula(tree.right)


@print_formula.register
def _call(tree: FunctionCall) -> str:
    return f"{tree.name}({','.join(print_formula(argument) for argument in tree.arguments)})"


@print_formula.register
def _parenthesis(tree: Parenthesis) -> str:
    return f"({print_formula(tree.inner)})"


def _column(cell: CellRef) -> str:
    return "$" * cell.absolute_column + column_letters(cell.column)


def _row(cell: CellRef) -> str:
    return "$" * cell.absolute_row + str(cell.row)


def print_sheet(sheet: str | None) -> str:
    """``Sheet1!``, quoted where its name needs it, or nothing."""
    if sheet is None:
        return ""
    if sheet == "#REF!":
        return sheet
    if _PLAIN_SHEET.fullmatch(sheet) and not _LIKE_ADDRESS.fullmatch(sheet):
        return f"{sheet}!"
    doubled = sheet.replace("'", "''")
    return f"'{doubled}'!"
