"""What is done with one of many workbooks, wherever it is done: linted, or checked by suites."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from grammar.errors import RequestError

WORKS = ("lint", "check")


@dataclass(frozen=True)
class Job:
    """What to do with every file, and how long (seconds) and large (MiB) it may get.

    ``suites`` are the texts of suites by their paths, so that a machine elsewhere needs no copy.
    """

    work: str
    today: dt.date
    suites: tuple[str, ...] = ()
    wanted: str | None = None
    timeout: float = 120.0
    memory: int = 4096

    def to_json(self) -> dict[str, object]:
        """The job as JSON."""
        return asdict(self) | {"today": self.today.isoformat()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Job:
        """The job that :meth:`to_json` wrote."""
        suites = tuple(data["suites"])
        return cls(**{**data, "today": dt.date.fromisoformat(data["today"]), "suites": suites})


@dataclass(frozen=True)
class Stamp:
    """What a file is known by: its size, when it was changed last (ns) and its SHA-256."""

    size: int
    changed: int
    digest: str

    @classmethod
    def of(cls, path: Path) -> Stamp:
        """The stamp of a file; an empty one where it cannot be read."""
        try:
            found = path.stat()
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError:
            return cls(0, 0, "")
        return cls(found.st_size, found.st_mtime_ns, digest)


@dataclass(frozen=True)
class Examined:
    """One file with its rows: findings, or cases; ``reason`` says why it was given up, if it was.

    ``attempts`` counts from 1; ``rules`` are those of the workbook, or the cases of the suites.
    """

    path: str
    stamp: Stamp
    rules: int = 0
    rows: tuple[dict[str, Any], ...] = ()
    reason: str = ""
    seconds: float = 0.0
    attempts: int = 1

    def to_json(self) -> dict[str, object]:
        """The result as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Examined:
        """The result that :meth:`to_json` wrote."""
        return cls(**{**data, "stamp": Stamp(**data["stamp"]), "rows": tuple(data["rows"])})


def job_suites(paths: Sequence[Path]) -> tuple[str, ...]:
    """Suites as a job carries them: each its path and its text.

    Raises:
        RequestError: one cannot be read.
    """
    from server.checks.suites import find_suites

    try:
        found = dict.fromkeys(find_suites(paths))
        return tuple(json.dumps([str(path), path.read_text(encoding="utf-8")]) for path in found)
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"a suite cannot be read: {error}") from error


def examine(job: Job, path: Path) -> tuple[int, list[dict[str, Any]]]:
    """How many rules or cases there are, and the rows of a file."""
    if job.work == "lint":
        return _linted(job, path)
    rows = list(_checked(job, path))
    return len(rows), rows


def _linted(job: Job, path: Path) -> tuple[int, list[dict[str, Any]]]:
    from server.checks.lint import lint_workbook

    report = lint_workbook(path, job.today)
    return report.rule_count, [asdict(finding) for finding in report.findings]


def _checked(job: Job, path: Path) -> Iterator[dict[str, Any]]:
    from server.checks.outcomes import run_case
    from server.checks.reports import verdict
    from server.checks.suites import parse_suite

    for text in job.suites:
        name, content = json.loads(text)
        for case in parse_suite(Path(name), content, job.today, path.resolve()).cases:
            if job.wanted is not None and job.wanted.lower() not in case.id.lower():
                continue
            outcome = run_case(case)
            reading = outcome.reading
            yield {
                "suite": name,
                "case": case.id,
                "verdict": verdict(outcome),
                "problems": list(outcome.problems),
                "rule": reading.said if reading else None,
                "selected": len(reading.cells) if reading else None,
                "seconds": round(outcome.seconds, 4),
            }


def first_line(error: BaseException) -> str:
    """What an error says, on one line."""
    text = (str(error).splitlines() or [""])[0].strip()
    return text or type(error).__name__


def check_job(job: Job) -> None:
    """Nothing, where the suites of a job can be read and hold a case for other workbooks.

    Raises:
        CellFusionError: they cannot, or hold none.
    """
    from server.checks.suites import parse_suite

    if job.work not in WORKS:
        raise RequestError(f"{job.work!r} is no work; there are {', '.join(WORKS)}")
    if job.work == "lint":
        return
    pairs = [json.loads(text) for text in job.suites]
    found = [parse_suite(Path(name), text, job.today, Path("any.xlsx")) for name, text in pairs]
    cases = [case.id for suite in found for case in suite.cases]
    if not any(job.wanted is None or job.wanted.lower() in name.lower() for name in cases):
        raise RequestError("no suite has a case without a table or workbook of its own")
