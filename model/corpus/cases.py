"""Cases to measure with: requests on whole tables, with the rules that are right for them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grammar.conditions import has_holes
from grammar.errors import ModelError
from grammar.parser import parse_condition
from grammar.rules import CELLS, ROW, Target
from grammar.table import Table
from grammar.table_json import table_from_rows
from model.corpus.notation import SpokenRule, parse_rules
from model.corpus.schemas import DATA, load_schema_file, sample_table

RANKING_SEED = 5
ROWS = 16
"""Rows of a table that is drawn for a case."""


@dataclass(frozen=True)
class Case:
    """A request with its table and every reading that is right; none where it asks back."""

    id: str
    utterance: str
    table: Table
    readings: tuple[tuple[SpokenRule, ...], ...]
    abstain: bool


def validation_cases(folder: Path = DATA) -> tuple[Case, ...]:
    """The project's own validation set, which no training ever sees."""
    return tuple(
        case for path in sorted(folder.glob("validation_*.json")) for case in load_cases(path)
    )


def blind_cases(folder: Path = DATA) -> tuple[Case, ...]:
    """Cases that decide on nothing, neither training nor ranking nor linking: only to measure."""
    return tuple(case for path in sorted(folder.glob("blind_*.json")) for case in load_cases(path))


def ranking_cases(folder: Path = DATA) -> tuple[Case, ...]:
    """Requests that nothing but the ranker is fitted on, over tables drawn from their schemas."""
    rng = random.Random(RANKING_SEED)
    return tuple(
        _drawn_case(f"{schema.id}-{number}", say, written, sample_table(schema, rng, ROWS))
        for path in sorted(folder.glob("ranking_*.json"))
        for schema in load_schema_file(path)
        for number, (say, written) in enumerate(schema.requests)
    )


def _drawn_case(name: str, say: str, written: str, table: Table) -> Case:
    rules = parse_rules(written)
    abstain = not rules or any(has_holes(rule.condition) for rule in rules)
    return Case(name, say, table, (rules,) if rules else (), abstain)


def load_cases(path: Path) -> Iterator[Case]:
    """The cases of a file.

    Raises:
        ModelError: it is no list of cases.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} is no list of cases: {error}") from error
    for entry in entries:
        yield _case(entry)


def _case(entry: dict[str, object]) -> Case:
    rows, own, also = entry["Data"], entry.get("Rules"), entry.get("Also")
    if not isinstance(rows, list):
        raise ModelError(f"case {entry.get('ID')} has no table")
    readings = [own] if own else []
    readings += also if isinstance(also, list) else []
    return Case(
        str(entry["ID"]),
        str(entry["NL Utterance"]),
        table_from_rows(rows),
        tuple(tuple(map(_rule, reading)) for reading in readings if isinstance(reading, list)),
        bool(entry.get("Abstain")),
    )


def _rule(entry: dict[str, object]) -> SpokenRule:
    style = entry.get("style")
    pairs = style.items() if isinstance(style, dict) else ()
    return SpokenRule(
        parse_condition(str(entry["condition"])),
        _target(entry.get("target")),
        tuple((name, "" if value is True else str(value)) for name, value in pairs),
    )


def _target(value: object) -> Target:
    if isinstance(value, list):
        return Target("columns", tuple(int(str(text).strip("c[]")) for text in value))
    return ROW if value == "row" else CELLS
