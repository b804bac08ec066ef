"""Styles of rules ↔ differential formats (``dxf``). Source: ECMA-376 part 1, 18.8.14."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Sequence
from typing import TypeVar

from lxml import etree
from openpyxl.styles import Border, Color, Font, PatternFill, Side
from openpyxl.styles.colors import COLOR_INDEX
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat

from grammar.rules import Style

OFFICE_THEME = (
    *("FFFFFF", "000000", "E7E6E6", "44546A", "4472C4", "ED7D31"),
    *("A5A5A5", "FFC000", "5B9BD5", "70AD47", "0563C1", "954F72"),
)
"""Theme colours in the order of the ``theme`` attribute, of a workbook that Excel 2013 makes."""

_T = TypeVar("_T")
_RGB = re.compile(r"(?:[0-9A-Fa-f]{2})?[0-9A-Fa-f]{6}", re.ASCII)
_LONGEST_INDEX = 7

CUSTOM_FORMAT_ID = 164
"""Number formats below this one are built in. Source: ECMA-376 part 1, 18.8.30."""


def to_differential(style: Style) -> DifferentialStyle:
    """The ``dxf`` of a style; a solid fill there is its ``bgColor``.

    openpyxl writes no ``<b val="0"/>``, so bold, italic and underline can only be added.
    """
    return DifferentialStyle(
        font=_font(style),
        fill=PatternFill(bgColor=_argb(style.fill)) if style.fill else None,
        border=_border(style.border) if style.border else None,
        numFmt=_number_format(style.number_format) if style.number_format else None,
    )


def _font(style: Style) -> Font | None:
    if (style.font, style.bold, style.italic, style.underline, style.strike) == (None,) * 5:
        return None
    colour = _argb(style.font) if style.font else None
    # the defaults of Font are a name and a size, which a dxf must not hold
    return Font(
        name=None,
        sz=None,
        family=None,
        b=style.bold,
        i=style.italic,
        strike=style.strike,
        u="single" if style.underline else None,
        color=colour,
    )


def _border(colour: str) -> Border:
    side = Side(style="thin", color=_argb(colour))
    return Border(left=side, right=side, top=side, bottom=side)


def _number_format(code: str) -> NumberFormat:
    return NumberFormat(numFmtId=CUSTOM_FORMAT_ID, formatCode=code)


def _argb(colour: str) -> Color:
    return Color(rgb="FF" + colour.lstrip("#").upper())


def read_style(dxf: etree._Element | None, theme: Sequence[str] = OFFICE_THEME) -> Style:
    """The style of a ``dxf`` element of either namespace; what a style cannot hold is left out."""
    if dxf is None:
        return Style()
    fill, font, border = (_child(dxf, name) for name in ("fill", "font", "border"))
    number_format = _child(dxf, "numFmt")
    return Style(
        fill=_fill(fill, theme),
        font=read_colour(_child(font, "color"), theme),
        bold=_flag(_child(font, "b")),
        italic=_flag(_child(font, "i")),
        underline=_flag(_child(font, "u")),
        strike=_flag(_child(font, "strike")),
        border=_border_colour(border, theme),
        number_format=None if number_format is None else number_format.get("formatCode"),
    )


def read_colour(element: etree._Element | None, theme: Sequence[str] = OFFICE_THEME) -> str | None:
    """``#RRGGBB`` of a colour element, or ``None`` where it says automatic or nothing known."""
    if element is None:
        return None
    base = _base_colour(element, theme)
    return _tinted(base, _tint(element.get("tint", "0"))) if base else None


def _tint(text: str) -> float:
    """A tint between -1 and 1, none where the text is no number."""
    try:
        tint = float(text)
    except ValueError:
        return 0.0
    return tint if -1 <= tint <= 1 else 0.0


def _base_colour(element: etree._Element, theme: Sequence[str]) -> str | None:
    rgb, indexed, themed = (element.get(name) for name in ("rgb", "indexed", "theme"))
    if rgb:
        return _checked(rgb)
    digits = entry_of(COLOR_INDEX, indexed) or entry_of(theme, themed)
    return _checked(digits) if digits else None


def entry_of(entries: Sequence[_T], index: str | None) -> _T | None:
    """The entry that the text of an attribute names, ``None`` where it names none."""
    if not index or not index.isdecimal() or len(index) > _LONGEST_INDEX:
        return None
    return entries[int(index)] if int(index) < len(entries) else None


def _checked(digits: str) -> str | None:
    return f"#{digits[-6:].upper()}" if _RGB.fullmatch(digits) else None


def _tinted(colour: str, tint: float) -> str:
    """The colour made lighter (``tint`` above 0) or darker. Source: ECMA-376 part 1, 18.8.19."""
    if not tint:
        return colour
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    hue, lightness, saturation = colorsys.rgb_to_hls(parts[0], parts[1], parts[2])
    lightness = lightness * (1 + tint) if tint < 0 else lightness * (1 - tint) + tint
    rgb = colorsys.hls_to_rgb(hue, min(max(lightness, 0), 1), saturation)
    return "#" + "".join(f"{round(part * 255):02X}" for part in rgb)


def _fill(fill: etree._Element | None, theme: Sequence[str]) -> str | None:
    pattern = _child(fill, "patternFill")
    if pattern is None or pattern.get("patternType") == "none":
        return None
    background = read_colour(_child(pattern, "bgColor"), theme)
    return background or read_colour(_child(pattern, "fgColor"), theme)


def _border_colour(border: etree._Element | None, theme: Sequence[str]) -> str | None:
    sides = () if border is None else border.iterchildren("{*}*")
    shown = (side for side in sides if side.get("style", "none") != "none")
    colours = (read_colour(_child(side, "color"), theme) or "#000000" for side in shown)
    return next(colours, None)


def _flag(element: etree._Element | None) -> bool | None:
    if element is None:
        return None
    return element.get("val", "1").lower() not in ("0", "false", "none")


def _child(element: etree._Element | None, name: str) -> etree._Element | None:
    return None if element is None else element.find(f"{{*}}{name}")
