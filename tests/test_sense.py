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
        ("Duplicates(ROW())", False),
        ("Equals(MOD(ROW(), 2), 0)", True),
        ("NotBlanks(c[1])", True),
        ("Top(TODAY(), 3)", False),
        ("TextEquals(c[1], ROW())", False),
        ("TextEquals(c[1], c[2] & 'x')", True),
        ("TextContains(c[1], LEFT(c[2], 3))", True),
        ("LessThan(c[1], TODAY() * 10%)", False),
        ("LessThan(c[1], TODAY() - 10)", True),
        ("LessThan(c[1], 2 * 10%)", False),
        ("GreaterThan(c[1], c[2] * (1 + 20%))", True),
    ],
)
def test_sense(condition, sensible):
    """It is senseless to compare something with itself, to say it twice or to test no cells."""
    assert makes_sense(RuleSet((Rule(parse_condition(condition)),))) is sensible
