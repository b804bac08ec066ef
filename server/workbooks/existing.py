"""Rules that a workbook has: listed, taken out, replaced and put into another order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grammar.errors import InvalidRuleError, RangeError, UnreadableWorkbookError
from grammar.ooxml import ExistingRule, read_rules
from grammar.ooxml import SheetRule as BuiltRule
from grammar.ooxml_match import explain_existing
from server.workbooks.bounds import DEFAULT_BOUNDS, Bounds
from server.workbooks.cell_styles import read_theme
from server.workbooks.hiding import Layer, hiding
from server.workbooks.markup import ascii_bytes
from server.workbooks.nodes import Edit
from server.workbooks.package import Package, Sheet, Source, open_package
from server.workbooks.placed import LAST_PRIORITY, PlacedRule, placed_rules, rule_id
from server.workbooks.session import OpenSheet, open_sheet
from server.workbooks.sheet_rule import SheetRule, as_sheet_rule
from server.workbooks.sheet_text import read_sheet_text
from server.workbooks.splice import insertions, removals, renumbered
from server.workbooks.styles import Styles, read_styles


@dataclass(frozen=True)
class ListedRule:
    """A rule of a sheet; ``position`` counts from 1, the one that wins.

    ``id`` stays while the rule stays, whatever comes and goes around it. ``rule`` says it in our
    language; ``hidden_by`` names rules above that may keep it from showing.
    """

    id: str
    sheet: str
    position: int
    rule: ExistingRule
    hidden_by: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The type of the rule, as ``cellIs``."""
        return self.rule.kind

    @property
    def sqref(self) -> str:
        """The cells that it is drawn on."""
        return self.rule.sqref

    @property
    def reading(self) -> str:
        """What it says in plain English."""
        return explain_existing(self.rule)


def list_rules(
    source: Source, sheet: str | None = None, bounds: Bounds = DEFAULT_BOUNDS
) -> tuple[ListedRule, ...]:
    """The rules of a sheet, or of all sheets, in the order in which Excel tries them.

    Raises:
        RangeError: there is no such sheet.
        UnreadableWorkbookError, HostileWorkbookError: the file cannot be read.
    """
    with open_package(source, bounds) as package:
        sheets = [package.sheet(sheet)] if sheet is not None else package.worksheets()
        styles = read_styles(package)
        return tuple(rule for one in sheets for rule in _listed(package, one, styles))


def _listed(package: Package, sheet: Sheet, styles: Styles) -> list[ListedRule]:
    text = read_sheet_text(package, sheet.part or "")
    placed = placed_rules(text, styles, package.bounds)
    if not placed:
        return []
    head = ascii_bytes(f'<?xml version="1.0" encoding="{text.root.encoding}"?>')
    existing = read_rules(head + text.document, styles.data, read_theme(package))
    said = [(rule.kind, rule.sqref) for rule in placed]
    if said != [(rule.kind, " ".join(rule.sqref.split())) for rule in existing]:
        raise UnreadableWorkbookError(f"the rules of {sheet.name!r} contradict their extensions")
    layers = [Layer.of_placed(rule, rule.priority) for rule in placed]
    return [
        ListedRule(
            rule.id,
            sheet.name,
            index + 1,
            described,
            tuple(other.id for other in hiding(layers[index], layers[:index])),
        )
        for index, (rule, described) in enumerate(zip(placed, existing, strict=True))
    ]


def remove_rules(
    source: Source,
    sheet: str,
    ids: Sequence[str],
    output: Path,
    overwrite: bool = False,
    bounds: Bounds = DEFAULT_BOUNDS,
) -> bool:
    """Whether a rule was taken out; the other rules keep their bytes and priorities.

    Raises:
        RangeError: the sheet has no rule of such an id.
    """
    with open_sheet(source, sheet, bounds) as opened:
        gone = [find_rule(opened, name) for name in ids]
        return opened.edited(removals(opened.text, gone)).save(output, overwrite)


def replace_rule(
    source: Source,
    sheet: str,
    name: str,
    rules: SheetRule | BuiltRule | Sequence[SheetRule | BuiltRule],
    output: Path,
    overwrite: bool = False,
    bounds: Bounds = DEFAULT_BOUNDS,
) -> bool:
    """Whether the file changed: the rule of an id gives its place to one or several others.

    The rules below make room where they have to.

    Raises:
        RangeError: the sheet has no rule of that id.
        InvalidRuleError: a rule of a pivot table would have to make room.
    """
    given = rules if isinstance(rules, Sequence) else (rules,)
    with open_sheet(source, sheet, bounds) as opened:
        old = find_rule(opened, name)
        new = [as_sheet_rule(rule) for rule in given]
        if [_id_of(rule) for rule in new] == [rule_id(old.sqref, old.value, old.dxf)]:
            return opened.save(output, overwrite)
        place = _place(opened, old)
        edits = [*removals(opened.text, [old]), *_room(opened, place + len(new), old)]
        rest = opened.edited(edits)
        places = dict(enumerate(new, place))
        return rest.edited(insertions(rest.text, rest.styles, places)).save(output, overwrite)


def _id_of(rule: SheetRule) -> str:
    return rule_id(rule.sqref, rule.rule, rule.dxf)


def _place(opened: OpenSheet, old: PlacedRule) -> int:
    """The priority of a rule, or one below all others where it has none."""
    if old.priority < LAST_PRIORITY:
        return old.priority
    return max(
        (rule.priority + 1 for rule in opened.rules if rule.priority < LAST_PRIORITY), default=1
    )


def _room(opened: OpenSheet, free: int, old: PlacedRule) -> Iterator[Edit]:
    """The edits after which the rules below one have priorities from ``free`` on."""
    below = opened.rules[opened.rules.index(old) + 1 :]
    priorities = [
        min(place, LAST_PRIORITY) for place in _distinct([rule.priority for rule in below], free)
    ]
    for rule, priority in zip(below, priorities, strict=True):
        if rule.priority != priority:
            _check_movable(rule)
    yield from renumbered(opened.text, below, priorities)


def reorder_rules(
    source: Source,
    sheet: str,
    ids: Sequence[str],
    output: Path,
    overwrite: bool = False,
    bounds: Bounds = DEFAULT_BOUNDS,
) -> bool:
    """Whether the file changed: the rules named come first, the others follow as they were.

    Only priorities are written, and no other than those that the sheet has already.

    Raises:
        RangeError: the sheet has no rule of such an id.
        InvalidRuleError: a rule of a pivot table would move.
    """
    with open_sheet(source, sheet, bounds) as opened:
        first = [find_rule(opened, name) for name in dict.fromkeys(ids)]
        rest = [rule for rule in opened.rules if rule not in first]
        priorities = _distinct([rule.priority for rule in opened.rules])
        order = [*first, *rest]
        for rule, priority in zip(order, priorities, strict=True):
            if rule.priority != priority:
                _check_movable(rule)
        return opened.edited(renumbered(opened.text, order, priorities)).save(output, overwrite)


def find_rule(opened: OpenSheet, name: str) -> PlacedRule:
    """The rule of an id.

    Raises:
        RangeError: there is none.
    """
    for rule in opened.rules:
        if rule.id == name:
            return rule
    names = ", ".join(rule.id for rule in opened.rules[:20]) or "none"
    raise RangeError(f"{opened.sheet.name!r} has no rule {name!r}; its rules are {names}")


def _check_movable(rule: PlacedRule) -> None:
    if rule.is_pivot:
        raise InvalidRuleError(
            f"rule {rule.id} belongs to a pivot table, which names it by its priority; "
            "leave it where it is"
        )


def _distinct(priorities: Sequence[int], first: int = 1) -> list[int]:
    """The priorities, from ``first`` on and each at least one above the one before."""
    distinct: list[int] = []
    for priority in priorities:
        distinct.append(max(priority, distinct[-1] + 1 if distinct else first))
    return distinct
