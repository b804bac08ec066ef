"""Values that have an order, and requests for all from one of them on: *stage II and later*."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grammar.conditions import Text
from model.linking.calendar_words import MONTHS, WEEKDAYS, calendar_name
from model.linking.cells import distinct_texts
from model.linking.linker import Linked

_SCALES = """
none|negligible|very low, low|minor|small|slight, medium|moderate|mid|normal, high|major|serious,
 very high|severe, critical|urgent|extreme|catastrophic
xxs, xs, s|small, m|medium, l|large, xl|extra large, xxl|2xl, xxxl|3xl, 4xl
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
    {name.lower(): place for name, place in MONTHS.items() if calendar_name(name) == name},
    {name: (place - 2) % 7 for name, place in WEEKDAYS.items() if calendar_name(name) == name},
]
_GRADES = {name: place for place, name in enumerate("f e d- d d+ c- c c+ b- b b+ a- a a+".split())}
_GRADED = re.compile(r"grade|mark|rating|result|score|band", re.IGNORECASE)
_ROMAN = {name: value for value, name in enumerate("i ii iii iv v vi vii viii ix x".split(), 1)}
_COUNTED = re.compile(
    r"(?P<before>.*?)(?P<count>\d{1,3}|(?<![^\W\d_])[ivx]{1,4}(?![^\W\d_]))(?P<after>\D*)"
)
_UP = "later|higher|above|over|up|upwards?|more|beyond|larger|bigger|greater|onwards?|after"
_DOWN = "earlier|lower|below|under|down|downwards?|less|smaller|fewer|before"
_EITHER_WAY = "worse|better|further|older|younger|newer"
_DIRECTED = rf"(?:(?P<up>{_UP})|(?P<down>{_DOWN})|{_EITHER_WAY})\b"
_NO_AMOUNT = (
    r"(?!\s*(?:than|to|by)?\s*[\d$€£¥])(?!\s(?:than|to|by|an?|one|two|three|four|five|six|seven|eight"
    r"|nine|ten|half|twenty|the)\b)"
)
"""What follows *and over* where it speaks of a number and not of the value before it."""
_AFTER = re.compile(
    rf"[\"'”’]?(?:\+(?=\W|$)|(?:\s\w+)?\s*(?:(?:and|or|&|/)\s{_DIRECTED}{_NO_AMOUNT}"
    r"|(?P<on>(?:on|up)wards?\b|on\b(?=[,.;:)]|\s*$|\s(?:in|with|should|are|is)\b))))",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"\b(?:(?P<up>at least|starting (?:at|from|with)|minimum|no (?:lower|less) than)"
    r"|(?P<down>at most|up to|maximum|no (?:higher|more) than)|no (?:better|worse) than)"
    r"\s(?:\w+\s)?[\"'“‘]?$",
    re.IGNORECASE,
)
_BEYOND = re.compile(
    r"\b(?:(?P<up>above|beyond|(?:higher|later|larger|bigger|more) than)"
    r"|(?P<down>below|(?:lower|earlier|smaller|less) than)|(?:better|worse) than)"
    r"\s(?:\w+\s)?[\"'“‘]?$",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"(?:\bnot|n['’]t|\bnever|\bneither|\bexcept|\bunless|\bother than)\b[^,;.]{0,30}$",
    re.IGNORECASE,
)
_HIGHER_UP = frozenset(
    ("", *"stage level lvl year phase step week day round version floor".split())
)
"""What stands before a number that counts upwards; of *P1* and *tier 1* people say the contrary."""
_LEAST, _MOST = 3, 12
"""Fewer values need no range, more are no scale."""


@dataclass(frozen=True)
class ScaleRanges:
    """A mentioned slot of an ordered column, and the slots of each range that it may stand for."""

    slot: int
    column: int
    ranges: tuple[tuple[int, ...], ...]


def order_of(texts: Sequence[str], header: str = "") -> tuple[str, ...]:
    """The distinct texts of a column from the lowest on; empty where they have no known order.

    Letters are grades where the header says so.
    """
    if not _LEAST <= len(texts) <= _MOST:
        return ()
    plain = {text: " ".join(text.lower().replace("-", " ").split()) for text in texts}
    exact = {text: text.lower().strip() for text in texts}
    named = {text: calendar_name(own) or "" for text, own in exact.items()}
    for order in (*_ORDERS, *([_GRADES] if _GRADED.search(header) else ())):
        for spelt in (exact, plain, named):
            found = _ascending({text: order.get(own) for text, own in spelt.items()})
            if found:
                return found
    return _counted(plain)


def _ascending(places: dict[str, int | None]) -> tuple[str, ...]:
    """The texts by their places; empty where one has none, or two have the same."""
    known = {place: text for text, place in places.items() if place is not None}
    return tuple(known[place] for place in sorted(known)) if len(known) == len(places) else ()


def _counted(plain: dict[str, str]) -> tuple[str, ...]:
    """Texts that differ in a number alone: *Level 3*, *stage II*, *P1*."""
    places: dict[str, int | None] = {}
    frames = set()
    for text, own in plain.items():
        match = _COUNTED.fullmatch(own)
        if match is None:
            return ()
        frames.add((match["before"], match["after"]))
        count = match["count"]
        places[text] = int(count) if count.isdigit() else _ROMAN.get(count)
    return _ascending(places) if len(frames) == 1 else ()


def scale_ranges(linked: Linked) -> tuple[ScaleRanges, ...]:
    """Every value of an ordered column that a request says with *and later* or the like."""
    return tuple(_ranges(linked))


def _ranges(linked: Linked) -> Iterator[ScaleRanges]:
    said = linked.utterance
    for index, slot in enumerate(linked.slots):
        if slot.start is None or slot.end is None or slot.column is None:
            continue
        if not isinstance(slot.literal, Text):
            continue
        text = slot.literal.value.lower()
        after, before = _AFTER.match(said, slot.end), said[: slot.start]
        around = after or _FROM.search(before)
        cue = around or _BEYOND.search(before)
        places = _places(linked, slot.column, {text: index}) if cue else ()
        if cue is None or index not in places:
            continue
        if _DENIED.search(before if after else before[: cue.start()]):
            continue
        place = places.index(index)
        first, last = (place, place + 1) if around else (place + 1, place)
        found = cue.groupdict()
        counts_up = _counts_up(text)
        is_up = (found["up"] and counts_up) or found.get("on")
        is_down = found["down"] and counts_up
        upper = () if is_down else places[first:]
        lower = () if is_up else places[:last]
        yield ScaleRanges(index, slot.column, tuple(each for each in (upper, lower) if each))


def _counts_up(text: str) -> bool:
    """Whether what is *higher* comes later: not with *p2*, where it may be either way."""
    match = _COUNTED.fullmatch(" ".join(text.split()))
    return match is None or match["before"].strip(" -_") in _HIGHER_UP


def _places(linked: Linked, column: int, own: dict[str, int]) -> tuple[int, ...]:
    """The slots of a column's values in their order; ``own`` are slots that go before others."""
    slots = {
        slot.literal.value.lower(): index
        for index, slot in reversed(list(enumerate(linked.slots)))
        if slot.column == column and isinstance(slot.literal, Text)
    } | own
    table_column = linked.table.columns[column]
    texts = [text.lower() for text in distinct_texts(table_column)]
    ordered = order_of(texts, table_column.header)
    return tuple(slots[text] for text in ordered) if slots.keys() >= set(ordered) else ()
