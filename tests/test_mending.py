"""Rules mended by what the table says."""

from __future__ import annotations

import pytest

from grammar.parser import parse_condition
from grammar.printer import print_condition
from grammar.rules import Rule, RuleSet
from grammar.table import Table, TableColumn
from model.mending import mended

TABLE = Table(
    (
        TableColumn.of("Work", ["zirconia crown", "bridge", "gold crown", "inlay"]),
        TableColumn.of("Code", ["E-12", "W-07", "OK-E", "E-40"]),
        TableColumn.of("Many", [f"text {number}" for number in range(500)]),
        TableColumn.of("Paid", [True, False, None]),
        TableColumn.of("Cargo", ["COAL", "COAL ", "lime stone", "lime stone\xa0", "a  b "]),
    )
)


@pytest.mark.parametrize(
    ("condition", "right"),
    [
        ("TextEquals(c[0], 'crown')", "TextContains(c[0], 'crown')"),
        ("Equals(c[0], 'Crown')", "TextContains(c[0], 'Crown')"),
        ("NOT(TextEquals(c[0], 'crown'))", "NOT(TextContains(c[0], 'crown'))"),
        ("TextEquals(c[0], 'Bridge')", "TextEquals(c[0], 'Bridge')"),
        ("TextEquals(c[0], 'veneer')", "TextEquals(c[0], 'veneer')"),
        ("TextEquals(c[1], 'E')", "TextStartsWith(c[1], 'E')"),
        ("TextEquals(c[1], 'K')", "TextEquals(c[1], 'K')"),
        ("TextEquals(c[2], 'text')", "TextEquals(c[2], 'text')"),
        ("TextEquals(c[3], 'no')", "Equals(c[3], FALSE)"),
        ("NOT(TextEquals(c[3], 'True'))", "NOT(Equals(c[3], TRUE))"),
        ("TextEquals(c[3], 'open')", "TextEquals(c[3], 'open')"),
        ("TextEquals(c[4], 'coal')", "TextEquals(TRIM(c[4]), 'coal')"),
        ("TextEquals(c[4], 'lime stone')", "TextEquals(c[4], 'lime stone')"),
        ("TextEquals(c[4], 'a  b')", "TextEquals(c[4], 'a  b')"),
        ("NOT(NotBlanks(c[3]))", "Blanks(c[3])"),
        ("NOT(Errors(c[3]))", "NoErrors(c[3])"),
        ("NOT(Duplicates(c[3]))", "NOT(Duplicates(c[3]))"),
        ("TextEquals(c[9], 'crown')", "TextEquals(c[9], 'crown')"),
        (
            "AND(TextEquals(c[0], 'crown'), TextEquals(c[1], 'E-12'))",
            "AND(TextContains(c[0], 'crown'), TextEquals(c[1], 'E-12'))",
        ),
    ],
)
def test_a_text_that_is_only_part_of_cells(condition: str, right: str) -> None:
    """Whole cells are asked for where there are such, parts of them where there are only these."""
    [rule] = mended(RuleSet((Rule(parse_condition(condition)),)), TABLE).rules
    assert print_condition(rule.condition) == right
