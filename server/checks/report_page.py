"""Outcomes as one page that needs nothing else, with a picture of the cells of every failure."""

from __future__ import annotations

from collections.abc import Sequence

from grammar.ooxml_match import Place
from grammar.ranges import Area, address, column_letters
from grammar.table import Table
from grammar.values import CellValue, ExcelError, from_serial
from server.checks.mutation import Mutation, said_score
from server.checks.outcomes import MOST_COLUMNS, MOST_ROWS, Outcome, shown_cells
from server.checks.page import page_text
from server.checks.reports import tally, verdict
from server.checks.suites import cells_of

_SAID = {"extra": "selected and should not be", "lost": "not selected and should be"}


def to_html(outcomes: Sequence[Outcome], mutations: Sequence[Mutation] | None = None) -> str:
    """The page: failures with their cells first, then all cases, and what mutation found."""
    bad = [outcome for outcome in outcomes if not outcome.passed]
    links = {id(outcome): f"case-{number}" for number, outcome in enumerate(bad, 1)}
    took = sum(outcome.seconds for outcome in outcomes)
    return page_text(
        "check.html",
        counts=tally(outcomes),
        failures=[_failure(outcome) for outcome in bad],
        all=[_row(outcome, links.get(id(outcome))) for outcome in outcomes],
        seconds=f"{took:.1f} s",
        score="" if mutations is None else said_score(mutations),
        survivors=[one.rule for one in mutations or () if not one.caught],
    )


def _row(outcome: Outcome, link: str | None) -> dict[str, object]:
    shown = {"verdict": verdict(outcome), "id": outcome.case.id, "said": outcome.said}
    return {
        **shown,
        "link": link,
        "suite": outcome.case.suite.name,
        "time": f"{outcome.seconds * 1000:.1f} ms",
    }


def _failure(outcome: Outcome) -> dict[str, object]:
    request = outcome.case.entry.request
    shown = {**_row(outcome, None), "request": request, "problems": outcome.problems}
    return {**shown, **_picture(outcome)}


def _picture(outcome: Outcome) -> dict[str, object]:
    shown = shown_cells(outcome)
    if shown is None:
        return {}
    box, table = shown
    top = max(1, box.first_row - 1)
    rows = range(top, min(box.last_row, top + MOST_ROWS) + 1)
    columns = range(box.first_column, min(box.last_column, box.first_column + MOST_COLUMNS) + 1)
    marks = _marks(outcome)
    hidden = box.last_row - rows[-1]
    return {
        "more": f"{hidden:,} more rows are not shown." if hidden else "",
        "letters": [column_letters(column) for column in columns],
        "rows": [(row, [_cell(table, (column, row), marks) for column in columns]) for row in rows],
    }


def _marks(outcome: Outcome) -> dict[Place, str]:
    entry = outcome.case.entry
    selected = outcome.reading.cells if outcome.reading else frozenset()
    wanted = cells_of(entry.matches or ())
    denied = selected - wanted
    if entry.not_matches != "rest":
        denied = selected & cells_of(entry.not_matches or ())
    marks = dict.fromkeys(selected, "hit") | dict.fromkeys(denied, "extra")
    return marks | dict.fromkeys(wanted - selected, "lost")


def _cell(table: Table, place: Place, marks: dict[Place, str]) -> dict[str, object]:
    text, right = _text(table, place)
    mark = marks.get(place, "")
    is_title = table.has_header and place[1] == table.area.first_row - 1
    shown = {"text": text, "right": right, "mark": mark, "place": address(*place)}
    return {**shown, "title": is_title, "said": _SAID.get(mark, "")}


def _text(table: Table, place: Place) -> tuple[str, bool]:
    """What a cell shows, and whether it stands to the right."""
    area: Area = table.area
    index, row = place[0] - area.first_column, place[1] - area.first_row
    if not 0 <= index < len(table.columns):
        return "", False
    column = table.columns[index]
    if row == -1 and table.has_header:
        return column.header, False
    if not 0 <= row < table.row_count:
        return "", False
    return _shown(column.values[row], column.dates[row]), type(column.values[row]) is float


def _shown(value: CellValue, is_date: bool) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and is_date:
        return f"{from_serial(value):%Y-%m-%d}"
    if isinstance(value, float):
        return f"{value:g}"
    return value.value if isinstance(value, ExcelError) else value or ""
