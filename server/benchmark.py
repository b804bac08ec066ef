"""Benchmark files: requests with tables and, where it is known, the condition that is meant."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grammar.conditions import Condition
from grammar.errors import GrammarError, RequestError
from grammar.parser import parse_condition
from grammar.table import Table
from grammar.table_json import NO_COLUMN, table_from_rows
from model.equivalence import same_condition

RANKS = (1, 3, 5)


@dataclass(frozen=True)
class BenchmarkCase:
    """One request; ``code`` where the file says what is meant and it is a condition."""

    id: str
    utterance: str
    table: Table
    code: Condition | None


def load_cases(path: Path, split: str | None) -> list[BenchmarkCase]:
    """The cases of a file: a list, or the list ``split`` of several.

    Raises:
        RequestError: the file is no benchmark, or has no such split.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RequestError(f"{path} cannot be read as JSON: {error}") from error
    if isinstance(entries, dict):
        entries = _split(entries, split, path)
    if not isinstance(entries, list):
        raise RequestError(f"{path} holds no list of cases")
    return [_case(entry, number) for number, entry in enumerate(entries, 1)]


def _split(entries: dict[str, object], split: str | None, path: Path) -> object:
    names = ", ".join(entries) or "none"
    if split is None and len(entries) == 1:
        return next(iter(entries.values()))
    if split is None:
        raise RequestError(f"{path} holds several lists ({names}); choose one with --split")
    if split not in entries:
        raise RequestError(f"{path} has no split {split!r}; there are {names}")
    return entries[split]


def _case(entry: object, number: int) -> BenchmarkCase:
    if not isinstance(entry, dict) or "NL Utterance" not in entry:
        raise RequestError(f'case {number} has no "NL Utterance"')
    rows = entry.get("Data")
    rows = rows if isinstance(rows, list) else []
    if not all(isinstance(row, list) for row in rows):
        raise RequestError(f'case {number}: every row of "Data" is a list of cells')
    table = table_from_rows(rows) if rows else Table(())
    return BenchmarkCase(
        str(entry.get("ID", number)),
        str(entry["NL Utterance"]),
        table if table.columns else NO_COLUMN,
        _condition(entry.get("Code")),
    )


def _condition(code: object) -> Condition | None:
    try:
        return parse_condition(code) if isinstance(code, str) and code.strip() else None
    except GrammarError:
        return None


def measure(cases: Sequence[BenchmarkCase], lines: Sequence[dict[str, object]]) -> dict[str, float]:
    """Share of cases with the right condition among the first 1, 3 and 5, and the time taken."""
    known = [(case.code, line) for case, line in zip(cases, lines, strict=True) if case.code]
    ranks = [_rank(code, line) for code, line in known]
    shares = {
        f"top{most}": round(statistics.fmean(rank <= most for rank in ranks), 4) if ranks else 0.0
        for most in RANKS
    }
    seconds = sorted(float(str(line["seconds"])) for line in lines) or [0.0]
    return {
        "cases": len(cases),
        "with_code": len(known),
        **shares,
        "abstained": sum(bool(line["abstained"]) for line in lines),
        "median_seconds": round(statistics.median(seconds), 4),
        "p95_seconds": seconds[min(len(seconds) - 1, int(0.95 * len(seconds)))],
    }


def _rank(code: Condition, line: dict[str, object]) -> float:
    candidates = line["candidates"]
    if isinstance(candidates, list):
        for rank, candidate in enumerate(candidates, 1):
            text = candidate.get("condition")
            if text and same_condition(parse_condition(text), code):
                return rank
    return float("inf")
