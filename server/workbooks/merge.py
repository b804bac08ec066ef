"""Fragments of one rule, as copying and pasting leaves them, joined to one rule again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from openpyxl.formula.translate import Translator, TranslatorError

from grammar.ranges import Area, address, bounding_box
from server.workbooks.bounds import DEFAULT_BOUNDS, Bounds
from server.workbooks.markup import Xml
from server.workbooks.output import whole_output
from server.workbooks.package import Source, open_package
from server.workbooks.placed import PlacedRule
from server.workbooks.session import open_sheet
from server.workbooks.sheet_rule import SheetRule
from server.workbooks.splice import insertions, removals

_BY_CELL = frozenset(
    (
        "expression",
        "cellIs",
        "containsText",
        "notContainsText",
        "beginsWith",
        "endsWith",
        "containsBlanks",
        "notContainsBlanks",
        "containsErrors",
        "notContainsErrors",
        "timePeriod",
    )
)
"""Kinds that look at one cell at a time; for others the cells of a rule are a part of it."""


_FAR = Area(8191, 524_288, 8191, 524_288)
"""A place in the middle of the sheet, from which relative references reach far to every side."""


@dataclass(frozen=True)
class MergeResult:
    """Whether the file changed, and the number of rules before and after."""

    changed: bool
    before: int
    after: int


def merge_rules(
    source: Source,
    sheet: str,
    output: Path,
    overwrite: bool = False,
    bounds: Bounds = DEFAULT_BOUNDS,
) -> MergeResult:
    """What became of the rules of a sheet after fragments of one rule were joined.

    Only neighbours in priority are joined, and only rules that say the same of every cell, so
    that every cell looks as it did.
    """
    with open_sheet(source, sheet, bounds) as opened:
        joined: dict[int, SheetRule] = {}
        gone: list[PlacedRule] = []
        for group in fragment_groups(opened.rules):
            rule = _joined(group) if len(group) > 1 else None
            if rule is not None:
                joined[group[0].priority] = rule
                gone += group
        rest = opened.edited(removals(opened.text, gone))
        merged = rest.edited(insertions(rest.text, rest.styles, joined))
        changed = merged.save(output, overwrite)
        before = len(opened.rules)
        return MergeResult(changed, before, before - len(gone) + len(joined))


def merge_workbook(
    source: Path, output: Path, sheet: str | None = None, bounds: Bounds = DEFAULT_BOUNDS
) -> dict[str, MergeResult]:
    """By sheet, what became of the rules of one sheet or all; the output is written whole.

    Raises:
        RangeError: there is no such sheet.
        OutputError: the output exists or cannot be written.
    """
    with open_package(source, bounds) as package:
        sheets = [package.sheet(sheet)] if sheet is not None else package.worksheets()
    found: dict[str, MergeResult] = {}
    current = source
    with tempfile.TemporaryDirectory(prefix="cellfusion-") as folder:
        for place, one in enumerate(sheets):
            step = Path(folder) / f"{place}.xlsx"
            found[one.name] = merge_rules(current, one.name, step, bounds=bounds)
            current = step if found[one.name].changed else current
        with whole_output(output) as stream, current.open("rb") as result:
            shutil.copyfileobj(result, stream)
    return found


def joined_areas(areas: Iterable[Area]) -> tuple[Area, ...]:
    """As few rectangles as joining neighbours gives, over the same cells."""
    current = sorted(set(areas))
    while True:
        stacked = _joined_along(current, "column")
        beside = _joined_along(stacked, "row")
        if beside == current:
            return tuple(current)
        current = beside


def _joined_along(areas: Sequence[Area], kept: str) -> list[Area]:
    """Rectangles joined that have the same columns (or rows) and touch or overlap."""
    by_column = kept == "column"
    lanes: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for area in areas:
        columns = (area.first_column, area.last_column)
        rows = (area.first_row, area.last_row)
        lane, span = (columns, rows) if by_column else (rows, columns)
        lanes.setdefault(lane, []).append(span)
    found = []
    for lane, spans in lanes.items():
        for first, last in _joined_spans(spans):
            columns, rows = (lane, (first, last)) if by_column else ((first, last), lane)
            found.append(Area(columns[0], rows[0], columns[1], rows[1]))
    return sorted(found)


def _joined_spans(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def fragment_groups(rules: Sequence[PlacedRule]) -> Iterator[list[PlacedRule]]:
    """Runs of rules, neighbours in priority, that are one rule in pieces."""
    group: list[PlacedRule] = []
    for rule in rules:
        if group and _is_fragment(group[0], rule):
            group.append(rule)
            continue
        if group:
            yield group
        group = [rule]
    if group:
        yield group


def fragment_key(rule: PlacedRule) -> str | None:
    """The same text for rules that say the same wherever they stand; ``None`` for what cannot be
    joined."""
    if not _is_mergeable(rule):
        return None
    moved = _moved(rule.value, rule.areas, (_FAR,))
    if moved is None:
        return None
    style = rule.dxf.render() if rule.dxf is not None else ""
    return f"{moved.canonical().render()}|{style}"


def _is_fragment(first: PlacedRule, other: PlacedRule) -> bool:
    if not _is_mergeable(first) or not _is_mergeable(other) or first.dxf != other.dxf:
        return False
    moved = _moved(other.value, other.areas, first.areas)
    return moved is not None and moved.canonical() == first.value.canonical()


def _is_mergeable(rule: PlacedRule) -> bool:
    plain = rule.kind in _BY_CELL and not rule.is_extension and not rule.is_pivot
    return plain and bool(rule.areas) and rule.node.find("extLst") is None


def _joined(group: Sequence[PlacedRule]) -> SheetRule | None:
    """One rule over the cells of all, its formulas written for their common corner."""
    areas = joined_areas(area for rule in group for area in rule.areas)
    first = group[0]
    value = _moved(first.value, first.areas, areas)
    if value is None:
        return None
    return SheetRule(" ".join(str(area) for area in areas), value, first.dxf)


def _moved(value: Xml, before: tuple[Area, ...], after: tuple[Area, ...]) -> Xml | None:
    """The rule with its formulas written for another corner, ``None`` where that cannot be."""
    start, end = (bounding_box(areas) for areas in (before, after))
    if (start.first_column, start.first_row) == (end.first_column, end.first_row):
        return value
    translate = partial(
        _translated,
        origin=address(start.first_column, start.first_row),
        place=address(end.first_column, end.first_row),
    )
    try:
        children = tuple(
            Xml(child.name, child.attributes, (), translate(child.text))
            if child.name == "formula"
            else child
            for child in value.children
        )
    except TranslatorError:
        return None
    return Xml(value.name, value.attributes, children, value.text)


def _translated(formula: str, origin: str, place: str) -> str:
    moved = Translator(f"={formula}", origin=origin).translate_formula(place)
    return str(moved).removeprefix("=")
