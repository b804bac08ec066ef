"""Two-dimensional arrays of cell values with typed views, the currency of array formulas."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from grammar.calc.coercion import fold
from grammar.values import CellValue, ExcelError

BLANK, NUMBER, BOOL, TEXT, ERROR = range(5)
"""Codes of the kinds; those up to ``BOOL`` calculate as numbers."""
CODES: dict[type, int] = {
    type(None): BLANK,
    float: NUMBER,
    bool: BOOL,
    str: TEXT,
    ExcelError: ERROR,
}

Objects = NDArray[np.object_]
Codes = NDArray[np.int8]
Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Block:
    """An array of cell values ``(height, width)``.

    ``codes`` int8 says what each cell holds, ``numbers`` float64 holds numbers, 1 for TRUE, 0 for
    FALSE and blanks, NaN for text and errors; ``values`` holds the cells as objects.
    """

    def __init__(
        self,
        values: Objects | None = None,
        codes: Codes | None = None,
        numbers: Numbers | None = None,
    ) -> None:
        self.origin: tuple[Block, tuple[slice, slice]] | None = None
        if values is not None:
            self.values = values
        if codes is not None:
            self.codes = codes
        if numbers is not None:
            self.numbers = numbers
        source = values if values is not None else codes
        self.shape: tuple[int, int] = (0, 0) if source is None else source.shape[:2]

    @classmethod
    def of_rows(cls, rows: Sequence[Sequence[CellValue]]) -> Block:
        """The block of equally long rows."""
        values = np.empty((len(rows), len(rows[0])), object)
        for index, row in enumerate(rows):
            values[index, :] = row
        return cls(values)

    @classmethod
    def of_list(cls, cells: Sequence[CellValue], shape: tuple[int, int]) -> Block:
        """The block of cells listed row by row."""
        return cls(object_array(cells, shape))

    @classmethod
    def of_numbers(cls, numbers: Numbers) -> Block:
        """The block of finite numbers."""
        return cls(codes=np.full(numbers.shape, NUMBER, np.int8), numbers=numbers)

    @classmethod
    def of_mask(cls, mask: Mask) -> Block:
        """The block of booleans."""
        return cls(codes=np.full(mask.shape, BOOL, np.int8), numbers=mask.astype(np.float64))

    @cached_property
    def values(self) -> Objects:
        """The cells as objects."""
        if self.origin is not None:
            return self.origin[0].values[self.origin[1]]
        values = np.empty(self.shape, object)
        values[...] = self.numbers.astype(object)
        values[self.codes == BOOL] = (self.numbers[self.codes == BOOL] != 0).astype(object)
        values[self.codes == BLANK] = None
        return values

    @cached_property
    def codes(self) -> Codes:
        """What each cell holds, one of ``BLANK`` to ``ERROR``."""
        if self.origin is not None:
            return self.origin[0].codes[self.origin[1]]
        flat = self.values.ravel()
        found = np.fromiter((CODES[type(v)] for v in flat), np.int8, flat.size)
        return found.reshape(self.shape)

    @cached_property
    def numbers(self) -> Numbers:
        """The cells as numbers, NaN for text and errors."""
        if self.origin is not None:
            return self.origin[0].numbers[self.origin[1]]
        numbers = np.zeros(self.shape)
        known = (self.codes == NUMBER) | (self.codes == BOOL)
        numbers[self.codes > BOOL] = np.nan
        numbers[known] = self.values[known].astype(np.float64)
        return numbers

    @cached_property
    def plain(self) -> bool:
        """Whether no cell holds text or an error."""
        return not bool((self.codes > BOOL).any())

    @cached_property
    def lower_ids(self) -> tuple[NDArray[np.int32], dict[str, int]]:
        """Numbers of the lower-case texts (-1 for no text), and the number of each."""
        if self.origin is not None:
            ids, known = self.origin[0].lower_ids
            return ids[self.origin[1]], known
        return self._ids(str.lower)

    @cached_property
    def folded_ids(self) -> tuple[NDArray[np.int32], dict[str, int]]:
        """As ``lower_ids``, for texts folded as criteria compare them."""
        if self.origin is not None:
            ids, known = self.origin[0].folded_ids
            return ids[self.origin[1]], known
        return self._ids(fold)

    def _ids(self, key: Callable[[str], str]) -> tuple[NDArray[np.int32], dict[str, int]]:
        known: dict[str, int] = {}
        ids = np.full(self.shape, -1, np.int32)
        mask = self.codes == TEXT
        ids[mask] = [known.setdefault(key(text), len(known)) for text in self.values[mask]]
        return ids, known

    @cached_property
    def first_error(self) -> ExcelError | None:
        """The first error, row by row."""
        failed = self.codes == ERROR
        return self.values[failed][0] if failed.any() else None

    @cached_property
    def only_numbers(self) -> Numbers:
        """The numbers that stand in cells, in order, ``(count,) float64``."""
        found: Numbers = self.numbers[self.codes == NUMBER]
        return found

    @property
    def first(self) -> CellValue:
        """The top-left cell."""
        value: CellValue = self.values[0, 0]
        return value

    def flat(self) -> list[CellValue]:
        """The cells row by row."""
        return list(self.values.ravel())

    def rows(self) -> list[list[CellValue]]:
        """The cells as lists of rows."""
        return [list(row) for row in self.values]

    def part(self, top: int, left: int, height: int, width: int) -> Block:
        """A rectangle of the block; what is once found out for the whole serves its parts."""
        part = Block.__new__(Block)
        part.shape = (height, width)
        part.origin = (self, (slice(top, top + height), slice(left, left + width)))
        return part


Operand = CellValue | Block


def object_array(cells: Iterable[CellValue], shape: tuple[int, int]) -> Objects:
    """An object array of cells listed row by row."""
    values = np.empty(shape[0] * shape[1], object)
    values[:] = list(cells)
    return values.reshape(shape)


def common_shape(blocks: Iterable[Block]) -> tuple[int, int]:
    """The shape that all blocks together spread to: the largest height and width."""
    shapes = [block.shape for block in blocks]
    return max(h for h, _ in shapes), max(w for _, w in shapes)


def fits(block: Block, shape: tuple[int, int]) -> bool:
    """Whether a block spreads over a shape without gaps."""
    return all(own in (1, whole) for own, whole in zip(block.shape, shape, strict=True))


def spread(block: Block, shape: tuple[int, int]) -> Block:
    """The block over a larger shape: single rows and columns repeat, gaps are ``#N/A``."""
    if block.shape == shape:
        return block
    if fits(block, shape):
        return Block(np.broadcast_to(block.values, shape))
    height, width = (1 if own == 1 else own for own in block.shape)
    values = np.full(shape, ExcelError.NA, object)
    rows = slice(None) if height == 1 else slice(0, height)
    columns = slice(None) if width == 1 else slice(0, width)
    values[rows, columns] = block.values
    return Block(values)
