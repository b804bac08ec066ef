"""Texts that a request says in another form: cut short, run together, next to one that is known."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from grammar.conditions import Text
from grammar.table import Table
from model.linking.calendar_words import calendar_name, calendar_names
from model.linking.cells import CellText, cell_texts
from model.linking.demonyms import countries_of
from model.linking.mentions import STOPWORDS, Mention, Word, overlaps, words_of

_LEAST = 3
_MOST_CELLS = 3
_LONGEST_CODE = 3
"""Letters of a country's code; one that is not in capitals is another word."""
_ENDINGS = ("s", "es", "d", "ed", "ing", "y", "ly")
_SIBLING = re.compile(
    r"\s?(?:\bor\b|/|\bnor\b|\+|&|,)\s?(?:an?\s|the\s|new\s)?(?P<word>[\w'’-]{3,})", re.I
)
_SIBLING_BEFORE = re.compile(
    r"(?P<word>[\w'’-]{3,})\s?(?:\bor\b|/|\bnor\b)\s?(?:an?\s|the\s)?$", re.I
)
_EITHER = re.compile(
    r"\b(?:either|equals?(?: to)?|is|are|=)\s(?P<one>\w{1,3})\sor\s(?P<other>\w{1,3})\b", re.I
)
_LETTER = re.compile(
    r"\b(?:start|begin|beginn|end)(?:s|ing)?\s(?:with|in|on)\s(?:an?\s|the\s)?(?:letter\s)?"
    r"(?P<word>[b-z]|a(?!\s\w))\b(?!['’])",
    re.I,
)
_NAME = re.compile(r"(?<=[a-z,=:] )[A-Z][a-z]{2,}(?: [A-Z][a-z]+)*\b")
_PLACE = re.compile(r"\b(?:sheet|worksheet|tab|table|column|range)\W+$", re.I)
_PLACE_AFTER = re.compile(r"\W+(?:sheet|worksheet|tab|column)\b", re.I)
_NUMBERED = re.compile(r"\b(?P<word>[A-Za-z]{3,})\s(?P<number>\d{1,3})\b")
_YEAR = re.compile(r"(?<!\d)(?:19|20)(?P<short>\d\d)(?!\d)")
_TINT = frozenset("red blue green yellow orange".split())
Span = tuple[int, int]


def guessed_in(text: str, table: Table, taken: Sequence[Span]) -> Iterator[Mention]:
    """Cell texts that words outside of ``taken`` shorten or that shorten them."""
    known = cell_texts(table)
    words = words_of(text)
    free = [word for word in words if _is_free(word, taken)]
    yield from _shortened(free, known)
    yield from _calendar(words, known)
    yield from _countries(words, known)
    yield from _tints(words, known)
    yield from _numbered(text, known)
    yield from _years(text, known)
    yield from _run_together(free, known)
    yield from _short_pair(text)
    yield from _letters(text)
    yield from _names(text, taken)


def _names(text: str, taken: Sequence[Span]) -> Iterator[Mention]:
    """Words with capitals that are no header, no cell and no sheet: *Halle*, *High Risk*."""
    for match in _NAME.finditer(text):
        place = _PLACE.search(text[: match.start()]) or _PLACE_AFTER.match(text, match.end())
        usual = match[0].lower() in STOPWORDS or overlaps(*match.span(), list(taken))
        if not place and not usual:
            yield Mention(*match.span(), Text(match[0]), rank=1)


def _short_pair(text: str) -> Iterator[Mention]:
    """*p* and *ul* in ``either p or ul``."""
    for match in _EITHER.finditer(text):
        for name in ("one", "other"):
            word = match[name]
            if word.lower() not in STOPWORDS and not word[0].isdigit():
                yield Mention(*match.span(name), Text(word))


def _letters(text: str) -> Iterator[Mention]:
    """*p* in ``starting with a p``."""
    for match in _LETTER.finditer(text):
        yield Mention(*match.span("word"), Text(match["word"]), rank=1)


def _is_free(word: Word, taken: Sequence[Span]) -> bool:
    usual = word.text in STOPWORDS or word.text.isdigit() or len(word.text) < _LEAST
    return not usual and not overlaps(word.start, word.end, list(taken))


def _shortened(free: list[Word], known: Sequence[CellText]) -> Iterator[Mention]:
    """``intvw`` for *Interview*, ``fent.`` for *Fentanyl*, ``cheques`` for *Chq*."""
    forms: dict[str, list[tuple[CellText, str]]] = defaultdict(list)
    for cell in known:
        for own in cell.words:
            forms[own.spelt].append((cell, own.spelt))
    for word in free:
        near = [pair for form, pairs in forms.items() if _alike(word.text, form) for pair in pairs]
        yield from _offered(word, near)


def _calendar(words: Sequence[Word], known: Sequence[CellText]) -> Iterator[Mention]:
    """``Saturday`` for *Sat*, ``january`` for *Jan*, the other way round, and ``weekend``."""
    for word in words:
        own = calendar_names(word.text)
        if not own:
            continue
        for cell in known:
            if cell.text.lower() != word.text and calendar_name(cell.text.lower()) in own:
                yield Mention(word.start, word.end, Text(cell.text), cell.column)


def _countries(words: Sequence[Word], known: Sequence[CellText]) -> Iterator[Mention]:
    """``Polish`` for *Poland* or *PL*."""
    for word in words:
        cells = countries_of(word.text)
        for cell in known if cells else ():
            is_code = len(cell.text) <= _LONGEST_CODE
            if cell.text.lower() in cells and (not is_code or cell.text.isupper()):
                yield Mention(word.start, word.end, Text(cell.text), cell.column, rank=1)


def _offered(word: Word, near: list[tuple[CellText, str]]) -> Iterator[Mention]:
    by_column: dict[int, list[tuple[CellText, str]]] = defaultdict(list)
    for cell, spelt in near:
        by_column[cell.column].append((cell, spelt))
    for column, pairs in list(by_column.items())[:2]:
        texts = [cell.text for cell, _ in pairs]
        if len(texts) == 1:
            yield Mention(word.start, word.end, Text(texts[0]), column, rank=1)
        if len(texts) > 1 or len(pairs[0][0].words) > 1:
            yield Mention(word.start, word.end, Text(pairs[0][1]), column, rank=1)


def _alike(said: str, form: str) -> bool:
    """Whether one word is the other cut short: its beginning, or its first letter and some more."""
    own = form.lower()
    if said[0] != own[0] or said == own or own in STOPWORDS or own.isdigit():
        return False
    if any(said == own + ending for ending in _ENDINGS) and len(own) >= _LEAST:
        return True
    shorter, longer = sorted((said, own), key=len)
    if len(shorter) < _LEAST:
        return _is_sign(form, said)
    if longer.startswith(shorter):
        return len(longer) - len(shorter) > 1
    return len(longer) > len(shorter) + 1 and _is_contraction(shorter, longer)


def _is_sign(form: str, said: str) -> bool:
    """``EN`` for *english*, ``Dr`` for *doctors*."""
    if len(form) != 2 or (form != said and not form[0].isupper()):
        return False
    if form.isupper():
        return said.startswith(form.lower()) and len(said) > 4
    singular = said.removesuffix("s")
    return len(singular) > 3 and singular[-1] == form[1]


def _is_contraction(short: str, long: str) -> bool:
    """Whether the short word is the long one without some vowels and letters, in order."""
    if any(letter in "aeiou" for letter in short[1:]):
        return False
    rest = iter(long)
    return all(letter in rest for letter in short)


def _tints(words: Sequence[Word], known: Sequence[CellText]) -> Iterator[Mention]:
    """Colours that stand in cells: they may be meant as text."""
    for word in words:
        if word.text in _TINT:
            holders = [cell for cell in known if any(w.text == word.text for w in cell.words)]
            for cell in holders[:1]:
                own = next(w.spelt for w in cell.words if w.text == word.text)
                yield Mention(word.start, word.end, Text(own), cell.column, rank=1)


def _numbered(text: str, known: Sequence[CellText]) -> Iterator[Mention]:
    """``rack 2`` for cells that begin with *R2*."""
    for match in _NUMBERED.finditer(text):
        code = match["word"][0].upper() + match["number"]
        holders = [c for c in known if re.match(rf"{code}(?!\d)", c.text, re.I)]
        for cell in holders[:1]:
            form = cell.text[: len(code)]
            yield Mention(match.start(), match.end(), Text(form), cell.column, rank=1)


def _years(text: str, known: Sequence[CellText]) -> Iterator[Mention]:
    """``2025`` for cells that end in *25*, as *SS25*."""
    for match in _YEAR.finditer(text):
        short = match["short"]
        for cell in [c for c in known if re.search(rf"[^\d]{short}$", c.text)][:1]:
            yield Mention(match.start(), match.end(), Text(short), cell.column, rank=1)


def _run_together(free: list[Word], known: Sequence[CellText]) -> Iterator[Mention]:
    """``wontfix`` for *Won't fix*."""
    compact = {re.sub(r"[\W_]", "", c.text).lower(): c for c in known if len(c.words) > 1}
    for word in free:
        cell = compact.get(word.text)
        if cell:
            yield Mention(word.start, word.end, Text(cell.text), cell.column, rank=1)


def siblings_of(text: str, mentions: Sequence[Mention], taken: Sequence[Span]) -> Iterator[Mention]:
    """Words that *or* or a slash joins to a text: *dog* in ``dust or dog``."""
    for mention in mentions:
        after = _SIBLING.match(text, mention.end)
        before = _SIBLING_BEFORE.search(text[: mention.start])
        for match in filter(None, (after, before)):
            place = match.span("word")
            word = match["word"]
            usual = word.lower() in STOPWORDS or word[0].isdigit()
            if not usual and not overlaps(*place, list(taken)):
                yield Mention(*place, Text(word), rank=1)
                singular = word.removesuffix("s")
                if singular != word and len(singular) >= _LEAST:
                    yield Mention(*place, Text(singular), rank=1)


def limited(mentions: list[Mention], most: int) -> list[Mention]:
    """At most so many, in their order; other readings give way first, the last of them soonest."""
    ranked = sorted(range(len(mentions)), key=lambda place: (mentions[place].rank, place))
    return [mentions[place] for place in sorted(ranked[:most])]
