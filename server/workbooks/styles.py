"""Differential formats in ``styles.xml``: found where they are already, added where not.

Source: ECMA-376 part 1, 18.8.14 (dxf), 18.8.15 (dxfs), 18.8.39 (styleSheet).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from server.workbooks.markup import Xml, ascii_bytes
from server.workbooks.nodes import Edit, Node, Path, Root, find_root, scan, spliced
from server.workbooks.package import TRANSITIONAL, Package
from server.workbooks.safe_xml import utf8_chunks

_BEFORE = (
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
)
"""What comes before ``dxfs``."""
_FIRST_FREE = 164
"""Number formats below are built in."""

MINIMAL = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<styleSheet xmlns="{}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font>'
    '</fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill>'
    '<patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/>'
    '<right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="1">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


@dataclass
class Styles:
    """The differential formats of a workbook, with those that were added in ``new``."""

    data: bytes
    root: Root
    node: Node
    formats: list[Xml]
    number_formats: dict[str, int]
    new: list[Xml] = field(default_factory=list)
    _places: dict[Xml, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for place, format_ in enumerate(self.formats):
            self._places.setdefault(comparable(format_), place)

    def index_of(self, dxf: Xml) -> int:
        """The index of a differential format, which is added where it is not there yet."""
        key = comparable(dxf)
        if key not in self._places:
            self._places[key] = len(self.formats) + len(self.new)
            self.new.append(self._numbered(dxf))
        return self._places[key]

    def at(self, index: str) -> Xml | None:
        """The differential format that a rule names."""
        return self.formats[int(index)] if self._is_index(index) else None

    def _is_index(self, index: str) -> bool:
        return index.isdecimal() and len(index) < 8 and int(index) < len(self.formats)

    def render(self) -> bytes:
        """The part with the new formats in it, unchanged where there is none."""
        if not self.new:
            return self.data
        prefix = self.root.prefix
        text = ascii_bytes("".join(dxf.render(prefix) for dxf in self.new))
        count = len(self.formats) + len(self.new)
        node = self.node.find("dxfs")
        opening = ascii_bytes(f'<{prefix}dxfs count="{count}">')
        closing = ascii_bytes(f"</{prefix}dxfs>")
        body = self.data[self.root.end :]
        if node is None:
            edits = [Edit(self._place(), self._place(), opening + text + closing)]
        elif node.is_empty_tag:
            edits = [Edit(node.start, node.end, opening + text + closing)]
        else:
            end = body.rindex(b"</", node.tag_end, node.end)
            edits = [Edit(node.start, node.tag_end, opening), Edit(end, end, text)]
        return self.data[: self.root.end] + spliced(body, edits)

    def _place(self) -> int:
        ends = [child.end for child in self.node.children if child.name in _BEFORE]
        return max(ends, default=0)

    def _numbered(self, dxf: Xml) -> Xml:
        """The format with an id for its number format that means nothing else here."""
        number_format = dxf.find("numFmt")
        if number_format is None:
            return dxf
        code = number_format.get("formatCode")
        free = max([_FIRST_FREE - 1, *self.number_formats.values()]) + 1
        found = str(self.number_formats.setdefault(code, free))
        children = tuple(
            child.having(numFmtId=found) if child.name == "numFmt" else child
            for child in dxf.children
        )
        return Xml(dxf.name, dxf.attributes, children)


def read_styles(package: Package) -> Styles:
    """The differential formats of a workbook; a workbook without styles gets the least there is."""
    part = package.styles_part
    data = b""
    if part is not None:
        chunks = package.chunks(part, package.bounds.styles_bytes)
        data = b"".join(utf8_chunks(chunks, part))
    if not data.strip():
        namespace = package.workbook.nsmap.get(package.workbook.prefix) or TRANSITIONAL
        data = MINIMAL.format(namespace).encode()
    root = find_root(data, part or "styles.xml")
    node = scan(root, data[root.end :], part or "styles.xml", _is_wanted, package.archive.deadline)
    dxfs = node.find("dxfs")
    formats = [Xml.of_node(child) for child in dxfs.find_all("dxf")] if dxfs else []
    return Styles(data, root, node, formats, _number_formats(node, formats))


def comparable(dxf: Xml) -> Xml:
    """A differential format without what does not show: ids of number formats, empty parts."""
    children = tuple(
        child.having(numFmtId=None) if child.name == "numFmt" else child
        for child in dxf.children
        if child.children or child.attributes
    )
    return Xml(dxf.name, (), children).canonical()


def _number_formats(node: Node, formats: list[Xml]) -> dict[str, int]:
    listed = node.find("numFmts")
    found = [child.attributes for child in listed.find_all("numFmt")] if listed else []
    inner = [dxf.find("numFmt") for dxf in formats]
    found += [dict(child.attributes) for child in inner if child is not None]
    return {
        pairs.get("formatCode", ""): int(pairs["numFmtId"])
        for pairs in found
        if pairs.get("numFmtId", "").isdecimal() and len(pairs["numFmtId"]) < 9
    }


def _is_wanted(path: Path) -> bool:
    return len(path) == 1 or path[0] in ("dxfs", "numFmts")
