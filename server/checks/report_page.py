"""Outcomes as one page that needs nothing else, with a picture of the cells of every failure."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Environment

from grammar.ooxml_match import Place
from grammar.ranges import Area, address, column_letters
from grammar.table import Table
from grammar.values import CellValue, ExcelError, from_serial
from server.checks.outcomes import Outcome, shown_box
from server.checks.reports import tally, verdict
from server.checks.suites import cells_of

_MOST_ROWS, _MOST_COLUMNS = 60, 30

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>cellfusion check</title>
<meta name="viewport" content="width=device-width">
<style>
 :root { color-scheme: light dark; --line: #8886; --good: #2e7d32; --bad: #c62828; }
 body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
 h1 { font-size: 1.4rem } h2 { font-size: 1rem; margin: 2rem 0 .3rem }
 table { border-collapse: collapse; margin: .6rem 0 } td, th { padding: .15rem .6rem }
 .cells { display: block; overflow-x: auto } .cells td, .cells th { border: 1px solid var(--line) }
 .cells th { font-weight: 400; opacity: .7 } .right { text-align: right }
 .hit { background: #a5d6a7; color: #000 } .extra { background: #ef9a9a; color: #000 }
 .lost { outline: 3px dashed var(--bad); outline-offset: -3px }
 .passed { color: var(--good) } .failed, .error { color: var(--bad) }
 .list td { border-top: 1px solid var(--line); vertical-align: top }
</style>
<h1>{{ counts.passed }} of {{ counts.cases }} cases passed</h1>
<p>{{ counts.failed }} failed, {{ counts.error }} could not be run. In the pictures a green cell is
selected and may be, a red one is selected and should not be, a dashed one is not and should be.</p>
{% for one in failures %}<section><h2 class="{{ one.verdict }}">{{ one.id }}</h2>
<p>{% if one.said %}<code>{{ one.said }}</code><br>{% endif %}{{ one.problems | join("; ") }}</p>
{% if one.rows %}<table class="cells"><tr><th></th>{% for letter in one.letters %}<th>{{ letter }}
</th>{% endfor %}</tr>{% for number, cells in one.rows %}<tr><th>{{ number }}</th>
{% for cell in cells %}<td class="{{ cell.mark }}{% if cell.right %} right{% endif %}"
 title="{{ cell.place }}">{{ cell.text }}</td>{% endfor %}</tr>{% endfor %}</table>{% endif %}
</section>{% endfor %}
<h2>All cases</h2><table class="list">{% for one in all %}<tr><td class="{{ one.verdict }}">
{{ one.verdict }}</td><td>{{ one.id }}</td><td class="right">{{ one.time }}</td></tr>{% endfor %}
</table></html>
"""


def to_html(outcomes: Sequence[Outcome]) -> str:
    """The page."""
    page = Environment(autoescape=True).from_string(_PAGE)
    rows = [
        {"verdict": verdict(one), "id": one.case.id, "time": f"{one.seconds * 1000:.1f} ms"}
        for one in outcomes
    ]
    failures = [_failure(outcome) for outcome in outcomes if not outcome.passed]
    return page.render(counts=tally(outcomes), failures=failures, all=rows)


def _failure(outcome: Outcome) -> dict[str, object]:
    said = outcome.reading.said if outcome.reading else ""
    shown = {"verdict": verdict(outcome), "id": outcome.case.id, "said": said}
    return {**shown, "problems": outcome.problems, **_picture(outcome)}


def _picture(outcome: Outcome) -> dict[str, object]:
    box = shown_box(outcome)
    if box is None:
        return {}
    top = max(1, box.first_row - 1)
    rows = range(top, min(box.last_row, top + _MOST_ROWS) + 1)
    columns = range(box.first_column, min(box.last_column, box.first_column + _MOST_COLUMNS) + 1)
    marks = _marks(outcome)
    table = outcome.case.table
    return {
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
    return {"text": text, "right": right, "mark": marks.get(place, ""), "place": address(*place)}


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
