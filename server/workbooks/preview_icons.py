"""Icons of icon sets as simple shapes in a square of side 1, for pictures and pages alike.

Source: ECMA-376 part 1, 18.18.42 (the sets); MS-XLSX 2.7.13 (sets of 2010).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from server.workbooks.scales import Icon

GREEN, YELLOW, RED, BLACK, GREY = "#63A863", "#E8B021", "#D65532", "#4D4D4D", "#7F7F7F"
_PALE_RED, _WHITE, _BLUE, _LIGHT = "#E8A99A", "#FFFFFF", "#4F81BD", "#D0D0D0"

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Shape:
    """A filled polygon; x goes right and y down, 0 to 1."""

    points: Points
    colour: str


def icon_shapes(icon: Icon) -> tuple[Shape, ...]:
    """What to draw for an icon, from the bottom up; a circle for a set that is not known."""
    count = int(icon.name[0]) if icon.name[:1] in ("3", "4", "5") else 3
    index = min(max(icon.index, 0), count - 1)
    draw = _SETS.get(icon.name[1:], _traffic)
    return draw(index, count)


def _ramp(index: int, count: int) -> str:
    """Red to green; four and five steps pass through yellow."""
    if index == 0:
        return RED
    return GREEN if index == count - 1 else YELLOW


def _circle(colour: str, radius: float = 0.44, x: float = 0.5, y: float = 0.5) -> Shape:
    steps = [2 * math.pi * step / 40 for step in range(40)]
    return Shape(tuple((x + radius * math.cos(a), y + radius * math.sin(a)) for a in steps), colour)


def _box(left: float, top: float, right: float, bottom: float, colour: str) -> Shape:
    return Shape(((left, top), (right, top), (right, bottom), (left, bottom)), colour)


def _turned(points: Points, degrees: float) -> Points:
    angle = math.radians(degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    moved = ((x - 0.5, y - 0.5) for x, y in points)
    return tuple((0.5 + x * cos - y * sin, 0.5 + x * sin + y * cos) for x, y in moved)


_ARROW: Points = (
    *((0.5, 0.06), (0.92, 0.5), (0.68, 0.5), (0.68, 0.94)),
    *((0.32, 0.94), (0.32, 0.5), (0.08, 0.5)),
)
_TURNS = {3: (180, 90, 0), 4: (180, 135, 45, 0), 5: (180, 135, 90, 45, 0)}


def _arrows(index: int, count: int) -> tuple[Shape, ...]:
    return (Shape(_turned(_ARROW, _TURNS[count][index]), _ramp(index, count)),)


def _grey_arrows(index: int, count: int) -> tuple[Shape, ...]:
    return (Shape(_turned(_ARROW, _TURNS[count][index]), GREY),)


def _traffic(index: int, count: int) -> tuple[Shape, ...]:
    colours = (BLACK, RED, YELLOW, GREEN) if count == 4 else (RED, YELLOW, GREEN)
    return (_circle(colours[min(index, len(colours) - 1)]),)


def _rimmed(index: int, count: int) -> tuple[Shape, ...]:
    return (_box(0.04, 0.04, 0.96, 0.96, BLACK), _circle(_ramp(index, count), 0.36))


def _signs(index: int, _: int) -> tuple[Shape, ...]:
    if index == 0:
        return (Shape(((0.5, 0.04), (0.96, 0.5), (0.5, 0.96), (0.04, 0.5)), RED),)
    if index == 1:
        return (Shape(((0.5, 0.08), (0.96, 0.92), (0.04, 0.92)), YELLOW),)
    return (_circle(GREEN),)


_CROSS: Points = (
    *((0.28, 0.18), (0.5, 0.4), (0.72, 0.18), (0.82, 0.28), (0.6, 0.5), (0.82, 0.72)),
    *((0.72, 0.82), (0.5, 0.6), (0.28, 0.82), (0.18, 0.72), (0.4, 0.5), (0.18, 0.28)),
)
_TICK: Points = ((0.16, 0.52), (0.28, 0.4), (0.43, 0.56), (0.74, 0.2), (0.86, 0.31), (0.43, 0.82))


def _mark(index: int, colour: str) -> tuple[Shape, ...]:
    if index == 1:
        return (_box(0.43, 0.14, 0.57, 0.6, colour), _box(0.43, 0.7, 0.57, 0.84, colour))
    return (Shape(_CROSS if index == 0 else _TICK, colour),)


def _symbols(index: int, count: int) -> tuple[Shape, ...]:
    small = [_scaled(shape, 0.66) for shape in _mark(index, _WHITE)]
    return (_circle(_ramp(index, count)), *small)


def _bare_symbols(index: int, count: int) -> tuple[Shape, ...]:
    return _mark(index, _ramp(index, count))


def _scaled(shape: Shape, share: float) -> Shape:
    points = ((0.5 + (x - 0.5) * share, 0.5 + (y - 0.5) * share) for x, y in shape.points)
    return Shape(tuple(points), shape.colour)


def _flags(index: int, count: int) -> tuple[Shape, ...]:
    cloth = Shape(((0.26, 0.08), (0.92, 0.3), (0.26, 0.54)), _ramp(index, count))
    return (_box(0.16, 0.06, 0.26, 0.96, BLACK), cloth)


def _red_to_black(index: int, _: int) -> tuple[Shape, ...]:
    return (_circle((BLACK, _LIGHT, _PALE_RED, RED)[min(index, 3)]),)


def _rating(index: int, count: int) -> tuple[Shape, ...]:
    bars = 4 if count > 3 else 3
    filled = index if count == 5 else index + 1
    width = 0.92 / bars
    return tuple(
        _box(
            0.04 + bar * width,
            0.92 - 0.84 * (bar + 1) / bars,
            0.04 + (bar + 0.8) * width,
            0.92,
            _BLUE if bar < filled else _LIGHT,
        )
        for bar in range(bars)
    )


def _quarters(index: int, _: int) -> tuple[Shape, ...]:
    """A disc that is white at the lowest and black at the highest values."""
    steps = [-math.pi / 2 + math.pi / 2 * index * step / 40 for step in range(41)]
    arc = tuple((0.5 + 0.4 * math.cos(a), 0.5 + 0.4 * math.sin(a)) for a in steps)
    slice_ = Shape(((0.5, 0.5), *arc), BLACK)
    return (_circle(BLACK), _circle(_WHITE, 0.4), *((slice_,) if index else ()))


def _boxes(index: int, _: int) -> tuple[Shape, ...]:
    corners = ((0.06, 0.53), (0.53, 0.53), (0.06, 0.06), (0.53, 0.06))
    return tuple(
        _box(x, y, x + 0.41, y + 0.41, _BLUE if place < index else _LIGHT)
        for place, (x, y) in enumerate(corners)
    )


def _stars(index: int, _: int) -> tuple[Shape, ...]:
    outline = tuple(
        (
            0.5 + radius * math.sin(math.pi * step / 5),
            0.53 - radius * math.cos(math.pi * step / 5),
        )
        for step in range(10)
        for radius in (0.48 if step % 2 == 0 else 0.2,)
    )
    star = Shape(outline, YELLOW if index == 2 else _LIGHT)
    if index != 1:
        return (star,)
    left = tuple(point for point in outline if point[0] <= 0.5 + 1e-9)
    return (star, Shape(left, YELLOW))


def _triangles(index: int, count: int) -> tuple[Shape, ...]:
    if index == 1:
        return (_box(0.08, 0.4, 0.92, 0.6, YELLOW),)
    up: Points = ((0.5, 0.2), (0.94, 0.8), (0.06, 0.8))
    return (Shape(_turned(up, 0 if index else 180), _ramp(index, count)),)


_SETS: dict[str, Callable[[int, int], tuple[Shape, ...]]] = {
    "Arrows": _arrows,
    "ArrowsGray": _grey_arrows,
    "TrafficLights": _traffic,
    "TrafficLights1": _traffic,
    "TrafficLights2": _rimmed,
    "Signs": _signs,
    "Symbols": _symbols,
    "Symbols2": _bare_symbols,
    "Flags": _flags,
    "RedToBlack": _red_to_black,
    "Rating": _rating,
    "Quarters": _quarters,
    "Boxes": _boxes,
    "Stars": _stars,
    "Triangles": _triangles,
}
