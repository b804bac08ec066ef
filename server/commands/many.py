"""What the commands over many workbooks share: their options, progress and lines."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

import click
from click.core import ParameterSource

from server.commands.common import NO, write_json

if TYPE_CHECKING:
    from server.checks.examine import Job
    from server.checks.many import Totals, Watch

_F = TypeVar("_F", bound=Callable[..., object])
_INTERRUPTED = 130
"""Exit status after Ctrl-C, as of a shell."""
_STEPS = 20
"""Lines of progress where nobody looks on."""

_OPTIONS = (
    click.option(
        "--parquet",
        "folder",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="Write the results of many workbooks as Parquet and a summary page.",
    ),
    click.option("--resume", is_flag=True, help="With --parquet: keep what is done already."),
    click.option("--cluster", metavar="ADDRESS", help="With --parquet: a Dask scheduler."),
    click.option(
        "--timeout",
        default=120.0,
        show_default=True,
        type=click.FloatRange(0.1),
        help="Seconds that a workbook may take.",
    ),
    click.option(
        "--memory",
        default=4096,
        show_default=True,
        type=click.IntRange(0),
        help="MiB that a process may take; 0 for no limit.",
    ),
)


def many_options(command: _F) -> _F:
    """The options of a run over many workbooks."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def check_usage(folder: Path | None, resume: bool, cluster: str | None) -> None:
    """Nothing, where the options go together.

    Raises:
        UsageError: they do not.
    """
    if folder is None and (resume or cluster):
        raise click.UsageError("--resume and --cluster go with --parquet DIR")


def absolute(paths: Sequence[Path]) -> list[str]:
    """The workbooks of files and folders by paths that mean the same everywhere."""
    from server.checks.lint import workbooks_in

    return list(dict.fromkeys(os.path.abspath(path) for path in workbooks_in(paths)))


def tell_many(
    job: Job,
    files: Sequence[str],
    folder: Path,
    resume: bool,
    jobs: int,
    cluster: str | None,
    as_json: bool,
) -> None:
    """Do the work and print the totals; exit status 1 if something is wrong."""
    from server.checks.many import Where, run_many

    if resume:
        job = replace(job, today=_day(job, folder))
    try:
        with progress() as watch:
            totals = run_many(job, files, folder, resume, Where(jobs, cluster), watch)
    except KeyboardInterrupt:
        click.echo(f"stopped; what is done is kept in {folder}: go on with --resume", err=True)
        raise SystemExit(_INTERRUPTED) from None
    if as_json:
        write_json(totals.to_json() | {"folder": str(folder)})
    else:
        click.echo("\n".join(_lines(totals, folder)))
    if totals.is_bad:
        raise SystemExit(NO)


def _day(job: Job, folder: Path) -> dt.date:
    """The day of the run that goes on, unless another one is asked for."""
    from server.checks.journal import day_of

    context = click.get_current_context()
    if context.get_parameter_source("today") is ParameterSource.COMMANDLINE:
        return job.today
    found = day_of(folder)
    return dt.date.fromisoformat(found) if found else job.today


@contextmanager
def progress(label: str = "examining") -> Iterator[Watch]:
    """What shows how far the work is: a bar with its rate, or now and then a line."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None, rate="")
        rate = _Rate()
        yield lambda done, total: bar.update(
            task, completed=done, total=total, rate=f"{rate(done):.1f} files/s"
        )


class _Rate:
    """Files a second since the first call."""

    def __init__(self) -> None:
        self._start: tuple[float, int] | None = None

    def __call__(self, done: int) -> float:
        now = monotonic()
        since, before = self._start = self._start or (now, done)
        return (done - before) / (now - since) if now > since else 0.0


class _Lines:
    """A line whenever another twentieth is done."""

    def __init__(self) -> None:
        self._rate, self._step = _Rate(), 0

    def __call__(self, done: int, total: int) -> None:
        rate, step = self._rate(done), done * _STEPS // max(total, 1)
        if step > self._step:
            self._step = step
            click.echo(f"{done} of {total} files, {rate:.1f} files/s", err=True)


def _lines(totals: Totals, folder: Path) -> Iterator[str]:
    unit = "rules" if totals.job.work == "lint" else "cases"
    for path, reason in totals.unread:
        yield f"{path}: {reason}"
    counts = ", ".join(
        f"{name} {verdict} {number}" if verdict else f"{name} {number}"
        for (name, verdict), number in sorted(totals.counts.items())
    )
    statuses = ", ".join(f"{number} {name}" for name, number in sorted(totals.statuses.items()))
    yield f"{totals.files} files ({statuses}), {totals.rules} {unit}" + (
        f": {counts}" if counts else ""
    )
    new = totals.files - totals.kept
    yield f"{new} examined now, {totals.kept} kept; {totals.rate:.1f} files/s; written to {folder}"
