"""Conditions, rules and formulas in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grammar.conditions import (
    AVERAGES,
    COMPARISONS,
    DATE_PERIODS,
    RANGES,
    RANKS,
    SCALES,
    STATES,
    TEXT_TESTS,
    Average,
    Bool,
    Cell,
    Column,
    Comparison,
    Condition,
    Date,
    Junction,
    Neighbour,
    Not,
    Number,
    Range,
    Rank,
    State,
    Text,
    TextTest,
)
from grammar.explain import describe_style, explain, explain_formula, explain_rule
from grammar.formula_parser import parse_formula
from grammar.parser import parse_condition
from grammar.rules import ROW, Rule, Style, Target
from grammar.table import Table, TableColumn
from grammar.values import to_serial

FIXTURES = Path(__file__).parent / "fixtures"
DAYS = [to_serial(dt.date(2026, 8, day)) for day in range(1, 6)]
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5)
PARCELS = Table(
    (
        TableColumn.of("Name", ["a", "b", "c", "d", "e"]),
        TableColumn.of("Due date", DAYS, is_date=True),
        TableColumn.of("Status", ["late", "ok", "x", "y", "z"]),
        TableColumn.of("Weight", [1, 2, 3, 4, 5]),
        TableColumn("Share", SHARES, (False,) * 5, "0%"),
        TableColumn("Price", SHARES, (False,) * 5, "$#,##0.00"),
        TableColumn.of("Sent", DAYS, is_date=True),
        TableColumn.of("Paid", [True, False, True, False, True]),
        TableColumn.of("2024", [1, 2, 3, 4, 5]),
    )
)


def blocks(name: str) -> Iterator[tuple[str, ...]]:
    """Each unindented line of a fixture with the indented lines below it."""
    block: list[str] = []
    for line in (FIXTURES / name).read_text(encoding="utf-8").splitlines():
        if not line.startswith((" ", "#")) and block:
            yield tuple(block)
            block = []
        if not line.startswith("#"):
            block.append(line.strip())
    yield tuple(block)


@pytest.mark.parametrize(("text", "sentence"), list(blocks("explain_conditions.txt")))
def test_a_condition_reads_as_english(text: str, sentence: str) -> None:
    """Every condition of the fixture says what stands below it."""
    assert explain(parse_condition(text), PARCELS) == sentence


@pytest.mark.parametrize(("text", "with_table", "without"), list(blocks("explain_formulas.txt")))
def test_a_formula_reads_as_english(text: str, with_table: str, without: str) -> None:
    """Formulas name headers where a table is given and addresses where none is."""
    tree = parse_formula(text)
    assert explain_formula(tree, PARCELS) == with_table
    assert explain_formula(tree) == without


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("GreaterThanEqual(40)", "The value is 40 or more"),
        ("GreaterThanEqual(c[3], 40)", "Column 4 is 40 or more"),
        ("Duplicates()", "The value appears more than once"),
        ("DataBar()", "Every number gets a bar as long as it is large"),
    ],
)
def test_without_a_table_columns_have_numbers(text: str, sentence: str) -> None:
    """With no table there is no header, so columns are counted from 1."""
    assert explain(parse_condition(text)) == sentence


def test_one_column_needs_no_name() -> None:
    """In a table of one column, the formatted cell is called by its header."""
    table = Table((TableColumn.of("Weight", [1, 2]),))
    assert explain(parse_condition("GreaterThan(5)"), table) == "Weight is more than 5"


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (
            Rule(parse_condition("GreaterThanEqual(c[3], 40)"), ROW, Style(fill="#FFC000")),
            "Weight is 40 or more: whole row, orange fill",
        ),
        (
            Rule(parse_condition("Blanks(c[0])"), style=Style(font="#C00000", bold=True)),
            "Name is blank: bold dark red text",
        ),
        (
            Rule(
                parse_condition("Blanks(c[0])"),
                Target("columns", (0, 2)),
                Style(fill="#92D050", border="#000000", italic=True),
                stop_if_true=True,
            ),
            "Name is blank: Name and Status, light green fill, italic text and black border; "
            "rules below it are skipped there",
        ),
        (
            Rule(parse_condition("ColorScale(c[3])")),
            "Every number in Weight is coloured by how large it is",
        ),
    ],
)
def test_a_rule_says_target_and_style(rule: Rule, sentence: str) -> None:
    """A rule's sentence ends with what it does to which cells."""
    assert explain_rule(rule, PARCELS) == sentence


@pytest.mark.parametrize(
    ("style", "words"),
    [
        (Style(), "no change of style"),
        (Style(fill="#FFC7CE", font="#9C0006"), "light red fill and dark red text"),
        (Style(bold=True, underline=True, strike=True), "bold underlined struck-through text"),
        (Style(fill="#FFFF00", number_format="0.00"), "yellow fill and number format 0.00"),
    ],
)
def test_a_style_has_words(style: Style, words: str) -> None:
    """Each property of a style that is set is named."""
    assert describe_style(style) == words


COLUMNS = st.builds(Column, st.integers(0, 8))
SUBJECTS = COLUMNS | st.just(Cell())
LITERALS = st.one_of(
    st.builds(Number, st.floats(-1e9, 1e9), st.booleans()),
    st.builds(Text, st.text(max_size=9)),
    st.builds(Bool, st.booleans()),
    st.builds(Date, st.dates(dt.date(1901, 1, 1))),
)
VALUES = LITERALS | COLUMNS | st.builds(Neighbour, COLUMNS, st.sampled_from((-1, 1)))
PREDICATES = st.one_of(
    st.builds(Comparison, st.sampled_from(COMPARISONS), SUBJECTS, VALUES),
    st.builds(Range, st.sampled_from(RANGES), SUBJECTS, VALUES, VALUES),
    st.builds(TextTest, st.sampled_from(TEXT_TESTS), SUBJECTS, VALUES),
    st.builds(State, st.sampled_from((*STATES, *DATE_PERIODS, *SCALES)), SUBJECTS),
    st.builds(Rank, st.sampled_from(RANKS), SUBJECTS, st.integers(1, 99)),
    st.builds(Average, st.sampled_from(AVERAGES), SUBJECTS, st.integers(0, 3)),
)


def _joined(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.builds(Junction, st.sampled_from(("AND", "OR")), several) | st.builds(Not, parts)


@given(st.recursive(PREDICATES, _joined, max_leaves=6))
def test_every_condition_has_a_sentence(condition: Condition) -> None:
    """Any tree is said, in one line."""
    sentence = explain(condition, PARCELS)
    assert sentence.splitlines() == [sentence]


@given(st.recursive(PREDICATES, _joined, max_leaves=6))
def test_a_double_negation_says_nothing_more(condition: Condition) -> None:
    """NOT(NOT(x)) reads as x."""
    assert explain(Not(Not(condition)), PARCELS) == explain(condition, PARCELS) or (
        isinstance(condition, State) and condition.name in SCALES
    )


def test_a_broken_formula_is_quoted() -> None:
    """A formula that cannot be read is shown as it stands."""
    assert explain(parse_condition("Formula('=SUM(')")) == "The formula =SUM( is true"
