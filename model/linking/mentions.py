"""A literal that a request mentions, and the words of a request with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from grammar.conditions import Scalar

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?", re.UNICODE)
_SUFFIXES = ("ings", "ing", "ies", "ied", "ers", "es", "ed", "er", "ly", "s", "e", "y")
STOPWORDS = frozenset(
    """
    a above all an and any are as at be been below between blue bold both but by can cell cells
    color colored colour coloured column columns do does done each either else entries entry
    equal equals every fill font for format from get give greater green had has have here
    highlight if in into is it item items its less line lines make mark me more most much my no
    not of off on one ones only or orange other our out over paint please put red row rows see
    set shade show so some such table tell text than that the their them then there these they
    thing things this those to too turn under up us use value values was we were what when where
    which while who whole whose will with would yellow you your
    """.split()
)
"""Words that say nothing about a column or a value by themselves."""


@dataclass(frozen=True)
class Mention:
    """A literal at ``[start, end)`` of the request; ``column`` where the table knows it."""

    start: int
    end: int
    literal: Scalar
    column: int | None = None
    rank: int = 0
    """0 for what is said itself, more for another reading of it: those give way first."""


@dataclass(frozen=True)
class Word:
    """One word of a text: its place, lower-case form, stem and spelling."""

    start: int
    end: int
    text: str
    stem: str
    spelt: str


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """A word without its commonest English endings; rough, but the same for both sides."""
    word = word.lower().removesuffix("'s").removesuffix("’s")
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            word = word[: -len(suffix)]
            word = word.removesuffix("y") if suffix == "s" and len(word) > 3 else word
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


@lru_cache(maxsize=2048)
def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text, in order."""
    return tuple(
        Word(match.start(), match.end(), match[0].lower(), stem(match[0]), match[0])
        for match in _WORD.finditer(text)
    )


@lru_cache(maxsize=2048)
def header_words(header: str) -> tuple[Word, ...]:
    """The words of a header: ``camelCase`` and ``snake_case`` split up."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", header)
    return words_of(spaced)


def overlaps(start: int, end: int, taken: list[tuple[int, int]]) -> bool:
    """Whether ``[start, end)`` touches one of the spans."""
    return any(start < stop and begin < end for begin, stop in taken)
