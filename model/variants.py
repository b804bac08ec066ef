"""Programs beside what was drawn: one more place to colour, and whole ranges of ordered values.

Where a rule goes is said in few words, and every place behind it in the program shifts with it, so
that the likeliest draws often differ in all but that. Of *stage II and later* draws name some
stages, seldom all of them. The model scores the variants like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from model.candidates import Program
from model.linking import Linked
from model.linking.scales import ScaleRanges
from model.vocabulary import COLOURED, FLAGS, LENGTH, TARGET_TOKENS, TOKEN_IDS

_THEN = TOKEN_IDS["THEN"]
_ROW = TOKEN_IDS["ROWTARGET"]
_SLOTS = {TOKEN_IDS[t]: int(t[1:]) for t in TARGET_TOKENS if t[0] == "V" and t[1:].isdigit()}
_TARGETS = {TOKEN_IDS[t] for t in TARGET_TOKENS if t[0] == "T" and t[1:].isdigit()} | {_ROW}
_STYLE = {*FLAGS, *(name.upper() for name in COLOURED)}
_OR, _EQUALS = TOKEN_IDS["OR"], TOKEN_IDS["TextEquals"]
_TEXT_TESTS = {_EQUALS, TOKEN_IDS["TextContains"], TOKEN_IDS["TextStartsWith"]}
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


def whole_ranges(program: Program, said: Sequence[ScaleRanges]) -> Iterator[Program]:
    """The program with each test for one or several values of a scale made one for a whole range.

    Nothing where no such test stands in it.
    """
    for scale in said:
        for start, end in _tests(program, scale.column):
            for slots in scale.ranges:
                found = _exchanged(program, start, end, scale.column, slots)
                if found != program and len(found) <= LENGTH:
                    yield found


def in_whole_ranges(
    program: Program, said: Sequence[ScaleRanges], linked: Linked
) -> Program | None:
    """The program with its tests for whole ranges in order; ``None`` where one leaves a gap.

    A gap is left by a test for the value that the range begins or ends with, or for values that the
    request does not say, if there is room for a range in its place. Tests for what is said beside
    it stay, as *low* in *high or above red, low green*.
    """
    for column in dict.fromkeys(scale.column for scale in said):
        own = [scale for scale in said if scale.column == column]
        whole = {frozenset(slots): slots for scale in own for slots in scale.ranges}
        if not whole:
            continue
        ends = {linked.slots[scale.slot].literal for scale in own}
        for start, end in reversed(list(_tests(program, column))):
            tested = frozenset(_SLOTS[token] for token in program[start:end] if token in _SLOTS)
            if tested in whole:
                program = _exchanged(program, start, end, column, whole[tested])
                continue
            values = [linked.slots[slot] for slot in tested]
            is_end = any(value.literal in ends for value in values)
            is_said = any(value.start is not None and value.column == column for value in values)
            shortest = min(whole.values(), key=len)
            has_room = len(_exchanged(program, start, end, column, shortest)) <= LENGTH
            if has_room and (is_end or not is_said):
                return None
    return program


def _exchanged(
    program: Program, start: int, end: int, column: int, slots: Sequence[int]
) -> Program:
    """The program with a test for any of some slots in place of one of its parts."""
    return (*program[:start], *_any_of(column, slots), *program[end:])


def _any_of(column: int, slots: Sequence[int]) -> Iterator[int]:
    for place, slot in enumerate(slots):
        if place < len(slots) - 1:
            yield _OR
        yield from (_EQUALS, TOKEN_IDS[f"C{column}"], TOKEN_IDS[f"V{slot}"])


def _tests(program: Program, column: int) -> Iterator[tuple[int, int]]:
    """Start and end of every test of a column for one or any of several texts."""
    place = 0
    while place < len(program):
        end = _end_of_test(program, place, TOKEN_IDS[f"C{column}"])
        if end is not None:
            yield place, end
        place = end or place + 1


def _end_of_test(program: Program, start: int, column: int) -> int | None:
    """Where a test that starts there ends, or ``None`` where it is of another kind or column."""
    if program[start : start + 1] == (_OR,):
        middle = _end_of_test(program, start + 1, column)
        return None if middle is None else _end_of_test(program, middle, column)
    is_test = len(program) > start + 2 and program[start] in _TEXT_TESTS
    is_own = is_test and program[start + 1] == column and program[start + 2] in _SLOTS
    return start + 3 if is_own else None
