"""Tokens of text that may be broken: the terminals of a grammar, and ``BAD`` for what is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from lark import Lark

BAD = "BAD"
END = "$END"
_LEFT_OUT = frozenset({"INTERSECT", "EQUAL", "DDE"})
"""Terminals that depend on what stands before them, or that are never wanted in a repair."""


@dataclass(frozen=True)
class Token:
    """A piece of text with its terminal; ``spaced`` says that white space stands before it."""

    type: str
    text: str
    start: int
    spaced: bool = False

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@lru_cache(maxsize=4)
def _scanner(lark: Lark) -> re.Pattern[str]:
    """One pattern of all terminals, tried in the order of Lark's own lexer."""
    terminals = [one for one in lark.terminals if one.name not in _LEFT_OUT]
    terminals.sort(key=lambda one: (-one.priority, -one.pattern.max_width, one.name))
    parts = [
        f"(?P<{one.name}>{one.pattern.to_regexp()})"
        for one in terminals
        if not one.name.startswith("__")
    ]
    return re.compile("|".join([r"(?P<SPACE>\s+)", *parts, f"(?P<{BAD}>.)"]), re.DOTALL)


@lru_cache(maxsize=512)
def tokenize(lark: Lark, text: str) -> tuple[Token, ...]:
    """The tokens of any text, without its white space."""
    tokens, spaced = [], False
    for match in _scanner(lark).finditer(text):
        kind = match.lastgroup or BAD
        if kind in ("SPACE", "WHITE_SPACE"):
            spaced = True
        else:
            tokens.append(Token(kind, match[0], match.start(), spaced))
            spaced = False
    return tuple(tokens)
