"""Tokens to ids, symbols, requests to word pieces, and literals as they are compared."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orders import REQUESTS, TODAY, linked_of

from grammar.conditions import (
    Binary,
    Number,
    Text,
)
from grammar.errors import ModelError
from grammar.table import Table, TableColumn
from model.features import MAX_INPUT, Symbols, encode_input, symbol_piece, tokenizer
from model.linking import link
from model.literals import constant, is_fraction, same_literal
from model.vocabulary import COLUMNS, LENGTH, PAD, TARGET_TOKENS, to_ids, to_tokens


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
