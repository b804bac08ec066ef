"""Readings of one request vote on how it should look."""

from __future__ import annotations

from grammar.parser import parse_condition
from grammar.rules import DEFAULT_STYLE, Rule, RuleSet, Style
from model.styles import legible, with_agreed_styles

RED, BLUE = Style(fill="#FF0000"), Style(fill="#0070C0")


def reading(*rules: tuple[str, Style]) -> RuleSet:
    """Rules of conditions and styles."""
    return RuleSet(tuple(Rule(parse_condition(text), style=style) for text, style in rules))


def styles_of(*readings: tuple[RuleSet, float]) -> list[list[Style]]:
    """The styles of the readings once they have agreed."""
    return [[rule.style for rule in rules.rules] for rules in with_agreed_styles(readings)]


def test_a_forgotten_style_is_that_of_the_others() -> None:
    """The reading whose rule has none takes what most say; another colour stays."""
    found = styles_of(
        (reading(("Blanks(c[0])", RED)), 0.4),
        (reading(("Blanks(c[1])", DEFAULT_STYLE)), 0.3),
        (reading(("Errors(c[1])", BLUE)), 0.1),
    )
    assert found == [[RED], [RED], [BLUE]]


def test_what_most_leave_plain_stays_plain() -> None:
    """One unlikely reading with a colour does not paint the others."""
    found = styles_of(
        (reading(("Blanks(c[0])", DEFAULT_STYLE)), 0.6),
        (reading(("Blanks(c[1])", RED)), 0.2),
    )
    assert found == [[DEFAULT_STYLE], [RED]]


def test_rules_vote_with_rules_of_their_place() -> None:
    """The second of two rules learns from second rules, not from single ones."""
    found = styles_of(
        (reading(("Blanks(c[0])", RED), ("Errors(c[0])", BLUE)), 0.3),
        (reading(("Blanks(c[1])", RED), ("Errors(c[1])", DEFAULT_STYLE)), 0.2),
        (reading(("Blanks(c[1])", RED)), 0.5),
    )
    assert found == [[RED, BLUE], [RED, BLUE], [RED]]


def test_no_readings_have_no_styles() -> None:
    """Nothing in, nothing out."""
    assert with_agreed_styles([]) == []


def test_letters_in_the_colour_of_the_fill_cannot_be_read() -> None:
    """One colour for letters and fill is the fill's; two colours stay."""
    assert legible(Style(fill="#FF0000", font="#FF0000")) == Style(fill="#FF0000")
    assert legible(Style(fill="#FF0000", font="#FFFFFF")).font == "#FFFFFF"
    assert legible(Style(font="#FF0000")).font == "#FF0000"
