"""The text of a sheet part: cells passed through unread, the rest held with its places.

Everything that a rule touches comes after the cells. Source: ECMA-376 part 1, 18.3.1.99.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from grammar.errors import HostileWorkbookError, UnreadableWorkbookError
from server.workbooks.bounds import Deadline
from server.workbooks.nodes import Edit, Node, Path, Root, find_root, scan, spliced
from server.workbooks.package import Package
from server.workbooks.safe_xml import utf8_chunks

_CELLS_END = re.compile(
    rb"</(?:[A-Za-z_][\w.-]*:)?sheetData\s*>|<(?:[A-Za-z_][\w.-]*:)?sheetData(?:\s[^<>]*)?/>"
)
_OVERLAP = 256
"""Bytes kept from one piece to the next, so that a tag cut in two is found."""
_ROOT_BYTES = 1024 * 1024

X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
XM = "http://schemas.microsoft.com/office/excel/2006/main"
RULES_URI = "{78C0D931-6437-407D-A8EE-F0AAD7539E65}"
"""The extension of a sheet that holds rules. Source: MS-XLSX 2.3.2."""

_ORDER = (
    "sheetCalcPr",
    "sheetProtection",
    "protectedRanges",
    "scenarios",
    "autoFilter",
    "sortState",
    "dataConsolidate",
    "customSheetViews",
    "mergeCells",
    "phoneticPr",
    "conditionalFormatting",
)
"""What may stand between the cells and the end of the rules."""


@dataclass(frozen=True)
class SheetText:
    """A sheet part: ``head`` bytes up to the end of its cells, and the ``tail`` after them.

    ``node`` is the root with what the tail holds; its places count from the start of the tail.
    """

    part: str
    root: Root
    head: int
    tail: bytes
    node: Node

    @property
    def rules_place(self) -> int:
        """Where a further ``conditionalFormatting`` goes."""
        ends = [child.end for child in self.node.children if child.name in _ORDER]
        return max(ends, default=0)

    @property
    def document(self) -> bytes:
        """The part without its cells, as a document of its own."""
        return self.root.tag + self.tail

    def edited(self, edits: Iterable[Edit], deadline: Deadline) -> SheetText:
        """The text after some edits, with its places found anew."""
        tail = spliced(self.tail, edits)
        if tail == self.tail:
            return self
        return replace(self, tail=tail, node=scan(self.root, tail, self.part, _is_wanted, deadline))

    def chunks(self, package: Package) -> Iterator[bytes]:
        """The bytes of the part: its cells as they are, then the tail."""
        left = self.head
        for chunk in utf8_chunks(package.chunks(self.part), self.part):
            yield chunk[:left]
            left -= min(left, len(chunk))
            if not left:
                break
        yield self.tail


def read_sheet_text(package: Package, part: str) -> SheetText:
    """The text of a sheet part.

    Raises:
        UnreadableWorkbookError: the part is damaged or has no cells.
        HostileWorkbookError: what follows the cells is past the bounds.
    """
    start = bytearray()
    tail: bytearray | None = None
    head, window = 0, b""
    for chunk in utf8_chunks(package.chunks(part), part):
        if len(start) < _ROOT_BYTES:
            start += chunk
        if tail is None:
            window = window[-_OVERLAP:] + chunk
            end = _cells_end(window)
            head += len(chunk)
            if end is not None:
                tail = bytearray(window[end:])
                head -= len(tail)
        else:
            tail += chunk
        if tail is not None and len(tail) > package.bounds.tail_bytes:
            raise HostileWorkbookError(
                f"{part} holds more than {package.bounds.tail_bytes:,} bytes beside its cells"
            )
    root = find_root(bytes(start), part)
    if root.name.rpartition(":")[2] != "worksheet":
        raise UnreadableWorkbookError(f"{part} is no worksheet but {root.name!r}")
    if tail is None:
        raise UnreadableWorkbookError(f"{part} is damaged: it has no sheetData")
    node = scan(root, bytes(tail), part, _is_wanted, package.archive.deadline)
    if node.find("sheetData") or node.find("row"):
        raise UnreadableWorkbookError(f"{part} is damaged: it has sheetData twice")
    return SheetText(part, root, head, bytes(tail), node)


def _cells_end(window: bytes) -> int | None:
    """Where the cells end in a piece of the part."""
    place = window.find(b"sheetData")
    while place >= 0:
        match = _CELLS_END.search(window, max(0, place - 64), place + _OVERLAP)
        if match:
            return match.end()
        place = window.find(b"sheetData", place + 1)
    return None


def _is_wanted(path: Path) -> bool:
    """Children of the root, and all that belongs to rules."""
    if len(path) == 1 or path[0] == "conditionalFormatting":
        return True
    if path[0] != "extLst":
        return False
    return len(path) == 2 or path[2] == "conditionalFormattings"
