"""The style of a request, where most of its readings agree on one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from grammar.rules import DEFAULT_STYLE, Rule, RuleSet, Style

Weighted = tuple[RuleSet, float]
"""A reading and its chance."""
_Place = tuple[int, int]
"""How many rules a reading has, and which of them."""


def with_agreed_styles(readings: Sequence[Weighted]) -> list[RuleSet]:
    """The readings, those that forgot the style in the style that the others give that rule.

    How it should look does not depend on which cells are meant, so the readings of one request
    vote on it: first rules with first rules, among readings of as many rules.
    """
    agreed = {place: _agreed(votes) for place, votes in _votes(readings).items()}
    return [RuleSet(_styled(rules.rules, agreed)) for rules, _ in readings]


def legible(style: Style) -> Style:
    """The style, its letters in no colour where that is the fill's: one colour was said for one."""
    return replace(style, font=None) if style.fill and style.font == style.fill else style


def _votes(readings: Sequence[Weighted]) -> dict[_Place, dict[Style, float]]:
    votes: dict[_Place, dict[Style, float]] = defaultdict(lambda: defaultdict(float))
    for rules, chance in readings:
        for index, rule in enumerate(rules.rules):
            votes[len(rules.rules), index][rule.style] += chance
    return votes


def _agreed(votes: dict[Style, float]) -> Style:
    return max(votes, key=lambda style: votes[style])


def _styled(rules: tuple[Rule, ...], agreed: dict[_Place, Style]) -> tuple[Rule, ...]:
    styles = [agreed[len(rules), index] for index in range(len(rules))]
    return tuple(
        replace(rule, style=style) if rule.style == DEFAULT_STYLE else rule
        for rule, style in zip(rules, styles, strict=True)
    )
