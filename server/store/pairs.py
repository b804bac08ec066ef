"""Accepted rules with what was asked, as the benchmark files that training and evaluation read."""

from __future__ import annotations

from collections.abc import Iterable

from server.store.models import Decision

_MADE_UP: dict[str, list[object]] = {
    "number": [1, 20, 300],
    "date": ["2026-01-01", "2026-02-02", "2026-03-03"],
    "bool": [True, False, True],
    "text": ["one", "two", "three"],
}
"""Cells of such a column; the real ones were never stored."""


def training_pairs(accepted: Iterable[Decision]) -> list[dict[str, object]]:
    """A case for each accepted decision of one rule; tables are made up from the columns' kinds."""
    single = (each for each in accepted if each.request and len(each.rules) == 1)
    return [_case(number, each) for number, each in enumerate(single, 1)]


def _case(number: int, accepted: Decision) -> dict[str, object]:
    columns = [_MADE_UP.get(str(kind), _MADE_UP["text"]) for kind in accepted.kinds]
    header: list[object] = [f"Column {place}" for place in range(1, len(columns) + 1)]
    rows = [list(row) for row in zip(*columns, strict=True)]
    return {
        "ID": str(number),
        "NL Utterance": accepted.request,
        "Code": accepted.rules[0]["condition"],
        "Data": [header, *rows] if columns else [],
        "Rule": accepted.rules[0],
    }
