"""Condition text → tree.

``GreaterThan(c[2], 100)`` is the written form; ``top(10%)`` or ``TextContains(Gent)``, as published
benchmarks spell it, are read as well.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from grammar import dialect
from grammar.builder import build_condition
from grammar.conditions import Condition
from grammar.errors import GrammarError, ParseError

MAX_LENGTH = 8192
"""Excel's own limit for a formula; Source: Microsoft, Excel specifications and limits."""
MAX_DEPTH = 64

_WORDS = {
    "NUMBER": "a number",
    "STRING": "'text'",
    "BOOLEAN": "TRUE or FALSE",
    "COLUMN": "a column c[0]",
    "REFERENCE": "a cell $A$1",
    "NAME": "a name",
    "HOLE": "?",
    "LPAR": "(",
    "RPAR": ")",
    "COMMA": ",",
    "$END": "the end",
}
_OPERATORS = {"PLUS", "MINUS", "STAR", "SLASH", "CIRCUMFLEX", "AMPERSAND", "PERCENT"}


@lru_cache(maxsize=1)
def lark_parser() -> Lark:
    """The LALR parser of the condition language, built once."""
    grammar = Path(__file__).with_name("condition.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def parse_condition(text: str) -> Condition:
    """The condition that a text says.

    Raises:
        ParseError: the text is no condition; it says where, and what could stand there.
        InvalidRuleError: a condition that cannot be, as an ``AND`` of one part.
    """
    _check_size(text)
    try:
        return parse_strictly(text)
    except GrammarError as error:
        quoted = dialect.quote_bare_text(text)
        if quoted == text:
            raise
        return _parse_quoted(quoted, error)


def parse_strictly(text: str) -> Condition:
    """The condition of a text in which every literal is written as the language has it."""
    return build_condition(_parse_tree(text), text)


def _parse_quoted(quoted: str, original: GrammarError) -> Condition:
    try:
        return parse_strictly(quoted)
    except GrammarError:
        raise original from None


def _check_size(text: str) -> None:
    if not text.strip():
        raise ParseError("there is no condition", text, expected=("GreaterThan(c[0], 10)",))
    if len(text) > MAX_LENGTH:
        raise ParseError(f"a condition has at most {MAX_LENGTH} characters; this has {len(text)}")
    if _depth(text) > MAX_DEPTH:
        raise ParseError(f"parentheses are nested deeper than {MAX_DEPTH}")


def _depth(text: str) -> int:
    depth = deepest = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    return deepest


def _parse_tree(text: str) -> Tree[Token]:
    try:
        return lark_parser().parse(text)
    except UnexpectedInput as error:
        raise _parse_error(error, text) from None


def _parse_error(error: UnexpectedInput, text: str) -> ParseError:
    line, column = max(error.line, 1), max(error.column, 1)
    if isinstance(error, UnexpectedCharacters):
        expected = _readable(error.allowed or set())
        return ParseError(f"unexpected {error.char!r}", text, line, column, expected)
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        return ParseError(
            f"unexpected {str(error.token)!r}", text, line, column, _readable(error.expected)
        )
    expected_here = error.expected if isinstance(error, UnexpectedToken | UnexpectedEOF) else ()
    lines = text.splitlines() or [""]
    end = len(lines[-1].rstrip()) + 1
    return ParseError("it ends too early", text, len(lines), end, _readable(set(expected_here)))


def _readable(terminals: set[str]) -> tuple[str, ...]:
    names = sorted(_WORDS.get(name, name) for name in terminals if name not in _OPERATORS)
    return (*names, *(["an operator"] if terminals & _OPERATORS else []))
