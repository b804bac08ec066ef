"""Colour scales, data bars and icon sets: what each number of a range is drawn with.

Source: ECMA-376 part 1, 18.3.1.10 (cfRule) to 18.3.1.49 (iconSet); MS-XLSX 2.6.30 (dataBar).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from grammar.ooxml_existing import ExistingRule, is_set
from grammar.ooxml_styles import OFFICE_THEME
from server.workbooks.cell_styles import read_hex
from server.workbooks.safe_xml import child, children

Evaluate = Callable[[str], float | None]
"""The number that a formula gives, ``None`` where it gives none."""

Numbers = NDArray[np.float64]

_BAR_COLOUR = "#638EC6"
_NEGATIVE_COLOUR = "#FF0000"
_DEFAULT_SET = "3TrafficLights1"


@dataclass(frozen=True)
class ColourScale:
    """Colours at two or three values, blended between them."""

    values: tuple[float, ...]
    colours: tuple[str, ...]

    def colour(self, number: float) -> str:
        """``#RRGGBB`` of a number; beyond the ends it is that of the end."""
        for index in range(1, len(self.values)):
            low, high = self.values[index - 1 : index + 1]
            if number <= high or index == len(self.values) - 1:
                return _blend(
                    self.colours[index - 1], self.colours[index], _share(number, low, high)
                )
        return self.colours[0]


@dataclass(frozen=True)
class Bar:
    """A drawn data bar; ``start``, ``end`` and ``axis`` are shares of the cell's width."""

    start: float
    end: float
    colour: str
    axis: float | None = None
    is_gradient: bool = True


@dataclass(frozen=True)
class BarScale:
    """Bars between two values. ``shortest`` and ``longest`` are shares of the cell's width.

    ``axis`` is where 0 lies: ``automatic`` by the values, ``middle`` of the cell, or ``none``.
    """

    low: float
    high: float
    colour: str
    negative: str
    shortest: float
    longest: float
    axis: str
    is_gradient: bool = True
    shows_value: bool = True
    is_reversed: bool = False

    def bar(self, number: float) -> Bar:
        """The bar of a number."""
        zero = self._zero()
        start, end = self._span(number, zero)
        colour = self.negative if number < 0 and zero is not None else self.colour
        drawn = zero if zero is not None and 0 < zero <= 1 else None
        if self.is_reversed:
            start, end = 1 - end, 1 - start
            drawn = None if drawn is None else 1 - drawn
        return Bar(start, end, colour, drawn, self.is_gradient)

    def _zero(self) -> float | None:
        """Where the axis stands, ``None`` for bars that all start at the left."""
        if self.axis == "none" or self.low >= 0:
            return None
        if self.axis == "middle":
            return 0.5
        return 1.0 if self.high <= 0 else -self.low / (self.high - self.low)

    def _span(self, number: float, zero: float | None) -> tuple[float, float]:
        if zero is None:
            share = _share(number, self.low, self.high)
            return 0.0, self.shortest + share * (self.longest - self.shortest)
        if number < 0:
            reach = max(-self.low, self.high) if self.axis == "middle" else -self.low
            return zero - zero * min(-number / reach, 1.0), zero
        reach = max(-self.low, self.high) if self.axis == "middle" else self.high
        share = min(number / reach, 1.0) if reach > 0 else 0.0
        return zero, zero + (1 - zero) * share


@dataclass(frozen=True)
class Icon:
    """One picture of an icon set: ``name`` as ``3Arrows``, ``index`` 0 for the lowest values."""

    name: str
    index: int


@dataclass(frozen=True)
class IconScale:
    """Icons by thresholds, lowest first; ``strict`` marks those that a value has to exceed."""

    thresholds: tuple[float, ...]
    strict: tuple[bool, ...]
    icons: tuple[Icon | None, ...]
    shows_value: bool = True

    def icon(self, number: float) -> Icon | None:
        """The icon of a number, ``None`` where the set has an empty place there."""
        place = 0
        for index in range(1, len(self.thresholds)):
            limit = self.thresholds[index]
            if number > limit or (number == limit and not self.strict[index]):
                place = index
        return self.icons[place]


Scale = ColourScale | BarScale | IconScale


def read_scale(
    rule: ExistingRule,
    numbers: Numbers,
    evaluate: Evaluate,
    theme: Sequence[str] = OFFICE_THEME,
) -> Scale | None:
    """The scale of a rule over the numbers of its range, ``None`` for a rule that draws none.

    A limit whose formula gives no number leaves the whole range unpainted, as in Excel.
    """
    readers = {"colorScale": _colour_scale, "dataBar": _bar_scale, "iconSet": _icon_scale}
    reader = readers.get(rule.kind)
    if reader is None or not len(numbers):
        return None
    return reader(_Parts(rule, numbers, evaluate, theme))


@dataclass(frozen=True, eq=False)
class _Parts:
    """The element of a scale, the 2010 one where the rule has it, and what it is drawn over."""

    rule: ExistingRule
    numbers: Numbers
    evaluate: Evaluate
    theme: Sequence[str]

    @property
    def main(self) -> etree._Element:
        return self._drawn(self.rule.xml)

    @property
    def latest(self) -> etree._Element:
        return self._drawn(self.rule.extension_xml) if self.rule.extension_xml else self.main

    @property
    def is_extended(self) -> bool:
        return bool(self.rule.extension_xml) or self.rule.is_extension

    def _drawn(self, xml: str) -> etree._Element:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        root = etree.fromstring(xml, parser)
        found = child(root, self.rule.kind)
        return root if found is None else found

    def colour(self, element: etree._Element, name: str) -> str | None:
        return read_hex(child(element, name), self.theme)

    def limits(self, element: etree._Element) -> list[float | None]:
        return [self._limit(part) for part in children(element, "cfvo")]

    def _limit(self, cfvo: etree._Element) -> float | None:
        kind = cfvo.get("type", "num")
        low, high = float(self.numbers.min()), float(self.numbers.max())
        if kind in ("min", "max"):
            return low if kind == "min" else high
        if kind in ("autoMin", "autoMax"):
            return min(low, 0.0) if kind == "autoMin" else max(high, 0.0)
        formula = child(cfvo, "f")
        text = cfvo.get("val") if formula is None else formula.text
        number = self._number(text or "0")
        if number is None or kind not in ("percent", "percentile"):
            return number
        share = min(max(number / 100, 0.0), 1.0)
        return low + (high - low) * share if kind == "percent" else self._percentile(share)

    def _percentile(self, share: float) -> float:
        return float(np.quantile(self.numbers, share))

    def _number(self, text: str) -> float | None:
        try:
            return float(text)
        except ValueError:
            return self.evaluate(text.removeprefix("="))


def _colour_scale(parts: _Parts) -> ColourScale | None:
    element = parts.latest
    limits = parts.limits(element)
    read = [read_hex(part, parts.theme) or "#FFFFFF" for part in children(element, "color")]
    known = [limit for limit in limits if limit is not None]
    if len(known) < len(limits) or len(known) != len(read) or len(known) < 2:
        return None
    return ColourScale(tuple(known), tuple(read))


def _bar_scale(parts: _Parts) -> BarScale | None:
    element = parts.latest
    limits = parts.limits(element)
    if len(limits) != 2 or limits[0] is None or limits[1] is None:
        return None
    colour = parts.colour(element, "fillColor") or parts.colour(parts.main, "color") or _BAR_COLOUR
    own = {str(name): str(value) for name, value in element.attrib.items()}
    is_same = is_set(own, "negativeBarColorSameAsPositive")
    negative = parts.colour(element, "negativeFillColor") or _NEGATIVE_COLOUR
    return BarScale(
        low=limits[0],
        high=limits[1],
        colour=colour,
        negative=colour if is_same else negative,
        shortest=_percent(own.get("minLength"), 10),
        longest=_percent(own.get("maxLength"), 90),
        axis=own.get("axisPosition", "automatic") if parts.is_extended else "none",
        is_gradient=is_set(own, "gradient", default=True),
        shows_value=is_set(own, "showValue", default=True),
        is_reversed=own.get("direction") == "rightToLeft",
    )


def _icon_scale(parts: _Parts) -> IconScale | None:
    element = parts.latest
    limits = parts.limits(element)
    known = [limit for limit in limits if limit is not None]
    if len(known) < len(limits) or not known:
        return None
    own = {str(name): str(value) for name, value in element.attrib.items()}
    strict = tuple(part.get("gte", "1") in ("0", "false") for part in children(element, "cfvo"))
    icons = _icons(element, own, len(known))
    shown = is_set(own, "showValue", default=True)
    return IconScale(tuple(known), strict, icons, shown)


def _icons(element: etree._Element, own: dict[str, str], count: int) -> tuple[Icon | None, ...]:
    """The icon of every threshold, from the lowest up."""
    custom = [
        None
        if part.get("iconSet") == "NoIcons"
        else Icon(part.get("iconSet", _DEFAULT_SET), _index(part.get("iconId", "0")))
        for part in children(element, "cfIcon")
    ]
    if len(custom) == count:
        return tuple(custom)
    name = own.get("iconSet", _DEFAULT_SET)
    icons = tuple(Icon(name, index) for index in range(count))
    return icons[::-1] if is_set(own, "reverse") else icons


def _index(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 3 else 0


def _percent(text: str | None, default: float) -> float:
    share = float(text) if text and text.isdecimal() and len(text) < 6 else default
    return min(max(share / 100, 0.0), 1.0)


def _share(number: float, low: float, high: float) -> float:
    """How far a number is on the way from low to high, 0 to 1; of no way, which side it is on."""
    if high <= low:
        return 1.0 if number >= high else 0.0
    return min(max((number - low) / (high - low), 0.0), 1.0)


def _blend(first: str, second: str, share: float) -> str:
    """The colour between two; differences are cut to whole steps, as Excel does."""
    pairs = ((int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{low + int((high - low) * share):02X}" for low, high in pairs)
