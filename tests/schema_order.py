"""Order of elements in worksheets and styles, as the schema of SpreadsheetML has it.

Excel opens no file that breaks it. The tables are written from ECMA-376 part 1 (18.3.1.99
worksheet, 18.3.1.18 conditionalFormatting, 18.3.1.10 cfRule, 18.8.39 styleSheet, 18.8.14 dxf) and,
for what the extension of a sheet holds, MS-XLSX 2.6.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
_MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_ORDERS = {
    "worksheet": (
        "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection "
        "protectedRanges scenarios autoFilter sortState dataConsolidate customSheetViews "
        "mergeCells phoneticPr conditionalFormatting dataValidations hyperlinks printOptions "
        "pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches "
        "ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture "
        "oleObjects controls webPublishItems tableParts extLst"
    ),
    "conditionalFormatting": "cfRule extLst",
    "cfRule": "formula colorScale dataBar iconSet extLst",
    "colorScale": "cfvo color",
    "dataBar": "cfvo color",
    "iconSet": "cfvo",
    "styleSheet": (
        "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst"
    ),
    "dxfs": "dxf",
    "dxf": "font numFmt fill alignment border protection extLst",
    "fill": "patternFill gradientFill",
    "patternFill": "fgColor bgColor",
    "border": "start end left right top bottom diagonal vertical horizontal",
}
_X14_ORDERS = {
    "conditionalFormattings": "conditionalFormatting",
    "conditionalFormatting": "cfRule sqref extLst",
    "cfRule": "f colorScale dataBar iconSet dxf extLst",
    "cfvo": "f extLst",
    "dataBar": (
        "cfvo fillColor borderColor negativeFillColor negativeBorderColor axisColor extLst"
    ),
    "iconSet": "cfvo cfIcon",
}
_REPEATED = {"conditionalFormatting", "cfRule", "formula", "f", "cfvo", "color", "dxf", "cfIcon"}
_RULE_ATTRIBUTES = frozenset(
    "type dxfId priority stopIfTrue aboveAverage percent bottom operator text timePeriod rank "
    "stdDev equalAverage".split()
)


def worksheet_faults(sheet: bytes, formats: int) -> list[str]:
    """What the schema forbids in a sheet of a workbook that has some differential formats."""
    root = etree.fromstring(sheet)
    faults = [*_orders(root), *_rules(root, formats)]
    ids = [node.get("id") for node in root.iter(f"{{{X14}}}cfRule") if node.get("id")]
    if len(set(ids)) != len(ids):
        faults.append("two extension rules of one id")
    return faults


def styles_faults(styles: bytes) -> list[str]:
    """What the schema forbids in the styles."""
    root = etree.fromstring(styles)
    faults = list(_orders(root))
    dxfs = root.find("{*}dxfs")
    if dxfs is not None and dxfs.get("count") not in (None, str(len(dxfs))):
        faults.append(f"dxfs counts {dxfs.get('count')} and has {len(dxfs)}")
    return faults


def format_count(styles: bytes) -> int:
    """How many differential formats there are."""
    return len(etree.fromstring(styles).findall("{*}dxfs/{*}dxf"))


def _orders(root: etree._Element) -> Iterator[str]:
    for element in root.iter(etree.Element):
        name = etree.QName(element)
        orders = _ORDERS if name.namespace in _MAIN else _X14_ORDERS
        if name.localname in orders and name.namespace in (*_MAIN, X14):
            yield from _order(element, orders[name.localname].split(), name.namespace)


def _order(element: etree._Element, order: list[str], namespace: str) -> Iterator[str]:
    parent, place = etree.QName(element).localname, -1
    for child in element.iterchildren(etree.Element):
        name = etree.QName(child)
        if name.namespace != namespace and name.localname not in ("f", "sqref"):
            continue
        if name.localname not in order:
            yield f"{name.localname} in {parent}"
            continue
        new = order.index(name.localname)
        if new < place:
            yield f"{name.localname} after {order[place]} in {parent}"
        elif new == place and name.localname not in _REPEATED:
            yield f"{name.localname} twice in {parent}"
        place = max(place, new)


def _rules(root: etree._Element, formats: int) -> Iterator[str]:
    for rule in root.iterfind("{*}conditionalFormatting/{*}cfRule"):
        unknown = {key for key in rule.attrib if not key.startswith("{")} - _RULE_ATTRIBUTES
        if unknown:
            yield f"cfRule has {sorted(unknown)}"
        if not rule.get("priority", "").isdecimal():
            yield f"cfRule has priority {rule.get('priority')!r}"
        index = rule.get("dxfId", "0")
        if rule.get("dxfId") is not None and not (index.isdecimal() and int(index) < formats):
            yield f"cfRule names format {index} of {formats}"
