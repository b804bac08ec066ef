"""Excel formulas as frozen trees. Source: ECMA-376 part 1, 18.17 and MS-XLSX 2.2.2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from grammar.values import ExcelError


@dataclass(frozen=True)
class Expression:
    """Any part of a formula that has a value."""


@dataclass(frozen=True)
class NumberLiteral(Expression):
    """A number with the spelling it was written in (``1E3``, ``.5``)."""

    value: float
    spelling: str


@dataclass(frozen=True)
class TextLiteral(Expression):
    value: str


@dataclass(frozen=True)
class BoolLiteral(Expression):
    value: bool


@dataclass(frozen=True)
class ErrorLiteral(Expression):
    """An error value; ``Sheet1!#REF!`` has a sheet."""

    value: ExcelError
    sheet: str | None = None


@dataclass(frozen=True)
class Missing(Expression):
    """An argument left empty, as the second one of ``IF(A1,,2)``."""


@dataclass(frozen=True)
class CellRef(Expression):
    """One cell: 0-based column and 1-based row; ``absolute_…`` says that a ``$`` stands there."""

    column: int
    row: int
    absolute_column: bool = False
    absolute_row: bool = False
    sheet: str | None = None


@dataclass(frozen=True)
class RangeRef(Expression):
    """``start:end``; whole columns have rows 1 to 1048576, whole rows columns 0 to 16383.

    ``whole`` is ``"columns"`` for ``A:B``, ``"rows"`` for ``1:3`` and ``""`` otherwise.
    """

    start: CellRef
    end: CellRef
    whole: str = ""
    sheet: str | None = None


@dataclass(frozen=True)
class NameRef(Expression):
    """A defined name, of a sheet where ``sheet`` is given."""

    name: str
    sheet: str | None = None


@dataclass(frozen=True)
class StructuredRef(Expression):
    """A reference to a table, ``Table1[[#Data],[Weight]]``, kept as written inside the brackets."""

    table: str
    specifier: str


@dataclass(frozen=True)
class ArrayLiteral(Expression):
    """``{1,2;3,4}``: rows of literals."""

    rows: tuple[tuple[Expression, ...], ...]


@dataclass(frozen=True)
class Unary(Expression):
    """A sign before, or ``%`` or the spill ``#`` after, an operand; operators ``+ - @ % #``."""

    operator: str
    operand: Expression


@dataclass(frozen=True)
class BinaryOperation(Expression):
    """Operators ``^ * / + - & = <> < <= > >=``, ``:``, ``" "`` (intersection), ``,`` (union)."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class FunctionCall(Expression):
    """A function by its name as written, ``_xlfn.`` prefix included."""

    name: str
    arguments: tuple[Expression, ...] = ()


@dataclass(frozen=True)
class Parenthesis(Expression):
    """Parentheses are kept, so that parse and print are inverse."""

    inner: Expression


def children(node: Expression) -> Iterator[Expression]:
    """The direct parts of a node."""
    for field in fields(node):
        yield from _expressions(getattr(node, field.name))


def _expressions(value: object) -> Iterator[Expression]:
    if isinstance(value, Expression):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _expressions(item)


def walk(node: Expression) -> Iterator[Expression]:
    """The node and everything below it, parents first."""
    yield node
    for child in children(node):
        yield from walk(child)
