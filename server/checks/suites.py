"""Suites of expectations: found, read and resolved to cases that can be run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import groupby
from pathlib import Path

from pydantic import ValidationError

from grammar.errors import RequestError
from grammar.ranges import Area, parse_sqref
from grammar.table import Table, TableColumn
from grammar.values import ERRORS_BY_TEXT, CellValue, to_serial
from server.checks.suite_errors import complaints
from server.checks.suite_schema import CaseEntry, Cell, RankBounds, Rows, SuiteEntry, TableEntry
from server.checks.suite_yaml import parse_yaml

PATTERN = "*.check.yaml"
"""Names of the files that a folder is searched for."""
_MOST_BYTES = 16 * 1024 * 1024
_MOST_CELLS = 1_000_000


@dataclass(frozen=True)
class Case:
    """One expectation with all that it needs; ``id`` is unique among the cases of a run."""

    id: str
    suite: Path
    entry: CaseEntry
    inline: TableEntry | None
    workbook: Path | None
    sheet: str | None
    area: str | None
    today: dt.date

    @cached_property
    def table(self) -> Table:
        """The cells that the case is about.

        Raises:
            WorkbookError: the workbook, sheet or range cannot be read.
        """
        if self.inline is not None:
            return inline_table(self.inline)
        if self.workbook is None:
            raise RequestError(f"{self.id} has neither a table nor a workbook")
        return _workbook_table(self.workbook, self.sheet, self.area, changed(self.workbook))

    @property
    def ranks(self) -> range:
        """The places that may hold the right candidate."""
        rank = self.entry.rank
        if isinstance(rank, RankBounds):
            return range(rank.least, rank.most + 1)
        return range(1, (rank or 1) + 1)


@lru_cache(maxsize=16)
def _workbook_table(
    workbook: Path, sheet: str | None, area: str | None, stamp: tuple[int, int]
) -> Table:
    """A table of a workbook, read once for all cases on it until the file changes."""
    from server.workbooks import read_table

    return read_table(workbook, sheet, area)


def changed(path: Path) -> tuple[int, int]:
    """What tells a file from the one that was there before."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


@dataclass(frozen=True)
class Suite:
    """The cases of one file."""

    path: Path
    name: str
    cases: tuple[Case, ...] = field(default=())


def find_suites(paths: Iterable[Path]) -> Iterator[Path]:
    """Every file that is named, and those of every folder that are called ``*.check.yaml``."""
    for path in paths:
        yield from sorted(path.rglob(PATTERN)) if path.is_dir() else (path,)


def load_suite(path: Path, today: dt.date) -> Suite:
    """The cases of a file; ``today`` where it names no day.

    Raises:
        RequestError: it cannot be read, or something in it is not of the layout.
    """
    return parse_suite(path, _text(path), today)


def parse_suite(path: Path, text: str, today: dt.date, workbook: Path | None = None) -> Suite:
    """The cases of a suite's text.

    With a ``workbook`` all cases are about it, whatever the suite names; those with a table or
    workbook of their own are left out.

    Raises:
        RequestError: something in it is not of the layout.
    """
    entry = _entry(path, text)
    name = entry.name or path.name.removesuffix(".check.yaml")
    cases: dict[str, Case] = {}
    for number, one in enumerate(entry.cases, 1):
        if workbook is not None and _has_cells(one):
            continue
        case = _case(path, entry, one, name, number, today)
        if case.id in cases:
            raise RequestError(
                f"{path}: case {number} is called {case.id!r}, as one before it; give it a name"
            )
        if workbook is not None:
            case = replace(case, inline=None, workbook=workbook)
        elif case.inline is None and case.workbook is None:
            raise RequestError(f"{path}: case {number} needs either a table or a workbook")
        cases[case.id] = case
    return Suite(path, name, tuple(cases.values()))


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise RequestError(f"{path}: it is larger than {_MOST_BYTES:,} bytes")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(f"{path}: it is no text in UTF-8") from error
    except OSError as error:
        raise RequestError(f"{path}: it cannot be read: {error.strerror}") from error


@lru_cache(maxsize=64)
def _entry(path: Path, text: str) -> SuiteEntry:
    try:
        data = parse_yaml(text)
    except ValueError as error:
        raise RequestError(f"{path}: it cannot be read as YAML: {error}") from error
    try:
        return SuiteEntry.model_validate(data)
    except ValidationError as error:
        found = (f"{path}: {one}" for one in complaints(error, data, text))
        raise RequestError("\n".join(found)) from error


def _has_cells(entry: SuiteEntry | CaseEntry) -> bool:
    return entry.table is not None or entry.workbook is not None


def _case(
    path: Path, suite: SuiteEntry, entry: CaseEntry, name: str, number: int, today: dt.date
) -> Case:
    source: SuiteEntry | CaseEntry = entry if _has_cells(entry) else suite
    if source.table is not None and source.workbook is not None:
        raise RequestError(f"{path}: case {number} needs either a table or a workbook")
    table = source.table
    said = entry.rule if isinstance(entry.rule, str) else entry.request
    return Case(
        id=f"{name}: {entry.name or said or f'case {number}'}",
        suite=path,
        entry=entry,
        inline=TableEntry(rows=table) if isinstance(table, list) else table,
        workbook=path.parent / source.workbook if source.workbook else None,
        sheet=entry.sheet or suite.sheet,
        area=entry.range or suite.range,
        today=entry.today or suite.today or today,
    )


def inline_table(entry: TableEntry) -> Table:
    """The table of some rows; text stays text, ``#N/A`` and its kin are errors."""
    corner = Area.parse(entry.address)
    width = max(map(len, entry.rows))
    return Table(
        tuple(_column(entry.rows, index) for index in range(width)),
        first_column=corner.first_column,
        first_row=corner.first_row + 1,
    )


def _column(rows: Rows, index: int) -> TableColumn:
    header, *cells = (row[index] if index < len(row) else None for row in rows)
    dates = tuple(isinstance(cell, dt.date) for cell in cells)
    shown = "yyyy-mm-dd" if any(dates) else "General"
    name = "" if header is None else str(header)
    return TableColumn(name, tuple(map(_value, cells)), dates, shown)


def _value(cell: Cell) -> CellValue:
    if isinstance(cell, dt.date):
        return to_serial(cell)
    if isinstance(cell, str):
        return ERRORS_BY_TEXT.get(cell, cell)
    return cell


def cells_of(texts: Iterable[str]) -> frozenset[tuple[int, int]]:
    """The cells of addresses and ranges, as (0-based column, 1-based row).

    Raises:
        RangeError: one of them is none.
        RequestError: they are too many to be listed.
    """
    areas = [area for text in texts for area in parse_sqref(text)]
    if sum(area.width * area.height for area in areas) > _MOST_CELLS:
        raise RequestError(f"a case lists at most {_MOST_CELLS:,} cells")
    return frozenset(place for area in areas for place in area.cells())


def compact(places: Iterable[tuple[int, int]]) -> list[str]:
    """Ranges over the same cells, few of them, from the top down."""
    from server.workbooks.merge import joined_areas

    runs = []
    for column, cells in groupby(sorted(places), key=lambda place: place[0]):
        runs += [Area(column, row, column, row) for _, row in cells]
    return [str(area) for area in joined_areas(runs)]
