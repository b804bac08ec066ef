"""A condition as the Excel formula that selects the same cells.

Excel alone takes a blank for 0 and ranks text above every number; the formula asks for the type
wherever that would select cells that the condition does not mean.
"""

from __future__ import annotations

from collections.abc import Callable

from grammar import formula_predicates
from grammar.conditions import (
    Average,
    Cell,
    Column,
    Comparison,
    Condition,
    Formula,
    Junction,
    Neighbour,
    Not,
    Range,
    Rank,
    Scalar,
    State,
    TextTest,
    walk,
)
from grammar.formula_text import Parts, all_of, any_of, call
from grammar.scalar_formulas import ScalarWriter
from grammar.subjects import subject_cells, subject_column
from grammar.table import Table


def formula_of(condition: Condition, table: Table, *, column: int | None = None) -> str:
    """The formula, with its ``=``, relative to the first data row; columns are anchored.

    It selects the same cells as :func:`grammar.evaluate.matches`, also when a blank is filled with
    a value of its column's type or a value is emptied. A condition that draws a scale gives the
    formula of the cells that it draws on.

    Raises:
        InvalidRuleError: the condition names a column that the table does not have.
        UnsupportedError: the condition leaves a value open, or ranks a neighbour.
    """
    if column is None:
        column = subject_column(condition, table)
    parts = ConditionWriter(ScalarWriter(table, column)).parts(condition)
    return "=" + ("FALSE" if parts is None else all_of(parts))


class ConditionWriter:
    """Conditions as conjunctions of Excel tests; ``None`` where nothing can be selected."""

    def __init__(self, scalars: ScalarWriter) -> None:
        self.scalars = scalars

    def parts(self, condition: Condition) -> Parts | None:
        """The tests that must all hold."""
        if isinstance(condition, Junction):
            return self._junction(condition)
        if isinstance(condition, Not):
            return self._negation(condition)
        if isinstance(condition, Formula):
            return (condition.text.removeprefix("="),)
        return _WRITERS[type(condition)](self.scalars, condition)

    def _junction(self, junction: Junction) -> Parts | None:
        parts = [self.parts(part) for part in junction.parts]
        if junction.name == "OR":
            return self._alternatives(junction, parts)
        if any(part is None for part in parts):
            return None
        return tuple(dict.fromkeys(test for part in parts for test in part or ()))

    def _alternatives(self, junction: Junction, parts: list[Parts | None]) -> Parts | None:
        pairs = zip(junction.parts, parts, strict=True)
        tests = [self._safe(part, tests) for part, tests in pairs if tests is not None]
        if not tests:
            return None
        return () if "TRUE" in tests else (any_of(tests),)

    def _negation(self, negation: Not) -> Parts | None:
        part = negation.part
        opposite = _opposite(part)
        if opposite is not None:
            return self.parts(opposite)
        cells = subject_cells(part)
        filled = tuple(formula_predicates.filled(self.scalars, cell) for cell in cells)
        tests = self.parts(part)
        if tests is None:
            return filled
        return (*filled, call("NOT", self._safe(part, tests)))

    def _safe(self, condition: Condition, tests: Parts) -> str:
        """One test that is false where Excel would otherwise see an error."""
        test = all_of(tests)
        return call("IFERROR", test, "FALSE") if self.can_fail(condition) else test

    def can_fail(self, condition: Condition) -> bool:
        """Whether the tests of a condition can come out as an error."""
        if isinstance(condition, Junction):
            return condition.name == "AND" and any(map(self.can_fail, condition.parts))
        if isinstance(condition, Not):
            opposite = _opposite(condition.part)
            return opposite is not None and self.can_fail(opposite)
        if isinstance(condition, Formula | Rank | Average):
            return True
        if isinstance(condition, State) and condition.name in ("Errors", "NotBlanks"):
            return not isinstance(condition.x, Cell | Column)
        scalars = (part for part in walk(condition) if isinstance(part, Scalar))
        return any(self.scalars.can_fail(scalar) for scalar in scalars)


def _opposite(condition: Condition) -> State | None:
    """The one predicate that says the same as the condition's negation, where there is one."""
    if not isinstance(condition, State) or condition.name not in _OPPOSITES:
        return None
    is_cell = isinstance(condition.x, Column | Cell | Neighbour)
    if not is_cell and condition.name != "NotBlanks":
        return None
    return State(_OPPOSITES[condition.name], condition.x)


_OPPOSITES = {"Blanks": "NotBlanks", "NotBlanks": "Blanks", "Errors": "NoErrors"}
_WRITERS: dict[type[Condition], Callable[..., Parts | None]] = {
    Comparison: formula_predicates.comparison,
    Range: formula_predicates.within,
    TextTest: formula_predicates.text_test,
    State: formula_predicates.state,
    Rank: formula_predicates.rank,
    Average: formula_predicates.average,
}
