"""XML of a workbook: small parts as trees, large ones element by element, entities never."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from typing import cast

from lxml import etree

from grammar.errors import HostileWorkbookError, UnreadableWorkbookError
from server.workbooks.bounds import Bounds

_BOMS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def refuse_dtd(start: bytes, part: str) -> None:
    """Go on silently where the start of a part has no document type.

    Raises:
        HostileWorkbookError: it has one; OPC forbids it, and entities are its only use.
    """
    if b"<!DOCTYPE" in start or b"<!ENTITY" in start:
        raise HostileWorkbookError(f"{part} declares a document type, which no workbook does")


def parse_tree(data: bytes, part: str, bounds: Bounds) -> etree._Element:
    """The root element of a small part.

    Raises:
        UnreadableWorkbookError: the part is not well-formed.
        HostileWorkbookError: it is too large, too deep or has a document type.
    """
    if len(data) > bounds.tree_bytes:
        raise HostileWorkbookError(f"{part} is larger than {bounds.tree_bytes:,} bytes")
    utf8 = b"".join(utf8_chunks([data], part))
    refuse_dtd(utf8[:4096], part)
    try:
        root = etree.fromstring(utf8, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableWorkbookError(f"{part} is damaged: {_reason(error)}") from error
    refuse_dtd(str(getattr(root.getroottree().docinfo, "doctype", "")).encode(), part)
    if _depth(root, bounds.xml_depth) > bounds.xml_depth:
        raise HostileWorkbookError(f"{part} nests deeper than {bounds.xml_depth} elements")
    return root


def stream_elements(
    chunks: Iterable[bytes], part: str, names: tuple[str, ...], bounds: Bounds
) -> Iterator[etree._Element]:
    """The elements of some local names as each one ends; each is emptied before the next.

    Raises:
        UnreadableWorkbookError: the part is not well-formed.
        HostileWorkbookError: an element is too large or the part has a document type.
    """
    parser = etree.XMLPullParser(
        events=("end",),
        tag=[f"{{*}}{name}" for name in names],
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    waiting = 0
    try:
        for index, chunk in enumerate(utf8_chunks(chunks, part)):
            if index == 0:
                refuse_dtd(chunk[:4096], part)
            parser.feed(chunk)
            waiting += len(chunk)
            for _, found in parser.read_events():
                waiting = 0
                element = cast("etree._Element", found)
                yield element
                _forget(element)
            if waiting > bounds.row_bytes:
                raise HostileWorkbookError(f"{part} holds an element past {waiting:,} bytes")
        parser.close()
    except etree.XMLSyntaxError as error:
        raise UnreadableWorkbookError(f"{part} is damaged: {_reason(error)}") from error


def local_name(element: etree._Element) -> str:
    """The tag of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """The direct children of a local name."""
    return element.iterchildren(f"{{*}}{name}")


def child(element: etree._Element, name: str) -> etree._Element | None:
    """The first direct child of a local name."""
    return next(children(element, name), None)


def whole_number(text: str | None, default: int = 0) -> int:
    """The number of an attribute, ``default`` where it is none or absurdly long."""
    is_number = text is not None and text.isascii() and text.isdecimal() and len(text) < 10
    return int(text or "") if is_number else default


def utf8_chunks(chunks: Iterable[bytes], part: str) -> Iterator[bytes]:
    """The bytes of a part as UTF-8 where they were UTF-16, else as they are."""
    decoder: codecs.IncrementalDecoder | None = None
    for index, chunk in enumerate(chunks):
        if index == 0:
            decoder, chunk = _utf16_decoder(chunk)
        if decoder is None:
            yield chunk
            continue
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError as error:
            raise UnreadableWorkbookError(f"{part} is damaged: it is no UTF-16") from error
        yield _utf8_declared(text).encode("utf-8", "replace") if index == 0 else text.encode()


def _utf16_decoder(chunk: bytes) -> tuple[codecs.IncrementalDecoder | None, bytes]:
    for bom, name in _BOMS:
        if chunk.startswith(bom):
            return codecs.getincrementaldecoder(name)(), chunk[len(bom) :]
        if chunk.startswith("<?".encode(name)):
            return codecs.getincrementaldecoder(name)(), chunk
    return None, chunk


def _utf8_declared(text: str) -> str:
    """The text with its XML declaration, which named another encoding, left out."""
    return text.partition("?>")[2].lstrip() if text.startswith("<?xml") else text


def _forget(element: etree._Element) -> None:
    """Free an element and what lies before it in its parent."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _depth(root: etree._Element, limit: int) -> int:
    level = [root]
    depth = 0
    while level and depth <= limit:
        depth += 1
        level = [part for element in level for part in element]
    return depth


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _reason(error: Exception) -> str:
    return str(error).split(", line")[0].strip() or "it is no XML"
