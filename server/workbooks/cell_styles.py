"""How cells look before any rule: fonts, fills, borders and alignment by style index.

Source: ECMA-376 part 1, 18.8 (styles), 20.1.6.2 (theme colours).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lxml import etree

from grammar.ooxml_styles import OFFICE_THEME, read_colour
from server.workbooks.number_formats import CellFormats
from server.workbooks.package import Package
from server.workbooks.safe_xml import child, local_name, stream_elements, whole_number

_SIDES = ("left", "top", "right", "bottom")
_WHITE, _BLACK = "#FFFFFF", "#000000"
_HEX = re.compile(r"#[0-9A-F]{6}")
_LOWEST_SIZE, _SIZE, _HIGHEST_SIZE = 6.0, 11.0, 28.0


@dataclass(frozen=True)
class Look:
    """What a cell is drawn with; colours are ``#RRGGBB``, borders left, top, right, bottom."""

    fill: str | None = None
    font: str = _BLACK
    bold: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False
    borders: tuple[str | None, str | None, str | None, str | None] = (None, None, None, None)
    number_format: str = "General"
    align: str | None = None
    size: float = 11.0


@dataclass(frozen=True)
class CellStyles:
    """Looks by style index."""

    looks: tuple[Look, ...] = ()
    theme: tuple[str, ...] = OFFICE_THEME

    def look(self, style: int) -> Look:
        """The look of a style index, the plain one where it is not there."""
        return self.looks[style] if 0 <= style < len(self.looks) else Look()


@dataclass(frozen=True)
class _Format:
    """One ``xf``: indices of font, fill and border, and the alignment."""

    font: int
    fill: int
    border: int
    align: str | None


def read_cell_styles(package: Package, formats: CellFormats) -> CellStyles:
    """The looks of a workbook's cells, ``formats`` being their number formats."""
    theme = read_theme(package)
    part = package.styles_part
    if part is None or package.member(part).unpacked == 0:
        return CellStyles(theme=theme)
    found = _Collector(theme)
    chunks = package.chunks(part, package.bounds.styles_bytes)
    for node in stream_elements(chunks, part, ("font", "fill", "border", "xf"), package.bounds):
        found.add(node)
    looks = (found.look(xf, formats.code(index)) for index, xf in enumerate(found.formats))
    return CellStyles(tuple(looks), theme)


class _Collector:
    """Gathers the parts of styles as they stream by."""

    def __init__(self, theme: Sequence[str]) -> None:
        self.theme = theme
        self.fonts: list[Look] = []
        self.fills: list[str | None] = []
        self.borders: list[tuple[str | None, ...]] = []
        self.formats: list[_Format] = []

    def add(self, node: etree._Element) -> None:
        parent = node.getparent()
        home = local_name(parent) if parent is not None else ""
        if home == "fonts":
            self.fonts.append(self._font(node))
        elif home == "fills":
            self.fills.append(self._fill(node))
        elif home == "borders":
            self.borders.append(tuple(self._side(child(node, side)) for side in _SIDES))
        elif home == "cellXfs":
            self.formats.append(_format(node))

    def look(self, xf: _Format, code: str) -> Look:
        font = self.fonts[xf.font] if xf.font < len(self.fonts) else Look()
        sides = self.borders[xf.border] if xf.border < len(self.borders) else (None,) * 4
        fill = self.fills[xf.fill] if xf.fill < len(self.fills) else None
        left, top, right, bottom = sides
        return replace(
            font,
            fill=fill,
            borders=(left, top, right, bottom),
            number_format=code,
            align=xf.align,
        )

    def _font(self, node: etree._Element) -> Look:
        size = child(node, "sz")
        return Look(
            font=read_hex(child(node, "color"), self.theme) or _BLACK,
            bold=_flag(child(node, "b")),
            italic=_flag(child(node, "i")),
            underline=_flag(child(node, "u")),
            strike=_flag(child(node, "strike")),
            size=_size(None if size is None else size.get("val")),
        )

    def _fill(self, node: etree._Element) -> str | None:
        pattern, gradient = child(node, "patternFill"), child(node, "gradientFill")
        if gradient is not None:
            return next((read_hex(c, self.theme) for c in gradient.iter("{*}color")), None)
        kind = "none" if pattern is None else pattern.get("patternType", "none")
        if pattern is None or kind in ("none", "gray125"):
            return None
        name = "fgColor" if kind == "solid" else "bgColor"
        return read_hex(child(pattern, name), self.theme)

    def _side(self, node: etree._Element | None) -> str | None:
        if node is None or node.get("style", "none") == "none":
            return None
        return read_hex(child(node, "color"), self.theme) or _BLACK


def read_hex(element: etree._Element | None, theme: Sequence[str]) -> str | None:
    """``#RRGGBB`` of a colour element, ``None`` where it says none or is damaged."""
    try:
        colour = read_colour(element, theme)
    except (ValueError, OverflowError):
        return None
    return colour if colour and _HEX.fullmatch(colour) else None


def read_theme(package: Package) -> tuple[str, ...]:
    """The workbook's theme colours in the order in which styles count them."""
    part = next(iter(package.related(package.workbook_part, "theme")), None)
    scheme = None if part is None else next(package.tree(part).iter("{*}clrScheme"), None)
    if scheme is None:
        return OFFICE_THEME
    found = [_theme_colour(entry) for entry in scheme.iterchildren("{*}*")]
    if len(found) != len(OFFICE_THEME):
        return OFFICE_THEME
    # the theme lists dark before light; the attribute counts light before dark
    found[0:4] = [found[1], found[0], found[3], found[2]]
    pairs = zip(found, OFFICE_THEME, strict=True)
    return tuple(colour or default for colour, default in pairs)


def _theme_colour(entry: etree._Element) -> str | None:
    for colour in entry.iterchildren("{*}*"):
        digits = colour.get("val") if local_name(colour) == "srgbClr" else colour.get("lastClr")
        if digits and len(digits) == 6 and digits.isalnum() and digits.isascii():
            return digits
    return None


def _format(node: etree._Element) -> _Format:
    font, fill, border = (whole_number(node.get(name)) for name in ("fontId", "fillId", "borderId"))
    alignment = child(node, "alignment")
    align = None if alignment is None else alignment.get("horizontal")
    return _Format(font, fill, border, align if align in ("left", "center", "right") else None)


def _size(text: str | None) -> float:
    try:
        size = float(text or _SIZE)
    except ValueError:
        return _SIZE
    return min(max(size, _LOWEST_SIZE), _HIGHEST_SIZE) if math.isfinite(size) else _SIZE


def _flag(node: etree._Element | None) -> bool:
    return node is not None and node.get("val", "1").lower() not in ("0", "false", "none")
