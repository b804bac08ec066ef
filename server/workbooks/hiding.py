"""Which rule may keep another one from showing: the ones above it on the same cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grammar.ranges import Area, parse_sqref
from server.workbooks.markup import Xml
from server.workbooks.placed import PlacedRule
from server.workbooks.sheet_rule import SheetRule


@dataclass(frozen=True)
class Layer:
    """A rule as one of the layers of a sheet: its cells and what it sets in them."""

    id: str
    sqref: str
    priority: int
    areas: tuple[Area, ...]
    stop_if_true: bool
    properties: frozenset[str]

    @classmethod
    def of_placed(cls, rule: PlacedRule, priority: int) -> Layer:
        """The layer of a rule that the sheet has."""
        shown = _properties(rule.value, rule.dxf)
        return cls(rule.id, rule.sqref, priority, rule.areas, rule.stop_if_true, shown)

    @classmethod
    def of_new(cls, name: str, rule: SheetRule, priority: int) -> Layer:
        """The layer of a rule that is put in."""
        stops = rule.rule.get("stopIfTrue") in ("1", "true")
        shown = _properties(rule.rule, rule.dxf)
        return cls(name, rule.sqref, priority, parse_sqref(rule.sqref), stops, shown)


def hiding(layer: Layer, above: Iterable[Layer]) -> Iterator[Layer]:
    """The layers above that stop it, or set what it sets, where both hold in one cell.

    Whether they hold in one cell depends on the values; a rule that is named here may hide it.
    """
    for other in above:
        meets = any(one.intersection(two) for one in layer.areas for two in other.areas)
        if meets and (other.stop_if_true or layer.properties & other.properties):
            yield other


def _properties(rule: Xml, dxf: Xml | None) -> frozenset[str]:
    """What a rule sets: parts of the format, or the drawing of a scale."""
    drawn = {child.name for child in rule.children if child.name != "formula"}
    if "colorScale" in drawn:
        drawn = {"fill"}
    for part in dxf.children if dxf is not None else ():
        if part.name == "font":
            drawn |= {f"font {child.name}" for child in part.children}
        elif part.children or part.attributes:
            drawn.add(part.name)
    return frozenset(drawn)
