"""The rules of a sheet with what each one does to its cells, for who draws the sheet himself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from grammar.errors import GrammarError
from grammar.ranges import address
from server.workbooks.bounds import DEFAULT_BOUNDS, Bounds
from server.workbooks.cell_styles import read_theme
from server.workbooks.effective import Layer, Place
from server.workbooks.existing import ListedRule, list_rules
from server.workbooks.layers import DAMAGED, SheetContext, layer_of
from server.workbooks.package import Source, open_package
from server.workbooks.scales import BarScale, ColourScale, Scale
from server.workbooks.tables import read_table
from server.workbooks.workbook_grid import WorkbookGrid

MOST_ROWS = 500
"""Rows of a scale whose drawing is told cell by cell."""


@dataclass(frozen=True)
class ShownRule:
    """A rule of a sheet: the cells that it holds for, or what its scale draws in each.

    ``drawn`` has by address a ``fill``, a ``bar`` (start, end and colour) or an ``icon`` (a share
    from 0, the lowest, to 1); ``colours`` are those of the scale. ``note`` says why nothing is
    known of a rule.
    """

    listed: ListedRule
    explanation: str
    count: int = 0
    matches: tuple[str, ...] = ()
    drawn: dict[str, dict[str, object]] = field(default_factory=dict)
    colours: tuple[str, ...] = ()
    note: str = ""


def shown_rules(
    source: Source,
    sheet: str,
    today: dt.date,
    area: str | None = None,
    bounds: Bounds = DEFAULT_BOUNDS,
) -> list[ShownRule]:
    """The rules of a sheet, the one that wins first, told by the headers of the table in an area.

    Raises:
        RangeError: there is no such sheet, or it has no table.
        UnreadableWorkbookError, HostileWorkbookError: the file cannot be read.
    """
    listed = list_rules(source, sheet, bounds)
    if not listed:
        return []
    table = read_table(source, sheet, area, bounds)
    with open_package(source, bounds) as package:
        grid = WorkbookGrid(package, sheet)
        context = SheetContext(package, grid, table, today, read_theme(package))
        return [_shown(context, rule) for rule in listed]


def _shown(context: SheetContext, listed: ListedRule) -> ShownRule:
    try:
        layer = layer_of(context, listed.rule, "")
    except (GrammarError, *DAMAGED) as error:
        reason = str(error).splitlines()[0] if isinstance(error, GrammarError) else "it is damaged"
        return ShownRule(listed, listed.reading, note=f"Its cells are not known: {reason}")
    if layer.scale is not None:
        drawn = dict(_drawn(context, layer, layer.scale))
        return ShownRule(
            listed, layer.explanation, layer.count, drawn=drawn, colours=_colours(layer.scale)
        )
    places = sorted(layer.places, key=lambda place: (place[1], place[0]))
    cells = tuple(address(*place) for place in places)
    return ShownRule(listed, layer.explanation, layer.count, cells)


def _drawn(
    context: SheetContext, layer: Layer, scale: Scale
) -> Iterator[tuple[str, dict[str, object]]]:
    for place, number in _numbers(context, layer):
        if isinstance(scale, ColourScale):
            yield address(*place), {"fill": scale.colour(number)}
        elif isinstance(scale, BarScale):
            bar = scale.bar(number)
            yield address(*place), {"bar": [bar.start, bar.end, bar.colour]}
        elif (icon := scale.icon(number)) is not None:
            share = icon.index / max(1, len(scale.icons) - 1)
            yield address(*place), {"icon": round(share, 4)}


def _numbers(context: SheetContext, layer: Layer) -> Iterator[tuple[Place, float]]:
    for area in layer.areas:
        last = min(area.last_row, MOST_ROWS)
        for row in range(area.first_row, last + 1):
            for column in range(area.first_column, area.last_column + 1):
                value = context.grid.value(context.sheet, column, row)
                if type(value) is float:
                    yield (column, row), value


def _colours(scale: Scale) -> tuple[str, ...]:
    if isinstance(scale, ColourScale):
        return scale.colours
    return (scale.colour,) if isinstance(scale, BarScale) else ()
