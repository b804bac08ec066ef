"""Functions that look a value up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from grammar.calc.blocks import Block
from grammar.calc.coercion import fold, to_bool, to_number
from grammar.calc.comparison import compare, rank
from grammar.calc.context import Context, Value
from grammar.calc.criteria import fold_pattern, has_wildcards, wildcard_pattern
from grammar.calc.faults import CellError
from grammar.calc.grid import Reference
from grammar.calc.registry import as_block, excel
from grammar.ranges import Area
from grammar.values import CellValue, ExcelError

Cells = Sequence[CellValue]


class Index:
    """The places of every value of a list, for exact look-ups."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.first: dict[object, int] = {}
        self.last: dict[object, int] = {}
        for place, cell in enumerate(cells):
            key = index_key(cell)
            self.first.setdefault(key, place)
            self.last[key] = place


def index_key(cell: CellValue) -> object:
    """What equal values have in common: text folded, numbers at 15 digits, apart by kind."""
    if isinstance(cell, str):
        return fold(cell)
    if isinstance(cell, bool) or not isinstance(cell, float):
        return (type(cell), cell)
    return 0.0 if cell == 0 else float(f"{cell:.14e}")


def vector(context: Context, value: Value) -> Index:
    """The cells of one row or column, indexed once for a range.

    Raises:
        CellError: it has several rows and columns (``#N/A``).
    """
    key = ("index", context.sheet_of(value), value.areas) if isinstance(value, Reference) else None
    if key is not None and key in context.memory.answers:
        known: Index = context.memory.answers[key]
        return known
    block = as_block(context, value)
    if 1 not in block.shape:
        raise CellError(ExcelError.NA)
    index = Index(block.flat())
    if key is not None and len(context.memory.answers) < 4096:
        context.memory.answers[key] = index
    return index


def exact_place(wanted: CellValue, index: Index, wildcards: bool, backwards: bool = False) -> int:
    """0-based place of an equal value.

    Raises:
        CellError: there is none (``#N/A``).
    """
    if wildcards and isinstance(wanted, str) and (has_wildcards(wanted) or "~" in wanted):
        pattern = wildcard_pattern(fold(fold_pattern(wanted)))
        order = range(len(index.cells))
        for place in reversed(order) if backwards else order:
            cell = index.cells[place]
            if isinstance(cell, str) and pattern.fullmatch(fold(cell)):
                return place
        raise CellError(ExcelError.NA)
    wanted = 0.0 if wanted is None else wanted
    found = (index.last if backwards else index.first).get(index_key(wanted))
    if found is None:
        raise CellError(ExcelError.NA)
    return found


def sorted_place(wanted: CellValue, cells: Cells, descending: bool = False) -> int:
    """0-based place of the last value not beyond the wanted one, by halving.

    Raises:
        CellError: all are beyond it (``#N/A``).
    """
    wanted = 0.0 if wanted is None else wanted
    same = [
        place
        for place, cell in enumerate(cells)
        if cell is not None and not isinstance(cell, ExcelError) and rank(cell) == rank(wanted)
    ]
    low, high = 0, len(same) - 1
    while low <= high:
        middle = (low + high) // 2
        order = compare(cells[same[middle]], wanted)
        if descending and order == 0:
            return _first_equal(same, middle, cells, wanted)
        if (order >= 0) if descending else (order <= 0):
            low = middle + 1
        else:
            high = middle - 1
    if high < 0:
        raise CellError(ExcelError.NA)
    return same[high]


def _first_equal(same: list[int], middle: int, cells: Cells, wanted: CellValue) -> int:
    while middle and compare(cells[same[middle - 1]], wanted) == 0:
        middle -= 1
    return same[middle]


def _refuse_error(value: CellValue) -> None:
    if isinstance(value, ExcelError):
        raise CellError(value)


def _for_each(context: Context, wanted: Value, answer: Callable[[CellValue], Value]) -> Value:
    """The answer for one looked-up value, or for each of an array of them."""
    plain = context.plain(wanted)
    if not isinstance(plain, Block):
        _refuse_error(plain)
        return answer(plain)
    cells: list[CellValue] = []
    for cell in plain.flat():
        try:
            _refuse_error(cell)
            cells.append(context.scalar(answer(cell)))
        except CellError as fault:
            cells.append(fault.error)
    return Block.of_list(cells, plain.shape)


@excel("MATCH", "rr", "v", context=True)
def match(context: Context, wanted: Value, cells: Value, kind: CellValue = 1.0) -> Value:
    """1-based place of a value in a row or column."""
    mode = to_number(kind, context.locale)

    def answer(cell: CellValue) -> Value:
        index = vector(context, cells)
        if mode == 0:
            return float(exact_place(cell, index, True) + 1)
        return float(sorted_place(cell, index.cells, mode < 0) + 1)

    return _for_each(context, wanted, answer)


def _lines(context: Context, table: Value, down: bool) -> tuple[Block, Index]:
    block = as_block(context, table)
    key = (
        ("edge", context.sheet_of(table), table.areas, down)
        if isinstance(table, Reference)
        else None
    )
    found: Index | None = context.memory.answers.get(key) if key else None
    if found is None:
        found = Index(list(block.values[:, 0] if down else block.values[0, :]))
        if key:
            context.memory.answers[key] = found
    return block, found


def _table_lookup(
    context: Context, wanted: Value, table: Value, number: Value, sorted_: CellValue, down: bool
) -> Value:
    if isinstance(table, ExcelError):
        raise CellError(table)
    nearest = to_bool(sorted_) if not isinstance(sorted_, float) else sorted_ != 0
    line = int(to_number(context.scalar(number), context.locale))

    def answer(cell: CellValue) -> Value:
        block, index = _lines(context, table, down)
        if line < 1:
            raise CellError(ExcelError.VALUE)
        if line > block.shape[1 if down else 0]:
            raise CellError(ExcelError.REF)
        place = sorted_place(cell, index.cells) if nearest else exact_place(cell, index, True)
        found: CellValue = block.values[(place, line - 1) if down else (line - 1, place)]
        return found

    return _for_each(context, wanted, answer)


@excel("VLOOKUP", "rrr", "v", context=True)
def vlookup(
    context: Context, wanted: Value, table: Value, number: Value, sorted_: CellValue = True
) -> Value:
    """The cell of a table's column beside a value of its first one."""
    return _table_lookup(context, wanted, table, number, sorted_, True)


@excel("HLOOKUP", "rrr", "v", context=True)
def hlookup(
    context: Context, wanted: Value, table: Value, number: Value, sorted_: CellValue = True
) -> Value:
    """The cell of a table's row below a value of its first one."""
    return _table_lookup(context, wanted, table, number, sorted_, False)


@excel("LOOKUP", "rr", "r", context=True)
def lookup(context: Context, wanted: Value, cells: Value, results: Value = None) -> Value:
    """The result at the place of the last value not beyond the wanted one."""
    block = as_block(context, cells)
    height, width = block.shape
    if results is None:
        keys = list(block.values[:, 0] if height >= width else block.values[0, :])
        answers = list(block.values[:, -1] if height >= width else block.values[-1, :])
    else:
        keys, answers = block.flat(), as_block(context, results).flat()

    def answer(cell: CellValue) -> Value:
        place = sorted_place(cell, keys)
        return answers[place] if place < len(answers) else ExcelError.NA

    return _for_each(context, wanted, answer)


def nearest_place(wanted: CellValue, cells: Cells, larger: bool) -> int:
    """0-based place of an equal value, or of the next smaller or larger one.

    Raises:
        CellError: there is none (``#N/A``).
    """
    best: int | None = None
    for place, cell in enumerate(cells):
        if cell is None or isinstance(cell, ExcelError) or rank(cell) != rank(wanted):
            continue
        order = compare(cell, wanted)
        if order == 0:
            return place
        if (order > 0) != larger:
            continue
        if best is None or (compare(cell, cells[best]) < 0) == larger:
            best = place
    if best is None:
        raise CellError(ExcelError.NA)
    return best


def _x_place(wanted: CellValue, index: Index, mode: int, search: int) -> int:
    if mode not in (0, -1, 1, 2) or search not in (1, -1, 2, -2):
        raise CellError(ExcelError.VALUE)
    if mode in (0, 2):
        return exact_place(wanted, index, mode == 2, search < 0)
    if search != -1:
        return nearest_place(wanted, index.cells, mode == 1)
    backwards = nearest_place(wanted, index.cells[::-1], mode == 1)
    return len(index.cells) - 1 - backwards


@excel("XMATCH", "rr", "ii", context=True)
def xmatch(context: Context, wanted: Value, cells: Value, mode: int = 0, search: int = 1) -> Value:
    """1-based place of a value in a row or column."""
    index = vector(context, cells)
    return _for_each(context, wanted, lambda c: float(_x_place(c, index, mode, search) + 1))


@excel("XLOOKUP", "rrr", "rii", context=True)
def xlookup(
    context: Context,
    wanted: Value,
    cells: Value,
    results: Value,
    otherwise: Value = ExcelError.NA,
    mode: int = 0,
    search: int = 1,
) -> Value:
    """The result at the place of a value."""
    if isinstance(cells, ExcelError):
        raise CellError(cells)
    otherwise = ExcelError.NA if otherwise is None else otherwise
    index = vector(context, cells)
    down = as_block(context, cells).shape[1] == 1 and len(index.cells) > 1

    def answer(cell: CellValue) -> Value:
        try:
            place = _x_place(cell, index, mode, search)
        except CellError as fault:
            if fault.error is ExcelError.NA:
                return otherwise
            raise
        return _line_at(context, results, place, down or as_block(context, results).shape[1] == 1)

    return _for_each(context, wanted, answer)


def _line_at(context: Context, results: Value, place: int, down: bool) -> Value:
    if isinstance(results, Reference):
        area = results.area
        if down:
            row = area.first_row + place
            return Reference((Area(area.first_column, row, area.last_column, row),), results.sheet)
        column = area.first_column + place
        return Reference((Area(column, area.first_row, column, area.last_row),), results.sheet)
    block = as_block(context, results)
    line = block.values[place : place + 1, :] if down else block.values[:, place : place + 1]
    return line[0, 0] if line.size == 1 else Block(line)
