"""A formula evaluated for all cells of an area at once.

Every part of the tree becomes an array that spreads over the area: ``(height, 1)`` where it
depends on the row alone, ``(1, width)`` where on the column alone, and one value where on neither.
What cannot be said with arrays is evaluated cell by cell, that part alone, by the same functions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from grammar.calc.blocks import BOOL, Block, Mask, Operand, object_array
from grammar.calc.context import Context, Value
from grammar.calc.evaluator import evaluate, first_cell, function_name
from grammar.calc.faults import CellError
from grammar.calc.lane_functions import (
    EACH,
    SPECIAL,
    LaneArgument,
    NotVectorisableError,
    single_block,
)
from grammar.calc.operators import binary, unary
from grammar.calc.registry import FUNCTIONS, Function, element_by_element, invoke
from grammar.errors import UnsupportedError
from grammar.formula_tree import (
    BinaryOperation,
    CellRef,
    Expression,
    FunctionCall,
    NameRef,
    Parenthesis,
    RangeRef,
    Unary,
    children,
    walk,
)
from grammar.ranges import MAX_COLUMN, MAX_ROW, Area

_PLACE_FUNCTIONS = frozenset({"CELL", "INDIRECT", "SHEET", "RAND", "RANDBETWEEN", "LET", "LAMBDA"})
"""Functions whose result may depend on the cell although their arguments do not."""
_GIVE_REFERENCES = frozenset(
    {"IF", "IFS", "IFERROR", "IFNA", "SWITCH", "CHOOSE", "INDEX", "OFFSET", "INDIRECT", "XLOOKUP"}
)
Axes = tuple[bool, bool]
"""Whether a part of the formula differs by row, and by column."""


@dataclass(frozen=True)
class Lanes:
    """An area whose cells a formula is evaluated for; ``anchor`` is the cell it is written for."""

    anchor: Context
    area: Area

    @cached_property
    def base(self) -> Context:
        """The context of the area's first cell."""
        return self.at(self.area.first_column, self.area.first_row)

    @cached_property
    def seen(self) -> dict[int, Axes]:
        """The axes of the nodes that were asked about."""
        return {}

    def at(self, column: int, row: int) -> Context:
        """The context of one cell."""
        return self.anchor.at(column, row, (column - self.anchor.column, row - self.anchor.row))

    def matches(self, tree: Expression) -> Mask:
        """``(height, width) bool``: where the formula gives TRUE or a number other than 0.

        Raises:
            NotVectorisableError: it must be evaluated cell by cell.
        """
        block = self.results(tree)
        truth: Mask = (block.codes <= BOOL) & (block.numbers != 0)
        return np.broadcast_to(truth, (self.area.height, self.area.width)).copy()

    def results(self, tree: Expression) -> Block:
        """The results of the formula, a block that spreads over the area.

        Raises:
            NotVectorisableError: it must be evaluated cell by cell.
        """
        if not any(self.axes(tree)):
            return Block.of_rows([[first_cell(evaluate(tree, self.base), self.base)]])
        try:
            return single_block(self.base, self.visit(tree))
        except UnsupportedError as error:
            raise NotVectorisableError from error

    def axes(self, node: Expression) -> Axes:
        """Whether a part of the formula differs by row, and by column."""
        known = self.seen.get(id(node))
        if known is None:
            rows, columns = self._axes(node)
            known = (rows and self.area.height > 1, columns and self.area.width > 1)
            self.seen[id(node)] = known
        return known

    def _axes(self, node: Expression) -> Axes:
        if isinstance(node, CellRef):
            return not node.absolute_row, not node.absolute_column
        if isinstance(node, RangeRef):
            ends = (node.start, node.end)
            rows = node.whole != "columns" and not all(end.absolute_row for end in ends)
            return rows, node.whole != "rows" and not all(end.absolute_column for end in ends)
        if isinstance(node, NameRef):
            return self._name_axes(node)
        if isinstance(node, Unary) and node.operator == "@":
            return True, True
        parts = [self.axes(child) for child in children(node)]
        rows, columns = any(part[0] for part in parts), any(part[1] for part in parts)
        if isinstance(node, FunctionCall):
            name = function_name(node.name)
            everywhere = name in _PLACE_FUNCTIONS or name not in FUNCTIONS
            rows = rows or everywhere or (name == "ROW" and not node.arguments)
            columns = columns or everywhere or (name == "COLUMN" and not node.arguments)
        return rows, columns

    def _name_axes(self, node: NameRef) -> Axes:
        tree = self.anchor.grid.defined_name(node.name, node.sheet)
        if tree is None:
            return True, True
        parts = list(walk(tree))
        if any(isinstance(part, NameRef | FunctionCall) for part in parts):
            return True, True
        cells = [part for part in parts if isinstance(part, CellRef)]
        return (
            any(not cell.absolute_row for cell in cells),
            any(not cell.absolute_column for cell in cells),
        )

    def visit(self, node: Expression) -> LaneArgument:
        """The values of a part of the formula in all cells.

        Raises:
            NotVectorisableError: it has an array in every cell.
        """
        if isinstance(node, Parenthesis):
            return self.visit(node.inner)
        if not any(self.axes(node)):
            return LaneArgument(node, evaluate(node, self.base))
        try:
            return LaneArgument(node, self._vectorised(node), True, isinstance(node, CellRef))
        except NotVectorisableError:
            return LaneArgument(node, self.one_by_one(node), True)

    def _vectorised(self, node: Expression) -> Block:
        if isinstance(node, CellRef):
            return self._gather(node)
        if isinstance(node, Unary) and node.operator in ("+", "-", "%"):
            return _block(unary(node.operator, self._operand(node.operand), self.anchor.locale))
        if isinstance(node, BinaryOperation) and node.operator not in (":", " ", ","):
            left, right = self._operand(node.left), self._operand(node.right)
            return _block(binary(node.operator, left, right, self.anchor.locale))
        if isinstance(node, FunctionCall):
            return self._call(node)
        raise NotVectorisableError

    def _operand(self, node: Expression) -> Operand:
        return single(self.visit(node), self.base)

    def _gather(self, node: CellRef) -> Block:
        """The cells that a moving reference points to from all cells of the area."""
        rows, columns = self.axes(node)
        column, row = self.base.place(
            node.column, node.row, node.absolute_column, node.absolute_row
        )
        height, width = self.area.height if rows else 1, self.area.width if columns else 1
        if row + height - 1 >= MAX_ROW or column + width - 1 >= MAX_COLUMN - 1:
            raise NotVectorisableError
        sheet = self.base.sheet if node.sheet is None else node.sheet
        return self.base.area_block(sheet, Area(column, row, column + width - 1, row + height - 1))

    def _call(self, node: FunctionCall) -> Block:
        name = function_name(node.name)
        if name in ("ROW", "COLUMN") and not node.arguments:
            return self._place_numbers(name)
        function = FUNCTIONS.get(name)
        if function is None or name in _PLACE_FUNCTIONS:
            raise NotVectorisableError
        if name in SPECIAL:
            arguments = [self._argument(argument) for argument in node.arguments]
            function.letters(len(arguments))
            return SPECIAL[name](self.base, arguments)
        if function.lazy:
            raise NotVectorisableError
        return self._invoke(function, node)

    def _argument(self, node: Expression) -> LaneArgument:
        found = self.visit(node)
        while isinstance(node, Parenthesis):
            node = node.inner
        gives = isinstance(node, FunctionCall) and function_name(node.name) in _GIVE_REFERENCES
        if found.moving and gives:
            return replace(found, unsure=True)
        return found

    def _invoke(self, function: Function, node: FunctionCall) -> Block:
        letters = function.letters(len(node.arguments))
        moving = [any(self.axes(argument)) for argument in node.arguments]
        each = EACH.get(function.name, frozenset())
        if any(
            m and letter == "r" and i not in each
            for i, (m, letter) in enumerate(zip(moving, letters, strict=True))
        ):
            raise NotVectorisableError
        arguments: list[Value] = []
        for letter, argument, moves in zip(letters, node.arguments, moving, strict=True):
            found = self.visit(argument)
            keep = letter == "r" and not moves
            arguments.append(found.value if keep else single(found, self.base))
        if "r" in letters:
            return _block(self.base.plain(invoke(function, self.base, arguments)))
        try:
            return element_by_element(function, self.base, letters, arguments)
        except CellError:
            raise NotVectorisableError from None

    def _place_numbers(self, name: str) -> Block:
        if name == "ROW":
            rows = np.arange(self.area.first_row, self.area.last_row + 1, dtype=np.float64)
            return Block.of_numbers(rows.reshape(-1, 1))
        start, end = self.area.first_column + 1, self.area.last_column + 2
        return Block.of_numbers(np.arange(start, end, dtype=np.float64).reshape(1, -1))

    def one_by_one(self, node: Expression) -> Block:
        """The values of a part of the formula, evaluated in one cell after the other.

        Raises:
            NotVectorisableError: it has an array in some cell.
        """
        rows, columns = self.axes(node)
        height, width = self.area.height if rows else 1, self.area.width if columns else 1
        cells = []
        for row in range(self.area.first_row, self.area.first_row + height):
            for column in range(self.area.first_column, self.area.first_column + width):
                context = self.at(column, row)
                try:
                    plain = context.plain(evaluate(node, context))
                except CellError as fault:
                    plain = fault.error
                if isinstance(plain, Block):
                    raise NotVectorisableError
                cells.append(plain)
        return Block(object_array(cells, (height, width)))


def single(argument: LaneArgument, context: Context) -> Operand:
    """An argument as one value a cell.

    Raises:
        NotVectorisableError: it is an array or a range in every cell.
    """
    block = single_block(context, argument)
    return block if argument.moving else block.first


def _block(value: Operand) -> Block:
    if not isinstance(value, Block):
        return Block.of_rows([[value]])
    return value
