"""Scalars of the condition language as Excel text, each with the guards it needs."""

from __future__ import annotations

from collections.abc import Callable

from grammar.calc.coercion import read_number
from grammar.column_functions import column_code
from grammar.conditions import (
    COLUMN_FUNCTIONS,
    Binary,
    Bool,
    Call,
    Cell,
    Column,
    Date,
    Negative,
    Neighbour,
    Number,
    Reference,
    Scalar,
    Text,
    walk,
)
from grammar.errors import InvalidRuleError, UnsupportedError
from grammar.formula_text import (
    Parts,
    absolute,
    both,
    call,
    either,
    literal,
    product_of,
)
from grammar.guards import VALUE_KINDS, Cells
from grammar.ranges import Area, column_letters
from grammar.table import BOOL, DATE, NUMBER, TEXT, Table, TableColumn
from grammar.vectors import LOOSE

_PRECEDENCE = {"^": 4, "*": 3, "/": 3, "+": 2, "-": 2, "&": 1}
_LITERALS: dict[type[Scalar], int] = {Number: NUMBER, Text: TEXT, Bool: BOOL, Date: DATE}
_CALENDAR = ("YEAR", "MONTH", "DAY", "WEEKDAY")
_KEEPING_KIND = ("ABS", "INT", "ROUND")
_TO_TEXT = ("LEFT", "RIGHT", "MID", "LOWER", "UPPER", "TRIM")


class ScalarWriter:
    """Text and guards of scalars, for the first data row or (``by_row``) for all rows at once."""

    def __init__(self, table: Table, column: int, by_row: bool = False) -> None:
        self.table = table
        self.column = column
        self.by_row = by_row
        self._cells: dict[int, Cells] = {}

    def for_all_rows(self) -> ScalarWriter:
        """The same scalars over whole columns, for array formulas."""
        return ScalarWriter(self.table, self.column, by_row=True)

    def index(self, node: Column | Cell) -> int:
        """The table column of a cell.

        Raises:
            InvalidRuleError: the table has no such column.
        """
        index = node.index if isinstance(node, Column) else self.column
        if not 0 <= index < len(self.table.columns):
            last = len(self.table.columns) - 1
            raise InvalidRuleError(f"c[{index}] is not in the table, which ends at c[{last}]")
        return index

    def cells(self, node: Column | Cell) -> Cells:
        """What the cells of a column hold."""
        index = self.index(node)
        if index not in self._cells:
            self._cells[index] = Cells(self.table.columns[index])
        return self._cells[index]

    def range(self, node: Column | Cell) -> str:
        """A whole column, ``$D$2:$D$31``."""
        return absolute(self.table.column_area(self.index(node)))

    # ------------------------------------------------------------------ text

    def text(self, node: Scalar, precedence: int = 0) -> str:
        """The scalar as Excel text, in parentheses below the precedence asked for."""
        if isinstance(node, Column | Cell):
            return self.range(node) if self.by_row else self._address(self.index(node), 0)
        if isinstance(node, Number | Text | Bool | Date):
            written = literal(node)
            return f"({written})" if precedence and written.startswith("-") else written
        if isinstance(node, Binary):
            return self._binary_text(node, precedence)
        if isinstance(node, Negative):
            return (
                f"(-{self.text(node.operand, 5)})"
                if precedence
                else (f"-{self.text(node.operand, 5)}")
            )
        if isinstance(node, Call):
            return self._call_text(node)
        return self._elsewhere(node)

    def _address(self, index: int, offset: int) -> str:
        letters = column_letters(self.table.first_column + index)
        return f"${letters}{self.table.first_row + offset}"

    def _elsewhere(self, node: Scalar) -> str:
        if isinstance(node, Reference):
            return absolute(Area.parse(node.address))
        if not isinstance(node, Neighbour) or not isinstance(node.column, Column):
            raise UnsupportedError("a condition with an open value (?) has no formula yet")
        if self.by_row:
            raise UnsupportedError("PREV and NEXT cannot be compared over a whole column")
        if node.offset < 0 and self.table.first_row == 1:
            return call("INDEX", self.range(node.column), "MAX(1,ROW()-1)")
        return self._address(self.index(node.column), node.offset)

    def _binary_text(self, node: Binary, precedence: int) -> str:
        own = _PRECEDENCE[node.operator]
        left, right = self.text(node.left, own), self.text(node.right, own + 1)
        written = f"{left}{node.operator}{right}"
        return f"({written})" if own < precedence else written

    def _call_text(self, node: Call) -> str:
        if node.name == "ROW":
            is_range = self.by_row and len(self.table.columns) > 0
            return call("ROW", self.range(Column(0))) if is_range else "ROW()"
        if node.name not in COLUMN_FUNCTIONS:
            return call(node.name, *map(self.text, node.arguments))
        first, *rest = node.arguments
        if not isinstance(first, Column | Cell):
            raise InvalidRuleError(f"{node.name} looks at a whole column, as {node.name}(c[0])")
        numbers = self.range(first) if node.name == "COUNTIF" else self.numbers(first)
        return call(node.name, numbers, *map(self.text, rest))

    def numbers(self, x: Scalar) -> str:
        """The numbers and dates of a scalar in all rows, as an argument of ``LARGE`` and such."""
        if isinstance(x, Column | Cell):
            cells = self.range(x)
            has_errors = self.cells(x).has_errors
            return call("IF", call("ISNUMBER", cells), cells) if has_errors else cells
        writer = self.for_all_rows()
        guard = writer.numeric_guard(x)
        if guard is None:
            raise UnsupportedError("a text has no rank and no average")
        chosen = call("IF", product_of(guard), writer.text(x)) if guard else writer.text(x)
        return call("IFERROR", chosen, '""')

    # ---------------------------------------------------------------- guards

    def kinds(self, node: Scalar) -> frozenset[int]:
        """The kinds of value that a scalar can be expected to have."""
        if isinstance(node, Column | Cell):
            return self.cells(node).kinds
        if isinstance(node, Neighbour) and isinstance(node.column, Column):
            return self.cells(node.column).kinds
        return frozenset(kind for kind in VALUE_KINDS if self.guard(node, kind) is not None)

    def guard(self, node: Scalar, kind: int) -> Parts | None:
        """Under which a scalar is a value of a kind; ``None`` where it never is."""
        if isinstance(node, Column | Cell):
            return self.cells(node).guard(kind, self.text(node), self.by_row)
        if type(node) in _LITERALS:
            is_empty = isinstance(node, Text) and not node.value
            return () if _LITERALS[type(node)] == kind and not is_empty else None
        return _GUARDS[type(node)](self, node, kind)

    def numeric_guard(self, node: Scalar) -> Parts | None:
        """Under which a scalar is a number or a date."""
        if isinstance(node, Column | Cell):
            return (f"ISNUMBER({self.text(node)})",)
        return either((self.guard(node, NUMBER), self.guard(node, DATE)), self.by_row)

    def any_guard(self, node: Scalar) -> Parts | None:
        """Under which a scalar has a value of some kind."""
        return either((self.guard(node, kind) for kind in VALUE_KINDS), self.by_row)

    def words_guard(self, node: Scalar) -> Parts | None:
        """Under which text functions can read a scalar."""
        if isinstance(node, Column | Cell):
            return self.cells(node).words_guard(self.text(node), self.by_row)
        return either((self.guard(node, kind) for kind in (TEXT, NUMBER)), self.by_row)

    def _neighbour_guard(self, node: Neighbour, kind: int) -> Parts | None:
        if not isinstance(node.column, Column):
            return None
        cells = self.cells(node.column)
        return both(self.place(node, kind), cells.guard(kind, self.text(node), self.by_row))

    def place(self, node: Neighbour, kind: int = TEXT) -> Parts:
        """Where the neighbour is a row of the table."""
        if node.offset > 0:
            return (f"ROW()<{self.table.area.last_row}",)
        numeric = kind in (NUMBER, DATE) and self.table.first_row > 1 and self.table.has_header
        column = node.column
        header = self.table.columns[self.index(column)].header if isinstance(column, Column) else ""
        is_plain = numeric and read_number(header) is None
        return () if is_plain else (f"ROW()>{self.table.first_row}",)

    def _reference_guard(self, node: Reference, kind: int) -> Parts | None:
        place = Area.parse(node.address)
        column = place.first_column - self.table.first_column
        row = place.first_row - self.table.first_row
        inside = 0 <= column < len(self.table.columns) and 0 <= row < self.table.row_count
        cells = self.cells(Column(column)) if inside else Cells(_NO_CELLS)
        return cells.guard(kind, self.text(node), self.by_row)

    def _binary_guard(self, node: Binary, kind: int) -> Parts | None:
        if node.operator == "&":
            if kind != TEXT:
                return None
            return both(self.words_guard(node.left), self.words_guard(node.right))
        if kind not in (NUMBER, DATE):
            return None
        pairs = _OPERAND_KINDS.get((node.operator, kind))
        if pairs is None:
            numeric = both(self.numeric_guard(node.left), self.numeric_guard(node.right))
            return numeric if kind == NUMBER else None
        options = (both(self.guard(node.left, a), self.guard(node.right, b)) for a, b in pairs)
        return either(options, self.by_row)

    def _negative_guard(self, node: Negative, kind: int) -> Parts | None:
        return self.numeric_guard(node.operand) if kind == NUMBER else None

    def _call_guard(self, node: Call, kind: int) -> Parts | None:
        if node.name in ("TODAY", "NOW"):
            return () if kind == DATE else None
        if node.name == "ROW":
            return () if kind == NUMBER else None
        if node.name in COLUMN_FUNCTIONS:
            return self._column_guard(node, kind)
        first, *rest = node.arguments
        counts = both(*map(self.numeric_guard, rest))
        if node.name in _KEEPING_KIND:
            own = self.guard(first, kind) if kind in (NUMBER, DATE) else None
            return both(own, counts)
        if kind != (TEXT if node.name in _TO_TEXT else NUMBER):
            return None
        if node.name in _CALENDAR:
            return both(self.guard(first, DATE), counts)
        numeric = node.name == "MOD"
        return both(self.numeric_guard(first) if numeric else self.words_guard(first), counts)

    def _column_guard(self, node: Call, kind: int) -> Parts | None:
        first, *rest = node.arguments
        if not isinstance(first, Column | Cell):
            raise InvalidRuleError(f"{node.name} looks at a whole column, as {node.name}(c[0])")
        code = column_code(node.name, self.cells(first).present)
        if kind not in ((NUMBER, DATE) if code == LOOSE else (code,)):
            return None
        if node.name == "COUNTIF":
            kinds = (NUMBER, DATE, TEXT)
            return either((self.guard(rest[0], wanted) for wanted in kinds), self.by_row)
        return both(*map(self.numeric_guard, rest))

    # -------------------------------------------------------------- failures

    def can_fail(self, node: Scalar) -> bool:
        """Whether the text can come out as an error, though the guard be false."""
        return any(self._fails(part) for part in walk(node) if isinstance(part, Scalar))

    def _fails(self, node: Scalar) -> bool:
        if isinstance(node, Column | Cell):
            return self.cells(node).has_errors
        if isinstance(node, Neighbour | Reference):
            return True
        if isinstance(node, Binary):
            if node.operator == "&":
                return False
            return node.operator in "/^" or self._reads_text(node)
        if isinstance(node, Negative):
            return self._reads_text(node)
        return isinstance(node, Call) and node.name not in _SAFE_CALLS

    def _reads_text(self, node: Scalar) -> bool:
        parts = (part for part in walk(node) if isinstance(part, Column | Cell))
        return any(not self.cells(part).only(NUMBER, DATE) for part in parts)


_NO_CELLS = TableColumn("", (), ())
_GUARDS: dict[type[Scalar], Callable[..., Parts | None]] = {
    Neighbour: ScalarWriter._neighbour_guard,
    Reference: ScalarWriter._reference_guard,
    Binary: ScalarWriter._binary_guard,
    Negative: ScalarWriter._negative_guard,
    Call: ScalarWriter._call_guard,
}
_OPERAND_KINDS = {
    ("+", NUMBER): ((NUMBER, NUMBER), (DATE, DATE)),
    ("+", DATE): ((DATE, NUMBER), (NUMBER, DATE)),
    ("-", NUMBER): ((NUMBER, NUMBER), (DATE, DATE), (NUMBER, DATE)),
    ("-", DATE): ((DATE, NUMBER),),
}
"""(operator, kind of the result) → kinds of the operands; the other operators make numbers."""
_SAFE_CALLS = ("TODAY", "NOW", "ROW", "LEN", "LOWER", "UPPER", "TRIM", "COUNT", "COUNTIF")
