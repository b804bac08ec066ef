"""One sheet of a workbook open for changes, saved without touching what was not changed."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from server.workbooks.archive import CHUNK
from server.workbooks.bounds import DEFAULT_BOUNDS, Bounds
from server.workbooks.markup import ascii_bytes
from server.workbooks.nodes import Edit, find_root, scan, spliced
from server.workbooks.output import whole_output
from server.workbooks.package import (
    CONTENT_TYPES,
    STRICT,
    Package,
    Sheet,
    Source,
    open_package,
    relationships_part,
)
from server.workbooks.placed import PlacedRule, placed_rules
from server.workbooks.repack import Content, pieces, repack
from server.workbooks.sheet_text import SheetText, read_sheet_text
from server.workbooks.styles import Styles, read_styles

_STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_STYLES_KINDS = {
    True: "http://purl.oclc.org/ooxml/officeDocument/relationships/styles",
    False: "http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles",
}


@dataclass(frozen=True, eq=False)
class OpenSheet:
    """A sheet with its rules, the first one first, and the workbook's differential formats."""

    package: Package
    sheet: Sheet
    text: SheetText
    styles: Styles
    rules: tuple[PlacedRule, ...]
    before: bytes

    def edited(self, edits: Iterable[Edit]) -> OpenSheet:
        """The sheet after some edits to its text."""
        return replace(self, text=self.text.edited(edits, self.package.archive.deadline))

    def save(self, output: Path, overwrite: bool) -> bool:
        """Whether there was a change; the output is written whole either way.

        Raises:
            OutputError: the output exists and is not to be replaced, or cannot be written.
        """
        replaced, added = self._changes()
        with whole_output(output, overwrite) as stream:
            if replaced:
                repack(self.package.archive, stream, replaced, added)
            else:
                stream.writelines(_copied(self.package))
        return bool(replaced)

    def _changes(self) -> tuple[dict[str, Content], dict[str, Content]]:
        """The parts that change, and those that are new."""
        replaced: dict[str, Content] = {}
        added: dict[str, Content] = {}
        if self.text.tail != self.before:
            replaced[self.text.part] = partial(self.text.chunks, self.package)
        if self.styles.new and self.package.styles_part is not None:
            replaced[self.package.styles_part] = partial(pieces, self.styles.render())
        elif self.styles.new:
            part, relations = self._new_styles_part()
            present = part in self.package.archive
            (replaced if present else added)[part] = partial(pieces, self.styles.render())
            replaced |= relations | self._typed(part)
        return replaced, added

    def _new_styles_part(self) -> tuple[str, dict[str, Content]]:
        """The name for a styles part, and the relationships that lead to it where none does."""
        workbook = self.package.workbook_part
        relationships = self.package.relationships(workbook)
        for rel in relationships:
            if rel.kind == "styles" and not rel.external:
                return rel.target, {}
        part = posixpath.join(posixpath.dirname(workbook), "styles.xml")
        used = {rel.id for rel in relationships}
        name = next(f"rId{number}" for number in range(1, 1_000_000) if f"rId{number}" not in used)
        kind = _STYLES_KINDS[STRICT in self.package.workbook.nsmap.values()]
        element = f'Relationship Id="{name}" Type="{kind}" Target="/{part}"/>'
        rels = relationships_part(workbook)
        return part, {rels: partial(pieces, self._appended(rels, element))}

    def _typed(self, part: str) -> dict[str, Content]:
        """The content types with that of a new styles part, where they do not name it yet."""
        if self.package.content_types.of(part) == _STYLES_TYPE:
            return {}
        element = f'Override PartName="/{part}" ContentType="{_STYLES_TYPE}"/>'
        return {CONTENT_TYPES: partial(pieces, self._appended(CONTENT_TYPES, element))}

    def _appended(self, part: str, element: str) -> bytes:
        """A part with one more element at the end of its root."""
        data = self.package.archive.read(self.package.member(part))
        root = find_root(data, part)
        body = data[root.end :]
        node = scan(root, body, part, lambda path: False, self.package.archive.deadline)
        new = ascii_bytes(f"<{root.prefix}{element}")
        return data[: root.end] + spliced(body, [Edit(node.end, node.end, new)])


@contextmanager
def open_sheet(source: Source, sheet: str, bounds: Bounds = DEFAULT_BOUNDS) -> Iterator[OpenSheet]:
    """A sheet of a workbook, open for changes.

    Raises:
        RangeError: there is no such sheet.
        UnreadableWorkbookError, HostileWorkbookError: the file cannot be read.
    """
    with open_package(source, bounds) as package:
        found = package.sheet(sheet)
        text = read_sheet_text(package, found.part or "")
        styles = read_styles(package)
        rules = placed_rules(text, styles, bounds)
        yield OpenSheet(package, found, text, styles, rules, text.tail)


def _copied(package: Package) -> Iterator[bytes]:
    """The bytes of the file as it is."""
    stream = package.archive.stream
    stream.seek(0)
    while chunk := stream.read(CHUNK):
        yield chunk
