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
        ("GreaterThan(c[1] + 15, 20)", False),
        ("GreaterThan(c[1] + 15, c[2])", True),
        ("GreaterThan(TODAY(), 10)", False),
        ("LessThan(c[1], 'van')", False),
        ("NotEquals(c[1], 'van')", True),
        ("AND(TextEquals(c[1], 'a'), TextEquals(c[1], 'b'))", False),
        ("OR(TextEquals(c[1], 'a'), TextEquals(c[1], 'b'))", True),
        ("AND(NotBlanks(c[1]), TextEquals(c[1], 'b'))", True),
        ("AND(Blanks(c[1]), Equals(c[1], 0))", False),
        ("AND(Equals(c[1], PREV(c[1])), Equals(c[1], NEXT(c[1])))", True),
        ("AND(Blanks(c[1]), AND(Blanks(c[2]), Blanks(c[1])))", False),
        ("AND(LessThan(c[1], 0), GreaterThan(c[1], 0))", False),
        ("AND(LessThan(c[1], 9), GreaterThan(c[1], 0))", True),
        ("AND(LessThan(c[1], 0), GreaterThan(c[2], 0))", True),
        ("Between(c[1], TODAY(), TODAY() + TODAY())", False),
        ("Equals(YEAR(c[1]), 5)", False),
        ("Equals(MONTH(c[1]), 5)", True),
        ("GreaterThanEqual(WEEKDAY(c[1], 2), 6)", True),
        ("BelowAverage(c[1], 50)", False),
        ("Top(c[1], 2006)", False),
        ("Top(c[1], 20)", True),
        ("BelowAverage(c[1], 2)", True),
        ("OR(GreaterThan(c[1], 40), GreaterThan(c[1], 200))", False),
        ("OR(GreaterThan(c[1], 40), LessThan(c[1], 2))", True),
        ("AND(GreaterThan(c[1], c[2]), GreaterThan(c[1], 9))", True),
    ],
)
def test_sense(condition, sensible):
    """It is senseless to compare something with itself, to say it twice or to test no cells."""
    assert makes_sense(RuleSet((Rule(parse_condition(condition)),))) is sensible


def test_a_rule_is_not_given_twice():
    """A second rule of the same cells can never be seen."""
    rule = Rule(parse_condition("Blanks(c[1])"))
    other = Rule(parse_condition("Blanks(c[2])"))
    assert not makes_sense(RuleSet((rule, other, rule)))
    assert makes_sense(RuleSet((rule, other)))
