"""The totals of a run over many workbooks as one page that needs nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.checks.lint_findings import KINDS, MEANINGS, SEVERITIES
from server.checks.page import page_text

if TYPE_CHECKING:
    from server.checks.many import Totals


@dataclass(frozen=True)
class _Row:
    """A kind of finding or a case; ``number`` is how often it was found, or not as expected."""

    name: str
    group: str
    number: int
    files: int = 0
    meaning: str = ""
    passed: int = 0
    failed: int = 0
    broken: int = 0


def to_html(totals: Totals) -> str:
    """The page."""
    rows = _kinds(totals) if totals.job.work == "lint" else _cases(totals)
    return page_text(
        "summary.html",
        totals=totals,
        rows=rows,
        largest=max((row.number for row in rows), default=1),
        worst=[(path, -number) for number, path in totals.worst],
        statuses=sorted(totals.statuses.items()),
    )


def _kinds(totals: Totals) -> list[_Row]:
    """A row a kind of finding, the gravest and then the most frequent first."""
    rows = [
        _Row(kind, KINDS[kind], number, totals.files_by[kind, ""], MEANINGS[kind])
        for (kind, _), number in totals.counts.items()
    ]
    return sorted(rows, key=lambda row: (-SEVERITIES.index(row.group), -row.number, row.name))


def _cases(totals: Totals) -> list[_Row]:
    """A row a case, those that most workbooks fail first."""
    rows = []
    for name in dict.fromkeys(case for case, _ in totals.counts):
        passed, failed, broken = (
            totals.counts[name, verdict] for verdict in ("passed", "failed", "error")
        )
        group = "error" if broken else "failed" if failed else "passed"
        rows.append(_Row(name, group, failed + broken, 0, "", passed, failed, broken))
    return sorted(rows, key=lambda row: (-row.number, row.name))
