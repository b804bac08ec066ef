"""One value a row, typed cell by cell: what scalars evaluate to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from grammar.calc.comparison import compare_text, same_number
from grammar.table import BLANK, BOOL, DATE, ERROR, NUMBER, TEXT, TableColumn, kind_code
from grammar.values import CellValue

Mask = NDArray[np.bool_]
Codes = NDArray[np.int8]
Numbers = NDArray[np.float64]
Texts = NDArray[np.object_]
Cells = NDArray[np.object_]

LOOSE = 6
"""A number that may be a date: a cell whose format is not known."""
INVALID = 7
"""No value of use, as the sum of a number and a text."""


def _among(*codes: int) -> Mask:
    """``(codes,) bool``: which codes these are."""
    found = np.zeros(INVALID + 1, np.bool_)
    found[list(codes)] = True
    return found


_IS_NUMERIC = _among(NUMBER, DATE, LOOSE)
_IS_COUNTED = _among(NUMBER, DATE, LOOSE, BOOL)


@dataclass(frozen=True, eq=False)
class Vector:
    """Kinds ``(rows,) int8``, numbers (date serials, 0 and 1 for booleans) and texts of all rows.

    Beside the codes of :mod:`grammar.table` there are :data:`LOOSE` and :data:`INVALID`. Text of
    nothing but spaces is ``BLANK``, as it is to Excel's Blanks rule.
    """

    codes: Codes
    numbers: Numbers
    texts: Texts

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def numeric(self) -> Mask:
        """Where a number or a date stands."""
        return _IS_NUMERIC[self.codes]

    def shifted(self, offset: int) -> Vector:
        """Row r holds what row r + offset held; blank where there is none."""
        rows = np.arange(len(self)) + offset
        inside = (rows >= 0) & (rows < len(self))
        source = np.where(inside, rows, 0)
        codes = np.where(inside, self.codes[source], BLANK).astype(np.int8)
        return Vector(codes, self.numbers[source], self.texts[source])


def column_vector(column: TableColumn) -> Vector:
    """The cells of a table column."""
    return _vector(column.cells, column.codes.copy())


def constant(value: CellValue, count: int, code: int | None = None) -> Vector:
    """The same value in ``count`` rows, of its own kind unless ``code`` says otherwise."""
    if code is None:
        code = kind_code(value, False)
    one = _vector(object_array((value,), 1), np.array([code], np.int8))
    rows = np.zeros(count, np.intp)
    return Vector(one.codes[rows], one.numbers[rows], one.texts[rows])


def number_vector(numbers: Numbers, codes: Codes) -> Vector:
    """Results of arithmetic; what is not finite is an error."""
    failed = _IS_NUMERIC[codes] & ~np.isfinite(numbers)
    return Vector(
        np.where(failed, ERROR, codes).astype(np.int8), numbers, np.full(len(codes), "", object)
    )


def text_vector(texts: Iterable[str], codes: Codes) -> Vector:
    """Results of text functions; ``texts`` has one entry a row."""
    return Vector(codes, np.full(len(codes), np.nan), object_array(texts, len(codes)))


def object_array(texts: Iterable[CellValue], count: int) -> Cells:
    """``(count,)`` objects."""
    array = np.empty(count, object)
    array[:] = list(texts)
    return array


def _vector(cells: Cells, codes: Codes) -> Vector:
    texts = np.full(len(cells), "", object)
    numbers = np.full(len(cells), np.nan)
    worded, counted = codes == TEXT, _IS_COUNTED[codes]
    texts[worded] = cells[worded]
    numbers[counted] = cells[counted].astype(np.float64)
    blank = {text for text in set(texts[worded].tolist()) if not text.strip(" ")}
    if blank:
        codes[worded] = [BLANK if text in blank else TEXT for text in texts[worded].tolist()]
    return Vector(codes, numbers, texts)


def number_signs(left: Numbers, right: Numbers) -> Numbers:
    """-1, 0 or 1 for every pair at 15 significant digits; NaN where one is NaN."""
    with np.errstate(all="ignore"):
        gap = left - right
        signs = np.sign(gap)
        near = np.abs(gap) <= 1e-14 * np.maximum(np.abs(left), np.abs(right))
    for row in np.flatnonzero(near & (signs != 0)):
        if same_number(float(left[row]), float(right[row])):
            signs[row] = 0
    return signs


def number_keys(numbers: Numbers) -> Numbers:
    """One number for all that agree in their first 15 digits."""
    distinct, places = np.unique(numbers, return_inverse=True)
    new = np.ones(len(distinct), bool)
    gaps = np.diff(distinct)
    near = np.flatnonzero(gaps <= 1e-14 * np.maximum(abs(distinct[1:]), abs(distinct[:-1])))
    for index in near.tolist():
        new[index + 1] = not same_number(float(distinct[index]), float(distinct[index + 1]))
    keys: Numbers = distinct[new][np.cumsum(new) - 1][places]
    return keys


def text_signs(left: Texts, right: Texts) -> Numbers:
    """-1, 0 or 1 for every pair, case ignored."""
    return np.array(answers(compare_text, left, right), np.float64)


Answer = TypeVar("Answer")


def answers(ask: Callable[[str, str], Answer], left: Texts, right: Texts) -> list[Answer]:
    """The answer for every pair of texts, each distinct pair asked about once."""
    known: dict[tuple[str, str], Answer] = {}
    found = []
    for pair in zip(left.tolist(), right.tolist(), strict=True):
        if pair not in known:
            known[pair] = ask(*pair)
        found.append(known[pair])
    return found


def same_kind_numbers(left: Vector, right: Vector) -> Mask:
    """Where numbers meet numbers or dates meet dates."""
    loose = (left.codes == LOOSE) | (right.codes == LOOSE)
    same: Mask = left.numeric & right.numeric & (loose | (left.codes == right.codes))
    return same


def row_by_row(test: Callable[[str, str], bool], left: Texts, right: Texts, where: Mask) -> Mask:
    """The test of the rows in ``where``; false elsewhere."""
    result = np.zeros(len(where), bool)
    result[where] = answers(test, left[where], right[where])
    return result
