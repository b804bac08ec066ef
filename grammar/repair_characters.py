"""Typographic and full-width signs for plain ones, and quotes that do not pair."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TYPOGRAPHY = {
    **dict.fromkeys("“”„‟«»〝〞＂", '"'),
    **dict.fromkeys("‘’‚‛", "'"),
    **dict.fromkeys("−–—﹣－", "-"),
    **dict.fromkeys("…\u200b\ufeff", ""),
    **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if code != 0xFF02},
    **dict.fromkeys("\u00a0\u2007\u202f\u3000\t\r\n", " "),
    "、": ",",
    "×": "*",
    "÷": "/",
    "≥": ">=",
    "≤": "<=",
    "≠": "<>",
}
_TYPOGRAPHIC = str.maketrans(_TYPOGRAPHY)
_TEXT = re.compile(r'("(?:[^"]|"")*")')


def plain_characters(text: str) -> str:
    """The text with typographic and full-width signs as plain ones, but for those inside quotes."""
    if text.isascii():
        return text
    if text.count('"') % 2:
        return text.translate(_TYPOGRAPHIC)
    parts = _TEXT.split(text)
    return "".join(part if index % 2 else _translate(part) for index, part in enumerate(parts))


def _translate(part: str) -> str:
    return part.translate(_TYPOGRAPHIC)


def variant_count(text: str) -> int:
    """How many variants of a text with an odd quote are searched; of a long text only some."""
    return max(2, min(24, 3_000 // (len(text) + 1)))


def quote_variants(text: str, quote: str = '"') -> Iterator[tuple[str, str]]:
    """Texts with one quote more or less, each with the name of its edit."""
    for position in _quote_places(text):
        name = "close_quote_end" if position == len(text) else "insert_quote"
        yield text[:position] + quote + text[position:], name
    for match in re.finditer(quote, text):
        yield text[: match.start()] + text[match.end() :], "delete_quote"


def _quote_places(text: str) -> Iterator[int]:
    """Positions at the edge of a word or beside punctuation, the likeliest first."""
    edges = [match.start() for match in re.finditer(r"(?=[,()&;])|(?<=[,(&=<>])|$|\b", text)]
    edges.sort(key=lambda place: (text[place : place + 1] not in (")", ","), -place))
    yield from dict.fromkeys(edges)
