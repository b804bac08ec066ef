"""Rules applied to a workbook: only the rules' own elements are spliced into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grammar.ooxml import SheetRule as BuiltRule
from server.workbooks.bounds import DEFAULT_BOUNDS, Bounds
from server.workbooks.hiding import Layer, hiding
from server.workbooks.nodes import Edit
from server.workbooks.package import Source
from server.workbooks.placed import PlacedRule, rule_id
from server.workbooks.session import OpenSheet, open_sheet
from server.workbooks.sheet_rule import SheetRule, as_sheet_rule
from server.workbooks.splice import insertions, renumbered, shifted_priorities

_BROKEN_SIGNATURE = "the workbook was signed; its signature does not hold for the changed file"
_PROTECTED = "the sheet is protected; Excel lets nobody change its rules before that is lifted"
_BELOW_PIVOT = "the sheet has rules of a pivot table, which keep their places above the new ones"


@dataclass(frozen=True)
class AppliedRule:
    """Where a rule stands: 1 is first; ``hidden_by`` are ids of rules above that may cover it."""

    id: str
    sqref: str
    priority: int
    added: bool
    hidden_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class AppliedResult:
    """What an application did, with a place for every rule that was given."""

    sheet: str
    output: Path
    changed: bool
    rules: tuple[AppliedRule, ...]
    notes: tuple[str, ...] = ()


def apply_rules(
    source: Source,
    sheet: str,
    rules: Sequence[SheetRule | BuiltRule],
    output: Path,
    overwrite: bool = False,
    bounds: Bounds = DEFAULT_BOUNDS,
) -> AppliedResult:
    """What became of the rules, the first of which wins, after the output was written.

    New rules come above those of the sheet, as in Excel; a rule that is there already stays where
    it is. All parts but the sheet and the styles are copied byte for byte.

    Raises:
        RangeError: there is no such sheet.
        UnreadableWorkbookError, HostileWorkbookError: the source cannot be read.
        OutputError: the output exists and is not to be replaced, or cannot be written.
    """
    with open_sheet(source, sheet, bounds) as opened:
        spliced = [as_sheet_rule(rule) for rule in rules]
        wanted = {rule_id(rule.sqref, rule.rule, rule.dxf): rule for rule in spliced}
        new = {name: rule for name, rule in wanted.items() if _present(opened, name) is None}
        places, edits = _placed(opened, new)
        changed = opened.edited(edits).save(output, overwrite)
        layers = _layers(opened, new, places)
    reported = tuple(_report(name, layers, name in new) for name in wanted)
    return AppliedResult(opened.sheet.name, output, changed, reported, _notes(opened, new))


def _present(opened: OpenSheet, name: str) -> PlacedRule | None:
    return next((rule for rule in opened.rules if rule.id == name), None)


def _placed(opened: OpenSheet, new: dict[str, SheetRule]) -> tuple[dict[str, int], list[Edit]]:
    """The priority of every rule by id, and the edits that put the new ones in."""
    start, priorities = 1, shifted_priorities(opened.rules, len(new))
    if any(rule.is_pivot for rule in opened.rules):
        priorities = [rule.priority for rule in opened.rules]
        start = max(priorities) + 1
    places = {name: start + index for index, name in enumerate(new)}
    edits = list(renumbered(opened.text, opened.rules, priorities))
    edits += insertions(
        opened.text, opened.styles, {places[name]: rule for name, rule in new.items()}
    )
    old = {rule.id: place for rule, place in zip(opened.rules, priorities, strict=True)}
    return old | places, edits


def _layers(opened: OpenSheet, new: dict[str, SheetRule], places: dict[str, int]) -> list[Layer]:
    """All rules of the sheet after the change, the first one first."""
    layers = [Layer.of_placed(rule, places[rule.id]) for rule in opened.rules]
    layers += [Layer.of_new(name, rule, places[name]) for name, rule in new.items()]
    return sorted(layers, key=lambda layer: layer.priority)


def _report(name: str, layers: Sequence[Layer], added: bool) -> AppliedRule:
    index = next(index for index, layer in enumerate(layers) if layer.id == name)
    layer = layers[index]
    covering = tuple(other.id for other in hiding(layer, layers[:index]))
    return AppliedRule(name, layer.sqref, layer.priority, added, covering)


def _notes(opened: OpenSheet, new: dict[str, SheetRule]) -> tuple[str, ...]:
    notes = []
    if new and opened.package.signed:
        notes.append(_BROKEN_SIGNATURE)
    if new and _is_protected(opened):
        notes.append(_PROTECTED)
    if new and any(rule.is_pivot for rule in opened.rules):
        notes.append(_BELOW_PIVOT)
    return tuple(notes)


def _is_protected(opened: OpenSheet) -> bool:
    """Whether Excel keeps people from formatting the cells of the sheet."""
    node = opened.text.node.find("sheetProtection")
    if node is None or node.attributes.get("sheet") not in ("1", "true"):
        return False
    return node.attributes.get("formatCells") not in ("0", "false")
