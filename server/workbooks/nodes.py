"""Elements of a part with the places of their bytes, so that text can be spliced beside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from xml.parsers import expat

from grammar.errors import HostileWorkbookError, UnreadableWorkbookError
from server.workbooks.archive import CHUNK
from server.workbooks.bounds import Deadline

_TAG = re.compile(rb"""<[^\s<>/!?][^\s<>/]*(?:[^<>"']|"[^"]*"|'[^']*')*>""")
_PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']""")
Path = tuple[str, ...]


@dataclass
class Node:
    """One element: its name, attributes and bytes ``[start:end]``, of which the start tag is
    ``[start:tag_end]``; ``children`` are given where they were asked for."""

    name: str
    namespace: str
    prefix: str
    attributes: dict[str, str]
    start: int
    tag_end: int
    end: int = -1
    text: str = ""
    children: list[Node] = field(default_factory=list)

    @property
    def is_empty_tag(self) -> bool:
        """Whether it is written as ``<a/>``."""
        return self.end == self.tag_end

    def find(self, name: str) -> Node | None:
        """The first child of a local name."""
        return next((child for child in self.children if child.name == name), None)

    def find_all(self, name: str) -> list[Node]:
        """The children of a local name."""
        return [child for child in self.children if child.name == name]


@dataclass(frozen=True)
class Root:
    """The start tag of a part's root, where it ends, and the encoding that the part declares."""

    tag: bytes
    end: int
    encoding: str

    @property
    def name(self) -> str:
        """The qualified name."""
        return re.split(rb"[\s>/]", self.tag[1:], maxsplit=1)[0].decode("utf-8", "replace")

    @property
    def prefix(self) -> str:
        """``x:`` where elements are written with a prefix, else empty."""
        prefix, mark, _ = self.name.rpartition(":")
        return prefix + mark


def find_root(data: bytes, part: str) -> Root:
    """The root of a part by its first bytes.

    Raises:
        UnreadableWorkbookError: there is none.
        HostileWorkbookError: a document type comes first.
    """
    match = _PROLOG.match(data)
    start = match.end() if match else 0
    if data[start : start + 2] == b"<!":
        raise HostileWorkbookError(f"{part} declares a document type, which no workbook does")
    tag = _TAG.match(data, start)
    if tag is None:
        raise UnreadableWorkbookError(f"{part} is damaged: it has no root element")
    encoding = _ENCODING.search(data[:start])
    return Root(tag[0], tag.end(), encoding[1].decode() if encoding else "utf-8")


def scan(
    root: Root, data: bytes, part: str, wanted: Callable[[Path], bool], deadline: Deadline
) -> Node:
    """The root with the elements of ``data``, which follows its start tag or some of its children.

    ``wanted`` says of the path of local names below the root whether an element is kept; what
    lies in one that is not kept is passed over. Places count from the start of ``data``.

    Raises:
        UnreadableWorkbookError: the part is not well-formed.
    """
    return _Scanner(root, data, part, wanted, deadline).run()


class _Scanner:
    """Builds nodes from expat's events."""

    def __init__(
        self,
        root: Root,
        data: bytes,
        part: str,
        wanted: Callable[[Path], bool],
        deadline: Deadline,
    ) -> None:
        self.root_tag = root.tag
        self.data = data
        self.part = part
        self.wanted = wanted
        self.deadline = deadline
        self.shift = len(root.tag)
        self.stack: list[Node] = []
        self.path: list[str] = []
        self.passed = 0
        self.result: Node | None = None
        self.parser = expat.ParserCreate(root.encoding, namespace_separator="}")
        self.parser.namespace_prefixes = True
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def run(self) -> Node:
        """The root node."""
        try:
            self.parser.Parse(self.root_tag, False)
            for place in range(0, len(self.data), CHUNK):
                self.deadline.check()
                self.parser.Parse(self.data[place : place + CHUNK], False)
            self.parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise UnreadableWorkbookError(f"{self.part} is damaged: {error}") from error
        if self.result is None:
            raise UnreadableWorkbookError(f"{self.part} is damaged: it has no root element")
        return self.result

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self.passed:
            self.passed += 1
            return
        namespace, local, prefix = _split(name)
        if self.stack:
            self.path.append(local)
            if not self.wanted(tuple(self.path)):
                self.path.pop()
                self.passed = 1
                return
        start = self.parser.CurrentByteIndex - self.shift
        tag = _TAG.match(self.data, start) if start >= 0 else None
        tag_end = tag.end() if tag else 0
        plain = {_split(key)[1]: value for key, value in attributes.items()}
        node = Node(local, namespace, prefix, plain, start, tag_end)
        if self.stack:
            self.stack[-1].children.append(node)
        self.stack.append(node)

    def _end(self, _name: str) -> None:
        if self.passed:
            self.passed -= 1
            return
        node = self.stack.pop()
        if not self.stack:
            node.end = self.parser.CurrentByteIndex - self.shift
            self.result = node
            return
        self.path.pop()
        if self.data[node.tag_end - 2 : node.tag_end] == b"/>":
            node.end = node.tag_end
        else:
            place = self.parser.CurrentByteIndex - self.shift
            node.end = self.data.index(b">", place) + 1

    def _text(self, text: str) -> None:
        if not self.passed and self.stack:
            self.stack[-1].text += text


def _split(name: str) -> tuple[str, str, str]:
    """Namespace, local name and prefix of what expat reports."""
    parts = name.split("}")
    if len(parts) == 1:
        return "", parts[0], ""
    return parts[0], parts[1], parts[2] + ":" if len(parts) > 2 else ""


@dataclass(frozen=True)
class Edit:
    """Bytes ``[start:end]`` replaced by others."""

    start: int
    end: int
    new: bytes = b""


def spliced(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The data with all edits made; those at one place keep their order."""
    pieces: list[bytes] = []
    place = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        pieces += [data[place : edit.start], edit.new]
        place = max(place, edit.end)
    return b"".join([*pieces, data[place:]])
