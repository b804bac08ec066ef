"""Ordered values: what has an order, which range a request means, and whole ranges alone."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from grammar.printer import print_condition
from grammar.table import Table, TableColumn
from model.candidates import trim
from model.corpus.notation import parse_rules
from model.encode import encode_rules
from model.linking import link
from model.linking.scales import order_of, scale_ranges
from model.pipeline import default_suggester
from model.variants import in_whole_ranges, whole_ranges
from model.vocabulary import to_ids, to_tokens

TODAY = dt.date(2026, 11, 30)
STAGES = Table(
    (
        TableColumn.of("Plant", ["Lady fern", "Royal fern", "Oak", "Moss", "Ivy", "Elm"]),
        TableColumn.of("Stage", ["I", "II", "III", "IV", "II", "I"]),
        TableColumn.of("Size", ["S", "M", "L", "XL", "M", "S"]),
        TableColumn.of("Height", [3.0, 9.0, 4.0, 1.0, 7.0, 8.0]),
    )
)


@pytest.mark.parametrize(
    ("texts", "ordered"),
    [
        (["high", "low", "medium", "Critical"], ("low", "medium", "high", "Critical")),
        (["III", "I", "II"], ("I", "II", "III")),
        (["stage IV", "stage I", "stage II"], ("stage I", "stage II", "stage IV")),
        (["P3", "P1", "P2"], ("P1", "P2", "P3")),
        (["Level 10", "Level 9", "Level 2"], ("Level 2", "Level 9", "Level 10")),
        (["P0", "P2", "P1"], ("P0", "P1", "P2")),
        (["A", "C", "B", "F"], ()),
        (["in-progress", "open", "done"], ("open", "in-progress", "done")),
        (["Wed", "Mon", "Tue"], ("Mon", "Tue", "Wed")),
        (["Mar", "Jan", "Dec"], ("Jan", "Mar", "Dec")),
        (["wednesday", "monday", "sunday"], ("monday", "wednesday", "sunday")),
        (["Berlin", "Rome", "Oslo"], ()),
        (["low", "high"], ()),
        (["low", "minor", "high"], ()),
        (["P1", "Q2", "P3"], ()),
    ],
)
def test_what_has_an_order(texts: list[str], ordered: tuple[str, ...]) -> None:
    """Known scales, texts that differ in a number; not names, pairs, two words for one place."""
    assert order_of(texts) == ordered


def test_letters_are_grades_where_the_header_says_so() -> None:
    """*B or better* is A and B of grades; batches A, B and C have no order."""
    assert order_of(["A", "C", "B"], "Final grade") == ("C", "B", "A")
    assert order_of(["A", "C", "B"], "Batch") == ()


@pytest.mark.parametrize(
    ("said", "ranges"),
    [
        ("stage II and later", [{"II", "III", "IV"}]),
        ("stage III or lower in red", [{"I", "II", "III"}]),
        ("II onwards", [{"II", "III", "IV"}]),
        ("at least stage III", [{"III", "IV"}]),
        ("beyond stage II", [{"III", "IV"}]),
        ("below size L", [{"S", "M"}]),
        ("up to size M", [{"S", "M"}]),
        ("stage II or worse", [{"II", "III", "IV"}, {"I", "II"}]),
        ("stage 'II' and later", [{"II", "III", "IV"}]),
        ("from stage II on in red", [{"II", "III", "IV"}]),
        ("from stage II to stage III", []),
        ("plants from stage II", []),
        ("not above stage II", []),
        ("stage II and over 3", []),
        ("stage II and less than 4 cm", []),
        ("stage II and up to 3 visits", []),
        ("size M + stage II", []),
        ("stage II in red", []),
        ("stage II and III", []),
    ],
)
def test_which_values_a_range_has(said: str, ranges: list[set[str]]) -> None:
    """A cue beside the value says the range; one that tells no direction leaves both."""
    linked = link(said, STAGES, TODAY)
    found = [
        {str(getattr(linked.slots[slot].literal, "value", "")) for slot in slots}
        for scale in scale_ranges(linked)
        for slots in scale.ranges
    ]
    assert found == ranges


def test_draws_become_whole_ranges() -> None:
    """Some stages become all that are meant, in order; the rest of the program stays."""
    linked = link("stage II and later over 3 in red", STAGES, TODAY)
    said = scale_ranges(linked)

    def program(rules: str) -> tuple[int, ...]:
        return trim(to_ids(encode_rules(parse_rules(rules), linked, 0)))

    stages = "OR(TextEquals(c[1], 'II'), TextEquals(c[1], 'III'), TextEquals(c[1], 'IV'))"
    whole = program(f"AND({stages}, GreaterThan(c[3], 3)) -> row : fill red")
    gap = program(
        "AND(OR(TextEquals(c[1], 'IV'), TextContains(c[1], 'II')), GreaterThan(c[3], 3))"
        " -> row : fill red"
    )
    mixed = program(
        "AND(OR(TextEquals(c[1], 'IV'), OR(TextEquals(c[1], 'III'), TextEquals(c[1], 'II'))),"
        " GreaterThan(c[3], 3)) -> row : fill red"
    )
    assert list(whole_ranges(gap, said)) == [whole]
    assert in_whole_ranges(gap, said, linked) is None
    assert in_whole_ranges(mixed, said, linked) == whole
    other = program("GreaterThan(c[3], 3) : fill red")
    assert in_whole_ranges(other, said, linked) == other
    assert not list(whole_ranges(other, said))
    assert to_tokens(list(whole))[-2:] == ["ROWTARGET", "FILL0"]


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ("stage II and later in green", ("II", "III", "IV")),
        ("size L or larger bold", ("L", "XL")),
    ],
)
def test_a_range_is_suggested_whole(said: str, values: tuple[str, ...]) -> None:
    """The shipped model's first reading selects the range and nothing else."""
    first = default_suggester().suggest(said, STAGES, today=TODAY).proposals[0]
    condition = print_condition(first.rules.rules[0].condition)
    assert list(values) == re.findall("'(.*?)'", condition)


PRIORITIES = Table(
    (
        TableColumn.of("Task", [f"T-{i}" for i in range(12)]),
        TableColumn.of("Priority", ["low", "medium", "high", "critical"] * 3),
        TableColumn.of("Sev", ["P1", "P2", "P3", "P4"] * 3),
        TableColumn.of("Days", [float(i) for i in range(12)]),
    )
)


@pytest.mark.parametrize(
    ("said", "rules"),
    [
        (
            "high or above red, low green",
            "OR(TextEquals(c[1], 'high'), TextEquals(c[1], 'critical')) : fill red ;"
            " TextEquals(c[1], 'low') : fill green",
        ),
        (
            "medium or lower green, high or higher red",
            "OR(TextEquals(c[1], 'low'), TextEquals(c[1], 'medium')) : fill green ;"
            " OR(TextEquals(c[1], 'high'), TextEquals(c[1], 'critical')) : fill red",
        ),
    ],
)
def test_what_is_said_beside_a_range_stays(said: str, rules: str) -> None:
    """A second rule for another value or range of the same column is no gap, and is suggested."""
    linked = link(said, PRIORITIES, TODAY)
    program = trim(to_ids(encode_rules(parse_rules(rules), linked, 0)))
    assert in_whole_ranges(program, scale_ranges(linked), linked) == program
    first = default_suggester().suggest(said, PRIORITIES, today=TODAY).proposals[0]
    wanted = [print_condition(rule.condition) for rule in parse_rules(rules)]
    assert [print_condition(rule.condition) for rule in first.rules.rules] == wanted


def test_codes_go_either_way() -> None:
    """*P2 or higher* is P1 and P2 to some and P2 to P4 to others; both are kept."""
    linked = link("P2 or higher in red", PRIORITIES, TODAY)
    (scale,) = scale_ranges(linked)
    assert {len(slots) for slots in scale.ranges} == {2, 3}


def test_no_room_is_no_gap() -> None:
    """A range that is too long for a program takes nothing away."""
    names = [f"stage {number}" for number in range(1, 8)]
    table = Table((TableColumn.of("Stage", names * 2), TableColumn.of("Height", [2.0, 5.0] * 7)))
    linked = link("stage 2 or later, whole row in red", table, TODAY)
    rules = parse_rules("TextEquals(c[0], 'stage 2') -> row : fill red")
    program = trim(to_ids(encode_rules(rules, linked, 0)))
    assert scale_ranges(linked)
    assert in_whole_ranges(program, scale_ranges(linked), linked) == program
