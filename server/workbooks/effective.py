"""What cells look like with all rules of their sheet in force, and why.

A rule of smaller priority wins each property that it sets; the others come from rules below it
unless one stops there. Source: Microsoft's help on the precedence of conditional formatting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from grammar.ooxml_existing import ExistingRule
from grammar.ranges import Area
from grammar.rules import Style
from grammar.values import CellValue
from server.workbooks.cell_styles import Look
from server.workbooks.display import LONGEST, shown
from server.workbooks.scales import Bar, BarScale, ColourScale, Icon, Scale

Place = tuple[int, int]
"""0-based column and 1-based row."""

_FLAGS = ("bold", "italic", "underline", "strike")


@dataclass(frozen=True, eq=False)
class Layer:
    """A rule in force: the cells that it holds for, or the scale that it draws.

    ``label`` names it to people, as ``rule 1``; ``areas`` bound a scale over ``numbers`` cells.
    """

    label: str
    explanation: str
    rule: ExistingRule
    is_new: bool = False
    places: frozenset[Place] = frozenset()
    areas: tuple[Area, ...] = ()
    scale: Scale | None = None
    numbers: int = 0

    @property
    def count(self) -> int:
        """How many cells it holds for."""
        return len(self.places) if self.scale is None else self.numbers

    def holds(self, place: Place, value: CellValue) -> bool:
        """Whether the rule does something to a cell."""
        if self.scale is None:
            return place in self.places
        return type(value) is float and any(_contains(area, place) for area in self.areas)


@dataclass(frozen=True)
class Reason:
    """One rule that holds for a cell; ``outcome`` says why it does not show, where it does not."""

    label: str
    explanation: str
    is_new: bool
    outcome: str = ""

    def __str__(self) -> str:
        tail = f" ({self.outcome})" if self.outcome else ""
        return f"{self.label}: {self.explanation}{tail}"


@dataclass(frozen=True)
class EffectiveCell:
    """A cell as it is drawn."""

    text: str = ""
    look: Look = field(default_factory=Look)
    align: str = "left"
    bar: Bar | None = None
    icon: Icon | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def is_new(self) -> bool:
        """Whether a new rule shows in it."""
        return any(reason.is_new and not reason.outcome for reason in self.reasons)


@dataclass
class _Merge:
    """Properties settled so far; each is settled by the first rule that sets it."""

    fill: str | None = None
    font: str | None = None
    border: str | None = None
    number_format: str | None = None
    flags: dict[str, bool] = field(default_factory=dict)
    bar: Bar | None = None
    icon: Icon | None = None
    hides_value: bool = False

    def add(self, layer: Layer, value: CellValue) -> bool:
        """Whether the rule adds something that shows."""
        if layer.scale is not None and type(value) is float:
            return self._add_scale(layer.scale, value)
        return self._add_style(layer.rule.style)

    def _add_style(self, style: Style) -> bool:
        shows = False
        for name in ("fill", "font", "border", "number_format"):
            if getattr(self, name) is None and getattr(style, name) is not None:
                setattr(self, name, getattr(style, name))
                shows = True
        for name in _FLAGS:
            flag = getattr(style, name)
            if flag is not None and name not in self.flags:
                self.flags[name] = flag
                shows = True
        return shows

    def _add_scale(self, scale: Scale, number: float) -> bool:
        if isinstance(scale, ColourScale):
            shows = self.fill is None
            self.fill = self.fill or scale.colour(number)
            return shows
        if isinstance(scale, BarScale):
            shows = self.bar is None
            self.bar = self.bar or scale.bar(number)
        else:
            shows = self.icon is None
            self.icon = self.icon or scale.icon(number)
        self.hides_value |= shows and not scale.shows_value
        return shows

    def look(self, base: Look) -> Look:
        """The cell's own look with what the rules set."""
        borders = (self.border,) * 4 if self.border else base.borders
        return replace(
            base,
            fill=self.fill or base.fill,
            font=self.font or base.font,
            borders=borders,
            number_format=self.number_format or base.number_format,
            bold=self.flags.get("bold", base.bold),
            italic=self.flags.get("italic", base.italic),
            underline=self.flags.get("underline", base.underline),
            strike=self.flags.get("strike", base.strike),
        )


def effective_cell(
    place: Place,
    value: CellValue,
    base: Look,
    layers: Sequence[Layer],
    longest: int = LONGEST,
) -> EffectiveCell:
    """The cell with its own look ``base`` under the layers, the one that wins first.

    ``longest`` is how many signs of a General number its column has room for.
    """
    merge, reasons = _Merge(), []
    stopped = ""
    for layer in layers:
        if not layer.holds(place, value):
            continue
        outcome = stopped or ("" if merge.add(layer, value) else _unseen(layer))
        reasons.append(Reason(layer.label, layer.explanation, layer.is_new, outcome))
        if layer.rule.stop_if_true and layer.scale is None and not stopped:
            stopped = f"not tried: {layer.label} stops here"
    look = merge.look(base)
    display = shown(value, look.number_format, longest)
    if display.colour and merge.font is None:
        look = replace(look, font=display.colour)
    return EffectiveCell(
        text="" if merge.hides_value else display.text,
        look=look,
        align=look.align or natural_align(value),
        bar=merge.bar,
        icon=merge.icon,
        reasons=tuple(reasons),
    )


def natural_align(value: CellValue) -> str:
    """Where Excel puts a value of its kind: numbers right, text left, the rest in the middle."""
    if isinstance(value, bool) or not isinstance(value, str | float | None):
        return "center"
    return "right" if isinstance(value, float) else "left"


def _unseen(layer: Layer) -> str:
    style = layer.rule.style
    if layer.scale is None and style == Style():
        return (
            "it changes nothing but what comes after it"
            if layer.rule.stop_if_true
            else ("it has no style")
        )
    return "a rule above it covers it"


def _contains(area: Area, place: Place) -> bool:
    column, row = place
    return (
        area.first_column <= column <= area.last_column and area.first_row <= row <= area.last_row
    )
