"""Edits to the text of a sheet: rules put in, taken out, and given other priorities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from server.workbooks.markup import ascii_bytes
from server.workbooks.nodes import Edit, Node
from server.workbooks.placed import (
    LAST_PRIORITY,
    PlacedRule,
    extension_node,
    with_priority,
)
from server.workbooks.sheet_rule import SheetRule
from server.workbooks.sheet_text import RULES_URI, X14, SheetText
from server.workbooks.styles import Styles


def insertions(text: SheetText, styles: Styles, rules: Mapping[int, SheetRule]) -> Iterator[Edit]:
    """The edits that put in rules by priority; their formats are added to the styles."""
    prefix = text.root.prefix
    blocks: list[str] = []
    ordered = sorted(rules.items())
    for sqref, group in groupby(ordered, key=lambda pair: pair[1].sqref):
        inner = "".join(
            rule.render(
                prefix, priority, styles.index_of(rule.dxf) if rule.dxf else None, rule.guid
            )
            for priority, rule in group
        )
        name = f"{prefix}conditionalFormatting"
        blocks.append(f'<{name} sqref="{sqref}">{inner}</{name}>')
    if blocks:
        yield Edit(text.rules_place, text.rules_place, ascii_bytes("".join(blocks)))
    twins = [rule for _, rule in ordered if rule.twin is not None]
    if twins:
        yield _extension_edit(text, twins)


def _extension_edit(text: SheetText, rules: Sequence[SheetRule]) -> Edit:
    """The edit that puts 2010 rules into the extension of a sheet, which is made where missing."""
    container = extension_node(text)
    prefix = container.prefix if container else "x14:"
    blocks = "".join(rule.render_twin(rule.guid, prefix) for rule in rules)
    if container is not None:
        return _appended(text, container, blocks)
    main = text.root.prefix
    name = f"{main}ext"
    ext = (
        f'<{name} xmlns:x14="{X14}" uri="{RULES_URI}"><x14:conditionalFormattings>{blocks}'
        f"</x14:conditionalFormattings></{name}>"
    )
    listing = text.node.find("extLst")
    if listing is None:
        place = text.node.end
        return Edit(place, place, ascii_bytes(f"<{main}extLst>{ext}</{main}extLst>"))
    if listing.is_empty_tag:
        return _appended(text, listing, ext)
    return Edit(listing.tag_end, listing.tag_end, ascii_bytes(ext))


def _appended(text: SheetText, node: Node, new: str) -> Edit:
    """The edit that adds text at the end of an element."""
    if not node.is_empty_tag:
        place = text.tail.rindex(b"</", node.tag_end, node.end)
        return Edit(place, place, ascii_bytes(new))
    opening = text.tail[node.start : node.tag_end - 2].rstrip() + b">"
    closing = ascii_bytes(f"</{node.prefix}{node.name}>")
    return Edit(node.start, node.end, opening + ascii_bytes(new) + closing)


def removals(text: SheetText, rules: Iterable[PlacedRule]) -> Iterator[Edit]:
    """The edits that take out rules and their twins, and what would be left empty by that."""
    rules = list(rules)
    gone: set[int] = set()
    for rule in rules:
        gone.add(id(rule.node))
        if rule.twin is not None:
            gone.add(id(rule.twin))
    for block in text.node.find_all("conditionalFormatting"):
        yield from _taken_out(block, gone)
    listing = text.node.find("extLst")
    if listing is not None:
        yield from _taken_out(listing, gone)


_HOLDERS = ("conditionalFormatting", "conditionalFormattings", "ext", "extLst")


def _is_gone(node: Node, gone: set[int]) -> bool:
    """Whether nothing is left of an element that held some of the rules taken out."""
    if id(node) in gone:
        return True
    inner = [child for child in node.children if child.name != "sqref"]
    holds = node.name in _HOLDERS and bool(inner)
    return holds and all(_is_gone(child, gone) for child in inner)


def _taken_out(node: Node, gone: set[int]) -> Iterator[Edit]:
    if _is_gone(node, gone):
        yield Edit(node.start, node.end)
        return
    for child in node.children:
        if child.name in _HOLDERS or id(child) in gone:
            yield from _taken_out(child, gone)


def renumbered(
    text: SheetText, rules: Sequence[PlacedRule], priorities: Sequence[int]
) -> Iterator[Edit]:
    """The edits that give rules, one by one, other priorities."""
    for rule, priority in zip(rules, priorities, strict=True):
        edit = with_priority(text, rule.node, priority)
        if edit is not None:
            yield edit


def shifted_priorities(rules: Sequence[PlacedRule], count: int) -> list[int]:
    """Priorities that leave 1 to ``count`` free: the same where they are free already.

    All move by the same number, so that the order and the gaps between rules stay.
    """
    present = [rule.priority for rule in rules]
    given = [priority for priority in present if priority < LAST_PRIORITY]
    if not given or min(given) > count:
        return present
    shift = count + 1 - min(given)
    if max(given) + shift >= LAST_PRIORITY:
        return list(range(count + 1, count + 1 + len(present)))
    return [priority + shift if priority < LAST_PRIORITY else priority for priority in present]
