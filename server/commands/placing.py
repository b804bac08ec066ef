"""Where rules that were applied stand among those of the sheet, as commands tell it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from server.workbooks import AppliedResult, AppliedRule, SheetRule, list_rules
from server.workbooks.placed import rule_id


def places_json(result: AppliedResult) -> list[dict[str, object]]:
    """Every rule with its id, its cells, its place from the top and what may hide it."""
    positions = {rule.id: rule.position for rule in list_rules(result.output, result.sheet)}
    return [
        {
            "id": rule.id,
            "range": rule.sqref,
            "position": positions[rule.id],
            "of": len(positions),
            "added": rule.added,
            "hidden_by": list(rule.hidden_by),
        }
        for rule in result.rules
    ]


def standing(before: Path, output: Path, sheet: str, rules: Sequence[SheetRule]) -> AppliedResult:
    """Where rules stand in an output, and which of them are new since the workbook before it."""
    ids = {rule_id(rule.sqref, rule.rule, rule.dxf) for rule in rules}
    old = {rule.id for rule in list_rules(before, sheet)}
    found = [rule for rule in list_rules(output, sheet) if rule.id in ids]
    placed = tuple(
        AppliedRule(rule.id, rule.sqref, rule.position, rule.id not in old, rule.hidden_by)
        for rule in found
    )
    return AppliedResult(sheet, output, not ids <= old, placed)


def said_places(result: AppliedResult) -> Iterator[str]:
    """A line for every rule that is there already, or is not alone on its sheet."""
    listed = {rule.id: rule for rule in list_rules(result.output, result.sheet)}
    for rule in result.rules:
        place = f"number {listed[rule.id].position} of the {len(listed)} rules of {result.sheet!r}"
        if not rule.added:
            yield f"rule {rule.id} on {rule.sqref} is there already: it is {place}"
        elif len(listed) > 1:
            yield f"rule {rule.id} on {rule.sqref} is {place}"
        for name in rule.hidden_by:
            above = listed[name]
            yield f"  rule {name} above it may hide it: {above.reading} on {above.sqref}"
