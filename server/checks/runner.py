"""Many cases run one after the other or by several processes, and told in their order."""

from __future__ import annotations

import datetime as dt
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from grammar.errors import RequestError
from server.checks.outcomes import Outcome, run_case
from server.checks.suites import Case, find_suites, load_suite


def collect(paths: Sequence[Path], today: dt.date, wanted: str | None = None) -> list[Case]:
    """The cases of all suites under some paths, those whose id holds ``wanted`` where it is given.

    Raises:
        RequestError: suites cannot be read; it tells of all of them.
    """
    cases: list[Case] = []
    wrong: list[str] = []
    for file in dict.fromkeys(find_suites(paths)):
        try:
            cases += load_suite(file, today).cases
        except RequestError as error:
            wrong.append(str(error))
    if wrong:
        raise RequestError("\n".join(wrong))
    return [case for case in cases if wanted is None or wanted.lower() in case.id.lower()]


def run_cases(cases: Sequence[Case], jobs: int = 1) -> Iterator[Outcome]:
    """The outcome of every case, in order, by so many processes."""
    if jobs <= 1 or len(cases) <= 1:
        yield from map(run_case, cases)
        return
    context = multiprocessing.get_context("spawn")
    size = max(1, min(32, len(cases) // (4 * jobs)))
    with ProcessPoolExecutor(min(jobs, len(cases)), context) as pool:
        yield from pool.map(run_case, cases, chunksize=size)
