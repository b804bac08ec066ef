"""Rules of a worksheet part → :class:`ExistingRule`, extension rules included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lxml import etree
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import tostring

from grammar.errors import RangeError, UnreadableWorkbookError
from grammar.ooxml_existing import ExistingRule, condition_of, is_set
from grammar.ooxml_styles import OFFICE_THEME, entry_of, read_style
from grammar.ranges import parse_sqref

X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
XM = "http://schemas.microsoft.com/office/excel/2006/main"
LAST_PRIORITY = 2**31 - 1
"""Extension rules without a priority come after all others."""


def read_rules(
    sheet_xml: bytes, styles_xml: bytes | None = None, theme: Sequence[str] = OFFICE_THEME
) -> list[ExistingRule]:
    """Every rule of a worksheet part, by priority, the highest (1) first.

    Raises:
        UnreadableWorkbookError: a part is no XML, or a rule's range is none.
    """
    dxfs = _dxfs(styles_xml) if styles_xml else []
    return list(_Reader(dxfs, theme).rules(_parsed(sheet_xml)))


def read_worksheet_rules(worksheet: Worksheet) -> list[ExistingRule]:
    """The rules of a sheet that openpyxl has loaded; it drops the extension rules."""
    sheet = etree.Element("worksheet")
    dxfs: list[etree._Element] = []
    for formatting in worksheet.conditional_formatting:
        holder = etree.SubElement(sheet, "conditionalFormatting", sqref=str(formatting.sqref))
        for rule in formatting.rules:
            element = _parsed(tostring(rule.to_tree()))
            if rule.dxf is not None:
                element.set("dxfId", str(len(dxfs)))
                dxfs.append(_parsed(tostring(rule.dxf.to_tree("dxf"))))
            holder.append(element)
    return list(_Reader(dxfs, OFFICE_THEME).rules(sheet))


def _parsed(xml: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableWorkbookError(f"a part of the workbook is no XML: {error}") from error


def _dxfs(styles_xml: bytes) -> list[etree._Element]:
    found = _parsed(styles_xml).find("{*}dxfs")
    return [] if found is None else list(found.iterchildren("{*}dxf"))


@dataclass(frozen=True, eq=False)
class _Reader:
    dxfs: Sequence[etree._Element]
    theme: Sequence[str]

    def rules(self, sheet: etree._Element) -> list[ExistingRule]:
        """Main rules with their extension twins, and the extension rules that have none."""
        twins = {rule.id: rule for rule in self._extension_rules(sheet) if rule.id}
        main = [self._joined(rule, twins) for rule in self._main_rules(sheet)]
        joined = {rule.id for rule in main if rule.id}
        alone = [rule for rule in self._extension_rules(sheet) if rule.id not in joined]
        return sorted([*main, *alone], key=lambda rule: rule.priority)

    def _main_rules(self, sheet: etree._Element) -> Iterator[ExistingRule]:
        for formatting in sheet.iterchildren("{*}conditionalFormatting"):
            for element in formatting.iterchildren("{*}cfRule"):
                formulas = _texts(element, "formula")
                yield self._rule(element, formatting.get("sqref", ""), formulas, _twin_id(element))

    def _extension_rules(self, sheet: etree._Element) -> Iterator[ExistingRule]:
        for formatting in sheet.iterfind(f"{{*}}extLst//{{{X14}}}conditionalFormatting"):
            sqref = formatting.findtext(f"{{{XM}}}sqref", "")
            for element in formatting.iterchildren(f"{{{X14}}}cfRule"):
                rule = self._rule(element, sqref, _texts(element, "f"), element.get("id"))
                yield replace(rule, is_extension=True)

    def _joined(self, rule: ExistingRule, twins: Mapping[str, ExistingRule]) -> ExistingRule:
        twin = twins.get(rule.id or "")
        return replace(rule, extension_xml=twin.xml) if twin else rule

    def _rule(
        self, element: etree._Element, sqref: str, formulas: tuple[str, ...], rule_id: str | None
    ) -> ExistingRule:
        attributes = {str(name): str(value) for name, value in element.attrib.items()}
        kind = attributes.get("type", "expression")
        sqref = _checked(sqref)
        return ExistingRule(
            kind=kind,
            sqref=sqref,
            priority=_number(attributes.get("priority")),
            condition=condition_of(kind, attributes, formulas, sqref),
            style=read_style(self._dxf(element), self.theme),
            stop_if_true=is_set(attributes, "stopIfTrue"),
            id=rule_id,
            formulas=formulas,
            attributes=attributes,
            xml=etree.tostring(element, encoding="unicode", with_tail=False),
        )

    def _dxf(self, element: etree._Element) -> etree._Element | None:
        inline = element.find("{*}dxf")
        return entry_of(self.dxfs, element.get("dxfId")) if inline is None else inline


def _checked(sqref: str) -> str:
    try:
        parse_sqref(sqref)
    except RangeError as error:
        raise UnreadableWorkbookError(f"a rule's range is none: {error}") from error
    if not sqref.split():
        raise UnreadableWorkbookError("a rule has no range")
    return sqref


def _number(text: str | None) -> int:
    try:
        return int(text or LAST_PRIORITY)
    except ValueError:
        return LAST_PRIORITY


def _texts(element: etree._Element, name: str) -> tuple[str, ...]:
    """The formulas of a rule, without the empty ones that some programs write."""
    return tuple(part.text for part in element.iterchildren(f"{{*}}{name}") if part.text)


def _twin_id(element: etree._Element) -> str | None:
    return element.findtext(f"{{*}}extLst//{{{X14}}}id")
