"""Repairs of conditions: search, mend, build."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from lark import Token, Tree
from lark.exceptions import UnexpectedInput

from grammar.conditions import (
    COMPARISONS,
    RANGES,
    TEXT_TESTS,
    Bool,
    Cell,
    Column,
    Comparison,
    Condition,
    Date,
    Junction,
    Not,
    Number,
    Range,
    Text,
    TextTest,
    walk,
)
from grammar.errors import GrammarError
from grammar.parser import lark_parser, parse_condition, parse_strictly
from grammar.printer import print_condition, quote
from grammar.repair_automaton import Automaton
from grammar.repair_characters import plain_characters, quote_variants, variant_count
from grammar.repair_condition_rules import ARITIES, CONDITION_RULES, canonical_name
from grammar.repair_costs import Candidate, distinct, load_costs
from grammar.repair_habits import Habit, rewritings, unwrapped, with_calls
from grammar.repair_phrases import has_bare_day, phrased, with_points
from grammar.repair_search import Found, Frame, Language, search

POOL = 32
NARROW = 6
_HABITS: tuple[Habit, ...] = (
    ("phrase", phrased),
    ("infix_junction", with_calls),
    ("decimal_comma", with_points),
)
_OPERANDS = frozenset(
    {"NUMBER", "STRING", "BOOLEAN", "COLUMN", "REFERENCE", "HOLE", "NAME", "LPAR"}
)
_WORDS = re.compile(r"(?!\d{4}-\d\d?-\d|c\d+$|\d{1,3}(,\d{3})+$)[^\W_][\w %&/.()-]*")
_BARE_DATE = re.compile(r"(?<![\w'\"-])\d{4}-\d\d?-\d\d?(?!\d)")
_DIALECT = re.compile(r"text\w+\([^'\"\[\]]*\)", re.IGNORECASE)
"""``TextContains(High risk: unknown)``, as published benchmarks have it."""
_LITERALS = (Number, Text, Bool, Date)
_MIRRORED = {
    "GreaterThan": "LessThan",
    "GreaterThanEqual": "LessThanEqual",
    "LessThan": "GreaterThan",
    "LessThanEqual": "GreaterThanEqual",
}


@lru_cache(maxsize=1)
def condition_language() -> Language:
    """What the search knows of conditions."""
    lark = lark_parser()
    return Language(
        lark=lark,
        automaton=Automaton(lark),
        rules=CONDITION_RULES,
        costs=load_costs(),
        callers=frozenset({"NAME"}),
        operands=_OPERANDS,
        doubt=_frame_doubt,
    )


def _frame_doubt(frame: Frame, whole: bool) -> float:
    if not frame.name or not whole:
        return 0.0
    name = canonical_name(frame.name)
    least, greatest = ARITIES[name] if name else (0, -1)
    return 0.0 if least <= frame.arguments <= greatest else load_costs()["arity"]


def is_right_condition(text: str) -> bool:
    """Whether a condition parses, and has column, values and quotes where they belong."""
    try:
        condition = parse_condition(text)
    except GrammarError:
        return False
    if _DIALECT.fullmatch(text.strip()) and text.count("(") == text.count(")"):
        return True
    if _BARE_DATE.search(text) or has_bare_day(text):
        return False
    return not any(_is_turned(node) or _is_odd(node, text) for node in walk(condition))


def _is_odd(node: object, text: str) -> bool:
    """Whether bare text was read as a literal although it looks like broken notation."""
    if isinstance(node, Comparison | TextTest | Range) and isinstance(node.x, _LITERALS):
        return True
    if not isinstance(node, Text) or quote(node.value) in text or f'"{node.value}"' in text:
        return False
    value = node.value
    return not _WORDS.fullmatch(value) or value.count("(") != value.count(")")


def _is_turned(node: object) -> bool:
    """Whether a predicate looks at a literal and compares it with a column."""
    if isinstance(node, Comparison | TextTest):
        return isinstance(node.x, _LITERALS) and isinstance(node.value, Column)
    if not isinstance(node, Range):
        return False
    literal = isinstance(node.x, _LITERALS)
    compared = isinstance(node.low, Column) or isinstance(node.high, Column)
    return (literal and compared) or (
        not isinstance(node.x, Column) and isinstance(node.low, Column)
    )


def condition_candidates(text: str) -> list[Candidate]:
    """Right conditions near a broken one, cheapest first."""
    typed = plain_characters(text).strip()
    plain, first = unwrapped(typed)
    first = first if typed == text.strip() else ("typography", *first)
    body = plain.removeprefix("=").strip()
    found = sorted(_searched_all(body), key=lambda one: one.cost)
    nearest = {one.text: one for one in reversed(found[: 2 * POOL])}
    candidates = [
        Candidate(one.text, first + one.edits, one.doubts)
        for found_text in sorted(nearest.values(), key=lambda one: one.cost)[:POOL]
        for one in _built(found_text)
    ]
    return distinct([*_read_as_bare_text(text), *candidates])


def _read_as_bare_text(text: str) -> Iterator[Candidate]:
    """The condition in which whatever is odd is text without its quotes."""
    try:
        condition = parse_condition(text)
    except GrammarError:
        return
    if not any(_is_turned(node) for node in walk(condition)):
        yield Candidate(print_condition(condition), ("bare_text",))


def _searched_all(body: str) -> Iterator[Found]:
    """What the search makes of the text and of its rewritings."""
    costs = condition_language().costs
    yield from _searched(body)
    for rewritten, edits in rewritings(body, _HABITS):
        price = sum(costs[name] for name in edits)
        for one in _searched(rewritten):
            yield Found(one.text, one.cost + price, edits + one.edits)


def _searched(body: str) -> Iterator[Found]:
    language = condition_language()
    for mark in ("'", '"'):
        if body.count(mark) % 2:
            for variant, name in islice(quote_variants(body, mark), variant_count(body)):
                for one in search(language, variant, NARROW):
                    cost = one.cost + language.costs[name]
                    yield Found(one.text, cost, (name, *one.edits))
    yield from search(language, body)


def _built(found: Found) -> Iterator[Candidate]:
    """The canonical texts of a found one, mended where its arguments do not fit."""
    for edits, text in ((), found.text), *_mended(found.text):
        try:
            condition = parse_strictly(text)
        except GrammarError:
            continue
        for more, turned in _turned(condition):
            odd = ("bare_date",) if _BARE_DATE.search(text) else ()
            yield Candidate(print_condition(turned), found.edits + edits + more, odd)


def _turned(condition: Condition) -> Iterator[tuple[tuple[str, ...], Condition]]:
    """The condition, or with column and value exchanged where they were in each other's place."""
    turned = _exchanged(condition)
    if turned == condition:
        yield (), condition
        return
    yield ("swap_arguments",), turned
    if isinstance(turned, Comparison) and turned.name in _MIRRORED:
        mirrored = Comparison(_MIRRORED[turned.name], turned.x, turned.value)
        yield ("swap_arguments", "mirror"), mirrored


def _exchanged(node: Condition) -> Condition:
    if isinstance(node, Junction):
        return Junction(node.name, tuple(_exchanged(part) for part in node.parts))
    if isinstance(node, Not):
        return Not(_exchanged(node.part))
    if not _is_turned(node):
        return node
    if isinstance(node, Comparison | TextTest):
        return type(node)(node.name, node.value, node.x)
    if isinstance(node, Range) and isinstance(node.high, Column) and not isinstance(node.x, Cell):
        return Range(node.name, node.high, node.x, node.low)
    if isinstance(node, Range) and isinstance(node.x, _LITERALS):
        return Range(node.name, node.low, node.x, node.high)
    if isinstance(node, Range):
        return Comparison("GreaterThanEqual", node.low, node.high)
    return node


def _mended(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Texts in which one call has more or fewer arguments, so that they fit."""
    try:
        tree = lark_parser().parse(text)
    except UnexpectedInput:
        return
    for call in reversed(list(tree.find_data("call"))):
        yield from _mended_call(text, call)


def _mended_call(text: str, call: Tree[Token]) -> Iterator[tuple[tuple[str, ...], str]]:
    name = canonical_name(str(call.children[0]))
    if name is None:
        return
    parts = [_source(text, part) for part in call.children[1:] if isinstance(part, Tree)]
    least, greatest = ARITIES[name]
    for edit, new in _refitted(name, parts, least, greatest):
        start, end = call.meta.start_pos, call.meta.end_pos
        yield (edit,), text[:start] + new + text[end:]


def _refitted(name: str, parts: list[str], least: int, greatest: int) -> Iterator[tuple[str, str]]:
    if name in ("AND", "OR") and len(parts) == 1:
        yield "drop_junction", parts[0]
    elif name == "NOT" and len(parts) > 1:
        yield "spread_not", f"AND({', '.join(f'NOT({part})' for part in parts)})"
    elif len(parts) > greatest:
        for index in range(len(parts) - 1, -1, -1):
            kept = parts[:index] + parts[index + 1 :]
            yield "drop_argument", f"{name}({', '.join(kept)})"
    elif len(parts) < least and name in (*COMPARISONS, *TEXT_TESTS, *RANGES):
        holes = ["?"] * (least - len(parts))
        yield "insert_argument", f"{name}({', '.join([*parts, *holes])})"


def _source(text: str, node: Tree[Token]) -> str:
    return text[node.meta.start_pos : node.meta.end_pos]
