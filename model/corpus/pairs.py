"""Published pairs of request and condition, given by path, as samples."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from grammar.conditions import Comparison, Condition, Hole, Text, TextTest, walk
from grammar.errors import GrammarError, ModelError
from grammar.parser import parse_condition
from grammar.table import Table
from grammar.table_json import NO_COLUMN, table_from_rows
from model.corpus.augment import Sample, make_sample
from model.corpus.notation import SpokenRule

HELD_OUT = 5
"""Every fifth pair by its id is kept out of training."""


@dataclass(frozen=True)
class Pair:
    """One published case: its id, request, condition and table."""

    id: str
    utterance: str
    condition: Condition
    table: Table

    @property
    def held_out(self) -> bool:
        digits = "".join(filter(str.isdigit, self.id))
        return int(digits or 0) % HELD_OUT == 0


def load_pairs(path: Path) -> Iterator[Pair]:
    """The pairs whose code is a condition.

    Raises:
        ModelError: the file is no list of cases.
    """
    try:
        cases = json.loads(path.read_text(encoding="utf-8"))
        entries = [(c["ID"], c["NL Utterance"], c["Code"], c.get("Data") or [[]]) for c in cases]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is no list of cases with ID, NL Utterance and Code") from error
    for key, utterance, code, rows in entries:
        try:
            yield Pair(str(key), utterance, parse_condition(code), table_from_rows(rows))
        except GrammarError:
            continue


def pair_sample(pair: Pair, today: dt.date) -> Sample | None:
    """The pair as a sample; a value that the request never names is left open.

    The condition looks at the second column, which is where these tables keep their values. A
    request without a table is about one column of which nothing is known.
    """
    sample = _sample(pair, pair.condition, today)
    if sample and _is_said(pair, sample):
        return sample
    left_open = _without_value(pair.condition)
    return _sample(pair, left_open, today) if left_open else None


def without_table(pair: Pair) -> Pair:
    """The same request where no table is known."""
    return replace(pair, table=NO_COLUMN)


def _sample(pair: Pair, condition: Condition, today: dt.date) -> Sample | None:
    table = pair.table if pair.table.columns else NO_COLUMN
    subject = min(1, len(table.columns) - 1)
    return make_sample(pair.utterance, [SpokenRule(condition)], table, today, subject)


def _without_value(condition: Condition) -> Condition | None:
    if isinstance(condition, TextTest | Comparison):
        return replace(condition, value=Hole())
    return None


def _is_said(pair: Pair, sample: Sample) -> bool:
    """Whether every text of the condition is in the request, not only in the table."""
    said = {
        slot.literal.value.lower()
        for slot in sample.linked.slots
        if slot.start is not None and isinstance(slot.literal, Text)
    }
    tests = [part for part in walk(pair.condition) if isinstance(part, TextTest)]
    texts = [test.value.value.lower() for test in tests if isinstance(test.value, Text)]
    return all(text in said or text in pair.utterance.lower() for text in texts)
