"""A suite written from what rules select now, for a person to look through and keep."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeGuard

import yaml

from grammar.errors import CellFusionError, RequestError
from server.checks.outcomes import rule_reading
from server.checks.suite_schema import CaseEntry, RuleEntry
from server.checks.suites import Case, compact
from server.workbooks import list_rules


def recorded(
    workbook: Path,
    folder: Path,
    today: dt.date,
    rules: Sequence[str] = (),
    sheet: str | None = None,
    area: str | None = None,
) -> str:
    """The text of a suite: of the rules given, else of those that the workbook has.

    The workbook is named relative to ``folder``, where the suite will lie.

    Raises:
        CellFusionError: the workbook or a rule cannot be read.
    """
    entries = [CaseEntry(rule=rule, count=0) for rule in rules]
    cases: list[dict[str, object]] = []
    if rules:
        cases = [_recorded(workbook, entry, today, sheet, area) for entry in entries]
    else:
        cases = list(_existing(workbook, today, sheet))
    if not cases:
        raise RequestError(f"{workbook} has no rule that can be evaluated; give some with --rule")
    place = os.path.relpath(workbook.resolve(), folder.resolve()).replace(os.sep, "/")
    head: dict[str, object] = {"workbook": place, "today": today}
    head |= {key: value for key, value in (("sheet", sheet), ("range", area)) if value}
    return yaml.safe_dump(head | {"cases": cases}, sort_keys=False, allow_unicode=True, width=100)


def _existing(workbook: Path, today: dt.date, sheet: str | None) -> Iterable[dict[str, object]]:
    """The rules of the workbook by their ids, those that cannot be evaluated apart."""
    for rule in list_rules(workbook, sheet):
        entry = CaseEntry(rule=RuleEntry(id=rule.id), sheet=rule.sheet, count=0)
        try:
            found = _recorded(workbook, entry, today, rule.sheet, None)
        except CellFusionError:
            continue
        own = {} if sheet else {"sheet": rule.sheet}
        yield {"name": f"{rule.sheet} {rule.sqref} {rule.id}", **own, **found}


def _recorded(
    workbook: Path, entry: CaseEntry, today: dt.date, sheet: str | None, area: str | None
) -> dict[str, object]:
    case = Case("recorded", workbook, entry, None, workbook, sheet, area, today)
    reading = rule_reading(case)
    rule = entry.rule.model_dump(exclude_unset=True) if _is_existing(entry.rule) else entry.rule
    return {
        "rule": rule,
        "matches": compact(reading.cells),
        "not_matches": "rest",
        "count": len(reading.cells),
    }


def _is_existing(rule: str | RuleEntry | None) -> TypeGuard[RuleEntry]:
    return isinstance(rule, RuleEntry)
