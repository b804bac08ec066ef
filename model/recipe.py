"""From nothing to weights: corpus, phase one, phase two, ranking and plots, in one call."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from model import finetune, fit_ranking, plots, pretrain
from model.corpus.augment import make_sample
from model.corpus.cases import validation_cases
from model.corpus.generate import TODAY, to_example, write_corpus
from model.dataset import Example, save_examples
from model.features import IDENTITY, VOCABULARY

PHASE_ONE = 0.12
"""Share of the time that phase one takes."""


@dataclass(frozen=True)
class Recipe:
    """One run in the folder ``out``; ``more`` are further options of phase two."""

    out: Path
    minutes: float
    count: int
    pairs: tuple[Path, ...]
    seed: int
    resume: bool = False
    more: tuple[str, ...] = ()

    def run(self) -> None:
        """Do every step that is not done yet; the weights end in ``out/weights``."""
        self.out.mkdir(parents=True, exist_ok=True)
        train, validation = self.out / "train.npz", self.out / "validation.npz"
        if not train.exists():
            write_corpus(train, self.count, self.seed, self.pairs)
        save_examples(validation, validation_examples())
        common = ["--data", str(train), "--validation", str(validation), "--seed", str(self.seed)]
        first, second = self.out / "phase-one", self.out / "phase-two"
        if not (first / "checkpoint.pt").exists():
            minutes = str(self.minutes * PHASE_ONE)
            pretrain.main([*common, "--out", str(first), "--minutes", minutes])
        goes_on = ["--resume"] if self.resume and (second / "checkpoint.pt").exists() else []
        own = ["--out", str(second), "--start-from", str(first), "--minutes", str(self.minutes)]
        finetune.main([*common, *own, *goes_on, *self.more])
        self.finish(second / "weights")

    def finish(self, trained: Path) -> None:
        """Copy the weights, fit the ranker beside them and draw the plots."""
        weights = self.out / "weights"
        shutil.copytree(trained, weights, dirs_exist_ok=True)
        shutil.copy(VOCABULARY, weights / VOCABULARY.name)
        fit_ranking.main(weights)
        plots.main([str(self.out / "phase-two"), "--out", str(self.out)])


def validation_examples() -> Iterator[Example]:
    """The validation cases that can be written as programs."""
    for case in validation_cases():
        if case.readings and not case.abstain:
            sample = make_sample(case.utterance, case.readings[0], case.table, TODAY)
            if sample:
                yield to_example(sample.linked, sample.program, IDENTITY)
