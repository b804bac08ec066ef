"""The shorthand in which rules of the corpus are written.

``CONDITION -> TARGET : STYLE``, rules joined by ``;`` in priority order, as in
``GreaterThan(c[3], 40) -> row : fill light orange, bold``. Colours stay the words that were said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from grammar.conditions import Condition
from grammar.errors import ParseError
from grammar.parser import parse_condition
from grammar.printer import print_condition
from grammar.rules import CELLS, ROW, Target
from model.trees import move_columns

FLAGS = ("bold", "italic", "underline", "strike")
COLOURS = ("fill", "font", "border")
NO_FORMAT = "NONE"
_COLUMN = re.compile(r"c\[(\d+)\]")


@dataclass(frozen=True)
class SpokenRule:
    """A rule whose colours are still words: ``style`` holds ``(property, words)`` pairs."""

    condition: Condition
    target: Target = CELLS
    style: tuple[tuple[str, str], ...] = ()


def parse_rules(text: str) -> tuple[SpokenRule, ...]:
    """The rules of a line of shorthand; none at all for ``NONE``.

    Raises:
        ParseError: the line is no shorthand, or a condition in it is wrong.
    """
    if text.strip() == NO_FORMAT:
        return ()
    return tuple(_parse_rule(part) for part in split_outside(text, ";"))


def split_outside(text: str, separator: str) -> list[str]:
    """The parts of a text between separators that stand outside quotes and parentheses."""
    parts, depth, quoted = [""], 0, False
    for character in text:
        quoted ^= character == "'"
        if not quoted:
            depth += (character in "([") - (character in ")]")
        if character == separator and not quoted and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _parse_rule(text: str) -> SpokenRule:
    head, *style = split_outside(text, ":")
    condition, *target = re.split(r"\s*->\s*", head)
    if len(style) > 1 or len(target) > 1:
        raise ParseError("a rule is CONDITION -> TARGET : STYLE", text)
    return SpokenRule(
        parse_condition(condition),
        _parse_target(target[0]) if target else CELLS,
        _parse_style(style[0]) if style else (),
    )


def _parse_target(text: str) -> Target:
    if text.strip() in ("row", "cells"):
        return ROW if text.strip() == "row" else CELLS
    columns = [_COLUMN.fullmatch(part.strip()) for part in text.split(",")]
    if not all(columns):
        raise ParseError("a target is row, cells or columns as c[0], c[2]", text)
    return Target("columns", tuple(int(match[1]) for match in columns if match))


def _parse_style(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(_parse_property(part.strip()) for part in split_outside(text, ","))


def _parse_property(text: str) -> tuple[str, str]:
    name, _, words = text.partition(" ")
    if (name in FLAGS and not words) or (name in COLOURS and words.strip()):
        return name, words.strip()
    raise ParseError(f"{text!r} is no style; write fill COLOUR, font COLOUR, bold …", text)


def print_rules(rules: tuple[SpokenRule, ...]) -> str:
    """The shorthand of rules."""
    return " ; ".join(map(_print_rule, rules)) or NO_FORMAT


def _print_rule(rule: SpokenRule) -> str:
    text = print_condition(rule.condition)
    if rule.target != CELLS:
        target = rule.target.to_json()
        text += f" -> {target if isinstance(target, str) else ', '.join(target)}"
    if rule.style:
        text += " : " + ", ".join(" ".join(pair).strip() for pair in rule.style)
    return text


def move_rule(rule: SpokenRule, places: Mapping[int, int]) -> SpokenRule:
    """The rule with every column at its new place."""
    target = rule.target
    if target.columns:
        target = Target("columns", tuple(places[index] for index in target.columns))
    return SpokenRule(move_columns(rule.condition, places), target, rule.style)
