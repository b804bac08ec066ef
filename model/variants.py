"""Programs that say the same of other cells: one more place to colour for what was drawn.

Where a rule goes is said in few words, and every place behind it in the program shifts with it, so
that the likeliest draws often differ in all but that. The model scores the variants like any other.
"""

from __future__ import annotations

from collections.abc import Iterator

from model.candidates import Program
from model.linking import Linked
from model.vocabulary import COLOURED, FLAGS, LENGTH, TARGET_TOKENS, TOKEN_IDS

_THEN = TOKEN_IDS["THEN"]
_ROW = TOKEN_IDS["ROWTARGET"]
_TARGETS = {TOKEN_IDS[t] for t in TARGET_TOKENS if t[0] == "T" and t[1:].isdigit()} | {_ROW}
_STYLE = {*FLAGS, *(name.upper() for name in COLOURED)}
MOST_COLUMNS = 3
"""Columns that a request mentions which are tried as a place to colour."""


def other_targets(program: Program, linked: Linked) -> Iterator[Program]:
    """The program with all of its rules on the tested cells, on rows, or on a mentioned column."""
    if program == (TOKEN_IDS["NONE"],):
        return
    named = dict.fromkeys(mention.column for mention in linked.columns)
    columns = [index for index in named if f"T{index}" in TOKEN_IDS][:MOST_COLUMNS]
    for target in ((), (_ROW,), *((TOKEN_IDS[f"T{index}"],) for index in columns)):
        found = tuple(_with_target(program, target))
        if found != program and len(found) <= LENGTH:
            yield found


def _with_target(program: Program, target: Program) -> Iterator[int]:
    """The program's tokens, its targets exchanged; they stand between condition and style."""
    for index, rule in enumerate(_rules(program)):
        bare = [token for token in rule if token not in _TARGETS]
        end = _end_of_condition(bare)
        yield from (*((_THEN,) if index else ()), *bare[:end], *target, *bare[end:])


def _rules(program: Program) -> Iterator[Program]:
    start = 0
    for place, token in enumerate((*program, _THEN)):
        if token == _THEN:
            yield program[start:place]
            start = place + 1


def _end_of_condition(rule: list[int]) -> int:
    end = len(rule)
    while end and TARGET_TOKENS[rule[end - 1]].rstrip("0123456789") in _STYLE:
        end -= 1
    return end
