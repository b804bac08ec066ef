"""Programs: rules to tokens and back, tokens to ids, requests to word pieces."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from orders import REQUESTS, linked_of

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
    Binary,
    Call,
    Column,
    Comparison,
    Condition,
    Hole,
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
from grammar.parser import parse_condition
from grammar.printer import print_condition
from grammar.rules import CELLS, DEFAULT_STYLE, ROW, RuleSet, Target
from model.corpus.notation import SpokenRule, parse_rules, print_rules
from model.decode import InvalidProgramError, decode_rules
from model.encode import NotEncodableError, encode_rules
from model.equivalence import same_condition, same_rules
from model.evaluate import to_rule
from model.linking import Linked
from model.literals import adapt, constant
from model.vocabulary import LENGTH, TARGET_TOKENS, to_ids, to_tokens


def columns(*places: int) -> st.SearchStrategy[Column]:
    """One of these columns."""
    return st.sampled_from([Column(place) for place in places])


@st.composite
def comparisons(draw: st.DrawFn, linked: Linked) -> Condition:
    """A comparison or range of a column with what a request mentions, adapted to the column."""
    x = draw(columns(2, 3, 4, 5))
    slots = [slot for slot in linked.slots if not isinstance(slot.literal, Text)]
    values = st.sampled_from([Hole(), *(adapt(slot, linked, x.index) for slot in slots)])
    if draw(st.booleans()):
        return Range(draw(st.sampled_from(RANGES)), x, draw(values), draw(values))
    other = draw(values | columns(2, 5) | st.just(Hole()) | arithmetic(linked))
    return Comparison(draw(st.sampled_from(COMPARISONS)), x, other)


@st.composite
def arithmetic(draw: st.DrawFn, linked: Linked) -> Binary | Call | Neighbour:
    """A column times a number, a row function of it or the cell above it."""
    x = draw(columns(2, 5))
    kind = draw(st.sampled_from(["times", "call", "whole", "above"]))
    if kind == "times":
        factors = [s.literal for s in linked.slots if constant(s.literal)] or [Number(2)]
        return Binary(draw(st.sampled_from("*+-/")), x, draw(st.sampled_from(factors)))
    if kind == "above":
        return Neighbour(x, draw(st.sampled_from([-1, 1])))
    name = draw(st.sampled_from(["ABS", "INT"] if kind == "call" else ["AVERAGE", "MEDIAN"]))
    return Call(name, (x,))


@st.composite
def text_tests(draw: st.DrawFn, linked: Linked) -> Condition:
    """A test for a text that a request or its table names."""
    texts = [slot.literal for slot in linked.slots if isinstance(slot.literal, Text)]
    name = draw(st.sampled_from(TEXT_TESTS))
    return TextTest(name, draw(columns(0, 1)), draw(st.sampled_from(texts)))


def plain(linked: Linked) -> st.SearchStrategy[Condition]:
    """Conditions without a literal of the request, and ranks."""
    whole = [s.literal.value for s in linked.slots if isinstance(s.literal, Number)]
    counts = [1.0, 5.0, 10.0, *(value for value in whole if value >= 1 and value == int(value))]
    names = st.sampled_from([*STATES, *DATE_PERIODS, *SCALES])
    return st.one_of(
        st.builds(State, names, columns(*range(6))),
        st.builds(Rank, st.sampled_from(RANKS[:2]), columns(2, 5), st.sampled_from(counts)),
        st.builds(Average, st.sampled_from(AVERAGES), columns(2, 5), st.sampled_from([0, 1, 2])),
    )


def conditions(linked: Linked) -> st.SearchStrategy[Condition]:
    """Any condition that linking can fill."""
    leaves = st.one_of(comparisons(linked), text_tests(linked), plain(linked))
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.builds(
                Junction,
                st.sampled_from(["AND", "OR"]),
                st.lists(inner, min_size=2, max_size=3).map(tuple),
            ),
        ),
        max_leaves=4,
    )


def styles(linked: Linked) -> st.SearchStrategy[tuple[tuple[str, str], ...]]:
    """Flags, and colours that the request names."""
    words = [colour.words for colour in linked.colours]
    colours = st.tuples(st.sampled_from(["fill", "font", "border"]), st.sampled_from(words or [""]))
    flags = st.sampled_from(["bold", "italic", "strike"]).map(lambda flag: (flag, ""))
    pairs = st.one_of(flags, colours) if words else flags
    return st.lists(pairs, max_size=2, unique_by=lambda pair: pair[0]).map(tuple)


@st.composite
def programs(draw: st.DrawFn) -> tuple[Linked, tuple[SpokenRule, ...]]:
    """A linked request and rules that can be said about it."""
    linked = linked_of(draw(st.sampled_from(REQUESTS)))
    targets = st.sampled_from([CELLS, CELLS, ROW, Target("columns", (0, 2))])
    rule = st.builds(SpokenRule, conditions(linked), targets, styles(linked))
    return linked, tuple(draw(st.lists(rule, min_size=1, max_size=2)))


@settings(max_examples=40, deadline=None)
@given(programs())
def test_decoding_undoes_encoding(program: tuple[Linked, tuple[SpokenRule, ...]]) -> None:
    """The rules of a program are the same conditions, targets and styles as its source."""
    linked, spoken = program
    try:
        tokens = encode_rules(spoken, linked)
    except NotEncodableError as error:
        assume("tokens; a program" not in str(error))
        raise
    assert to_tokens(to_ids(tokens)) == tokens
    found = decode_rules(tokens, linked)
    assert found is not None
    assert same_rules(found.rules, tuple(map(to_rule, spoken)), style=True)


@settings(max_examples=40, deadline=None)
@given(programs())
def test_shorthand_prints_and_parses(program: tuple[Linked, tuple[SpokenRule, ...]]) -> None:
    """Rules printed as shorthand parse to themselves."""
    _, spoken = program
    again = parse_rules(print_rules(spoken))
    assert [(rule.target, rule.style) for rule in again] == [(r.target, r.style) for r in spoken]
    for one, other in zip(again, spoken, strict=True):
        assert same_condition(one.condition, other.condition)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(TARGET_TOKENS), max_size=LENGTH))
def test_any_tokens_decode_or_are_refused(tokens: list[str]) -> None:
    """A program gives rules that print and parse, nothing at all, or one kind of error."""
    check_decodes(tokens)


@settings(max_examples=40, deadline=None)
@given(programs(), st.integers(0, LENGTH - 1), st.sampled_from(TARGET_TOKENS))
def test_a_damaged_program_decodes_or_is_refused(
    program: tuple[Linked, tuple[SpokenRule, ...]], place: int, token: str
) -> None:
    """One exchanged token gives other rules or the same kind of error."""
    linked, spoken = program
    try:
        tokens = encode_rules(spoken, linked)
    except NotEncodableError:
        return
    tokens[place % len(tokens)] = token
    check_decodes(tokens, linked)


def check_decodes(tokens: list[str], linked: Linked | None = None) -> None:
    """Decode tokens; what comes out has a text that parses to the same condition."""
    try:
        found = decode_rules(tokens, linked or linked_of(REQUESTS[0]))
    except InvalidProgramError:
        return
    for rule in found.rules if found else ():
        text = print_condition(rule.condition)
        assert same_condition(parse_condition(text), rule.condition)


BROKEN = [
    "",
    "THEN",
    "C0",
    "V0",
    "#1",
    "bold",
    "FILL0",
    "ROWTARGET",
    "PAD",
    "NONE NONE",
    "Blanks",
    "Blanks V0",
    "Blanks #1",
    "Blanks C0 C1",
    "Blanks C0 THEN",
    "Blanks C0 THEN NONE",
    "Blanks C0 bold ROWTARGET",
    "Blanks C0 FILL5",
    "Blanks C0 T9",
    "Blanks C9",
    "AND Blanks C0",
    "NOT",
    "GreaterThan C2",
    "GreaterThan C2 V31",
    "GreaterThan C2 bold",
    "GreaterThan V0 C2",
    "Between C2 V0",
    "TextContains C1 V31",
    "Top C2 C3",
    "Top C2 #0",
    "Top C2 #0.5",
    "TopPercent C2 #0",
    "BottomPercent C2 HOLE",
    "AboveAverageBy C2",
    "AboveAverageBy C2 C3",
    "GreaterThan C2 PREV V0",
    "GreaterThan C2 AVERAGE/1 #5",
    "GreaterThan C2 LEFT/2 C0",
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_program_is_refused(text: str) -> None:
    """Each of these breaks the grammar or names what is not there."""
    with pytest.raises(InvalidProgramError):
        decode_rules(text.split(), linked_of(REQUESTS[0]))


def test_a_rank_beyond_all_numbers_is_refused() -> None:
    """A number too large for a float is no value of a request."""
    linked = linked_of(f"top {'9' * 400} amounts")
    with pytest.raises(InvalidProgramError):
        decode_rules(["Top", "C2", "V0"], linked)


def test_nothing_to_format_is_a_program_too() -> None:
    """No rules are ``NONE``, and ``NONE`` is no rules."""
    linked = linked_of(REQUESTS[0])
    assert encode_rules((), linked) == ["NONE"]
    assert decode_rules(["NONE"], linked) is None


@pytest.mark.parametrize(
    ("request_text", "rules", "program"),
    [
        ("amounts above 40 in red", "GreaterThan(c[2], 40) : fill red", "GreaterThan C2 V0 FILL0"),
        (
            "whole row for open ones",
            "TextEquals(c[1], 'Open') -> row",
            "TextEquals C1 V0 ROWTARGET",
        ),
        ("amount above the one before", "GreaterThan(c[2], PREV(c[2]))", "GreaterThan C2 PREV C2"),
        ("amount 20% over score", "GreaterThan(c[2], c[5] * 1.2)", "GreaterThan C2 * C5 + #1 V0"),
        ("20% less than score", "LessThan(c[2], c[5] * 80%)", "LessThan C2 * C5 - #1 V0"),
        ("big amounts", "GreaterThan(c[2], ?)", "GreaterThan C2 HOLE"),
        ("the empty ones bold", "Blanks(c[?]) : bold", "Blanks CHOLE bold"),
        ("discount over 15", "GreaterThan(c[3], 15%)", "GreaterThan C3 V0"),
        ("score over 15%", "GreaterThan(c[5], 15)", "GreaterThan C5 V0"),
        ("bottom 10% of scores", "BottomPercent(c[5], 10)", "BottomPercent C5 V0"),
        ("A-17 or B-20", "Equals(c[0], 'A-17')", "Equals C0 V0"),
    ],
)
def test_rules_have_the_program_that_one_expects(
    request_text: str, rules: str, program: str
) -> None:
    """Rules become these tokens, and these tokens the same rules."""
    linked = linked_of(request_text)
    spoken = parse_rules(rules)
    assert encode_rules(spoken, linked) == program.split()
    found = decode_rules(program.split(), linked)
    assert isinstance(found, RuleSet)
    assert same_rules(found.rules, tuple(map(to_rule, spoken)), style=True)


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ("GreaterThan(c[2], 4711)", "number 4711 has no slot"),
        ("TextContains(c[1], 'never')", "text of 5 characters"),
        ("Blanks(c[0]) : fill pink", "no colour 'pink'"),
        ("Blanks(c[40])", "beyond the first 16"),
        ("GreaterThan(c[4], DATE(2020,1,1))", "no slot"),
        ("GreaterThan(c[2], $B$6)", "cell $B$6"),
        ("Formula('=A1>5')", "Formula is not generated"),
        (" ; ".join(["Between(c[2], c[5], c[5])"] * 6), f"at most {LENGTH}"),
    ],
)
def test_what_linking_does_not_offer_cannot_be_encoded(rules: str, reason: str) -> None:
    """The message names what is missing."""
    with pytest.raises(NotEncodableError) as caught:
        encode_rules(parse_rules(rules), linked_of(REQUESTS[0]))
    assert reason in str(caught.value)


def test_an_unstyled_rule_takes_excels_first_choice() -> None:
    """Rules without a style are filled light red, as Excel proposes."""
    found = decode_rules(["Blanks", "C0"], linked_of(REQUESTS[0]))
    assert found is not None
    assert found.rules[0].style == DEFAULT_STYLE


def test_an_implied_subject_is_the_column_that_is_given() -> None:
    """``subject`` says which column a condition without one looks at."""
    linked = linked_of(REQUESTS[0])
    spoken = parse_rules("GreaterThan(40)")
    assert encode_rules(spoken, linked, subject=2) == ["GreaterThan", "C2", "V0"]
