"""Excel formula text → tree. The grammar is in ``formula.lark``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from math import isinf
from pathlib import Path
from typing import cast

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, UnexpectedToken

from grammar.errors import ParseError, UnsafeFormulaError
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
    children,
)
from grammar.ranges import MAX_COLUMN, MAX_ROW, column_index
from grammar.values import ERRORS_BY_TEXT

MAX_LENGTH = 8192
"""Characters of a formula. Source: Excel specifications and limits."""
MAX_DEPTH = 200
"""Levels of a tree; keeps every walk over it far from Python's own limit."""

_CELL = re.compile(r"(\$?)([A-Za-z]+)(\$?)(\d+)")
_READABLE = {
    "COLON": ":",
    "COMMA": "a comma",
    "RPAR": ")",
    "LPAR": "(",
    "RBRACE": "}",
    "SEMICOLON": "a semicolon",
    "$END": "the end",
}
_OPERATORS = {"COMPARE", "AMPERSAND", "PLUS", "MINUS", "STAR", "SLASH", "CARET", "PERCENT"}
_OPERAND_STARTS = {"NUMBER", "TEXT", "CELL", "NAME", "FUNCTION"}


def _unquote(text: str, quote: str) -> str:
    return text[1:-1].replace(quote * 2, quote) if text.startswith(quote) else text


def _sheet(parts: tuple[Token, ...]) -> str | None:
    """The sheet of ``'My sheet'!`` before a reference, unquoted."""
    if len(parts) < 2:
        return None
    return "#REF!" if parts[0].upper() == "#REF!" else _unquote(parts[0][:-1], "'")


def _cell(text: str, sheet: str | None = None) -> CellRef:
    match = cast("re.Match[str]", _CELL.fullmatch(text))
    fixed_column, letters, fixed_row, digits = match.groups()
    return CellRef(column_index(letters), int(digits), bool(fixed_column), bool(fixed_row), sheet)


def _is_plain(node: Expression) -> bool:
    return isinstance(node, CellRef) and node.sheet is None


@v_args(inline=True)
class _TreeBuilder(Transformer[Token, Expression]):
    """One method for each rule of the grammar."""

    def start(self, expression: Expression) -> Expression:
        return expression

    def _binary(self, left: Expression, operator: Token, right: Expression) -> Expression:
        return BinaryOperation(str(operator), left, right)

    comparison = concatenation = sum = product = power = union = _binary

    def intersection(self, left: Expression, _space: Token, right: Expression) -> Expression:
        return BinaryOperation(" ", left, right)

    def range(self, left: Expression, _colon: Token, right: Expression) -> Expression:
        if isinstance(left, CellRef) and isinstance(right, CellRef) and _is_plain(right):
            start = CellRef(left.column, left.row, left.absolute_column, left.absolute_row)
            return RangeRef(start, right, sheet=left.sheet)
        return BinaryOperation(":", left, right)

    def signed(self, operator: Token, operand: Expression) -> Expression:
        return Unary(str(operator), operand)

    def percent(self, operand: Expression, operator: Token) -> Expression:
        return Unary(str(operator), operand)

    spill = percent

    def parenthesis(self, inner: Expression) -> Expression:
        return Parenthesis(inner)

    grouped = parenthesis

    def cell(self, *parts: Token) -> Expression:
        return _cell(parts[-1], _sheet(parts))

    def columns(self, *parts: Token) -> Expression:
        first, last = (part.strip() for part in parts[-1].split(":"))
        start = CellRef(column_index(first.lstrip("$")), 1, first.startswith("$"))
        end = CellRef(column_index(last.lstrip("$")), MAX_ROW, last.startswith("$"))
        return RangeRef(start, end, "columns", _sheet(parts))

    def rows(self, *parts: Token) -> Expression:
        first, last = (part.strip() for part in parts[-1].split(":"))
        start = CellRef(0, int(first.lstrip("$")), absolute_row=first.startswith("$"))
        end = CellRef(MAX_COLUMN - 1, int(last.lstrip("$")), absolute_row=last.startswith("$"))
        return RangeRef(start, end, "rows", _sheet(parts))

    def name(self, *parts: Token) -> Expression:
        return NameRef(str(parts[-1]), _sheet(parts))

    def structured(self, token: Token) -> Expression:
        table, _, specifier = token.partition("[")
        return StructuredRef(table, specifier[:-1])

    def dde(self, token: Token) -> Expression:
        raise UnsafeFormulaError(
            f"{str(token)!r} is a DDE link, which starts another program; remove it"
        )

    def call(self, name: Token, arguments: tuple[Expression, ...]) -> Expression:
        return FunctionCall(str(name), arguments)

    def arguments(self, *parts: Expression) -> tuple[Expression, ...]:
        found = tuple(part for part in parts if isinstance(part, Expression))
        return () if found == (Missing(),) else found

    def argument(self, *parts: Expression) -> Expression:
        return parts[0] if parts else Missing()

    def number(self, token: Token) -> Expression:
        value = float(token)
        if isinf(value):
            raise ParseError(f"{token} is larger than any number of Excel")
        return NumberLiteral(value, str(token))

    def signed_number(self, *parts: Token) -> Expression:
        literal = self.number(parts[-1])
        return Unary(str(parts[0]), literal) if len(parts) > 1 else literal

    def text(self, token: Token) -> Expression:
        return TextLiteral(_unquote(token, '"'))

    def bool(self, token: Token) -> Expression:
        return BoolLiteral(token.upper() == "TRUE")

    def error(self, token: Token) -> Expression:
        return ErrorLiteral(ERRORS_BY_TEXT[token.upper()])

    any_reference_error = error

    def reference_error(self, *parts: Token) -> Expression:
        return ErrorLiteral(ERRORS_BY_TEXT["#REF!"], _sheet(parts))

    def array_row(self, *cells: Expression) -> tuple[Expression, ...]:
        return cells

    def array(self, *rows: tuple[Expression, ...]) -> Expression:
        return ArrayLiteral(rows)


@lru_cache(maxsize=1)
def formula_lark() -> Lark:
    """The LALR parser of ``formula.lark`` without the tree builder, for parsing step by step."""
    return Lark(_grammar(), parser="lalr", maybe_placeholders=False)


@lru_cache(maxsize=1)
def _building_lark() -> Lark:
    return Lark(_grammar(), parser="lalr", maybe_placeholders=False, transformer=_TreeBuilder())


def _grammar() -> str:
    return Path(__file__).with_name("formula.lark").read_text(encoding="utf-8")


def parse_formula(text: str) -> Expression:
    """The tree of a formula, with or without its leading ``=``.

    Raises:
        ParseError: the text is no formula, or is longer or deeper than a rule may be.
        UnsafeFormulaError: the text is a DDE link.
    """
    if len(text) > MAX_LENGTH:
        reason = f"a formula has at most {MAX_LENGTH} characters; this one has {len(text)}"
        raise ParseError(reason)
    try:
        expression = cast(Expression, _building_lark().parse(text))
    except UnexpectedInput as fault:
        raise _parse_error(text, fault) from None
    _check_depth(expression)
    return expression


def _check_depth(expression: Expression) -> None:
    level = [expression]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in children(node)]
        if not level:
            return
    raise ParseError(f"the formula is nested more than {MAX_DEPTH} levels deep; split it up")


def _parse_error(text: str, fault: UnexpectedInput) -> ParseError:
    if isinstance(fault, UnexpectedToken):
        return _token_error(text, fault)
    names = getattr(fault, "allowed", None) or set()
    found = text[fault.pos_in_stream or 0]
    reason = "the text is not closed by a quote" if found == '"' else f"{found!r} cannot stand here"
    return ParseError(reason, text, fault.line, fault.column, readable_terminals(names))


def _token_error(text: str, fault: UnexpectedToken) -> ParseError:
    expected = readable_terminals(fault.accepts or fault.expected)
    if fault.token.type != "$END":
        reason = f"{str(fault.token)!r} cannot stand here"
        return ParseError(reason, text, fault.line, fault.column, expected)
    lines = text.splitlines() or [""]
    reason = "the formula is empty" if not text.strip(" =") else "the formula ends too early"
    return ParseError(reason, text, len(lines), len(lines[-1]) + 1, expected)


def readable_terminals(names: Iterable[str]) -> tuple[str, ...]:
    """What a set of terminals means to a reader: ``a value``, ``an operator``, ``)``."""
    left = set(names)
    words = []
    if _OPERAND_STARTS & left:
        words.append("a value")
    if len(_OPERATORS & left) > 1:
        words.append("an operator")
    words += sorted(_READABLE[name] for name in left & _READABLE.keys())
    return tuple(words)
