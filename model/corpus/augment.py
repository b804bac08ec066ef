"""Variants of a request that mean the same rule on a changed table.

A program over slots does not change when a number, a date, a cell text, a colour or a header is
swapped for another of its kind, so sentence and table are edited and the program is kept. A
variant that links differently from its original is dropped.
"""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grammar.conditions import Date, Number, Scalar, Text, columns_of
from grammar.table import Table
from grammar.values import to_serial
from model.corpus import wording
from model.corpus.notation import SpokenRule, move_rule
from model.corpus.schemas import Schema
from model.encode import NotEncodableError, encode_rules
from model.linking import Linked, Slot, link
from model.vocabulary import LENGTH

_FRACTIONS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.5, 0.6, 0.8, 0.9)
_SLOT = re.compile(r"(V|FILL|FONT|BORDER)(\d+)")
_VARY_TRIES = 3
"""Values are drawn anew where a lower one would become the higher one."""
_GLUE = ("; ", ", and ", " and ", ". ", ", ", " - then ", ", also ", " / ", " + ")


@dataclass(frozen=True)
class Sample:
    """A linked request and its program over slots."""

    linked: Linked
    program: tuple[str, ...]


def make_sample(
    say: str, rules: Sequence[SpokenRule], table: Table, today: dt.date, subject: int = 0
) -> Sample | None:
    """The request with its program; ``None`` where linking does not offer what the rule needs."""
    linked = link(say, table, today)
    try:
        return Sample(linked, tuple(encode_rules(rules, linked, subject)))
    except NotEncodableError:
        return None


def narrow(
    schema: Schema, table: Table, rules: Sequence[SpokenRule], rng: random.Random
) -> tuple[Table, tuple[SpokenRule, ...]]:
    """The table with some unused columns gone and the rest in another order, rules alike."""
    used = {index for rule in rules for index in columns_of(rule.condition)}
    used |= {index for rule in rules for index in rule.target.columns}
    keep = [i for i in range(len(table.columns)) if i in used or rng.random() < 0.8]
    if rng.random() < 0.3:
        rng.shuffle(keep)
    places = {old: new for new, old in enumerate(keep)}
    columns = tuple(replace(table.columns[i], header=_renamed(schema, i, table, rng)) for i in keep)
    return replace(table, columns=columns), tuple(move_rule(rule, places) for rule in rules)


def _renamed(schema: Schema, index: int, table: Table, rng: random.Random) -> str:
    header = table.columns[index].header
    other = schema.columns[index].aka
    if other and rng.random() < 0.12:
        header = rng.choice(other)
    return wording.header_form(header, rng)


def vary(sample: Sample, rng: random.Random, today: dt.date) -> Sample:
    """The request with some of its values and colours swapped, if it still links alike."""
    names = {
        word.lower() for column in sample.linked.table.columns for word in column.header.split()
    }
    for _ in range(_VARY_TRIES):
        text, edits = sample.linked.utterance, _edits(sample.linked, rng)
        for start, end, new in sorted(edits, reverse=True):
            text = text[:start] + new + text[end:]
        changed = link(wording.disturb(text, rng, names), sample.linked.table, today)
        if _alike(sample.linked, changed):
            return replace(sample, linked=changed)
    return sample


def _edits(linked: Linked, rng: random.Random) -> list[tuple[int, int, str]]:
    edits: list[tuple[int, int, str]] = []
    for slot in linked.slots:
        new = _respell(slot, linked, rng) if slot.start is not None and rng.random() < 0.6 else None
        if new and slot.start is not None and slot.end is not None and _alone(slot, linked.slots):
            edits.append((slot.start, slot.end, new))
    taken: set[str] = {colour.words.lower() for colour in linked.colours}
    for colour in linked.colours:
        name = wording.colour(rng)
        if rng.random() < 0.6 and name not in taken:
            taken.add(name)
            edits.append((colour.start, colour.end, name))
    spans = sorted(edits)
    return [edit for place, edit in enumerate(spans) if not place or spans[place - 1][1] <= edit[0]]


def _alone(slot: Slot, slots: Sequence[Slot]) -> bool:
    """Whether no other slot shares the place, as durations and months have several."""
    if slot.start is None or slot.end is None:
        return False
    places = [(s.start, s.end) for s in slots if s.start is not None and s.end is not None]
    return sum(begin < slot.end and slot.start < end for begin, end in places) == 1


def _respell(slot: Slot, linked: Linked, rng: random.Random) -> str | None:
    said = linked.utterance[slot.start : slot.end]
    literal: Scalar = slot.literal
    if isinstance(literal, Number) and said[:1].isdigit():
        return _other_number(literal, said, rng)
    if isinstance(literal, Date) and said[-1:].isdigit():
        return wording.date(to_serial(literal.value) + rng.randint(-60, 60), rng)
    if isinstance(literal, Text) and slot.column is not None and said == literal.value:
        own = linked.table.columns[slot.column].values
        others = [v for v in dict.fromkeys(own) if isinstance(v, str) and v != said]
        return rng.choice(others) if others else None
    return None


def _other_number(literal: Number, said: str, rng: random.Random) -> str | None:
    if literal.percent:
        return wording.percent(rng.choice(_FRACTIONS), rng)
    if not said.replace(".", "").replace(",", "").isdigit():
        return None
    value = literal.value
    if value <= 12 and value == int(value):
        return str(rng.randint(2, 12))
    factor = rng.uniform(0.6, 1.5)
    digits = len(said.partition(".")[2])
    return (
        f"{round(value * factor, digits):,.{digits}f}"
        if "," in said
        else _plain(value * factor, digits)
    )


def _plain(value: float, digits: int) -> str:
    return f"{value:.{digits}f}"


def _alike(one: Linked, other: Linked) -> bool:
    """Whether both offer slots of the same kinds, columns and order, and of the same ranks."""
    shapes = [
        [(type(slot.literal), slot.column, slot.start is None) for slot in linked.slots]
        for linked in (one, other)
    ]
    same = shapes[0] == shapes[1] and len(one.colours) == len(other.colours)
    return same and _order(one) == _order(other)


def _order(linked: Linked) -> list[list[bool]]:
    """Which of the numbers and of the dates that are said are lower than which others."""
    said = [slot.literal for slot in linked.slots if slot.start is not None]
    numbers = [each.value for each in said if isinstance(each, Number)]
    days = [to_serial(each.value) for each in said if isinstance(each, Date)]
    return [[a < b for a in values for b in values] for values in (numbers, days)]


def join(first: Sample, second: Sample, rng: random.Random, today: dt.date) -> Sample | None:
    """Two requests on one table said in one breath, in priority order."""
    if "NONE" in (*first.program, *second.program):
        return None
    head = first.linked.utterance.rstrip(".!? ")
    linked = link(head + rng.choice(_GLUE) + second.linked.utterance, first.linked.table, today)
    program = [*_moved(first, linked, 0), "THEN", *_moved(second, linked, len(head))]
    fits = len(program) <= LENGTH and "" not in program
    return Sample(linked, tuple(program)) if fits else None


def _moved(sample: Sample, linked: Linked, after: int) -> list[str]:
    """The program with its slots found again in the joint request, ``""`` where one is lost."""
    return [_moved_token(token, sample.linked, linked, after) for token in sample.program]


def _moved_token(token: str, old: Linked, new: Linked, after: int) -> str:
    match = _SLOT.fullmatch(token)
    if not match:
        return token
    name, index = match[1], int(match[2])
    if name == "V":
        found = _find_slot(old.slots[index], new.slots, after)
    else:
        colour = old.colours[index].hex
        places = enumerate(new.colours)
        found = (i for i, other in places if other.hex == colour and other.start >= after)
    return next((f"{name}{place}" for place in found), "")


def _find_slot(slot: Slot, slots: Sequence[Slot], after: int) -> Iterator[int]:
    for place, other in enumerate(slots):
        late = other.start is None or slot.start is None or other.start >= after
        if late and (other.literal, other.column) == (slot.literal, slot.column):
            yield place
