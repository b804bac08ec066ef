"""The rules that a sheet has, each with its place in the text of the sheet."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from grammar.errors import HostileWorkbookError, RangeError
from grammar.ranges import Area, parse_sqref
from server.workbooks.bounds import Bounds
from server.workbooks.markup import Xml
from server.workbooks.nodes import Edit, Node
from server.workbooks.sheet_text import X14, SheetText
from server.workbooks.styles import Styles, comparable

LAST_PRIORITY = 2**31 - 1
_PRIORITY = re.compile(rb"""(\spriority\s*=\s*["'])\s*[-+]?\d+\s*(["'])""")


@dataclass(frozen=True, eq=False)
class PlacedRule:
    """A rule of a sheet: ``node`` in its ``block``, with the 2010 ``twin`` of a data bar.

    ``value`` and ``dxf`` say what it is, without priority and style index; ``id`` is made of
    them and of the cells, so that it stays when rules around it come and go.
    """

    id: str
    node: Node
    block: Node
    sqref: str
    priority: int
    is_extension: bool
    is_pivot: bool
    value: Xml
    dxf: Xml | None
    twin: Node | None = None
    twin_block: Node | None = None

    @property
    def kind(self) -> str:
        """The type of the rule, as ``cellIs``."""
        return self.node.attributes.get("type", "expression")

    @property
    def stop_if_true(self) -> bool:
        """Whether rules below it are passed over where it holds."""
        return self.node.attributes.get("stopIfTrue") in ("1", "true")

    @property
    def areas(self) -> tuple[Area, ...]:
        """The rectangles that it is drawn on, none where its range is damaged."""
        try:
            return parse_sqref(self.sqref)
        except RangeError:
            return ()


def placed_rules(text: SheetText, styles: Styles, bounds: Bounds) -> tuple[PlacedRule, ...]:
    """The rules of a sheet, the one of highest priority first.

    Raises:
        HostileWorkbookError: more rules than the bounds allow.
    """
    twins = {node.attributes.get("id", ""): (node, block) for block, node in _extension(text)}
    main = [
        _main_rule(block, node, styles, twins)
        for block in text.node.find_all("conditionalFormatting")
        for node in block.find_all("cfRule")
    ]
    paired = {_twin_id(rule.node) for rule in main}
    alone = [
        _extension_rule(block, node)
        for block, node in _extension(text)
        if node.attributes.get("id") not in paired
    ]
    rules = [*main, *alone]
    if len(rules) > bounds.rules:
        raise HostileWorkbookError(f"the sheet has {len(rules):,} rules; at most {bounds.rules:,}")
    return _numbered(sorted(rules, key=lambda rule: rule.priority))


def extension_node(text: SheetText) -> Node | None:
    """The ``x14:conditionalFormattings`` of a sheet."""
    return next(_containers(text), None)


def _containers(text: SheetText) -> Iterator[Node]:
    listing = text.node.find("extLst")
    for ext in listing.find_all("ext") if listing else ():
        yield from (node for node in ext.children if node.namespace == X14)


def with_priority(text: SheetText, node: Node, priority: int) -> Edit | None:
    """The edit that gives a rule another priority, ``None`` where it has none or this one."""
    tag = text.tail[node.start : node.tag_end]
    match = _PRIORITY.search(tag)
    if match is None or node.attributes.get("priority") == str(priority):
        return None
    new = match[1] + str(priority).encode() + match[2]
    return Edit(node.start + match.start(), node.start + match.end(), new)


def rule_id(sqref: str, value: Xml, dxf: Xml | None) -> str:
    """Eight hexadecimal digits of what a rule is and where."""
    areas = " ".join(sorted(sqref.upper().split()))
    style = comparable(dxf).render() if dxf is not None else ""
    said = f"{areas}|{value.canonical().render()}|{style}"
    return hashlib.sha256(said.encode()).hexdigest()[:8]


def _extension(text: SheetText) -> Iterator[tuple[Node, Node]]:
    for container in _containers(text):
        for block in container.find_all("conditionalFormatting"):
            for node in block.find_all("cfRule"):
                if node.namespace == X14:
                    yield block, node


def _main_rule(
    block: Node, node: Node, styles: Styles, twins: dict[str, tuple[Node, Node]]
) -> PlacedRule:
    value = Xml.of_node(node).having(priority=None, dxfId=None)
    twin, twin_block = twins.get(_twin_id(node), (None, None))
    sqref = " ".join(block.attributes.get("sqref", "").split())
    dxf = styles.at(node.attributes.get("dxfId", ""))
    value = value.without("extLst")
    is_pivot = block.attributes.get("pivot") in ("1", "true")
    name, priority = rule_id(sqref, value, dxf), _priority(node)
    return PlacedRule(
        name, node, block, sqref, priority, False, is_pivot, value, dxf, twin, twin_block
    )


def _extension_rule(block: Node, node: Node) -> PlacedRule:
    value = Xml.of_node(node).having(priority=None, id=None)
    place = block.find("sqref")
    sqref = " ".join(place.text.split()) if place is not None else ""
    is_pivot = block.attributes.get("pivot") in ("1", "true")
    name = rule_id(sqref, value, None)
    return PlacedRule(
        name, node, block, sqref, _priority(node), True, is_pivot, value, value.find("dxf")
    )


def _twin_id(node: Node) -> str:
    """The id of a rule's 2010 twin, a dash where it names none."""
    listing = node.find("extLst")
    for ext in listing.find_all("ext") if listing else ():
        found = ext.find("id")
        if found is not None:
            return found.text.strip()
    return "-"


def _priority(node: Node) -> int:
    text = node.attributes.get("priority", "")
    try:
        return int(text) if text else LAST_PRIORITY
    except ValueError:
        return LAST_PRIORITY


def _numbered(rules: list[PlacedRule]) -> tuple[PlacedRule, ...]:
    """The rules with a number behind the id of those that are there more than once."""
    seen: Counter[str] = Counter()
    numbered = []
    for rule in rules:
        seen[rule.id] += 1
        name = rule.id if seen[rule.id] == 1 else f"{rule.id}-{seen[rule.id]}"
        numbered.append(PlacedRule(**{**vars(rule), "id": name}))
    return tuple(numbered)
