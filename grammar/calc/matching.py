"""Which cells a rule's formula selects."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np

from grammar.calc.blocks import Block, Mask, Objects
from grammar.calc.context import Context
from grammar.calc.evaluator import evaluate, first_cell, is_match
from grammar.calc.faults import CellError
from grammar.calc.grid import Grid, clipped
from grammar.calc.lane_functions import NotVectorisableError
from grammar.calc.lanes import Lanes
from grammar.calc.operators import last_operation
from grammar.formula_tree import Expression
from grammar.ranges import Area, bounding_box
from grammar.values import CellValue


def matching_cells(
    tree: Expression,
    areas: tuple[Area, ...],
    grid: Grid,
    today: dt.datetime | None = None,
    sheet: str | None = None,
) -> tuple[Mask, ...]:
    """For every area, ``(height, width) bool``: which cells the formula selects.

    The formula is written for the top-left cell of the bounding box of all areas. An area that
    runs to the sheet's edge (``A:A``) ends with the used cells, and so does its answer.

    Raises:
        UnsupportedError: the formula uses what is not implemented.
    """
    box = bounding_box(areas)
    context = Context(grid, today, box.first_row, box.first_column, sheet)
    extent = context.extent(sheet)
    tree = last_operation(tree)
    return tuple(_matches(tree, clipped(area, extent), context) for area in areas)


def _matches(tree: Expression, area: Area, anchor: Context) -> Mask:
    try:
        return Lanes(anchor, area).matches(tree)
    except NotVectorisableError:
        return matches_one_by_one(tree, area, anchor)


def matches_one_by_one(tree: Expression, area: Area, anchor: Context) -> Mask:
    """As ``matching_cells`` for one area, every cell by itself."""
    found = np.zeros((area.height, area.width), np.bool_)
    for column, row in area.cells():
        shift = (column - anchor.column, row - anchor.row)
        value = result(tree, anchor.at(column, row, shift))
        found[row - area.first_row, column - area.first_column] = is_match(value)
    return found


def result(tree: Expression, context: Context) -> CellValue:
    """The value that a cell with the formula shows: a blank is 0, of an array the first cell."""
    value = first_cell(evaluate(last_operation(tree), context), context)
    return 0.0 if value is None else value


def evaluate_formula(tree: Expression, context: Context) -> CellValue | Objects:
    """The result of a formula: a cell value, or with ``context.array`` an array of them.

    Raises:
        UnsupportedError: the formula uses what is not implemented.
    """
    if not context.array:
        return result(tree, context)
    try:
        plain = context.plain(evaluate(last_operation(tree), replace(context, array=False)))
    except CellError as fault:
        return fault.error
    if isinstance(plain, Block):
        return plain.values
    return 0.0 if plain is None else plain
