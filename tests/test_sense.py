"""Conditions that no person means."""

import pytest

from grammar.parser import parse_condition
from grammar.rules import Rule, RuleSet
from model.sense import makes_sense


@pytest.mark.parametrize(
    ("condition", "sensible"),
    [
        ("GreaterThan(c[1], c[2])", True),
        ("GreaterThan(c[1], c[1])", False),
        ("GreaterThan(c[1], PREV(c[1]))", True),
        ("TextEquals(c[1], c[1])", False),
        ("Between(c[1], 5, 9)", True),
        ("Between(c[1], 5, 5)", False),
        ("NOT(OR(Blanks(c[1]), Blanks(c[2])))", True),
        ("OR(Blanks(c[1]), Blanks(c[1]))", False),
        ("GreaterThan(c[1] - c[1], 5)", False),
        ("GreaterThan(c[1] - c[2], 5)", True),
    ],
)
def test_sense(condition, sensible):
    """Comparing something with itself, or saying it twice, is senseless."""
    assert makes_sense(RuleSet((Rule(parse_condition(condition)),))) is sensible
