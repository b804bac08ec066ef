"""Rules that a workbook has: told to a page that shows it, and arranged as the page says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from flask import Response

from grammar.candidate import MOST_MATCHES
from grammar.rules import Rule, RuleSet
from server.errors import InvalidInputError
from server.existing_forms import (
    ArrangeForm,
    ExistingForm,
    ExistingOffice,
    ExistingOut,
    ExistingRules,
)
from server.policy import Policy
from server.schemas import StyleIn
from server.suggestions import sheet_rules
from server.uploads import as_file, suffix_of, uploaded
from server.workbooks import (
    SheetRule,
    apply_rules,
    list_rules,
    read_table,
    remove_rules,
    reorder_rules,
)
from server.workbooks.bounds import Bounds
from server.workbooks.package import open_package
from server.workbooks.placed import rule_id
from server.workbooks.shown_rules import ShownRule, shown_rules

_SCALES = {"colorScale": "ColorScale", "dataBar": "DataBar", "iconSet": "IconSet"}
_POINTS = ("minimum", "midpoint", "maximum")


def told(asked: ExistingForm, bounds: Bounds, today: dt.date) -> ExistingRules:
    """The rules of a sheet with what they do to its cells.

    Raises:
        CellFusionError: the workbook cannot be read.
    """
    with uploaded(asked.workbook) as source:
        with open_package(source, bounds) as package:
            wanted = asked.sheet or next((sheet.name for sheet in package.worksheets()), "")
            sheet = package.sheet(wanted).name
        found = shown_rules(source, sheet, today, asked.range, bounds)
        return ExistingRules(sheet=sheet, rules=[_told(rule) for rule in found])


def _told(rule: ShownRule) -> ExistingOut:
    listed = rule.listed
    return ExistingOut(
        id=listed.id,
        range=listed.sqref,
        position=listed.position,
        type=listed.kind,
        explanation=rule.explanation,
        style=StyleIn.model_validate(listed.rule.style.to_json()),
        stop_if_true=listed.rule.stop_if_true,
        hidden_by=list(listed.hidden_by),
        matches=list(rule.matches[:MOST_MATCHES]),
        match_count=rule.count,
        drawn=rule.drawn,
        office=_office(rule),
        note=rule.note,
    )


def _office(rule: ShownRule) -> ExistingOffice:
    kind, area = rule.listed.kind, ",".join(rule.listed.sqref.split())
    name = _SCALES.get(kind, "Custom")
    if name == "Custom":
        return ExistingOffice(type="Custom", range=area, format={})
    drawn: dict[str, object] = {}
    if name == "ColorScale":
        places = _POINTS if len(rule.colours) == 3 else _POINTS[::2]
        pairs = zip(places, rule.colours, strict=False)
        drawn = {"criteria": {place: {"color": colour} for place, colour in pairs}}
    elif name == "DataBar":
        colour = next(iter(rule.colours), "#638EC6")
        drawn = {"positiveFormat": {"fillColor": colour}}
    return ExistingOffice.model_validate({"type": name, "range": area, "rule": drawn})


def arranged(asked: ArrangeForm, bounds: Bounds, policy: Policy) -> Response:
    """The workbook whose sheet has the rules that were asked for, in that order.

    Raises:
        CellFusionError: the workbook cannot be read, or a rule is not allowed, cannot be written
            or moved.
    """
    rules = policy.enforce(asked.rule_set()).rules if asked.rules else ()
    with uploaded(asked.workbook) as source:
        suffix = suffix_of(source, bounds)
        new = _placed(asked, rules, source, bounds)
        sheet = asked.sheet or read_table(source, None, asked.range, bounds).sheet
        order = _order(asked, new)
        steps = [source.with_name(f"{name}{suffix}") for name in ("new", "moved", "formatted")]
        added = [part for parts in new for part in parts]
        apply_rules(source, sheet, added, steps[0], bounds=bounds)
        reorder_rules(steps[0], sheet, order, steps[1], bounds=bounds)
        there = [rule.id for rule in list_rules(steps[1], sheet, bounds)]
        gone = [name for name in there if name not in order]
        remove_rules(steps[1], sheet, gone, steps[2], bounds=bounds)
        return as_file(steps[2], asked.workbook.filename)


def _placed(
    asked: ArrangeForm, rules: tuple[Rule, ...], source: Path, bounds: Bounds
) -> list[list[SheetRule]]:
    """Each new rule as the sheet is to have it, its columns those of its own table.

    Raises:
        InvalidInputError: there are tables for some of the rules only.
    """
    ranges: list[str | None] = [*asked.ranges] or [asked.range] * len(rules)
    if len(ranges) != len(rules):
        raise _refused("ranges", f"there are {len(rules)} new rules", "no_rule")
    tables = {each: read_table(source, asked.sheet, each, bounds) for each in dict.fromkeys(ranges)}
    pairs = zip(rules, ranges, strict=True)
    return [sheet_rules(RuleSet((rule,)), tables[each]) for rule, each in pairs]


def _order(asked: ArrangeForm, new: list[list[SheetRule]]) -> list[str]:
    """The ids that the sheet is to have, those of new rules among them.

    Raises:
        InvalidInputError: the order names a new rule that there is not.
    """
    return list(dict.fromkeys(name for each in asked.order for name in _ids(each, new)))


def _ids(name: str, new: list[list[SheetRule]]) -> Iterator[str]:
    if not name.startswith("+"):
        yield name
        return
    if int(name) >= len(new):
        raise _refused("order", f"there is no new rule {name}", "no_rule")
    for part in new[int(name)]:
        yield rule_id(part.sqref, part.rule, part.dxf)


def _refused(place: str, message: str, kind: str) -> InvalidInputError:
    where: dict[str, object] = {"place": place, "message": message, "kind": kind}
    return InvalidInputError([where])
