"""Programs: rules to tokens and back, tokens to ids, requests to word pieces."""

from __future__ import annotations

import datetime as dt
import random
from functools import lru_cache

import pytest
from hypothesis import assume, given, settings
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
from grammar.errors import ModelError
from grammar.parser import parse_condition
from grammar.printer import print_condition
from grammar.rules import CELLS, DEFAULT_STYLE, ROW, RuleSet, Target
from grammar.table import Table, TableColumn
from grammar.values import to_serial
from model.corpus.notation import SpokenRule, parse_rules, print_rules
from model.decode import InvalidProgramError, decode_rules
from model.encode import NotEncodableError, encode_rules
from model.equivalence import same_condition, same_rules
from model.evaluate import to_rule
from model.features import MAX_INPUT, Symbols, encode_input, symbol_piece, tokenizer
from model.linking import Linked, link
from model.literals import adapt, constant, is_fraction, same_literal
from model.vocabulary import COLUMNS, LENGTH, PAD, TARGET_TOKENS, to_ids, to_tokens

TODAY = dt.date(2026, 11, 23)
DUE = [to_serial(dt.date(2026, month, 1)) for month in (8, 9, 10, 11)]
ORDERS = Table(
    (
        TableColumn.of("Order No", ["A-17", "A-18", "B-20", "B-21"]),
        TableColumn.of("Status", ["Delivered", "Open", "Returned", "Open"]),
        TableColumn.of("Amount", [120.5, 90, 40000, 12]),
        TableColumn("Discount", (0.05, 0.1, None, 0.2), (False,) * 4, "0%"),
        TableColumn.of("Due", DUE, is_date=True),
        TableColumn.of("Score", [15, 25, 40, 99]),
    )
)
REQUESTS = (
    "amounts above 40 in light green, those below 12.5 in red with bold",
    "open or returned orders in orange; order A-17 too, font white",
    "top 3 and bottom 10% of the scores in blue",
    "due after 2026-08-01 and before 1 May 2026, discount over 15%",
    "status 'Open' and amount between 1,000 and 2k, order starts with B- in yellow",
    "amount more than twice the score, or above half of it, due in March",
)


@lru_cache
def linked_of(request: str, table: Table = ORDERS) -> Linked:
    """A request linked on a fixed day."""
    return link(request, table, TODAY)


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


def test_ids_are_padded_to_one_length() -> None:
    """Every program has LENGTH ids, pads last; a longer one is refused."""
    ids = to_ids(["Blanks", "C0"])
    assert len(ids) == LENGTH
    assert ids[2:] == [PAD] * (LENGTH - 2)
    assert to_tokens([PAD] * LENGTH) == []
    with pytest.raises(ModelError, match="at most 24 tokens"):
        to_ids(["NOT"] * (LENGTH + 1))


def test_tokens_are_distinct() -> None:
    """No token has two ids."""
    assert len(set(TARGET_TOKENS)) == len(TARGET_TOKENS)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.sampled_from(TARGET_TOKENS), max_size=LENGTH))
def test_symbols_rename_and_restore(seed: int, tokens: list[str]) -> None:
    """Restoring undoes renaming, and the other way round, for every token."""
    symbols = Symbols.shuffled(random.Random(seed))
    assert symbols.restore(symbols.rename(tokens)) == tokens
    assert symbols.rename(symbols.restore(tokens)) == tokens


def test_symbols_of_a_target_and_its_column_agree() -> None:
    """``C3`` and ``T3`` are one column under any choice of symbols."""
    symbols = Symbols.shuffled(random.Random(7))
    renamed = symbols.rename(["C3", "T3", "LEN/1", "#10", "Top", "AND"])
    assert renamed[0][1:] == renamed[1][1:]
    assert renamed[2:] == ["LEN/1", "#10", "Top", "AND"]


CELLS_TEXT = st.text(max_size=40)
TABLES = st.lists(
    st.tuples(CELLS_TEXT, st.lists(st.none() | CELLS_TEXT | st.floats(-9e9, 9e9), max_size=3)),
    max_size=20,
).map(
    lambda pairs: Table(
        tuple(TableColumn.of(header, [*values, None, None, None][:3]) for header, values in pairs)
    )
)
LONG = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from([*REQUESTS, "supercalifragilistic", "7", "ü"])).map(" ".join),
)


@settings(max_examples=40, deadline=None)
@given(LONG, TABLES, st.integers(0, 99))
def test_inputs_are_never_too_long(text: str, table: Table, seed: int) -> None:
    """Word pieces and segments are of one length, within bounds, whatever the table."""
    linked = link(text, table, TODAY)
    ids, segments = encode_input(linked, Symbols.shuffled(random.Random(seed)))
    assert len(ids) == len(segments) <= MAX_INPUT
    assert max(ids) < tokenizer().get_vocab_size()
    assert segments == sorted(segments)
    assert set(segments) <= {0, 1}


@pytest.mark.parametrize("request_text", REQUESTS)
def test_every_slot_is_marked_in_the_input(request_text: str) -> None:
    """The symbol of each value, colour and column stands in the input."""
    linked = linked_of(request_text)
    ids, _ = encode_input(linked)
    wanted = [f"V{index}" for index in range(len(linked.slots))]
    wanted += [f"FILL{index}" for index in range(len(linked.colours))]
    wanted += [f"C{index}" for index in range(len(linked.table.columns))]
    assert {symbol_piece(token) for token in wanted} <= set(ids)


def test_digits_are_hidden_behind_their_symbol() -> None:
    """Two amounts give one input, so that no number has to be learnt."""
    one, two = (encode_input(linked_of(f"amounts above {n}")) for n in (41, 77))
    assert one == two


def test_shared_pieces() -> None:
    """A column and its target share a word piece, other words have none."""
    assert symbol_piece("C3") == symbol_piece("T3")
    assert symbol_piece("FILL1") == symbol_piece("FONT1")
    assert [symbol_piece(token) for token in ("Top", "LEN/1", "#10", "V")] == [None] * 4
    pieces = {symbol_piece(f"C{index}") for index in range(COLUMNS)}
    assert len(pieces) == COLUMNS


@pytest.mark.parametrize(
    ("values", "number_format", "wanted"),
    [
        ((0.05, 0.1), "General", True),
        ((5.0, 10.0), "0%", True),
        ((5.0, 10.0), "General", False),
        ((0.0, 1.0), "General", False),
        ((None, None), "General", False),
        (("a", "b"), "General", False),
    ],
)
def test_fractions_are_told_by_format_or_spread(
    values: tuple[object, ...], number_format: str, wanted: bool
) -> None:
    """A percent format, or decimals within one and a half, mean fractions."""
    table = Table((TableColumn("x", values, (False,) * len(values), number_format),))
    assert is_fraction(table, 0) is wanted
    assert not is_fraction(table, 1)


def test_numbers_and_texts_are_not_the_same_literal() -> None:
    """Literals are compared by value within one kind."""
    assert same_literal(Number(0.1, percent=True), Number(0.1))
    assert same_literal(Binary("/", Number(1), Number(4)), Number(0.25))
    assert same_literal(Text(" Open"), Text("open"))
    assert not same_literal(Number(5), Text("5"))
    assert constant(Binary("/", Number(1), Number(0))) is None
