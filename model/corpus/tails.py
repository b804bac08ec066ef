"""Requests with a word more on where the format goes: another column, or the whole row."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

from grammar.conditions import columns_of, selects_cells
from grammar.rules import CELLS, ROW, Target
from model.corpus import wording
from model.corpus.notation import SpokenRule
from model.corpus.schemas import DATA, Schema

_HEADER, _COLOUR = "{h}", "{k}"


@cache
def load_tails(folder: Path = DATA) -> tuple[tuple[str, str], ...]:
    """``(words, style)`` of every line of ``tails.tsv``; the words hold ``…`` for the request."""
    lines = (folder / "tails.tsv").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if line.strip() and not line.startswith("#"))
    return tuple((pair[0], pair[1] if len(pair) > 1 else "") for pair in pairs)


def add_tail(
    say: str, rules: tuple[SpokenRule, ...], schema: Schema, rng: random.Random
) -> tuple[str, tuple[SpokenRule, ...]] | None:
    """The request with a target and a style of its own; ``None`` where it has them already."""
    if len(rules) != 1 or rules[0].target != CELLS or rules[0].style:
        return None
    if not selects_cells(rules[0].condition) or not columns_of(rules[0].condition):
        return None
    words, style = rng.choice(load_tails())
    target, words = _target(words, rules[0], schema, rng)
    colour = wording.colour(rng)
    said = words.replace(_COLOUR, colour).replace("…", say.rstrip(" .!?"))
    properties = tuple(_property(part, colour) for part in style.split(",") if part.strip())
    return said, (replace(rules[0], target=target, style=properties),)


def _property(text: str, colour: str) -> tuple[str, str]:
    name, _, words = text.strip().partition(" ")
    return name, colour if words == _COLOUR else words


def _target(words: str, rule: SpokenRule, schema: Schema, rng: random.Random) -> tuple[Target, str]:
    if _HEADER not in words:
        return ROW, words
    used = columns_of(rule.condition)
    free = [place for place in range(len(schema.columns)) if place not in used]
    place = rng.choice(free or [0])
    name = _name(schema, place, rng)
    return Target("columns", (place,)), re.sub(re.escape(_HEADER), lambda _: name, words)


def _name(schema: Schema, place: int, rng: random.Random) -> str:
    """What people call a column, the first columns (names, numbers) mostly by the record's noun."""
    column = schema.columns[place]
    name = rng.choice([column.header, column.header.lower(), *column.aka])
    if place == 0 and rng.random() < 0.2:
        return f"{rng.choice(schema.row)} {name}"
    return name
