"""Commands that measure and train the model."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grammar.errors import CellFusionError, OutputError, RequestError
from server.commands.common import (
    json_option,
    seed_option,
    today_option,
    write_json,
    write_table,
)

if TYPE_CHECKING:
    from server.benchmark import BenchmarkCase


@click.command()
@click.argument("cases", type=click.Path(path_type=Path))
@click.option("--split", help="Which list, where the file holds several by name.")
@click.option("--top", default=5, show_default=True, type=click.IntRange(1, 20))
@click.option("--predictions", type=click.Path(path_type=Path), help="Write one line a case here.")
@seed_option
@today_option
@json_option
def evaluate(
    cases: Path,
    split: str | None,
    top: int,
    predictions: Path | None,
    seed: int,
    today: dt.date,
    as_json: bool,
) -> None:
    """Answer every request of a benchmark file, and measure where the right rule is known.

    Without --predictions the answers, one JSON object a line, go to the output unless --json asks
    for the figures alone.
    """
    from server.benchmark import load_cases, measure

    loaded = load_cases(cases, split)
    if predictions is not None and predictions.exists():
        raise OutputError(f"{predictions} exists already; name another file or remove it first")
    lines = list(_answers(loaded, top, seed, today))
    if predictions is not None:
        _write_lines(predictions, lines)
    elif not as_json:
        _write_lines(None, lines)
    figures = measure(loaded, lines)
    if as_json:
        write_json(figures)
    else:
        rows = [(name, f"{value:g}") for name, value in figures.items()]
        write_table(f"{cases.name}: {len(loaded)} requests", ("figure", "value"), rows)


def _answers(
    cases: Sequence[BenchmarkCase], top: int, seed: int, today: dt.date
) -> Iterator[dict[str, object]]:
    from rich.progress import Progress

    from server.suggestions import suggest

    with Progress(disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("requests", total=len(cases))
        for case in cases:
            started = time.perf_counter()
            try:
                found = suggest(case.utterance, case.table, today=today, top=top, seed=seed)
            except RequestError as error:
                found = {"candidates": [], "abstained": True, "question": str(error)}
            seconds = round(time.perf_counter() - started, 4)
            progress.advance(task)
            yield {"id": case.id, **found, "seconds": seconds}


def _write_lines(path: Path | None, lines: Sequence[dict[str, object]]) -> None:
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    if path is None:
        click.echo(text, nl=False)
        return
    from server.workbooks.output import whole_output

    with whole_output(path) as stream:
        stream.write(text.encode())


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the run.")
@click.option("--minutes", default=90.0, show_default=True, help="How long phase two runs.")
@click.option("--count", default=170_000, show_default=True, help="Samples of the corpus.")
@click.option(
    "--pairs",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    help="Published pairs of request and rule, as a benchmark file.",
)
@click.option("--resume", is_flag=True, help="Go on where the last run in --out stopped.")
@seed_option
@click.argument("more", nargs=-1, type=click.UNPROCESSED)
def train(
    out: Path,
    minutes: float,
    count: int,
    pairs: tuple[Path, ...],
    resume: bool,
    seed: int,
    more: tuple[str, ...],
) -> None:
    """Train from nothing to weights: corpus, phase one, phase two, ranking, plots.

    What follows -- is handed to phase two, as --batch-size 64 or --device cuda.
    """
    try:
        from model.recipe import Recipe
    except ImportError as error:
        raise CellFusionError(f'training needs the extra "train": {error}') from error
    Recipe(out, minutes, count, pairs, seed, resume, more).run()
    click.echo(f"weights: {out / 'weights'}")
