"""Texts of a request that the table's cells know, and texts that stand in quotes or after a cue."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from weakref import WeakKeyDictionary

from rapidfuzz.distance import DamerauLevenshtein

from grammar.conditions import Text
from grammar.table import Table, TableColumn
from grammar.values import Kind
from model.linking.mentions import STOPWORDS, Mention, Word, words_of

MAX_DISTINCT = 400
"""Distinct texts of a column that are looked at; longer columns count their commonest."""
_FUZZY_LENGTH = 5
_LEAST = 3
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
    r"(?<![\w'’])(?:[A-Z][+]{1,2}(?![\w+])|[A-HJ-Z][a-z]?\.|[A-HJ-Z](?![\w'’]|-\w)|[A-Z]{2,}[A-Z0-9/&_.-]*"
    r"|[A-Za-z]+[-_/]?\d[\w/-]*|\d+[-_/]?[A-Za-z][\w/-]*"
    r"|[A-Za-z]+_(?!\w)|(?<!\S)/[A-Z]\w{0,3}(?!\w)|(?<!\S)\.[a-z]{2,5}(?!\w)|(?<=\s)[*#~](?=[\s,;)])"
    r"|[\w.+-]+@[\w.-]+|(?<=\bare\s)[+-](?!\S)|(?<=\ban\s)&(?!\S)|[^\x00-ɏ\s,.;–—€£“”‘’…→≥≤≠×÷°·•]+)"
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


@dataclass(frozen=True)
class _Known:
    """The texts of a table, by the stem of their first and of any word."""

    texts: list[CellText]
    starts: dict[str, list[CellText]]
    holders: dict[str, list[CellText]]


_distinct: WeakKeyDictionary[TableColumn, list[str]] = WeakKeyDictionary()
_padded: WeakKeyDictionary[TableColumn, frozenset[str]] = WeakKeyDictionary()
_known: WeakKeyDictionary[Table, _Known] = WeakKeyDictionary()


def distinct_texts(column: TableColumn) -> list[str]:
    """The distinct texts of a column, commonest first, at most :data:`MAX_DISTINCT`.

    Texts that differ only in case are one, as they are to Excel, in the commonest spelling.
    """
    found = _distinct.get(column)
    if found is None:
        texts = (value.strip() for value in column.values if isinstance(value, str))
        counts = Counter(text for text in texts if text and len(text) <= 120)
        spelt = {text.lower(): text for text, _ in reversed(counts.most_common())}
        folded = Counter[str]()
        for text, count in counts.items():
            folded[spelt[text.lower()]] += count
        found = _distinct[column] = [text for text, _ in folded.most_common(MAX_DISTINCT)]
    return found


def padded_texts(column: TableColumn) -> frozenset[str]:
    """The texts of a column, in lower case, that some cell has spaces around, which nobody sees.

    Spaces as TRIM takes them off: no others, and none inside that it would make one of.
    """
    found = _padded.get(column)
    if found is None:
        texts = {value for value in column.values if isinstance(value, str)}
        plain = {text.strip(" ").lower() for text in texts if text != text.strip(" ")}
        found = frozenset(text for text in plain if text and "  " not in text)
        _padded[column] = found
    return found


def cell_texts(table: Table) -> list[CellText]:
    """Every distinct text of the table's text columns."""
    return _known_of(table).texts


def _known_of(table: Table) -> _Known:
    found = _known.get(table)
    if found is None:
        texts = [
            CellText(index, text, words_of(text))
            for index, column in enumerate(table.columns)
            if column.kind in (Kind.TEXT, Kind.MIXED, Kind.BOOL)
            for text in distinct_texts(column)
        ]
        found = _known[table] = _Known(texts, _by_first_stem(texts), _by_any_stem(texts))
    return found


def cells_in(text: str, table: Table) -> Iterator[Mention]:
    """Every cell text that the request mentions: whole, by its stem, misspelt or in part."""
    words = words_of(text)
    known = _known_of(table)
    starts = known.starts
    for position, word in enumerate(words):
        for cell in starts.get(word.stem, ()):
            span = _whole(words, position, cell)
            if span and not _only_stopword(cell, text, span):
                yield Mention(*span, Text(cell.text), cell.column)
                yield from _unstressed(span, cell)
    yield from _symbols(text, known.texts)
    yield from _partial(words, known.holders)


def _unstressed(span: tuple[int, int], cell: CellText) -> Iterator[Mention]:
    """``too small`` where the cell says *too small!!*"""
    plain = cell.text.rstrip("!?. ")
    if plain and plain != cell.text:
        yield Mention(*span, Text(plain), cell.column, rank=1)


def _by_first_stem(known: list[CellText]) -> dict[str, list[CellText]]:
    starts = defaultdict(list)
    for cell in known:
        if cell.words:
            starts[cell.words[0].stem].append(cell)
    return starts


def _by_any_stem(known: list[CellText]) -> dict[str, list[CellText]]:
    holders = defaultdict(list)
    for cell in known:
        for key in {word.stem: None for word in cell.words}:
            holders[key].append(cell)
    return holders


def _whole(words: Sequence[Word], position: int, cell: CellText) -> tuple[int, int] | None:
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


def _partial(words: Sequence[Word], holders: dict[str, list[CellText]]) -> Iterator[Mention]:
    """Cells that share a telling word, or a misspelt one, with the request.

    One cell of a column with that word stands for the whole text; several stand for the fragment.
    """
    for word in words:
        if word.text in STOPWORDS or (len(word.text) < _LEAST and not _is_code(word, holders)):
            continue
        yield from _shared(word, holders.get(word.stem) or _misspelt(word, holders))
    yield from _phrases(words, holders)


def _is_code(word: Word, holders: dict[str, list[CellText]]) -> bool:
    """Whether two letters or digits are spelt in some cell as a code, as *HR* or *A1*."""
    forms = (own.spelt for cell in holders.get(word.stem, ()) for own in cell.words)
    said = any(form.lower() == word.text and form.upper() == form for form in forms)
    return len(word.text) > 1 and not word.text.isdigit() and said


def _phrases(words: Sequence[Word], holders: dict[str, list[CellText]]) -> Iterator[Mention]:
    """Two words in a row that cells have in a row, as a fragment."""
    for first, second in pairwise(words):
        if first.text in STOPWORDS and second.text in STOPWORDS:
            continue
        for cell in holders.get(first.stem, ()):
            found = _spelt_together(cell, first, second)
            if found:
                yield Mention(first.start, second.end, Text(found), cell.column, rank=1)
                break


def _spelt_together(cell: CellText, first: Word, second: Word) -> str | None:
    for one, other in pairwise(cell.words):
        if (one.stem, other.stem) == (first.stem, second.stem) and len(cell.words) > 2:
            return cell.text[one.start : other.end]
    return None


def _misspelt(word: Word, holders: dict[str, list[CellText]]) -> list[CellText]:
    if len(word.text) < _FUZZY_LENGTH:
        return []
    length = len(word.stem)
    near = [
        key
        for key in holders
        if -1 <= len(key) - length <= 1
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
        if len(match[0]) == 1 or match[0][:1] == "." or _is_fragment(match[0]):
            yield _fragment(match.start(), match[0])


def _fragment(start: int, found: str) -> Mention:
    is_short = re.fullmatch(r"\w{1,3}\.", found)
    fragment = found if is_short else found.rstrip(".:!?") or found
    return Mention(start, start + len(fragment), Text(fragment))


def _is_fragment(word: str) -> bool:
    plain = word.rstrip(".:!?")
    return bool(plain) and plain.lower() not in STOPWORDS and not _NO_CODE.fullmatch(plain)
