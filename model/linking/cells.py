"""Texts of a request that the table's cells know, and texts that stand in quotes or after a cue."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import DamerauLevenshtein

from grammar.conditions import Text
from grammar.table import Table, TableColumn
from grammar.values import Kind
from model.linking.mentions import STOPWORDS, Mention, Word, words_of

MAX_DISTINCT = 400
"""Distinct texts of a column that are looked at; longer columns count their commonest."""
_FUZZY_LENGTH = 5
_QUOTED = re.compile(
    r"\"([^\"]{1,80})\"|“([^”]{1,80})”|(?<![^\W_])'([^']{1,80})'(?![^\W_])|‘([^’]{1,80})’|«([^»]{1,80})»"
    r"|`([^`]{1,80})`"
)
_CUE = re.compile(
    r"\b(?:contain(?:s|ing|ed)?|includ(?:es|ing|e)|(?:start|begin|end)(?:s|ing|ning)?\s(?:with|in|on|by)"
    r"|starts?|begins?|ends?|prefix(?:ed)?(?:\swith|\sby)?|suffix|mention(?:s|ing)?|say(?:s|ing)?|word|text|letters?"
    r"|starting|ending|beginning"
    r"|called|named|titled|marked|labelled|labeled|coded|reads?|equal(?:s|to)?(?:\sto)?|matching|matches|having|value|is|are)\s+"
    r"(?:the\s)?(?:text\s|word\s|string\s|letters?\s|value\s|code\s)?|[=:]\s*|\bwith\s+",
    re.IGNORECASE,
)
_STRONG = ("contain", "includ", "start", "begin", "end", "prefix", "suffix", "word", "letter")
_FRAGMENT = re.compile(r"[^\s,;\"'“”()]+")
_CODE = re.compile(
    r"(?<![\w'’])(?:[A-HJ-Z][a-z]?\.|[A-HJ-Z](?![\w'’])|[A-Z]{2,}[A-Z0-9/&_.-]*"
    r"|[A-Za-z]+[-_/]?\d[\w/-]*|\d+[-_/]?[A-Za-z][\w/-]*"
    r"|[\w.]+@[\w.]+|[^\x00-ɏ\s,.;–—€£“”‘’…→≥≤≠×÷°·•]+)"
)
"""Single capitals, capitals in a row, letters with digits, addresses, other scripts."""
_NO_CODE = re.compile(
    r"\$?[A-Za-z]{1,3}\$?\d+(?:[:-]\$?[A-Za-z]{1,3}\$?\d*)?|[$€£¥]?\d[\d.,]*[a-zA-Z°%]{0,5}|\W+"
)
"""Addresses of cells, and numbers with a unit or currency."""


@dataclass(frozen=True)
class CellText:
    """A distinct text of a column with its words."""

    column: int
    text: str
    words: tuple[Word, ...]


def distinct_texts(column: TableColumn) -> list[str]:
    """The distinct texts of a column, commonest first, at most :data:`MAX_DISTINCT`."""
    texts = (value.strip() for value in column.values if isinstance(value, str))
    counts = Counter(text for text in texts if text and len(text) <= 120)
    return [text for text, _ in counts.most_common(MAX_DISTINCT)]


def cell_texts(table: Table) -> list[CellText]:
    """Every distinct text of the table's text columns."""
    return [
        CellText(index, text, tuple(words_of(text)))
        for index, column in enumerate(table.columns)
        if column.kind in (Kind.TEXT, Kind.MIXED, Kind.BOOL)
        for text in distinct_texts(column)
    ]


def cells_in(text: str, table: Table) -> Iterator[Mention]:
    """Every cell text that the request mentions: whole, by its stem, misspelt or in part."""
    words = words_of(text)
    known = cell_texts(table)
    starts = _by_first_stem(known)
    for position, word in enumerate(words):
        for cell in starts.get(word.stem, ()):
            span = _whole(words, position, cell)
            if span and not _only_stopword(cell, text, span):
                yield Mention(*span, Text(cell.text), cell.column)
    yield from _symbols(text, known)
    yield from _partial(words, known)


def _by_first_stem(known: list[CellText]) -> dict[str, list[CellText]]:
    starts = defaultdict(list)
    for cell in known:
        if cell.words:
            starts[cell.words[0].stem].append(cell)
    return starts


def _whole(words: list[Word], position: int, cell: CellText) -> tuple[int, int] | None:
    window = words[position : position + len(cell.words)]
    if len(window) == len(cell.words) and all(
        here.stem == there.stem for here, there in zip(window, cell.words, strict=True)
    ):
        return window[0].start, window[-1].end
    return None


def _only_stopword(cell: CellText, text: str, span: tuple[int, int]) -> bool:
    """Whether a short common word stands there as itself, not as the cell's text."""
    said = text[span[0] : span[1]]
    if said.lower() not in STOPWORDS and len(said) > 1:
        return False
    return said != cell.text or said in ("a", "I")


def _symbols(text: str, known: list[CellText]) -> Iterator[Mention]:
    """Texts without any word, as ``+``, ``-`` or ``**``."""
    for cell in known:
        if not cell.words and len(cell.text) <= 3:
            for match in re.finditer(rf"(?<!\S){re.escape(cell.text)}(?!\S)", text):
                yield Mention(match.start(), match.end(), Text(cell.text), cell.column)


def _partial(words: list[Word], known: list[CellText]) -> Iterator[Mention]:
    """Cells that share a telling word, or a misspelt one, with the request.

    One cell of a column with that word stands for the whole text; several stand for the fragment.
    """
    holders: dict[str, list[CellText]] = defaultdict(list)
    for cell in known:
        for key in {word.stem for word in cell.words}:
            holders[key].append(cell)
    for word in words:
        if word.text in STOPWORDS or len(word.text) < 3:
            continue
        yield from _shared(word, holders.get(word.stem) or _misspelt(word, holders))
    yield from _phrases(words, holders)


def _phrases(words: list[Word], holders: dict[str, list[CellText]]) -> Iterator[Mention]:
    """Two words in a row that cells have in a row, as a fragment."""
    for first, second in pairwise(words):
        for cell in holders.get(first.stem, ()):
            found = _spelt_together(cell, first, second)
            if found:
                yield Mention(first.start, second.end, Text(found), cell.column)
                break


def _spelt_together(cell: CellText, first: Word, second: Word) -> str | None:
    for one, other in pairwise(cell.words):
        if (one.stem, other.stem) == (first.stem, second.stem) and len(cell.words) > 2:
            return cell.text[one.start : other.end]
    return None


def _misspelt(word: Word, holders: dict[str, list[CellText]]) -> list[CellText]:
    if len(word.text) < _FUZZY_LENGTH:
        return []
    near = [
        key
        for key in holders
        if abs(len(key) - len(word.stem)) <= 1
        and len(key) >= _FUZZY_LENGTH - 1
        and DamerauLevenshtein.distance(key, word.stem, score_cutoff=1) <= 1
    ]
    return [cell for key in near[:2] for cell in holders[key]]


def _shared(word: Word, cells: list[CellText]) -> Iterator[Mention]:
    by_column = defaultdict(list)
    for cell in cells:
        by_column[cell.column].append(cell)
    for column, sharing in by_column.items():
        if len(sharing) == 1:
            yield Mention(word.start, word.end, Text(sharing[0].text), column)
        if len(sharing) > 1 or len(sharing[0].words) > 1:
            yield Mention(word.start, word.end, Text(_spelling(word, sharing)), column)


def _spelling(word: Word, cells: list[CellText]) -> str:
    """The word as the request spells it where a cell has it so, else as the cells do."""
    forms = Counter(form for cell in cells for form in _forms(cell, word))
    if not forms or word.text in {form.lower() for form in forms}:
        return word.spelt
    return forms.most_common(1)[0][0]


def _forms(cell: CellText, word: Word) -> list[str]:
    spelt = [cell.text[own.start : own.end] for own in cell.words if own.stem == word.stem]
    return spelt or [cell.text[own.start : own.end] for own in cell.words[:1]]


def quoted_in(text: str) -> Iterator[Mention]:
    """Every text that stands in quotes."""
    for match in _QUOTED.finditer(text):
        group = next(index for index in range(1, 7) if match[index])
        if match[group].strip():
            yield Mention(match.start(), match.end(), Text(match[group].strip()))


def fragments_in(text: str) -> Iterator[Mention]:
    """Texts after words as *containing* or *starts with*, and what looks like a code."""
    for cue in _CUE.finditer(text):
        match = _FRAGMENT.match(text, cue.end())
        strong = cue[0].lower().startswith(_STRONG)
        if match and (strong or _is_fragment(match[0])):
            yield _fragment(match.start(), match[0])
    for match in _CODE.finditer(text):
        if len(match[0]) == 1 or _is_fragment(match[0]):
            yield _fragment(match.start(), match[0])


def _fragment(start: int, found: str) -> Mention:
    is_short = re.fullmatch(r"\w{1,3}\.", found)
    fragment = found if is_short else found.rstrip(".:!?") or found
    return Mention(start, start + len(fragment), Text(fragment))


def _is_fragment(word: str) -> bool:
    plain = word.rstrip(".:!?")
    return bool(plain) and plain.lower() not in STOPWORDS and not _NO_CODE.fullmatch(plain)
