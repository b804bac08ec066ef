"""A rule on its way into a sheet: ``cfRule``, differential format and 2010 extension as values."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import cast

from lxml import etree
from openpyxl.formatting.rule import Rule

from grammar.ooxml import SheetRule as BuiltRule
from grammar.ranges import parse_sqref
from server.workbooks.markup import Xml
from server.workbooks.sheet_text import X14, XM

_TWIN_URI = "{B025F937-C7B1-47D3-B67F-A62EFF666E3E}"
"""The extension of a rule that names its 2010 twin. Source: MS-XLSX 2.3.1."""
_NAMESPACE = uuid.UUID("6b1f3a5e-5d0c-4b0f-9a53-0c7c8f4f3d10")
_AUTOMATIC = {"min": "autoMin", "max": "autoMax"}


@dataclass(frozen=True)
class SheetRule:
    """One conditional format for some cells.

    ``rule`` is the ``cfRule`` without priority and ``dxfId``, which the sheet gives; ``dxf`` is
    its differential format; ``twin`` the 2010 form of a data bar, without its id.
    """

    sqref: str
    rule: Xml
    dxf: Xml | None = None
    twin: Xml | None = None

    def __post_init__(self) -> None:
        parse_sqref(self.sqref)

    @classmethod
    def of(cls, sqref: str, rule: Rule) -> SheetRule:
        """The rule that openpyxl has built, a data bar as Excel 2010 draws it.

        Raises:
            RangeError: ``sqref`` is no list of ranges.
        """
        value = Xml.of(cast("etree._Element", rule.to_tree("cfRule"))).having(
            priority=None, dxfId=None, id=None
        )
        tree = rule.dxf.to_tree("dxf") if rule.dxf is not None else None
        dxf = Xml.of(cast("etree._Element", tree)) if tree is not None else None
        return cls(" ".join(str(sqref).split()), value, dxf, _twin(value))

    @property
    def guid(self) -> str:
        """The id that joins the rule and its twin: the same for the same rule and cells."""
        name = f"{self.sqref} {self.rule.render()} {self.twin}"
        return "{" + str(uuid.uuid5(_NAMESPACE, name)).upper() + "}"

    def render(self, prefix: str, priority: int, dxf_id: int | None, guid: str) -> str:
        """The ``cfRule`` element."""
        rule = self.rule.having(
            priority=str(priority), dxfId=None if dxf_id is None else str(dxf_id)
        )
        text = rule.render(prefix)
        if self.twin is None:
            return text
        link = (
            f'<{prefix}extLst><{prefix}ext xmlns:x14="{X14}" uri="{_TWIN_URI}">'
            f"<x14:id>{guid}</x14:id></{prefix}ext></{prefix}extLst>"
        )
        closing = f"</{prefix}cfRule>"
        return text.removesuffix(closing) + link + closing

    def render_twin(self, guid: str, x14: str = "x14:") -> str:
        """The extension's ``conditionalFormatting``, empty where the rule has no twin."""
        if self.twin is None:
            return ""
        name = f"{x14}conditionalFormatting"
        rule = self.twin.having(id=guid).render(x14).replace(f"{x14}f>", "xm:f>")
        return f'<{name} xmlns:xm="{XM}">{rule}<xm:sqref>{self.sqref}</xm:sqref></{name}>'


def as_sheet_rule(rule: SheetRule | BuiltRule) -> SheetRule:
    """The rule in the form that is spliced, of that form or as the grammar builds it."""
    return rule if isinstance(rule, SheetRule) else SheetRule.of(rule.sqref, rule.rule)


def _twin(rule: Xml) -> Xml | None:
    """What Excel 2010 and later draw for a data bar: from zero, with an axis and red below it."""
    bar = rule.find("dataBar")
    if bar is None:
        return None
    limits = tuple(_limit(child) for child in bar.children if child.name == "cfvo")
    colours = (
        Xml("negativeFillColor", (("rgb", "FFFF0000"),)),
        Xml("axisColor", (("rgb", "FF000000"),)),
    )
    pairs = {"minLength": bar.get("minLength", "0"), "maxLength": bar.get("maxLength", "100")}
    shown = bar.get("showValue")
    drawn = Xml("dataBar", (), limits + colours).having(showValue=shown or None, **pairs)
    return Xml("cfRule", (("type", "dataBar"),), (drawn,))


def _limit(cfvo: Xml) -> Xml:
    kind, value = cfvo.get("type"), cfvo.get("val")
    children = (Xml("f", text=value),) if value and kind not in _AUTOMATIC else ()
    return Xml("cfvo", (("type", _AUTOMATIC.get(kind, kind)),), children)
