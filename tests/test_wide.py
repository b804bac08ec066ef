"""Tables with more columns than the model has symbols for."""

import datetime as dt

from grammar.parser import parse_condition
from grammar.rules import Rule, RuleSet, Target
from grammar.table import Table, TableColumn
from model.linking import link
from model.vocabulary import COLUMNS
from model.wide import chosen_columns, narrowed, seen, widened

TODAY = dt.date(2026, 11, 23)
WIDE = Table(tuple(TableColumn.of(f"Reading {index:02}", [index, 1]) for index in range(30)))


def test_mentioned_columns_are_seen():
    """A column far to the right is among those that the model sees when it is mentioned."""
    columns = chosen_columns(link("reading 27 above 3", WIDE, TODAY))
    assert len(columns) == COLUMNS
    assert 27 in columns
    assert columns == tuple(sorted(columns))


def test_rules_come_back_to_their_columns():
    """Rules over the narrowed table name the columns of the whole one."""
    columns = (0, 5, 27)
    rules = RuleSet((Rule(parse_condition("GreaterThan(c[2], c[1])"), Target("columns", (0, 2))),))
    back = widened(rules, columns).rules[0]
    assert back.condition == parse_condition("GreaterThan(c[27], c[5])")
    assert back.target == Target("columns", (0, 27))
    assert narrowed(WIDE, columns).columns[2].header == "Reading 27"


def test_small_tables_stay():
    """A table with symbols for all of its columns is left alone."""
    small = Table(WIDE.columns[:3])
    columns = chosen_columns(link("anything", small, TODAY))
    assert columns == (0, 1, 2)
    assert narrowed(small, columns) is small


def test_letters_and_cells_keep_their_meaning():
    """A column's letter and a cell's text lead to the same column of the narrowed table."""
    depots = TableColumn.of("Depot", ["Lund", "Oslo"])
    table = Table((*WIDE.columns, depots))
    for request in ("column AE is Oslo", "only Oslo"):
        linked = link(request, table, TODAY)
        columns = chosen_columns(linked)
        near = seen(linked, columns)
        assert columns[-1] == 30
        assert [slot.column for slot in near.slots if slot.start is not None][-1] == COLUMNS - 1
        assert near.table.columns[-1] is depots
        assert {columns[m.column] for m in near.columns} == {m.column for m in linked.columns}
