"""A second opinion: the cells that LibreOffice paints by our rule beside those that we select."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from grammar.conditions import (
    COLUMN_FUNCTIONS,
    DATE_PERIODS,
    Average,
    Call,
    Condition,
    Formula,
    Rank,
    State,
    selects_cells,
    walk,
)
from grammar.errors import CellFusionError
from grammar.ooxml import to_openpyxl
from grammar.ooxml_existing import SCALE_KINDS
from grammar.ooxml_match import Place
from grammar.ranges import Area
from grammar.rules import Rule, Style
from grammar.table import Table
from grammar.values import ExcelError
from server.checks.against_own import booleans, own_reason, write_own
from server.checks.libreoffice import effective_fills
from server.checks.outcomes import Outcome, Reading, listed
from server.checks.own_rules import own_rule
from server.checks.suites import Case

_PAINT = "#12AB34"
"""A colour that no cell has by itself."""
_BATCH = 100
_BOOLEANS = "it takes booleans for numbers"


@dataclass(frozen=True)
class Opinion:
    """What LibreOffice says of a case; ``skipped`` is why it was not asked, ``known`` what it is
    known to see otherwise than Excel in such a rule."""

    case_id: str
    rule: str = ""
    only_ours: frozenset[Place] = frozenset()
    only_theirs: frozenset[Place] = frozenset()
    skipped: str = ""
    known: str = ""

    @property
    def agrees(self) -> bool:
        return not self.only_ours and not self.only_theirs

    def __str__(self) -> str:
        parts = [f"{self.case_id}: {self.rule}"]
        if self.only_ours:
            parts.append(f"only CellFusion selects {listed(self.only_ours)}")
        if self.only_theirs:
            parts.append(f"only LibreOffice selects {listed(self.only_theirs)}")
        if self.known:
            parts.append(f"as is known, {self.known}")
        return "; ".join(parts)

    def to_json(self) -> dict[str, object]:
        """The opinion as JSON."""
        return {
            "id": self.case_id,
            "rule": self.rule,
            "agrees": None if self.skipped else self.agrees,
            "only_cellfusion": listed(self.only_ours).split(),
            "only_libreoffice": listed(self.only_theirs).split(),
            "skipped": self.skipped or None,
            "known": self.known or None,
        }


def opinions(outcomes: Sequence[Outcome]) -> list[Opinion]:
    """What LibreOffice says of every case.

    Raises:
        OutputError: it is not there or does not answer.
    """
    reasons = [_reason(outcome) for outcome in outcomes]
    asked = [one for one, reason in zip(outcomes, reasons, strict=True) if not reason]
    found: list[Opinion] = []
    for start in range(0, len(asked), _BATCH):
        found += _asked(asked[start : start + _BATCH])
    answers = iter(found)
    return [
        Opinion(one.case.id, skipped=reason) if reason else next(answers)
        for one, reason in zip(outcomes, reasons, strict=True)
    ]


def _reason(outcome: Outcome) -> str:
    """Why LibreOffice cannot be asked, or nothing."""
    reading = outcome.reading
    condition = _condition(reading) if reading else None
    if reading is None or condition is None:
        return "without one rule"
    if not selects_cells(condition) or (reading.own and reading.own.kind in SCALE_KINDS):
        return "a scale"
    if _looks_at_day(condition) and outcome.case.today != dt.datetime.now().astimezone().date():
        return "of another day than today"
    try:
        if reading.own is not None:
            return own_reason(outcome.case)
        to_openpyxl(reading.rules[0], outcome.case.table)
    except CellFusionError as error:
        return str(error).splitlines()[0]
    return ""


def _condition(reading: Reading) -> Condition | None:
    """The condition of a reading of one rule."""
    if reading.own is not None:
        return reading.own.condition
    return reading.rules[0].condition if len(reading.rules) == 1 else None


def _looks_at_day(condition: Condition) -> bool:
    for part in walk(condition):
        if isinstance(part, Call) and part.name in ("TODAY", "NOW"):
            return True
        if isinstance(part, State) and part.name in DATE_PERIODS:
            return True
        if isinstance(part, Formula) and ("TODAY" in part.text or "NOW(" in part.text):
            return True
    return False


def _asked(outcomes: Sequence[Outcome]) -> list[Opinion]:
    with tempfile.TemporaryDirectory(prefix="cellfusion-") as name:
        folder = Path(name)
        paths = [folder / f"case{number}.xlsx" for number in range(len(outcomes))]
        boxes = [_write(one, path) for one, path in zip(outcomes, paths, strict=True)]
        fills = effective_fills(paths, folder)
    triples = zip(outcomes, boxes, fills, strict=True)
    return [_opinion(one, box, shown) for one, box, shown in triples]


def _opinion(outcome: Outcome, box: Area | None, fills: dict[str, str]) -> Opinion:
    painted = (Area.parse(place) for place, fill in fills.items() if fill == _PAINT)
    theirs = frozenset((area.first_column, area.first_row) for area in painted)
    ours = outcome.reading.cells if outcome.reading else frozenset()
    if box is not None:
        compared = frozenset(box.cells())
        ours, theirs = ours & compared, theirs & compared
    said = outcome.reading.said if outcome.reading else ""
    found = Opinion(outcome.case.id, said, ours - theirs, theirs - ours)
    return found if found.agrees else replace(found, known=_known(outcome))


def _known(outcome: Outcome) -> str:
    reading = outcome.reading
    condition = _condition(reading) if reading else None
    if reading is None or condition is None:
        return ""
    if reading.own is None:
        return known_limit(condition, outcome.case.table)
    return known_own_limit(outcome.case, condition)


def known_limit(condition: Condition, table: Table) -> str:
    """What LibreOffice is known to see otherwise than Excel in such a rule, or nothing.

    Measured with LibreOffice 7.4.7 against Excel's documented semantics.
    """
    found = _limit_of(condition)
    if found:
        return found
    cells = (value for column in table.columns for value in column.values)
    return _BOOLEANS if any(isinstance(one, bool) for one in cells) else ""


def known_own_limit(case: Case, condition: Condition) -> str:
    """The same of a rule of a workbook."""
    found = _limit_of(condition)
    if found:
        return found
    with own_rule(case) as own:
        return _BOOLEANS if booleans(own) else ""


def _limit_of(condition: Condition) -> str:
    for part in walk(condition):
        if isinstance(part, Rank | Average):
            return "it counts blanks and rounds otherwise in ranks and averages"
        if isinstance(part, State) and part.name in ("Duplicates", "Uniques"):
            return "it tells upper from lower case in duplicates, and counts blanks"
        if isinstance(part, Formula) and "#REF!" in part.text:
            return "it compares with errors"
        if isinstance(part, Call) and part.name in COLUMN_FUNCTIONS:
            return "it does not evaluate rules as array formulas"
    return ""


def _write(outcome: Outcome, path: Path) -> Area | None:
    """Write a workbook with the cells and the rule, which paints in a colour of its own; what can
    be compared, where that is not all."""
    if outcome.reading is not None and outcome.reading.own is not None:
        return write_own(outcome.case, path, _PAINT)
    book = Workbook()
    sheet = book.active
    if isinstance(sheet, Worksheet) and outcome.reading is not None:
        _fill(sheet, outcome.case.table)
        rule: Rule = replace(outcome.reading.rules[0], style=Style(fill=_PAINT))
        for part in to_openpyxl(rule, outcome.case.table):
            sheet.conditional_formatting.add(part.sqref, part.rule)
    book.save(path)
    return None


def _fill(sheet: Worksheet, table: Table) -> None:
    for index, column in enumerate(table.columns):
        place = table.first_column + index + 1
        if table.has_header and table.first_row > 1:
            sheet.cell(table.first_row - 1, place, column.header or None)
        pairs = zip(column.values, column.dates, strict=True)
        for row, (value, is_date) in enumerate(pairs, table.first_row):
            cell = sheet.cell(row, place)
            cell.value = value.value if isinstance(value, ExcelError) else value
            if isinstance(value, str):
                cell.data_type = "s"
            if is_date:
                cell.number_format = "yyyy-mm-dd"
    if sheet["A1"].value is None:
        # LibreOffice leaves out empty rows and columns before the first filled cell
        sheet["A1"] = "."
