"""Broken formulas and conditions → the right ones nearest to them.

A repair is found by a beam search over edits along the grammar (``repair_search``), checked as any
formula or condition is, and weighed with costs learned from broken and fixed formulas.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from grammar.formula_parser import MAX_LENGTH
from grammar.repair_condition import condition_candidates, is_right_condition
from grammar.repair_condition_rules import CONDITION_RULES
from grammar.repair_costs import Candidate, load_costs
from grammar.repair_formula import bare_text, formula_candidates, is_right
from grammar.repair_rules import FORMULA_RULES

MAX_COST = 9.0
"""Beyond it so little of the text is left that it is no repair."""

_REASONS = {
    "close_end": "add the missing )",
    "close_before_comma": "add the missing )",
    "close_before_operator": "add the missing )",
    "open": "add the missing (",
    "insert_comma": "add the missing comma",
    "comma_before_sign": "add the missing comma",
    "insert_ampersand": "join text with &",
    "insert_colon": "add the missing colon of the range",
    "keep_intersection": "keep the intersection",
    "delete_close": "remove a )",
    "delete_close_end": "remove the extra )",
    "delete_close_unmatched": "remove the extra )",
    "delete_close_doubled": "remove the extra )",
    "delete_open": "remove a (",
    "delete_open_doubled": "remove the extra (",
    "delete_comma": "remove a comma",
    "delete_comma_dangling": "remove the comma that nothing follows",
    "delete_comma_before_operator": "remove the comma before the operator",
    "delete_operator": "remove an operator",
    "delete_operator_dangling": "remove the operator that nothing follows",
    "delete_equal": "remove the stray =",
    "delete_sign": "remove a sign that means nothing here",
    "delete_value": "remove a value",
    "insert_quote": "add the missing quote",
    "close_quote_end": "close the quote",
    "delete_quote": "remove the extra quote",
    "array_braces": "leave out the braces, which Excel writes itself",
    "typography": "write plain signs for typographic ones",
    "unwrap": "leave out what stands around it",
    "decimal_comma": "write numbers with a decimal point",
    "quoted_name": "put sheet names with spaces and formats in quotes",
    "times": "write the multiplication sign",
    "compare_outside": "compare the result of the function",
    "criterion_cell": "join the cell to the criterion",
    "worded": "write what is asked of a cell as a function",
    "infix_junction": "write AND, OR, NOT and IF as functions",
    "phrase": "write the words as a condition",
    "not_equal": "write not equal as <>",
    "foreign_function": "use the functions of Excel",
    "repeat_comparison": "compare with each of the values",
    "swap_arguments": "put the arguments in their order",
    "bare_text": "put the text in quotes",
    "mirror": "turn the comparison round",
    "insert_argument": "add the missing argument",
    "repeat_argument": "repeat the range as the first argument",
    "other_function": "use the function that takes these arguments",
    "drop_argument": "remove the surplus argument",
    "nest_tail": "nest the second test",
    "missing_argument": "remove the empty argument",
    "drop_junction": "leave out the AND or OR of one condition",
    "spread_not": "apply NOT to each condition",
}


@dataclass(frozen=True)
class Repair:
    """A right text, how far it is from the one given, and in one line what was done."""

    text: str
    cost: float
    reason: str


def repair_formula(text: str, top: int = 3) -> tuple[Repair, ...]:
    """The likeliest right formulas, best first; the text itself at cost 0 where it is right.

    A leading ``=`` is kept. Text that is nothing like a formula gives no repair.
    """
    if len(text) > MAX_LENGTH:
        return ()
    if is_right(text):
        return (Repair(text, 0.0, "The formula is right as it is"),)
    sign = "=" if bare_text(text)[0].startswith(("=", "{=")) else ""
    return _repairs(formula_candidates(text), top, sign)


def repair_condition(text: str, top: int = 3) -> tuple[Repair, ...]:
    """The likeliest right conditions, best first; the text itself at cost 0 where it is right.

    An argument that is missing and cannot be guessed is left open, as ``GreaterThan(c[0], ?)``.
    """
    if len(text) > MAX_LENGTH:
        return ()
    if is_right_condition(text):
        return (Repair(text, 0.0, "The condition is right as it is"),)
    return _repairs(condition_candidates(text), top)


def _repairs(candidates: list[Candidate], top: int, sign: str = "") -> tuple[Repair, ...]:
    costs = load_costs()
    priced = ((round(one.cost(costs), 4), one) for one in candidates[:top])
    return tuple(
        Repair(sign + one.text, cost, _reason(one.edits)) for cost, one in priced if cost < MAX_COST
    )


def _reason(edits: tuple[str, ...]) -> str:
    """What was done, in one line: each kind of edit once, with how often."""
    counts = Counter(_reasons()[name] for name in edits)
    said = (text if count == 1 else f"{text} ({count} times)" for text, count in counts.items())
    line = "; ".join(said) or "write it without needless white space"
    return line[0].upper() + line[1:]


@lru_cache(maxsize=1)
def _reasons() -> dict[str, str]:
    rules = {rule.name: rule.reason for rule in reversed((*FORMULA_RULES, *CONDITION_RULES))}
    return rules | _REASONS
