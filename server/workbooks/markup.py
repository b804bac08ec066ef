"""Small pieces of XML as values: compared by content, written with any prefix."""

from __future__ import annotations

from dataclasses import dataclass, replace
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from server.workbooks.nodes import Node

_DEFAULTS = {
    "aboveAverage": ("1", "true"),
    "gte": ("1", "true"),
    "showValue": ("1", "true"),
    "activePresent": ("0", "false"),
    "bottom": ("0", "false"),
    "equalAverage": ("0", "false"),
    "percent": ("0", "false"),
    "reverse": ("0", "false"),
    "stdDev": ("0",),
    "stopIfTrue": ("0", "false"),
}
"""Attributes of a rule that say nothing when they have these values."""


@dataclass(frozen=True)
class Xml:
    """An element by local name; its attributes are sorted, its namespace is left to the writer."""

    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple[Xml, ...] = ()
    text: str = ""

    @classmethod
    def of(cls, element: etree._Element) -> Xml:
        """The value of an element, comments and white space between children left out."""
        nodes = [node for node in element if isinstance(node.tag, str)]
        pairs = {_local(str(key)): str(value) for key, value in element.attrib.items()}
        text = "" if nodes else element.text or ""
        return cls(
            _local(str(element.tag)),
            tuple(sorted(pairs.items())),
            tuple(cls.of(node) for node in nodes),
            text if text.strip() else "",
        )

    @classmethod
    def of_node(cls, node: Node) -> Xml:
        """The value of an element that was scanned."""
        return cls(
            node.name,
            tuple(sorted(node.attributes.items())),
            tuple(cls.of_node(child) for child in node.children),
            node.text if not node.children and node.text.strip() else "",
        )

    def get(self, name: str, default: str = "") -> str:
        """An attribute's value."""
        return dict(self.attributes).get(name, default)

    def find(self, name: str) -> Xml | None:
        """The first child of a name."""
        return next((child for child in self.children if child.name == name), None)

    def having(self, **attributes: str | None) -> Xml:
        """A copy with some attributes set, or left out where they are ``None``."""
        pairs = dict(self.attributes) | attributes
        kept = sorted((key, value) for key, value in pairs.items() if value is not None)
        return replace(self, attributes=tuple(kept))

    def without(self, *names: str) -> Xml:
        """A copy without the children of some names."""
        kept = tuple(child for child in self.children if child.name not in names)
        return replace(self, children=kept)

    def render(self, prefix: str = "") -> str:
        """The element as text, every name with the prefix."""
        name = prefix + self.name
        pairs = "".join(f" {key}={quoteattr(value)}" for key, value in self.attributes)
        inner = escape(self.text) + "".join(child.render(prefix) for child in self.children)
        if not inner:
            return f"<{name}{pairs}/>"
        keep = ' xml:space="preserve"' if self.text != self.text.strip() else ""
        return f"<{name}{pairs}{keep}>{inner}</{name}>"

    def canonical(self) -> Xml:
        """A form in which two elements that mean the same are equal."""
        pairs = tuple(
            (key, _plain(key, value))
            for key, value in self.attributes
            if value not in _DEFAULTS.get(key, ()) and key != "space"
        )
        return Xml(
            self.name,
            pairs,
            tuple(child.canonical() for child in self.children),
            self.text.strip(),
        )


def ascii_bytes(text: str) -> bytes:
    """The text in any encoding of XML: what is not ASCII as character references."""
    return text.encode("ascii", "xmlcharrefreplace")


def _plain(key: str, value: str) -> str:
    if value in ("true", "false"):
        return "1" if value == "true" else "0"
    return value.upper() if key == "rgb" else value


def _local(name: str) -> str:
    return name.rpartition("}")[2]
