"""Findings about where a rule's formula looks: rows and columns beside the cell it is drawn on."""

from __future__ import annotations

from collections.abc import Iterator

from grammar.formula_tree import CellRef, Expression, RangeRef, children
from grammar.ooxml_existing import TEXT_KINDS
from grammar.ooxml_match import Place
from grammar.ranges import MAX_COLUMN, MAX_ROW, address
from server.checks.lint_findings import Finding
from server.checks.lint_rules import LintedRule, SheetRules, anchor

_OWN_CELL = frozenset(
    (
        *TEXT_KINDS,
        "timePeriod",
        "containsBlanks",
        "notContainsBlanks",
        "containsErrors",
        "notContainsErrors",
    )
)
"""Kinds whose formula looks at the very cell that is formatted."""
_WRAPPED = 1000
"""Rows or columns from the sheet's end: a relative reference there has run round the edge."""


def reference_findings(sheet: SheetRules, rule: LintedRule) -> Iterator[Finding]:
    """References that look one row or column beside what the rule is drawn on."""
    tree = rule.tree
    if tree is None or not rule.rule.formulas or rule.is_scale:
        return
    cells = list(_cells(tree))
    wrapped = next((cell for cell in cells if _is_wrapped(cell, anchor(rule))), None)
    if wrapped is not None:
        yield rule.finding(
            "shifted-reference",
            f"{address(wrapped.column, wrapped.row)} lies at the sheet's far edge: the formula "
            f"was written for another cell than {rule.rule.anchor}, where the range starts.",
        )
        return
    relative = [cell for cell in cells if cell.sheet is None]
    found = _offset(rule, relative) if len(relative) == len(cells) else None
    if found is not None and not _has_relative_range(tree):
        yield rule.finding("shifted-reference", found)


def _cells(tree: Expression) -> Iterator[CellRef]:
    """Single cells with something relative, those at the ends of ranges apart."""
    if isinstance(tree, CellRef):
        if not (tree.absolute_row and tree.absolute_column):
            yield tree
        return
    if not isinstance(tree, RangeRef):
        for child in children(tree):
            yield from _cells(child)


def _has_relative_range(tree: Expression) -> bool:
    if isinstance(tree, RangeRef):
        ends = (tree.start, tree.end)
        rows = tree.whole != "columns" and any(not end.absolute_row for end in ends)
        columns = tree.whole != "rows" and any(not end.absolute_column for end in ends)
        return rows or columns
    return any(map(_has_relative_range, children(tree)))


def _is_wrapped(cell: CellRef, start: Place) -> bool:
    row = not cell.absolute_row and cell.row > MAX_ROW - _WRAPPED and start[1] < MAX_ROW // 2
    column = (
        not cell.absolute_column
        and cell.column > MAX_COLUMN - _WRAPPED
        and start[0] < MAX_COLUMN // 2
    )
    return row or column


def _offset(rule: LintedRule, cells: list[CellRef]) -> str | None:
    """What to say where all relative references lie to the same side of the formatted cell."""
    start = anchor(rule)
    rows = {cell.row - start[1] for cell in cells if not cell.absolute_row}
    columns = {cell.column - start[0] for cell in cells if not cell.absolute_column}
    if rule.rule.kind in _OWN_CELL:
        return _of_another_cell(rule, rows, columns)
    first = rule.rule.areas[0]
    place = (first.first_column - start[0], first.first_row - start[1])
    moved = any(place[axis] and side for axis, side in ((0, columns), (1, rows)))
    if moved and _all_at(columns, place[0]) and _all_at(rows, place[1]):
        return (
            f"The formula is written for {address(first.first_column, first.first_row)}, but "
            f"Excel takes it from {rule.rule.anchor}, the corner of the box around all ranges."
        )
    return _beside(rule, rows, columns)


def _all_at(offsets: set[int], place: int) -> bool:
    return not offsets or offsets == {place}


def _of_another_cell(rule: LintedRule, rows: set[int], columns: set[int]) -> str | None:
    if rows <= {0} and columns <= {0}:
        return None
    return (
        f"The formula looks at another cell than {rule.rule.anchor}, where the range starts, so "
        "every cell is judged by another one."
    )


def _beside(rule: LintedRule, rows: set[int], columns: set[int]) -> str | None:
    heights = max(area.height for area in rule.rule.areas)
    widths = max(area.width for area in rule.rule.areas)
    if len(rows) == 1 and rows <= {-1, 1} and heights > 1 and columns <= {0}:
        side = "above" if rows == {-1} else "below"
        return (
            f"Every cell is judged by the row {side} it: the range starts in row "
            f"{anchor(rule)[1]}, the formula in row {anchor(rule)[1] + min(rows)}."
        )
    if len(columns) == 1 and columns <= {-1, 1} and widths > 1 and rows <= {0}:
        side = "left" if columns == {-1} else "right"
        return f"Every cell is judged by the column to its {side}."
    return None
