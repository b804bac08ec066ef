"""A linked request → the word pieces that the encoder reads.

``[CLS] request [SEP] column, column, …``: behind each mention stands the symbol of its slot; each
column gives its symbol, header, kind and the cell texts that are slots.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from tokenizers import BertWordPieceTokenizer

from grammar.conditions import Binary, Date, Number, Scalar
from grammar.values import Kind
from model.linking import Linked
from model.linking.mentions import header_words
from model.literals import is_fraction
from model.vocabulary import COLOURED, COLOURS, COLUMNS, VALUES

VOCABULARY = Path(__file__).parent / "weights" / "vocab.txt"
CLS, SEP = 101, 102
MAX_INPUT = 192
"""Word pieces of an input; what is longer loses listed cell texts and late columns first."""
_FIRST_COLUMN = 1
_FIRST_VALUE = _FIRST_COLUMN + COLUMNS
_FIRST_COLOUR = _FIRST_VALUE + VALUES
_FIRST_KIND = _FIRST_COLOUR + COLOURS
COLUMN_PIECES = COLUMNS
"""Symbols of columns: the word pieces 1 to this one."""
SYMBOLS = COLUMNS + VALUES + COLOURS
"""Symbols of columns, values and colours: the word pieces 1 to this one."""
_KINDS = ("number", "percent", "date", "text", "bool", "error", "blank", "mixed", "fraction")
_HEADER_PIECES = 5
_TEXT_PIECES = 3
_REQUEST_PIECES = 96


@dataclass(frozen=True)
class Symbols:
    """Which symbol stands for which column, value and colour: place → symbol."""

    columns: tuple[int, ...] = tuple(range(COLUMNS))
    values: tuple[int, ...] = tuple(range(VALUES))
    colours: tuple[int, ...] = tuple(range(COLOURS))

    @classmethod
    def shuffled(cls, rng: random.Random) -> Symbols:
        """Symbols in random order, so that training sees every one of them often."""

        def order(count: int) -> tuple[int, ...]:
            return tuple(rng.sample(range(count), count))

        return cls(order(COLUMNS), order(VALUES), order(COLOURS))

    def rename(self, tokens: list[str]) -> list[str]:
        """A program over places → over symbols."""
        return [self._rename(token, inverse=False) for token in tokens]

    def restore(self, tokens: list[str]) -> list[str]:
        """A program over symbols → over places."""
        return [self._rename(token, inverse=True) for token in tokens]

    def _rename(self, token: str, inverse: bool) -> str:
        name = token.rstrip("0123456789")
        if name == token or "/" in token or token.startswith("#"):
            return token
        order = self._order(name)
        if order is None:
            return token
        index = int(token[len(name) :])
        return f"{name}{order.index(index) if inverse else order[index]}"

    def _order(self, name: str) -> tuple[int, ...] | None:
        if name in ("C", "T"):
            return self.columns
        if name == "V":
            return self.values
        return self.colours if name.lower() in COLOURED else None


IDENTITY = Symbols()


@lru_cache(maxsize=1)
def tokenizer() -> BertWordPieceTokenizer:
    """MiniLM's own uncased word pieces, read from the package."""
    return BertWordPieceTokenizer(str(VOCABULARY), lowercase=True)


@lru_cache(maxsize=16384)
def pieces(text: str) -> tuple[int, ...]:
    """Word pieces of a text, without markers."""
    return tuple(tokenizer().encode(text, add_special_tokens=False).ids)


def encode_input(linked: Linked, symbols: Symbols = IDENTITY) -> tuple[list[int], list[int]]:
    """Word-piece ids and segment ids (0 request, 1 table), at most :data:`MAX_INPUT` long."""
    request = [CLS, *_request(linked, symbols)[:_REQUEST_PIECES], SEP]
    table: list[int] = []
    for texts in (_TEXT_PIECES, 1, 0):
        table = _table(linked, symbols, texts)
        if len(request) + len(table) < MAX_INPUT:
            break
    ids = [*[*request, *table][: MAX_INPUT - 1], SEP]
    return ids, [0] * len(request) + [1] * (len(ids) - len(request))


def _kind(name: str) -> int:
    return _FIRST_KIND + _KINDS.index(name)


def _value(index: int, symbols: Symbols) -> int:
    return _FIRST_VALUE + symbols.values[index]


def _column(index: int, symbols: Symbols) -> int:
    return _FIRST_COLUMN + symbols.columns[index]


def _literal_kind(literal: Scalar) -> str | None:
    """The word that replaces digits in the request; texts and number words stay as they are."""
    if isinstance(literal, Number):
        return "percent" if literal.percent else "number"
    if isinstance(literal, Date):
        return "date"
    return "fraction" if isinstance(literal, Binary) else None


def _request(linked: Linked, symbols: Symbols) -> list[int]:
    text = linked.utterance
    markers = _markers(linked, symbols)
    hidden = _hidden(linked)
    ids: list[int] = []
    for start, end in _segments(len(text), set(markers), hidden):
        if (start, end) not in hidden:
            ids += pieces(text[start:end])
        ids += markers.get(end, [])
    return ids


def _markers(linked: Linked, symbols: Symbols) -> dict[int, list[int]]:
    """Symbols by the place behind which they stand."""
    markers: dict[int, list[int]] = defaultdict(list)
    for index, slot in enumerate(linked.slots):
        if slot.end is not None:
            kind = _literal_kind(slot.literal)
            markers[slot.end] += [_kind(kind)] if kind else []
            markers[slot.end].append(_value(index, symbols))
            if slot.column is not None and slot.column < COLUMNS:
                markers[slot.end].append(_column(slot.column, symbols))
    for mention in linked.columns:
        if mention.column < COLUMNS:
            markers[mention.end].append(_column(mention.column, symbols))
    for index, colour in enumerate(linked.colours):
        markers[colour.end].append(_FIRST_COLOUR + symbols.colours[index])
    return markers


def _hidden(linked: Linked) -> set[tuple[int, int]]:
    """Spans of digits, which the encoder does not need to read."""
    return {
        (slot.start, slot.end)
        for slot in linked.slots
        if slot.start is not None
        and slot.end is not None
        and _literal_kind(slot.literal)
        and any(character.isdigit() for character in linked.utterance[slot.start : slot.end])
    }


def _segments(
    length: int, ends: set[int], hidden: set[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """The request cut where symbols stand and where digits are hidden."""
    cuts = {0, length, *ends} | {place for span in hidden for place in span}
    ordered = sorted(cut for cut in cuts if cut <= length)
    yield from pairwise(ordered)


def _table(linked: Linked, symbols: Symbols, text_pieces: int) -> list[int]:
    by_column: dict[int, list[int]] = defaultdict(list)
    for index, slot in enumerate(linked.slots):
        if slot.column is not None:
            text = str(getattr(slot.literal, "value", ""))
            by_column[slot.column] += [*pieces(text)[:text_pieces], _value(index, symbols)]
    places = sorted(range(len(linked.table.columns[:COLUMNS])), key=lambda i: symbols.columns[i])
    ids: list[int] = []
    for place in places:
        ids += _header(linked, place, symbols) + by_column[place]
    return ids


def _header(linked: Linked, place: int, symbols: Symbols) -> list[int]:
    column = linked.table.columns[place]
    header = " ".join(word.text for word in header_words(column.header)) or column.header
    fraction = column.kind is Kind.NUMBER and is_fraction(linked.table, place)
    kind = "percent" if fraction else column.kind.value
    return [_column(place, symbols), *pieces(header)[:_HEADER_PIECES], _kind(kind)]


def symbol_piece(token: str) -> int | None:
    """The word piece of a program's symbol (``C3``, ``T3``, ``V0``, ``FILL1``), None for others."""
    name = token.rstrip("0123456789")
    firsts = {"C": _FIRST_COLUMN, "T": _FIRST_COLUMN, "V": _FIRST_VALUE}
    firsts |= dict.fromkeys((colour.upper() for colour in COLOURED), _FIRST_COLOUR)
    return firsts[name] + int(token[len(name) :]) if name in firsts and name != token else None
