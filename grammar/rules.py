"""Rule, target, style and rule set: a condition with what it does to which cells."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from grammar.conditions import Condition
from grammar.errors import InvalidRuleError

_HEX = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True)
class Style:
    """What a rule changes in a cell; colours are ``#RRGGBB``, ``None`` leaves as it is."""

    fill: str | None = None
    font: str | None = None
    bold: bool | None = None
    italic: bool | None = None
    underline: bool | None = None
    strike: bool | None = None
    border: str | None = None
    number_format: str | None = None

    def __post_init__(self) -> None:
        for name in ("fill", "font", "border"):
            colour = getattr(self, name)
            if colour is not None and not _HEX.fullmatch(colour):
                raise InvalidRuleError(f"{name} {colour!r} is no colour; write it as #RRGGBB")

    def to_json(self) -> dict[str, object]:
        """The properties that are set."""
        pairs = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in pairs if value is not None}


DEFAULT_STYLE = Style(fill="#FFC7CE", font="#9C0006")
"""Excel's own first choice: light red fill with dark red text."""


@dataclass(frozen=True)
class Target:
    """Which cells take the style: the tested ``cells``, the ``row`` or named ``columns``."""

    kind: str = "cells"
    columns: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in ("cells", "row", "columns"):
            raise InvalidRuleError(f"target {self.kind!r} is none of cells, row, columns")
        if (self.kind == "columns") != bool(self.columns):
            raise InvalidRuleError("a target of columns, and no other, names its columns")

    def to_json(self) -> str | list[str]:
        """``"cells"``, ``"row"`` or a list as ``["c[0]", "c[2]"]``."""
        if self.kind == "columns":
            return [f"c[{index}]" for index in self.columns]
        return self.kind


CELLS = Target()
ROW = Target("row")


@dataclass(frozen=True)
class Rule:
    """One conditional format."""

    condition: Condition
    target: Target = CELLS
    style: Style = DEFAULT_STYLE
    stop_if_true: bool = False
    scale: tuple[str, ...] = ()
    """The house's colours for a scale whose style names none, the lowest first; a bar has one."""

    def __post_init__(self) -> None:
        for colour in self.scale:
            if not _HEX.fullmatch(colour):
                raise InvalidRuleError(f"scale {colour!r} is no colour; write it as #RRGGBB")


@dataclass(frozen=True)
class RuleSet:
    """Rules in priority order; the first one wins where they disagree."""

    rules: tuple[Rule, ...]

    def __post_init__(self) -> None:
        if not self.rules:
            raise InvalidRuleError("a rule set holds at least one rule")
