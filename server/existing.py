"""Rules that a workbook has: told to a page that shows it, and arranged as the page says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from flask import Response

from grammar.candidate import MOST_MATCHES
from grammar.rules import Rule, RuleSet
from grammar.table import Table
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
from server.workbooks import apply_rules, list_rules, read_table, remove_rules, reorder_rules
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
        table = read_table(source, asked.sheet, asked.range, bounds)
        order = _order(asked, rules, table)
        steps = [source.with_name(f"{name}{suffix}") for name in ("new", "moved", "formatted")]
        new = sheet_rules(RuleSet(rules), table) if rules else []
        apply_rules(source, table.sheet, new, steps[0], bounds=bounds)
        reorder_rules(steps[0], table.sheet, order, steps[1], bounds=bounds)
        there = [rule.id for rule in list_rules(steps[1], table.sheet, bounds)]
        gone = [name for name in there if name not in order]
        remove_rules(steps[1], table.sheet, gone, steps[2], bounds=bounds)
        return as_file(steps[2], asked.workbook.filename)


def _order(asked: ArrangeForm, rules: tuple[Rule, ...], table: Table) -> list[str]:
    """The ids that the sheet is to have, those of new rules among them.

    Raises:
        InvalidInputError: the order names a new rule that there is not.
    """
    return list(dict.fromkeys(name for each in asked.order for name in _ids(each, rules, table)))


def _ids(name: str, rules: tuple[Rule, ...], table: Table) -> Iterator[str]:
    if not name.startswith("+"):
        yield name
        return
    place = int(name)
    if place >= len(rules):
        where = {"place": "order", "message": f"there is no new rule {name}", "kind": "no_rule"}
        raise InvalidInputError([dict(where)])
    for part in sheet_rules(RuleSet((rules[place],)), table):
        yield rule_id(part.sqref, part.rule, part.dxf)
