"""Thousands of workbooks examined: what was done before is kept, the rest is done and written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from server.checks.examine import Examined, Job, check_job
from server.checks.journal import Journal
from server.checks.parquet import (
    CASES,
    FILES,
    FINDINGS,
    case_rows,
    file_row,
    finding_rows,
    load_pyarrow,
    status,
    write_table,
)

SUMMARY = "summary.html"
TABLES = {"lint": "findings.parquet", "check": "cases.parquet"}
_WORST = 50
"""Files that a summary names for having most findings or failures, and for each other reason."""


@dataclass(frozen=True)
class Where:
    """Who does the work: so many processes here, or a Dask cluster by its address."""

    jobs: int = 0
    cluster: str | None = None


@dataclass
class Totals:
    """What all files come to; ``kept`` were done before, and ``seconds`` is what the rest took.

    ``counts`` has a number for every kind of finding, or for every case and verdict.
    """

    job: Job
    files: int = 0
    rules: int = 0
    rows: int = 0
    kept: int = 0
    seconds: float = 0.0
    statuses: Counter[str] = field(default_factory=Counter)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    files_by: Counter[tuple[str, str]] = field(default_factory=Counter)
    worst: list[tuple[int, str]] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_bad(self) -> bool:
        """Whether there is a finding, a case that is not as expected, or a file given up."""
        if self.statuses["given up"]:
            return True
        if self.job.work == "lint":
            return self.rows > 0
        return any(number and verdict != "passed" for (_, verdict), number in self.counts.items())

    @property
    def rate(self) -> float:
        """Files a second of those that were done now."""
        return (self.files - self.kept) / self.seconds if self.seconds else 0.0

    def add(self, found: Examined) -> None:
        """Count a file."""
        from server.checks.parquet import reason

        self.files += 1
        self.rules += found.rules
        self.rows += len(found.rows)
        self.statuses[status(found)] += 1
        keys = [_key(self.job, row) for row in found.rows]
        self.counts.update(keys)
        self.files_by.update(set(keys))
        bad = len(keys) if self.job.work == "lint" else sum(key[1] != "passed" for key in keys)
        if bad:
            self.worst = sorted([*self.worst, (-bad, found.path)])[:_WORST]
        why = reason(found)
        if why and len(self.unread) < _WORST:
            self.unread.append((found.path, why))

    def to_json(self) -> dict[str, object]:
        """The totals as JSON."""
        counts: dict[str, object] = {kind: self.counts[kind, ""] for kind, _ in sorted(self.counts)}
        if self.job.work == "check":
            cases: dict[str, dict[str, int]] = {}
            for (case, verdict), number in sorted(self.counts.items()):
                cases.setdefault(case, {})[verdict] = number
            counts = dict(cases)
        return {
            "files": self.files,
            "kept": self.kept,
            "statuses": dict(sorted(self.statuses.items())),
            "rules": self.rules,
            "counts": counts,
            "seconds": round(self.seconds, 2),
            "files_per_second": round(self.rate, 2),
        }


def _key(job: Job, row: dict[str, str]) -> tuple[str, str]:
    return (row["kind"], "") if job.work == "lint" else (row["case"], row["verdict"])


Watch = Callable[[int, int], None]
"""Called with the files that are done and all of them, whenever one is."""


def examine_all(job: Job, paths: Sequence[str], where: Where) -> Iterator[Examined]:
    """Every file once, in no order."""
    if where.cluster:
        from server.checks.cluster import examine_there

        return examine_there(job, paths, where.cluster)
    from server.checks.examiners import examine_here

    return examine_here(job, paths, where.jobs)


def run_many(
    job: Job, paths: Sequence[str], folder: Path, resume: bool, where: Where, watch: Watch
) -> Totals:
    """The totals of a run whose journal, tables and page lie in a folder afterwards.

    Raises:
        CellFusionError: the job or folder cannot be used, or the cluster is lost.
    """
    load_pyarrow()
    check_job(job)
    started = perf_counter()
    with Journal(folder, job, resume) as journal:
        missing = [path for path in paths if not journal.has(path)]
        kept = len(paths) - len(missing)
        watch(kept, len(paths))
        for number, found in enumerate(examine_all(job, missing, where) if missing else (), 1):
            journal.add(found)
            watch(kept + number, len(paths))
        seconds = perf_counter() - started
        return _written(journal, paths, folder, Totals(job, kept=kept, seconds=seconds))


def _written(journal: Journal, paths: Sequence[str], folder: Path, totals: Totals) -> Totals:
    """The totals, with the tables and the page written."""
    from server.checks.reports import write_report
    from server.checks.summary_page import to_html

    def counted() -> Iterator[dict[str, object]]:
        for found in journal.results(paths):
            totals.add(found)
            yield file_row(found)

    write_table(folder / "files.parquet", FILES, counted())
    columns, rows = (FINDINGS, finding_rows) if totals.job.work == "lint" else (CASES, case_rows)
    found = (row for one in journal.results(paths) for row in rows(one))
    write_table(folder / TABLES[totals.job.work], columns, found)
    write_report(folder / SUMMARY, to_html(totals).encode())
    return totals
