"""Pictures of training: losses and sampling accuracy against steps, from ``log.jsonl``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib import use
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grammar.errors import ModelError

TERMS = ("loss", "noise", "denoiser", "decoder", "head", "causal", "rules")
Entry = dict[str, Any]


def read_log(run: Path) -> list[Entry]:
    """The entries of a run's ``log.jsonl``.

    Raises:
        ModelError: the directory holds no log.
    """
    try:
        lines = (run / "log.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]
    except (OSError, ValueError) as error:
        raise ModelError(f"cannot read the log of {run}: {error}") from error


def series(entries: list[Entry], name: str) -> tuple[list[int], list[float]]:
    """Steps and values of one term of the loss."""
    found = [entry for entry in entries if name in entry]
    return [entry["step"] for entry in found], [entry[name] for entry in found]


def accuracies(entries: list[Entry], steps: str) -> tuple[list[int], list[float]]:
    """Training steps and accuracy (percent) with this number of sampling steps."""
    found = [entry for entry in entries if steps in entry.get("validation", {})]
    return [e["step"] for e in found], [100 * e["validation"][steps] for e in found]


def plot_losses(runs: dict[str, list[Entry]]) -> Figure:
    """Every term of every run's loss on a logarithmic axis."""
    figure, axes = _panel("loss")
    axes.set_yscale("log")
    for label, entries in runs.items():
        for name in TERMS:
            steps, values = series(entries, name)
            if steps:
                axes.plot(steps, values, label=_label(label, name, len(runs)))
    return _finish(figure, axes)


def plot_accuracy(runs: dict[str, list[Entry]]) -> Figure:
    """Exact matches on held-out requests, a line for each number of sampling steps."""
    figure, axes = _panel("exact matches, %")
    for label, entries in runs.items():
        counts = {steps for entry in entries for steps in entry.get("validation", {})}
        for count in sorted(counts, key=int):
            steps, values = accuracies(entries, count)
            name = f"{count} sampling step{'s' * (count != '1')}"
            axes.plot(steps, values, marker="o", label=_label(label, name, len(runs)))
    return _finish(figure, axes)


def _panel(unit: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7, 4), dpi=110, layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel("training step")
    axes.set_ylabel(unit)
    axes.grid(alpha=0.3)
    return figure, axes


def _label(run: str, name: str, runs: int) -> str:
    return name if runs == 1 else f"{run}: {name}"


def _finish(figure: Figure, axes: Axes) -> Figure:
    if axes.lines:
        axes.legend(fontsize="small")
    return figure


def write_plots(runs: Sequence[Path], out: Path) -> list[Path]:
    """The two pictures written: ``losses.png`` and ``accuracy.png`` in ``out``."""
    use("agg")
    logs = {run.name: read_log(run) for run in runs}
    out.mkdir(parents=True, exist_ok=True)
    paths = [out / "losses.png", out / "accuracy.png"]
    for path, draw in zip(paths, (plot_losses, plot_accuracy), strict=True):
        draw(logs).savefig(path, metadata={"Software": None})
    return paths


def main(argv: Sequence[str] | None = None) -> None:
    """``python -m model.plots RUN [RUN …] --out docs``."""
    parser = argparse.ArgumentParser(description="Draw the losses and accuracy of training runs.")
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=Path("docs"))
    found = parser.parse_args(argv)
    write_plots(found.runs, found.out)


if __name__ == "__main__":
    main()
