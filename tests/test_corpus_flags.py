"""Yes/no columns told in other ways, and requests with a target added."""

import datetime as dt
import random

import pytest

from grammar.evaluate import matches
from grammar.rules import CELLS, ROW
from grammar.table import Table, TableColumn
from model.corpus.flags import flag_columns, retell
from model.corpus.notation import parse_rules
from model.corpus.schemas import load_schemas
from model.corpus.tails import add_tail, load_tails

DAY = dt.date(2026, 11, 23)
PAID = TableColumn.of("Paid?", ["yes", "no", "no", "yes", "yes"])
NAME = TableColumn.of("Name", ["Ada", "no", "Ben", "Cy", "Di"])
TABLE = Table((NAME, PAID))


def test_only_columns_of_yes_and_no_are_flags():
    """A column with other texts is none."""
    assert flag_columns(TABLE) == [1]


@pytest.mark.parametrize("rule", ["TextEquals(c[1], 'no')", "TextEquals(c[1], 'yes')"])
def test_a_flag_told_otherwise_selects_the_same_rows(rule):
    """Whatever stands for yes and no, the rule finds the rows that it found before."""
    rules, seen = parse_rules(rule), set()
    wanted = matches(rules[0].condition, TABLE, today=DAY).tolist()
    for seed in range(60):
        table, told = retell("who has paid", TABLE, rules, random.Random(seed))
        seen.add(table.columns[1].values[:2])
        assert matches(told[0].condition, table, today=DAY).tolist() == wanted
    assert {("yes", "no"), (True, False), (1.0, 0.0), ("x", None)} <= seen


def test_a_mark_or_nothing_is_not_told_under_not():
    """An empty cell fails no test that NOT could turn round, so such a rule keeps its words."""
    rules = parse_rules("NOT(TextEquals(c[1], 'yes'))")
    tables = [retell("unpaid", TABLE, rules, random.Random(seed))[0] for seed in range(60)]
    assert not any(None in table.columns[1].values for table in tables)


def test_tails_add_a_target():
    """Every request with an added target formats another column or the row."""
    schema, rng = load_schemas()[0], random.Random(0)
    say, rules = "more than 20", parse_rules("GreaterThan(c[3], 20)")
    for _ in range(len(load_tails())):
        found = add_tail(say, rules, schema, rng)
        assert found is not None
        assert say in found[0]
        target = found[1][0].target
        assert target == ROW or (target != CELLS and 3 not in target.columns)


@pytest.mark.parametrize("rule", ["ColorScale(c[3])", "Blanks(c[3]) -> row", "NONE"])
def test_tails_leave_what_has_a_target(rule):
    """Scales, rules with a target and requests for nothing get no second one."""
    assert add_tail("so", parse_rules(rule), load_schemas()[0], random.Random(0)) is None
