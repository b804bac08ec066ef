"""Beam search over edits of a token list, along the states of an LALR parser.

Left to right, a path either takes the next token, drops it, puts a token before it, or rewrites a
few of them by rule. Paths in the same state are merged, and the cheapest ones go on, so that the
work is bounded for any text.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lark import Lark

from grammar.repair_automaton import Automaton, Stack
from grammar.repair_rules import Rule
from grammar.repair_tokens import BAD, END, Token, tokenize

SPREAD = 4.5
"""How much dearer than the cheapest path of its position a path may be."""
WORK = 3_000
"""Paths that are followed for one text, over all its tokens."""
WIDTH = 64
MAX_TOKENS = 1_200
"""Longer texts are not repaired."""
MAX_OPEN = 66
"""Parentheses open at once; Excel nests functions 64 levels deep."""
TWINS = 3
"""Paths kept in each state, for the runners-up."""


class Frame(NamedTuple):
    """An open parenthesis: the function before it, and what has been seen inside."""

    name: str
    commas: int = 0
    filled: bool = False
    compared: bool = False

    @property
    def arguments(self) -> int:
        """How many arguments there are."""
        return self.commas + 1 if self.filled or self.commas else 0


class Path(NamedTuple):
    """A way to a position: its cost, parser state, open calls, tokens and edits so far."""

    cost: float
    order: int
    stack: Stack
    frames: tuple[Frame, ...]
    output: tuple[object, ...]
    edits: tuple[object, ...]
    last: Token


@dataclass(frozen=True)
class Language:
    """What the search has to know of a language."""

    lark: Lark
    automaton: Automaton
    rules: tuple[Rule, ...]
    costs: dict[str, float]
    callers: frozenset[str]
    operands: frozenset[str]
    """Terminals that begin a value."""
    doubt: Callable[[Frame, bool], float]
    """What an argument, or with ``True`` a whole call, costs for being unlikely as it is."""


@dataclass(frozen=True)
class Found:
    """A text that parses, with what was done to get there."""

    text: str
    cost: float
    edits: tuple[str, ...]


_START = Token("", "", 0)
_CLOSE = Token("RPAR", ")", 0)
_OPEN = Token("LPAR", "(", 0)
_COMMA = Token("COMMA", ",", 0)
_JOIN = Token("AMPERSAND", "&", 0)
_COLON = Token("COLON", ":", 0)
_SPACE = Token("INTERSECT", " ", 0)
_DROP = {
    "RPAR": "delete_close",
    "LPAR": "delete_open",
    "COMMA": "delete_comma",
    BAD: "delete_sign",
    "AMPERSAND": "delete_operator",
    "COMPARE": "delete_operator",
    "COLON": "delete_operator",
    **dict.fromkeys(("PLUS", "MINUS", "STAR", "SLASH", "CARET", "CIRCUMFLEX"), "delete_operator"),
    **dict.fromkeys(("PERCENT", "HASH", "AT", "SEMICOLON"), "delete_sign"),
}


_DANGLING = ("delete_operator", "delete_comma")


def search(language: Language, text: str, width: int = WIDTH) -> list[Found]:
    """The cheapest texts that parse, best first."""
    if len(tokenize(language.lark, text)) > MAX_TOKENS:
        return []
    return _Search(language, text, width).run()


class _Search:
    def __init__(self, language: Language, text: str, width: int) -> None:
        self.language = language
        self.text = text
        self.tokens = tokenize(language.lark, text)
        self.ends = {token.end: index + 1 for index, token in enumerate(self.tokens)}
        self.width = max(2, min(width, WORK // (len(self.tokens) + 1)))
        self.beams: list[list[Path]] = [[] for _ in range(len(self.tokens) + 1)]
        self.order = 0

    def run(self) -> list[Found]:
        self.beams[0].append(Path(0.0, 0, self.language.automaton.start, (), (), (), _START))
        for index, token in enumerate(self.tokens):
            rewrites = list(self.rewrites(token))
            for path in self.beam(index):
                self.extend(path, index, token, rewrites)
            self.beams[index] = []
        return self.finished()

    def beam(self, index: int) -> Iterator[Path]:
        """The cheapest paths to a position, those with a token put in there among them."""
        queue = self.beams[index]
        heapq.heapify(queue)
        kept: dict[tuple[Stack, tuple[Frame, ...]], int] = {}
        taken, limit = 0, queue[0].cost + SPREAD if queue else 0.0
        while queue and taken < self.width and queue[0].cost <= limit:
            path = heapq.heappop(queue)
            state = (path.stack, path.frames)
            if kept.get(state, 0) >= TWINS:
                continue
            kept[state] = kept.get(state, 0) + 1
            taken += 1
            for new in self.insertions(path, index):
                heapq.heappush(queue, new)
            yield path

    def extend(
        self,
        path: Path,
        index: int,
        token: Token,
        rewrites: list[tuple[str, int, tuple[Token, ...]]],
    ) -> None:
        if taken := self.shift(path, (token,)):
            self.beams[index + 1].append(taken)
        name = self.dropped(path, index, token)
        cost = path.cost + self.language.costs[name]
        self.beams[index + 1].append(self.edited(path, name, cost))
        for name, target, tokens in rewrites:
            if new := self.shift(path, tokens):
                cost = new.cost + self.language.costs[name]
                self.beams[target].append(self.edited(new, name, cost))

    def dropped(self, path: Path, index: int, token: Token) -> str:
        """The name of the edit that leaves a token out."""
        after = self.tokens[index + 1].type if index + 1 < len(self.tokens) else END
        before = path.last.type
        if token.text == "=":
            return "delete_equal"
        if token.type == "RPAR":
            return _dropped_close(path, before, after)
        if token.type == "LPAR" and before in ("LPAR", "COMMA"):
            return "delete_open_doubled"
        name = _DROP.get(token.type, "delete_value")
        if name == "delete_comma" and after == "COMPARE":
            return "delete_comma_before_operator"
        dangling = after in ("RPAR", "COMMA", END) or (before == "LPAR" and token.type == "COMMA")
        return f"{name}_dangling" if dangling and name in _DANGLING else name

    def rewrites(self, token: Token) -> Iterator[tuple[str, int, tuple[Token, ...]]]:
        """What the rules make of the text from a token on: name, next position, new tokens."""
        for rule in self.language.rules:
            applied = rule.apply(self.text, token.start)
            if applied is None or applied[0] not in self.ends:
                continue
            tokens = tokenize(self.language.lark, applied[1])
            if tokens and all(one.type != BAD for one in tokens):
                head = tokens[0]
                first = Token(head.type, head.text, head.start, token.spaced)
                yield rule.name, self.ends[applied[0]], (first, *tokens[1:])

    def insertions(self, path: Path, index: int) -> Iterator[Path]:
        """Paths with one more token before a position."""
        token = self.tokens[index] if index < len(self.tokens) else None
        for name, new in self.candidates(path, token):
            if taken := self.shift(path, (new,)):
                yield self.edited(taken, name, taken.cost + self.language.costs[name])

    def candidates(self, path: Path, token: Token | None) -> Iterator[tuple[str, Token]]:
        """Tokens that may be missing between the path's last and the next one."""
        starts = token is not None and token.type in self.language.operands
        after_value = path.last.type not in ("COMMA", "LPAR", "") and any(
            self.language.automaton.accepts(path.stack, end) for end in ("RPAR", END)
        )
        if path.frames and (token is None or not (starts or token.type in ("RPAR", "LPAR"))):
            yield _closing(token), _CLOSE
        if token is None:
            return
        if starts and not after_value and token.type != "LPAR" and path.last is not _OPEN:
            yield "open", _OPEN
        if not after_value:
            return
        if path.frames and (starts or token.type in ("PLUS", "MINUS")):
            yield ("insert_comma" if starts else "comma_before_sign"), _COMMA
        if starts and "TEXT" in (token.type, path.last.type):
            yield "insert_ampersand", _JOIN
        if path.last.type == token.type == "CELL" and not token.spaced:
            yield "insert_colon", _COLON
        if starts and token.spaced:
            yield "keep_intersection", _SPACE

    def edited(self, path: Path, name: str, cost: float) -> Path:
        self.order += 1
        return Path(
            cost, self.order, path.stack, path.frames, path.output, (path.edits, name), path.last
        )

    def shift(self, path: Path, tokens: Iterable[Token]) -> Path | None:
        """The path with tokens taken, or ``None`` where one of them cannot stand."""
        cost, _, stack, frames, output, edits, last = path
        if len(frames) > MAX_OPEN:
            return None
        for token in tokens:
            after = self.language.automaton.shift(stack, token.type)
            if after is None:
                return None
            stack = after
            doubt, frames = self.framed(frames, last, token)
            cost += doubt
            output = (output, token)
            last = token
        self.order += 1
        return Path(cost, self.order, stack, frames, output, edits, last)

    def framed(
        self, frames: tuple[Frame, ...], last: Token, token: Token
    ) -> tuple[float, tuple[Frame, ...]]:
        """What the token costs where it stands, and the open calls after it."""
        kind = token.type
        if kind == "LPAR":
            name = last.text if last.type in self.language.callers else ""
            return 0.0, (*_filled(frames), Frame(name))
        if not frames:
            return 0.0, frames
        top = frames[-1]
        if kind == "RPAR":
            doubt = self.language.doubt(top, False) + self.language.doubt(top, True)
            return doubt, frames[:-1]
        if kind == "COMMA":
            return self.language.doubt(top, False), (*frames[:-1], Frame(top.name, top.commas + 1))
        if kind == "COMPARE":
            return 0.0, (*frames[:-1], top._replace(compared=True))
        return 0.0, _filled(frames)

    def finished(self) -> list[Found]:
        """Texts of the paths that end in a whole formula."""
        found: dict[str, Found] = {}
        for path in self.beam(len(self.tokens)):
            if self.language.automaton.accepts(path.stack, END):
                text = _written(path.output)
                edits = tuple(reversed(list(_unlinked(path.edits))))
                found.setdefault(text, Found(text, path.cost, tuple(map(str, edits))))
        return sorted(found.values(), key=lambda one: one.cost)


def _dropped_close(path: Path, before: str, after: str) -> str:
    if after == END:
        return "delete_close_end"
    if not path.frames:
        return "delete_close_unmatched"
    return "delete_close_doubled" if "RPAR" in (before, after) else "delete_close"


def _closing(token: Token | None) -> str:
    """The name of the edit that closes a parenthesis before a token."""
    if token is None:
        return "close_end"
    return "close_before_comma" if token.type == "COMMA" else "close_before_operator"


def _filled(frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    if not frames or frames[-1].filled:
        return frames
    return (*frames[:-1], frames[-1]._replace(filled=True))


def _unlinked(chain: tuple[object, ...]) -> Iterator[object]:
    """The items of a chain ``((…, first), second)``, last first."""
    while chain:
        rest, item = chain
        yield item
        chain = rest if isinstance(rest, tuple) else ()


def _written(output: tuple[object, ...]) -> str:
    tokens = [token for token in _unlinked(output) if isinstance(token, Token)]
    parts = [(" " if token.spaced else "") + token.text for token in reversed(tokens)]
    return "".join(parts).strip()
