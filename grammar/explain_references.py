"""Values of a formula as scalars: references by header, literals, functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from grammar.conditions import (
    Binary,
    Bool,
    Call,
    Column,
    Date,
    Negative,
    Neighbour,
    Number,
    Reference,
    Scalar,
    Text,
)
from grammar.explain_functions import FunctionWords
from grammar.explain_words import Phrase, Wording, ordinal
from grammar.formula_printer import print_formula
from grammar.formula_tree import (
    BinaryOperation,
    BoolLiteral,
    CellRef,
    Expression,
    FunctionCall,
    NameRef,
    NumberLiteral,
    Parenthesis,
    RangeRef,
    StructuredRef,
    TextLiteral,
    Unary,
)
from grammar.printer import number_text
from grammar.ranges import MAX_ROW, address, column_letters
from grammar.table import Table

_ALIASES = {
    "STDEV.S": "STDEV",
    "STDEV.P": "STDEV",
    "STDEVP": "STDEV",
    "PERCENTILE.INC": "PERCENTILE",
    "COUNTA": "COUNT",
}
_PHRASES = {
    "COLUMN": "the column number",
    "NA": "#N/A",
}


@dataclass(frozen=True, eq=False)
class Reader:
    """Reads values relative to the first data row of a table, or as written without one."""

    table: Table | None = None
    is_one_row: bool = True
    tell: Callable[[Expression], str] = print_formula
    """Puts a part that asks something into words."""

    @cached_property
    def wording(self) -> Wording:
        return Wording(self.table)

    @cached_property
    def functions(self) -> FunctionWords:
        """Words for functions that the language does not have."""
        return FunctionWords(lambda part: self.wording.value(self.scalar(part)), self.tell)

    def scalar(self, tree: Expression) -> Scalar:
        """A value of the formula; what has no word of its own stays as it is written."""
        match tree:
            case NumberLiteral(value):
                return Number(value)
            case TextLiteral(value):
                return Text(value)
            case BoolLiteral(value):
                return Bool(value)
            case Parenthesis(inner):
                return self.scalar(inner)
            case CellRef():
                return self._cell(tree)
            case RangeRef():
                return self._range(tree)
            case NameRef(name):
                return Phrase(name)
            case StructuredRef(_, specifier):
                return Phrase(specifier.strip("[]@#") or print_formula(tree))
            case Unary() | BinaryOperation() | FunctionCall():
                return self._compound(tree)
        return Phrase(print_formula(tree))

    def covers(self, area: Expression, cell: Expression) -> bool:
        """Whether a range is, without sheets, a column that the cell lies in."""
        match area, cell:
            case RangeRef(start, end), CellRef(column, row):
                return start.column == column == end.column and start.row <= row <= end.row
        return False

    def _compound(self, tree: Unary | BinaryOperation | FunctionCall) -> Scalar:
        match tree:
            case Unary("%", NumberLiteral(value)):
                return Number(value / 100, percent=True)
            case Unary("-", Unary("-", operand)):
                return self.scalar(operand)
            case Unary("-", NumberLiteral(value)):
                return Number(-value)
            case Unary("-", operand):
                return Negative(self.scalar(operand))
            case Unary("+" | "@", operand):
                return self.scalar(operand)
            case BinaryOperation("*", x, NumberLiteral(1)) | BinaryOperation(
                "+", x, NumberLiteral(0)
            ):
                return self.scalar(x)
            case BinaryOperation(operator, left, right) if operator in "+-*/^&":
                return Binary(operator, self.scalar(left), self.scalar(right))
            case FunctionCall():
                return self._call(tree)
        return Phrase(print_formula(tree))

    def _call(self, call: FunctionCall) -> Scalar:
        name = call.name.upper().removeprefix("_XLFN.")
        name = _ALIASES.get(name, name)
        arguments = tuple(map(self.scalar, call.arguments))
        match name, arguments:
            case "DATE", (Number(year), Number(month), Number(day)):
                return _date(year, month, day) or Call(name, arguments)
            case "EDATE", (start, Number(months)):
                return Phrase(self._months(start, months), months)
            case (("LARGE" | "SMALL"), (where, Number(1))):
                return Call("MAX" if name == "LARGE" else "MIN", (where,))
            case (("LARGE" | "SMALL"), (where, place)):
                return Phrase(self._placed(name == "LARGE", where, place))
            case (("FLOOR" | "ROUNDDOWN" | "TRUNC" | "INT"), (x, *_)) if self.wording.is_date(x):
                return x
            case (("N" | "T" | "VALUE" | "IFERROR" | "IFNA" | "DATEVALUE"), (first, *_)):
                return first
        if name in _PHRASES and not arguments:
            return Phrase(_PHRASES[name])
        if name == "ROW":
            return Call(name, ())
        described = self.functions.describe(call)
        return Phrase(described) if described else Call(name, arguments)

    def _months(self, start: Scalar, months: float) -> str:
        count = f"{number_text(abs(months))} month{'' if abs(months) == 1 else 's'}"
        if start == Call("TODAY"):
            return f"{count} {'ago' if months < 0 else 'from today'}"
        return f"{count} {'before' if months < 0 else 'after'} {self.wording.value(start)}"

    def _placed(self, is_high: bool, where: Scalar, place: Scalar) -> str:
        extreme, column = "highest" if is_high else "lowest", self.wording.value(where)
        if isinstance(place, Number):
            return f"the {ordinal(place.value)} {extreme} value in {column}"
        return f"{extreme} value number {self.wording.value(place)} in {column}"

    def _cell(self, ref: CellRef) -> Scalar:
        sheet = f"{ref.sheet}!" if ref.sheet else ""
        if self.table is None or ref.sheet not in (None, self.table.sheet):
            return Phrase(
                sheet + (_place(ref) if self.is_one_row else address(ref.column, ref.row))
            )
        if ref.absolute_row and (ref.absolute_column or not self._index(ref.column)):
            return Reference(address(ref.column, ref.row))
        index = self._index(ref.column)
        offset = ref.row - self.table.first_row
        if index is None or ref.absolute_row or abs(offset) > 1:
            return Phrase(address(ref.column, ref.row))
        return Neighbour(Column(index), offset) if offset else Column(index)

    def _range(self, ref: RangeRef) -> Scalar:
        table, column = self.table, ref.start.column
        text = print_formula(ref).replace("$", "")
        if table is None or column != ref.end.column or ref.sheet not in (None, table.sheet):
            return Phrase(text)
        index = self._index(column)
        is_whole = ref.start.row <= table.first_row and ref.end.row >= table.area.last_row
        return Column(index) if index is not None and is_whole else Phrase(text)

    def _index(self, column: int) -> int | None:
        """The table's column at a column of the sheet."""
        if self.table is None:
            return None
        index = column - self.table.first_column
        return index if 0 <= index < len(self.table.columns) else None


def _place(ref: CellRef) -> str:
    """How a reference is called where no table gives it a name."""
    if ref.absolute_column and not ref.absolute_row:
        return f"column {column_letters(ref.column)}"
    if ref.absolute_row and not ref.absolute_column and ref.row < MAX_ROW:
        return f"row {ref.row}"
    return address(ref.column, ref.row)


def _date(year: float, month: float, day: float) -> Date | None:
    try:
        return Date(dt.date(int(year), int(month), int(day)))
    except (ValueError, OverflowError):
        return None
