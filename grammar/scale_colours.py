"""Colours of colour scales and data bars, where neither openpyxl nor Office.js is needed."""

from __future__ import annotations

from grammar.rules import DEFAULT_STYLE, Rule, Style

SCALE_COLOURS = ("#F8696B", "#FFEB84", "#63BE7B")
"""Excel's own scale: red for the lowest, yellow in the middle, green for the highest."""
BAR_COLOUR = "#638EC6"
WHITE = "#FFFFFF"


def names_colour(style: Style) -> bool:
    """Whether a style gives a scale its colour."""
    return style != DEFAULT_STYLE and bool(style.fill or style.font)


def scale_colours(rule: Rule) -> tuple[str, ...]:
    """The colours of a colour scale, two or three, the lowest first.

    White to the colour that the style names, else the house's, else Excel's own.
    """
    if names_colour(rule.style):
        return WHITE, bar_colour(rule)
    return rule.scale or SCALE_COLOURS


def bar_colour(rule: Rule) -> str:
    """The colour of data bars."""
    named = (rule.style.fill or rule.style.font) if names_colour(rule.style) else None
    return named or (rule.scale[-1] if rule.scale else BAR_COLOUR)
