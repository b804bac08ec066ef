"""A workbook package: its parts, relationships and sheets, opened without trust.

Source: ECMA-376 part 2 (packages), part 1 clause 12 and 18.2 (workbook).
"""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

from lxml import etree

from grammar.errors import HostileWorkbookError, RangeError, UnreadableWorkbookError
from server.workbooks.archive import Archive, Member
from server.workbooks.bounds import DEFAULT_BOUNDS, Bounds
from server.workbooks.safe_xml import child, children, local_name, parse_tree, whole_number

Source = Path | str | bytes
"""Where a workbook comes from: a path, or the bytes of the file."""

TRANSITIONAL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_RELATIONSHIP_IDS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)
_OTHER_FORMATS = {
    "sheet.binary": "a binary workbook (.xlsb)",
    "wordprocessingml": "a Word document",
    "ms-word": "a Word document",
    "presentationml": "a presentation",
    "ms-powerpoint": "a presentation",
}
_SUFFIXES = {
    "sheet.main+xml": ".xlsx",
    "template.main+xml": ".xltx",
    "sheet.macroEnabled.main+xml": ".xlsm",
    "template.macroEnabled.main+xml": ".xltm",
    "addin.macroEnabled.main+xml": ".xlam",
}
"""By the content type of the main part, the ending without which Excel refuses the file."""
CONTENT_TYPES = "[Content_Types].xml"


@dataclass(frozen=True)
class Relationship:
    """One relationship; ``kind`` is the last word of its type, ``target`` a part name."""

    id: str
    kind: str
    target: str
    external: bool


@dataclass(frozen=True)
class Sheet:
    """One sheet of the workbook in the order of its tabs; ``part`` is ``None`` where it is lost."""

    name: str
    kind: str
    part: str | None
    visible: bool


@contextmanager
def open_package(source: Source, bounds: Bounds = DEFAULT_BOUNDS) -> Iterator[Package]:
    """The package of a workbook, checked.

    Raises:
        UnreadableWorkbookError: no workbook, encrypted, damaged or not there.
        HostileWorkbookError: outside the bounds.
    """
    if isinstance(source, bytes):
        yield Package(Archive(io.BytesIO(source), bounds))
        return
    with _open_file(Path(source)) as stream:
        yield Package(Archive(stream, bounds))


def _open_file(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableWorkbookError(f"{path} cannot be read: {reason}") from error


class Package:
    """Reads the parts of one workbook."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.bounds = archive.bounds
        self.content_types = ContentTypes.parse(self)
        self.workbook_part = self._find_workbook()
        self.workbook = self.tree(self.workbook_part)
        if local_name(self.workbook) != "workbook":
            raise UnreadableWorkbookError(f"{self.workbook_part} is no workbook part")
        self.sheets = self._read_sheets()

    def member(self, part: str) -> Member:
        """The archive's entry of a part.

        Raises:
            UnreadableWorkbookError: there is none.
        """
        found = self.archive.find(part)
        if found is None:
            raise UnreadableWorkbookError(f"the workbook has lost its part {part}")
        return found

    def tree(self, part: str) -> etree._Element:
        """The root of a small part."""
        data = self.archive.read(self.member(part))
        return parse_tree(data, part, self.bounds)

    def chunks(self, part: str, limit: int | None = None) -> Iterator[bytes]:
        """The bytes of a part, piece by piece."""
        return self.archive.chunks(self.member(part), limit)

    def relationships(self, part: str) -> tuple[Relationship, ...]:
        """The relationships of a part (``""`` for the package), none where it has none."""
        rels = relationships_part(part)
        if rels not in self.archive:
            return ()
        base = posixpath.dirname(part)
        return tuple(
            _relationship(node, base) for node in children(self.tree(rels), "Relationship")
        )

    def related(self, part: str, kind: str) -> tuple[str, ...]:
        """The parts that a part points to by relationships of a kind, those that exist."""
        found = (rel.target for rel in self.relationships(part) if rel.kind == kind)
        return tuple(target for target in found if target in self.archive)

    @cached_property
    def styles_part(self) -> str | None:
        return next(iter(self.related(self.workbook_part, "styles")), None)

    @cached_property
    def strings_part(self) -> str | None:
        return next(iter(self.related(self.workbook_part, "sharedStrings")), None)

    @cached_property
    def suffix(self) -> str:
        """The ending that a file of this kind has to have, as ``.xlsm``."""
        declared = self.content_types.of(self.workbook_part)
        return next(suffix for kind, suffix in _SUFFIXES.items() if declared.endswith(kind))

    @cached_property
    def date1904(self) -> bool:
        """Whether serial 0 is 1904-01-01 here."""
        properties = child(self.workbook, "workbookPr")
        return properties is not None and properties.get("date1904") in ("1", "true", "on")

    @cached_property
    def active_sheet(self) -> int:
        """The 0-based tab that is shown on opening."""
        view = next(self.workbook.iter("{*}workbookView"), None)
        tab = whole_number(view.get("activeTab")) if view is not None else 0
        return tab if tab < len(self.sheets) else 0

    @property
    def signed(self) -> bool:
        """Whether the package carries a digital signature."""
        names = (member.name.lower() for member in self.archive.members)
        return any(name.startswith("_xmlsignatures/") for name in names)

    def sheet(self, name: str) -> Sheet:
        """The worksheet of a name, case ignored as Excel does.

        Raises:
            RangeError: there is none, or it is a chart sheet.
        """
        found = next((sheet for sheet in self.sheets if sheet.name.lower() == name.lower()), None)
        if found is None:
            raise RangeError(f"there is no sheet {name!r}; {self._listing()}")
        if found.kind != "worksheet" or found.part is None:
            raise RangeError(f"{found.name!r} is a {found.kind} without cells; {self._listing()}")
        return found

    def worksheets(self) -> tuple[Sheet, ...]:
        """The sheets that have cells."""
        return tuple(sheet for sheet in self.sheets if sheet.kind == "worksheet" and sheet.part)

    def _listing(self) -> str:
        names = [repr(sheet.name) for sheet in self.worksheets()]
        shown = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
        return f"the workbook has {shown}" if names else "the workbook has no sheet with cells"

    def _find_workbook(self) -> str:
        targets = [rel.target for rel in self.relationships("") if rel.kind == "officeDocument"]
        if not targets:
            raise UnreadableWorkbookError("the file is no workbook: it names no main part")
        part = targets[0]
        declared = self.content_types.of(part)
        for mark, name in _OTHER_FORMATS.items():
            if mark in declared:
                raise UnreadableWorkbookError(f"the file is {name}; save it as .xlsx")
        if not declared.endswith(tuple(_SUFFIXES)):
            raise UnreadableWorkbookError(
                f"the main part {part} has content type {declared or 'none'!r}, not a workbook's"
            )
        return part

    def _read_sheets(self) -> tuple[Sheet, ...]:
        listing = child(self.workbook, "sheets")
        nodes = list(children(listing, "sheet")) if listing is not None else []
        if not nodes:
            raise UnreadableWorkbookError("the workbook has no sheet")
        if len(nodes) > self.bounds.sheets:
            raise HostileWorkbookError(
                f"the workbook has {len(nodes):,} sheets; at most {self.bounds.sheets:,} are read"
            )
        related = {rel.id: rel for rel in self.relationships(self.workbook_part)}
        return tuple(self._sheet(node, related) for node in nodes)

    def _sheet(self, node: etree._Element, related: dict[str, Relationship]) -> Sheet:
        rel_id = next((node.get(key, "") for key in _RELATIONSHIP_IDS if node.get(key)), "")
        rel = related.get(rel_id)
        usable = rel is not None and not rel.external and rel.target in self.archive
        return Sheet(
            name=node.get("name", ""),
            kind=rel.kind if rel else "sheet",
            part=rel.target if rel and usable else None,
            visible=node.get("state", "visible") == "visible",
        )


@dataclass(frozen=True)
class ContentTypes:
    """The content types of the parts. Source: ECMA-376 part 2, 10.1.2."""

    overrides: dict[str, str]
    defaults: dict[str, str]

    @classmethod
    def parse(cls, package: Package) -> ContentTypes:
        """The types that the package declares."""
        if CONTENT_TYPES not in package.archive:
            kind = "an OpenDocument file" if "mimetype" in package.archive else "some other zip"
            raise UnreadableWorkbookError(f"the file is no workbook but {kind}; save it as .xlsx")
        root = package.tree(CONTENT_TYPES)
        overrides = {
            node.get("PartName", "").lstrip("/").lower(): node.get("ContentType", "")
            for node in children(root, "Override")
        }
        defaults = {
            node.get("Extension", "").lower(): node.get("ContentType", "")
            for node in children(root, "Default")
        }
        return cls(overrides, defaults)

    def of(self, part: str) -> str:
        """The content type of a part, empty where none is declared."""
        extension = posixpath.splitext(part)[1].lstrip(".").lower()
        return self.overrides.get(part.lower(), self.defaults.get(extension, ""))


def relationships_part(part: str) -> str:
    """``xl/_rels/workbook.xml.rels`` of ``xl/workbook.xml``."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", name + ".rels")


def _relationship(node: etree._Element, base: str) -> Relationship:
    target = node.get("Target", "").replace("\\", "/")
    external = node.get("TargetMode") == "External"
    if not external:
        path = target if target.startswith("/") else posixpath.join(base, target)
        target = unquote(posixpath.normpath(path).lstrip("/"))
    kind = node.get("Type", "").rpartition("/")[2]
    return Relationship(node.get("Id", ""), kind, target, external)
