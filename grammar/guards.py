"""What keeps an Excel formula from selecting cells that the condition does not mean.

A guard is a conjunction of tests, such as ``ISNUMBER($D2)``, under which a scalar is of a kind;
``None`` says that it never is. It must hold when a blank is filled with a value of the column's own
type and when a value is emptied, so blanks are guarded against even where there are none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from grammar.formula_text import Parts, any_of, either, sum_of
from grammar.table import BLANK, BOOL, DATE, ERROR, NUMBER, TEXT, TableColumn
from grammar.values import from_serial
from grammar.vectors import column_vector

VALUE_KINDS = (NUMBER, DATE, TEXT, BOOL)
_SPANS = ((1950, 2100), (1920, 2200))
_FIRST_YEAR = 1901
"""Before, Excel counts a day (1900-02-29) that never was."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The kinds of cells in one column, with the guards that follow from them."""

    column: TableColumn

    @cached_property
    def present(self) -> frozenset[int]:
        """The kinds that occur, blanks apart.

        Text of spaces alone is a blank to a person; Excel still ranks it above every number.
        """
        codes = column_vector(self.column).codes
        kinds = {int(code) for code in np.unique(codes) if code != BLANK}
        has_empty_text = any(
            isinstance(value, str) and not value.strip(" ") for value in self.column.values
        )
        return frozenset(kinds | {TEXT} if has_empty_text else kinds)

    @property
    def kinds(self) -> frozenset[int]:
        """The kinds of value that occur; all of them where there is no value."""
        return self.present & frozenset(VALUE_KINDS) or frozenset(VALUE_KINDS)

    @property
    def has_errors(self) -> bool:
        return ERROR in self.present

    def only(self, *kinds: int) -> bool:
        """Whether there are values, and none of other kinds (errors apart)."""
        values = self.present - {ERROR}
        return bool(values) and values <= set(kinds)

    def guard(self, kind: int, cell: str, by_row: bool = False) -> Parts | None:
        """Under which the cell, given as a reference, holds a value of the kind.

        ``by_row`` asks for tests that work on every row of a range.
        """
        if kind in (NUMBER, DATE):
            return self._numeric_guard(kind, cell, by_row)
        if kind == BOOL:
            return (f"ISLOGICAL({cell})",)
        filled = f"LEN(TRIM({cell}))>0"
        return (filled,) if self.only(TEXT) else (f"ISTEXT({cell})", filled)

    def _numeric_guard(self, kind: int, cell: str, by_row: bool) -> Parts | None:
        other = DATE if kind == NUMBER else NUMBER
        if {NUMBER, DATE} <= self.present:
            return self._number_or_date(kind, cell, by_row)
        return None if other in self.present else (f"ISNUMBER({cell})",)

    def _number_or_date(self, kind: int, cell: str, by_row: bool) -> Parts:
        """Dates told from numbers by a span of years, else by the cell's format."""
        if self._span is None:
            sign = "=" if kind == DATE else "<>"
            return (f"ISNUMBER({cell})", f'LEFT(CELL("format",{cell}),1){sign}"D"')
        first, last = (f"DATE({year},1,1)" for year in self._span)
        if kind == DATE:
            return (f"{cell}>={first}", f"{cell}<{last}")
        outside = (f"{cell}<{first}", f"{cell}>={last}")
        return (f"ISNUMBER({cell})", sum_of(outside) if by_row else any_of(outside))

    @cached_property
    def _span(self) -> tuple[int, int] | None:
        """Years that hold all dates of the column and none of its numbers."""
        vector = column_vector(self.column)
        dates = vector.numbers[vector.codes == DATE]
        numbers = vector.numbers[vector.codes == NUMBER]
        if dates.min() < _january(_FIRST_YEAR) or dates.max() >= _january(9000):
            return None
        low, high = (from_serial(float(day)).year for day in (dates.min(), dates.max()))
        for first, last in (*_SPANS, (low - 20, high + 21), (low - 2, high + 3), (low, high + 1)):
            years = max(first, _FIRST_YEAR), last
            start, end = map(_january, years)
            if start <= dates.min() and dates.max() < end and not _any_in(numbers, start, end):
                return years
        return None

    def words_guard(self, cell: str, by_row: bool = False) -> Parts | None:
        """Under which text functions read the cell: text or a number, but no date."""
        if not {BOOL, DATE} & self.present:
            return (f"LEN(TRIM({cell}))>0",)
        return either((self.guard(kind, cell, by_row) for kind in (TEXT, NUMBER)), by_row)


def _january(year: int) -> float:
    return float((np.datetime64(f"{year:04d}-01-01") - np.datetime64("1899-12-30")).astype(int))


def _any_in(numbers: np.ndarray[tuple[int], np.dtype[np.float64]], low: float, high: float) -> bool:
    return bool(((numbers >= low) & (numbers < high)).any())
