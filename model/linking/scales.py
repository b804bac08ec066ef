"""Values that have an order, and requests for all from one of them on: *stage II and later*."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grammar.conditions import Text
from model.linking.calendar_words import MONTHS, WEEKDAYS, calendar_name
from model.linking.linker import Linked, Slot

_SCALES = """
none|negligible|very low, low|minor|small|slight, medium|moderate|mid|normal, high|major|serious,
 very high|severe, critical|urgent|extreme|catastrophic
xxs, xs, s|small, m|medium, l|large, xl|extra large, xxl|2xl, xxxl|3xl, 4xl
f, e, d-, d, d+, c-, c, c+, b-, b, b+, a-, a, a+
very poor|very bad|terrible, poor|bad|weak, fair|average|ok|okay|satisfactory, good, very good,
 excellent|outstanding
beginner|novice|starter, elementary|basic, intermediate, upper intermediate, advanced,
 expert|proficient, master
a1, a2, b1, b2, c1, c2
bronze, silver, gold, platinum, diamond
apprentice|trainee|intern|assistant, junior|jr, mid|regular, senior|sr, lead|principal, manager,
 director, vp
mild, medium, hot, very hot|extra hot
cold, cool, mild, warm, hot
dry, damp|moist, wet
draft, in review|review|submitted, approved|accepted, published|released|live
to do|todo|open|not started|new, in progress|started|doing|ongoing, testing|in review|review,
 done|finished|complete|completed|closed
ordered|placed, packed|picked, shipped|sent|dispatched|in transit, delivered|received
child|kid|junior, teen|youth, adult, senior
primary, secondary, college|bachelor, master, phd|doctorate
never, rarely|seldom, sometimes|occasionally, often|frequently, always
strongly disagree, disagree, neutral, agree, strongly agree
very dissatisfied, dissatisfied, neutral, satisfied, very satisfied
first, second, third, fourth, fifth, sixth
egg, larva, pupa, adult
seed, seedling, sapling, tree|mature
bud, bloom|flowering, fruiting
economy|standard, premium|comfort, business, first
local, regional, national, international
"""
_ORDERS = [
    {name: place for place, names in enumerate(line.split(", ")) for name in names.split("|")}
    for line in _SCALES.strip().replace(",\n", ",").splitlines()
]
_ORDERS += [
    {f"stage {name}": place for place, name in enumerate(("i", "ii", "iii", "iv", "v", "vi"))},
    {name.lower(): place for name, place in MONTHS.items() if calendar_name(name) == name},
    {name: (place - 2) % 7 for name, place in WEEKDAYS.items() if calendar_name(name) == name},
]
_ROMAN = {name: value for value, name in enumerate("i ii iii iv v vi vii viii ix x".split(), 1)}
_COUNTED = re.compile(
    r"(?P<before>.*?)(?P<count>\d{1,3}|(?<![^\W\d_])[ivx]{1,4}(?![^\W\d_]))(?P<after>\D*)"
)
_UP = "later|higher|above|over|up|upwards?|more|beyond|larger|bigger|greater|onwards?|after"
_DOWN = "earlier|lower|below|under|down|downwards?|less|smaller|fewer|before"
_EITHER_WAY = "worse|better|further|older|younger|newer"
_DIRECTED = rf"(?:(?P<up>{_UP})|(?P<down>{_DOWN})|{_EITHER_WAY})\b"
_AFTER = re.compile(
    rf"(?:\s\w+)?\s*(?:(?:and|or|&|/)\s{_DIRECTED}|(?P<on>(?:on|up)wards?\b|on\b(?=[,.;:]|\s*$)|\+))",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"\b(?:(?P<up>at least|from|starting (?:at|from|with)|minimum|no (?:lower|less) than)"
    r"|(?P<down>at most|up to|maximum|no (?:higher|more) than)|no (?:better|worse) than)"
    r"\s(?:\w+\s)?$",
    re.IGNORECASE,
)
_BEYOND = re.compile(
    r"\b(?:(?P<up>above|beyond|(?:higher|later|larger|bigger|more) than)"
    r"|(?P<down>below|(?:lower|earlier|smaller|less) than)|(?:better|worse) than)\s(?:\w+\s)?$",
    re.IGNORECASE,
)
_LEAST, _MOST = 3, 12
"""Fewer values need no range, more are no scale."""


@dataclass(frozen=True)
class ScaleRanges:
    """A mentioned slot of an ordered column, and the slots of each range that it may stand for."""

    slot: int
    column: int
    ranges: tuple[tuple[int, ...], ...]


def order_of(texts: Sequence[str]) -> tuple[str, ...]:
    """The distinct texts of a column from the lowest on; empty where they have no known order."""
    if not _LEAST <= len(texts) <= _MOST:
        return ()
    plain = {text: " ".join(text.lower().replace("-", " ").split()) for text in texts}
    exact = {text: text.lower().strip() for text in texts}
    for order in _ORDERS:
        for spelt in (exact, plain):
            places = {text: order.get(own) for text, own in spelt.items()}
            known = [place for place in places.values() if place is not None]
            if len(set(known)) == len(texts):
                return tuple(sorted(texts, key=lambda text: places[text] or 0))
    return _counted(plain)


def _counted(plain: dict[str, str]) -> tuple[str, ...]:
    """Texts that differ in a number alone: *Level 3*, *stage II*, *P1*."""
    found = {text: _COUNTED.fullmatch(own) for text, own in plain.items()}
    places: dict[str, int] = {}
    frames = set()
    for text, match in found.items():
        if match is None:
            return ()
        frames.add((match["before"], match["after"]))
        count = match["count"]
        places[text] = int(count) if count.isdigit() else _ROMAN.get(count, 0)
    if len(frames) != 1 or len(set(places.values())) < len(places) or 0 in places.values():
        return ()
    return tuple(sorted(places, key=places.__getitem__))


def scale_ranges(linked: Linked) -> tuple[ScaleRanges, ...]:
    """Every value of an ordered column that a request says with *and later* or the like."""
    return tuple(_ranges(linked))


def _ranges(linked: Linked) -> Iterator[ScaleRanges]:
    said = linked.utterance
    for index, slot in enumerate(linked.slots):
        if slot.start is None or slot.end is None or slot.column is None:
            continue
        around = _AFTER.match(said, slot.end) or _FROM.search(said[: slot.start])
        cue = around or _BEYOND.search(said[: slot.start])
        places = _places(linked, slot) if cue else ()
        if cue is None or index not in places:
            continue
        place = places.index(index)
        first, last = (place, place + 1) if around else (place + 1, place)
        found = cue.groupdict()
        is_up, is_down = found["up"] or found.get("on"), found["down"]
        upper = () if is_down else places[first:]
        lower = () if is_up else places[:last]
        yield ScaleRanges(index, slot.column, tuple(each for each in (upper, lower) if each))


def _places(linked: Linked, slot: Slot) -> tuple[int, ...]:
    """The slots of the values of a slot's column, in their order."""
    slots: dict[str, int] = {}
    spelt: dict[str, list[str]] = defaultdict(list)
    for index, other in enumerate(linked.slots):
        if other.column == slot.column and isinstance(other.literal, Text):
            slots.setdefault(other.literal.value.lower(), index)
    column = linked.table.columns[slot.column or 0]
    for value in column.values:
        if isinstance(value, str):
            spelt[value.strip().lower()].append(value)
    own = str(slot.literal.value).lower() if isinstance(slot.literal, Text) else ""
    slots[own] = linked.slots.index(slot)
    ordered = order_of(list(spelt))
    return tuple(slots[text] for text in ordered) if slots.keys() >= set(ordered) else ()
