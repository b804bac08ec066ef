"""When two conditions or rule sets say the same."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grammar.conditions import Column, Comparison, Condition, Hole, Junction, Number, Text
from grammar.parser import parse_condition
from grammar.printer import print_condition
from grammar.rules import ROW, Rule, Style
from grammar.table import Table, TableColumn
from model.equivalence import normal, same_cells, same_condition, same_rules, without_columns
from model.trees import exchange, fill_holes, move_columns

TODAY = dt.date(2026, 11, 23)
TABLE = Table(
    (
        TableColumn.of("Amount", [10, 20, 30, 40]),
        TableColumn.of("Status", ["open", "done", "open", "late"]),
    )
)

SAME = [
    ("NOT(Blanks(c[1]))", "NotBlanks(c[1])"),
    ("AND(Blanks(c[1]), GreaterThan(c[0], 5))", "AND(GreaterThan(c[0], 5), Blanks(c[1]))"),
    ("AND(Blanks(c[1]), Blanks(c[1]))", "Blanks(c[1])"),
    ("TextEquals(c[1], 'Open')", "TextEquals(c[1], 'open')"),
    ("Equals(c[1], 'Open')", "TextEquals(c[1], 'open')"),
    ("NotEquals(c[1], 'Open')", "NOT(TextEquals(c[1], 'open'))"),
    ("NOT(TextContains(c[1], 'x'))", "TextNotContains(c[1], 'X')"),
    ("GreaterThan(c[0], 10%)", "GreaterThan(c[0], 0.1)"),
    ("Between(c[0], 9, 5)", "Between(c[0], 5, 9)"),
    ("GreaterThan(c[0], c[1] * 2)", "GreaterThan(c[0], 2 * c[1])"),
    ("GreaterThan(c[0], c[1] / 4)", "GreaterThan(c[0], c[1] * 0.25)"),
    ("GreaterThan(c[0], c[1] * 2 * 3)", "GreaterThan(c[0], c[1] * 6)"),
    ("GreaterThan(c[0], c[1] + 2)", "GreaterThan(c[0], 2 + c[1])"),
    ("LessThan(c[0], 1 - 20%)", "LessThan(c[0], 0.8)"),
    ("GreaterThan(c[0], 5)", "GreaterThan(5)"),
    ("Top(c[0])", "Top(c[0], 1)"),
]
DIFFERENT = [
    ("GreaterThan(c[0], 5)", "GreaterThan(c[1], 5)"),
    ("GreaterThan(c[0], 5)", "GreaterThanEqual(c[0], 5)"),
    ("GreaterThan(c[0], 5)", "GreaterThan(c[0], 6)"),
    ("AND(Blanks(c[0]), Errors(c[0]))", "OR(Blanks(c[0]), Errors(c[0]))"),
    ("TextEquals(c[1], 'a b')", "TextEquals(c[1], 'ab')"),
    ("GreaterThan(c[0], c[1] - 2)", "GreaterThan(c[0], 2 - c[1])"),
    ("Top(c[0], 10)", "TopPercent(c[0], 10)"),
    ("Equals(c[0], 5)", "Equals(c[0], '5')"),
    ("Between(c[0], 5, 9)", "NotBetween(c[0], 5, 9)"),
    ("GreaterThan(c[0], ?)", "GreaterThan(c[0], 0)"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_that_mean_the_same(one: str, other: str) -> None:
    """Order, case, percents and folded arithmetic do not matter."""
    assert same_condition(parse_condition(one), parse_condition(other))
    assert same_condition(parse_condition(other), parse_condition(one))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_conditions_that_differ(one: str, other: str) -> None:
    """What selects other cells is not the same."""
    assert not same_condition(parse_condition(one), parse_condition(other))
    assert not same_condition(parse_condition(other), parse_condition(one))


NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: Number(round(value, 3)))
LEAVES = st.builds(
    Comparison,
    st.sampled_from(["GreaterThan", "LessThan", "Equals", "NotEquals"]),
    st.integers(0, 3).map(Column),
    NUMBERS | st.sampled_from(["a", "B", "a b"]).map(Text),
)
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        Junction, st.sampled_from(["AND", "OR"]), st.lists(inner, min_size=2, max_size=3).map(tuple)
    ),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None)
@given(CONDITIONS)
def test_a_normal_form_is_normal(condition: Condition) -> None:
    """The normal form of a normal form is itself, and the condition is the same as it."""
    once = normal(condition)
    assert print_condition(normal(once)) == print_condition(once)
    assert same_condition(condition, once)


@settings(max_examples=40, deadline=None)
@given(st.lists(LEAVES, min_size=2, max_size=4), st.randoms())
def test_the_order_of_parts_does_not_matter(parts, random) -> None:
    """A junction is the same as any permutation of it."""
    shuffled = random.sample(parts, len(parts))
    assert same_condition(Junction("OR", tuple(parts)), Junction("OR", tuple(shuffled)))


@settings(max_examples=40, deadline=None)
@given(CONDITIONS, st.permutations(range(4)))
def test_columns_move_there_and_back(condition: Condition, order: list[int]) -> None:
    """Moving columns and moving them back gives the same tree."""
    there = dict(enumerate(order))
    back = {new: old for old, new in there.items()}
    assert move_columns(move_columns(condition, there), back) == condition


def test_nested_junctions_are_opened_up() -> None:
    """A junction within one of its own name says no more than one junction."""
    one, two, three = (Comparison("Equals", Column(0), Number(n)) for n in (1, 2, 3))
    nested = Junction("OR", (one, Junction("OR", (two, three))))
    assert same_condition(nested, Junction("OR", (three, two, one)))
    assert not same_condition(nested, Junction("AND", (three, two, one)))


def test_exchange_changes_leaves_and_nothing_else() -> None:
    """Parts for which nothing is given stay as they are."""
    condition = parse_condition("AND(GreaterThan(c[0], 5), Blanks(c[1]))")
    found = exchange(condition, lambda part: Number(7) if isinstance(part, Number) else None)
    assert print_condition(found) == "AND(GreaterThan(c[0], 7), Blanks(c[1]))"
    assert exchange(condition, lambda _: None) == condition


def test_only_columns_are_filled_in() -> None:
    """An open value stays open when a column is filled in."""
    condition = Comparison("GreaterThan", Hole(column=True), Hole())
    assert fill_holes(condition, Column(2)) == Comparison("GreaterThan", Column(2), Hole())


def test_several_columns_keep_their_names() -> None:
    """A condition over two columns is not stripped of them."""
    condition = parse_condition("GreaterThan(c[0], c[1])")
    assert without_columns(condition) is condition


def rules(text: str, target=None, style=None) -> tuple[Rule, ...]:
    """One rule in a tuple."""
    more = {} if style is None else {"style": style}
    more |= {} if target is None else {"target": target}
    return (Rule(parse_condition(text), **more),)


def test_targets_count_and_styles_only_when_asked() -> None:
    """Another target is another rule; another colour only where styles are compared."""
    plain, red = rules("Blanks(c[0])"), rules("Blanks(c[0])", style=Style(fill="#FF0000"))
    assert same_rules(plain, red)
    assert not same_rules(plain, red, style=True)
    assert not same_rules(plain, rules("Blanks(c[0])", target=ROW))


def test_rules_are_compared_in_order() -> None:
    """Priority counts, and so does the number of rules."""
    one, two = rules("Blanks(c[0])"), rules("Errors(c[0])")
    assert same_rules(one + two, one + two)
    assert not same_rules(one + two, two + one)
    assert not same_rules(one, one + two)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("GreaterThan(c[0], 25)", "GreaterThanEqual(c[0], 30)", True),
        ("GreaterThan(c[0], 25)", "Top(c[0], 2)", True),
        ("GreaterThan(c[0], 25)", "GreaterThan(c[0], 35)", False),
        ("TextEquals(c[1], 'open')", "TextStartsWith(c[1], 'o')", True),
        ("GreaterThan(c[0], 35)", "TextEquals(c[1], 'late')", False),
        ("DataBar(c[0])", "DataBar(c[0])", True),
        ("DataBar(c[0])", "ColorScale(c[0])", False),
        ("GreaterThan(c[0], ?)", "GreaterThan(c[0], 99)", False),
    ],
)
def test_the_same_cells(one: str, other: str, same: bool) -> None:
    """Different conditions agree where they look at one column and select the same rows."""
    assert same_cells(rules(one), rules(other), TABLE, TODAY) is same
