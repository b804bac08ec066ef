"""Fitting the ranker: ``python -m model.fit_ranking WEIGHTS_FOLDER``.

A conditional logit over the readings that the model draws for the validation cases and for those
of :func:`model.corpus.cases.ranking_cases`, then a logistic regression of being right on the best
reading's share.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from model.corpus.cases import Case, ranking_cases, validation_cases
from model.corpus.generate import TODAY
from model.equivalence import same_cells
from model.evaluate import to_rule
from model.pipeline import Entry, Suggester
from model.ranking import Ranker

PENALTY = 0.02
STEPS = 400

Judged = tuple[Tensor, Tensor]
"""Features ``(readings, F)`` of one request and which of its readings are right ``(readings,)``."""


def judged(suggester: Suggester, cases: Sequence[Case], today: dt.date) -> list[Judged]:
    """Every case with the readings that the model drew for it."""
    found = []
    for case in cases:
        entries = suggester.readings([(case.utterance, case.table)], today)[0].entries
        right = [is_right(entry, case, today) for entry in entries]
        if entries:
            features = np.array([entry.features.vector() for entry in entries])
            found.append((torch.tensor(features), torch.tensor(right)))
    return found


def is_right(entry: Entry, case: Case, today: dt.date) -> bool:
    """Whether a reading is one of the case's, or leaves open what the case does not say."""
    if case.abstain:
        return entry.rules is None or entry.features.holes > 0
    if entry.rules is None:
        return False
    readings = (tuple(map(to_rule, reading)) for reading in case.readings)
    return any(same_cells(entry.rules.rules, each, case.table, today) for each in readings)


def fit(examples: Sequence[Judged]) -> Ranker:
    """The ranker that gives right readings the greatest share, near the untuned one."""
    start = torch.tensor(Ranker().weights, dtype=torch.float64)
    weights = start.clone().requires_grad_()
    optimiser = torch.optim.Adam([weights], lr=0.03)
    solvable = [example for example in examples if example[1].any()]
    for _ in range(STEPS):
        optimiser.zero_grad()
        loss = PENALTY * ((weights - start) ** 2).sum()
        for features, right in solvable:
            shares = (features @ weights).log_softmax(dim=0)
            loss = loss - shares[right].logsumexp(dim=0) / len(solvable)
        torch.autograd.backward(loss)
        optimiser.step()
    return calibrate(Ranker(tuple(weights.detach().tolist())), examples)


def calibrate(ranker: Ranker, examples: Sequence[Judged]) -> Ranker:
    """The same ranker with the best reading's share turned into the chance of being right."""
    weights = torch.tensor(ranker.weights, dtype=torch.float64)
    shares = [(features @ weights).softmax(dim=0) for features, _ in examples]
    best = torch.stack([share.max().clamp(1e-6, 1 - 1e-6) for share in shares])
    right = torch.tensor(
        [float(mask[share.argmax()]) for share, (_, mask) in zip(shares, examples, strict=True)],
        dtype=torch.float64,
    )
    line = torch.tensor([0.0, 1.0], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([line], lr=0.05)
    for _ in range(STEPS):
        optimiser.zero_grad()
        logits = line[0] + line[1] * best.logit()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, right)
        torch.autograd.backward(loss + 0.01 * ((line[1] - 1) ** 2 + line[0] ** 2))
        optimiser.step()
    bias, slope = line.detach().tolist()
    return Ranker(ranker.weights, bias, max(slope, 0.05))


def main(folder: Path) -> None:
    """Fit the ranker of the weights in a folder and write it beside them."""
    suggester = Suggester.load(folder, ranker=Ranker())
    examples = judged(suggester, (*validation_cases(), *ranking_cases()), TODAY)
    fit(examples).save(folder / "ranker.json")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
