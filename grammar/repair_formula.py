"""Repairs of Excel formulas: search, check, mend, weigh."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice

from grammar.errors import GrammarError, InvalidRuleError
from grammar.formula_check import check_calls
from grammar.formula_parser import formula_lark, parse_formula
from grammar.formula_printer import print_formula
from grammar.formula_tree import Expression
from grammar.functions import find_function
from grammar.repair_automaton import Automaton
from grammar.repair_calls import compared_again, compared_outside, criterion_joined, mend_calls
from grammar.repair_characters import plain_characters, quote_variants, variant_count
from grammar.repair_costs import Candidate, distinct, load_costs
from grammar.repair_doubts import doubts, is_plausible, wants_number
from grammar.repair_foreign import rebuilt
from grammar.repair_habits import (
    Habit,
    Rewritten,
    decimal_commas,
    outside_quotes,
    quoted_names,
    rewritings,
    unwrapped,
    with_calls,
    with_times,
    without_thousands,
    worded,
)
from grammar.repair_rules import FORMULA_RULES
from grammar.repair_search import Found, Frame, Language, search

POOL = 32
"""Candidates that are parsed and weighed."""
NARROW = 6
"""Width of the search in each of the variants of a text with an odd quote."""
_BRACES = re.compile(r"\{\s*=?\s*([^{}]*\([^{}]*)\}?", re.DOTALL)
"""``{=SUM(A1:A9)}``: Excel shows array formulas so, and writes the braces itself."""
_UNEQUAL = re.compile(r"!\s*=")
_HABITS: tuple[Habit, ...] = (
    ("not_equal", lambda text: outside_quotes(_UNEQUAL, "<>", text)),
    ("quoted_name", quoted_names),
    ("decimal_comma", decimal_commas),
    ("worded", worded),
    ("times", with_times),
    ("infix_junction", with_calls),
    ("thousands", without_thousands),
)
_CHANGES: tuple[tuple[str, Callable[[Expression], Expression]], ...] = (
    ("foreign_function", rebuilt),
    ("repeat_comparison", compared_again),
    ("compare_outside", compared_outside),
    ("criterion_cell", criterion_joined),
)
_OPERANDS = frozenset(
    {"NUMBER", "TEXT", "BOOL", "ERROR", "REFERENCE_ERROR", "CELL", "COLUMNS", "ROWS", "NAME"}
    | {"STRUCTURED", "FUNCTION", "SHEET", "LPAR", "LBRACE", "AT"}
)


@lru_cache(maxsize=1)
def formula_language() -> Language:
    """What the search knows of Excel formulas."""
    lark = formula_lark()
    return Language(
        lark=lark,
        automaton=Automaton(lark),
        rules=FORMULA_RULES,
        costs=load_costs(),
        callers=frozenset({"FUNCTION"}),
        operands=_OPERANDS,
        doubt=_frame_doubt,
    )


def _frame_doubt(frame: Frame, whole: bool) -> float:
    signature = find_function(frame.name) if frame.name else None
    if signature is None:
        return 0.0
    costs = load_costs()
    if whole:
        return 0.0 if signature.takes(frame.arguments) else costs["arity"]
    if not frame.compared:
        return 0.0
    if signature.type_of(frame.commas) == "range":
        return costs["arity"]
    return costs["compared_number"] if wants_number(signature, frame.commas) else 0.0


def is_right(text: str) -> bool:
    """Whether a formula parses and its calls fit; unknown functions may be a macro's."""
    try:
        tree = parse_formula(text)
        check_calls(tree)
    except GrammarError:
        return False
    return is_plausible(tree)


def formula_candidates(text: str) -> list[Candidate]:
    """Right formulas near a broken one, without ``=``, cheapest first."""
    plain, first = bare_text(text)
    body = plain.removeprefix("=").strip()
    if braces := _BRACES.fullmatch(body):
        body, first = braces[1], (*first, "array_braces")
    found = sorted(_searched_all(body), key=lambda one: one.cost)
    nearest = {one.text: one for one in reversed(found[: 2 * POOL])}
    candidates = [
        Candidate(one.text, first + one.edits, one.doubts)
        for found_text in sorted(nearest.values(), key=lambda one: one.cost)[:POOL]
        for one in _weighed(found_text)
    ]
    return distinct(candidates)


def bare_text(text: str) -> Rewritten:
    """The text in plain characters and without what surrounds it, with the edits."""
    plain = plain_characters(text)
    bare, edits = unwrapped(plain)
    return bare, (("typography", *edits) if plain != text else edits)


def _searched_all(body: str) -> Iterator[Found]:
    """What the search makes of the text and of its rewritings."""
    costs = formula_language().costs
    yield from _searched(body)
    for rewritten, edits in rewritings(body, _HABITS):
        price = sum(costs[name] for name in edits)
        for one in _searched(rewritten):
            yield Found(one.text, one.cost + price, edits + one.edits)


def _searched(body: str) -> Iterator[Found]:
    language = formula_language()
    if body.count('"') % 2 == 0:
        yield from search(language, body)
        return
    for variant, name in islice(quote_variants(body), variant_count(body)):
        for one in search(language, variant, NARROW):
            cost = one.cost + language.costs[name]
            yield Found(one.text, cost, (name, *one.edits))


def _weighed(found: Found) -> Iterator[Candidate]:
    """A text with its doubts where its calls fit, else its mended forms."""
    try:
        tree = parse_formula(found.text)
    except GrammarError:
        return
    try:
        check_calls(tree)
    except InvalidRuleError:
        for edits, mended in islice(mend_calls(tree), POOL):
            text = print_formula(mended)
            yield Candidate(text, found.edits + edits, tuple(doubts(mended)))
        return
    yield Candidate(found.text, found.edits, tuple(doubts(tree)))
    for edit, change in _CHANGES:
        changed = change(tree)
        if changed != tree:
            text = print_formula(changed)
            yield Candidate(text, (*found.edits, edit), tuple(doubts(changed)))
