"""Phase two: requests and programs, with a share of phase one mixed in for good."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from model.arguments import parse, shape_of
from model.baselines import KINDS
from model.codefusion import RuleModel
from model.dataset import Batch
from model.pretrain import load_average, new_model, rule_objective
from model.training import Objective, Options, Trainer, rank
from model.weights_io import save_weights


def request_objective(rules_share: float, unconditional: float) -> Objective:
    """The loss of a batch: of requests, or now and then of its programs alone."""
    of_rules = rule_objective(unconditional)

    def objective(model: RuleModel, batch: Batch) -> dict[str, Tensor]:
        if rules_share and float(torch.rand(())) < rules_share:
            loss = of_rules(model, batch)["loss"]
            return {"loss": loss, "rules": loss}
        found: dict[str, Tensor] = model(batch)
        return found

    return objective


def finetune(
    options: Options, kind: str = "codefusion", start: Path | None = None, **shape: float
) -> RuleModel:
    """The averaged weights after phase two, also written to ``out/weights``."""
    model = new_model(kind, options.seed, **shape)
    if start is not None:
        load_average(model, start)
    objective = request_objective(options.rules_share, options.unconditional)
    trained = Trainer(model, options, objective).run()
    if rank() == 0:
        save_weights(trained, options.out / "weights")
    return trained


def main(argv: Sequence[str] | None = None) -> None:
    """``python -m model.finetune --data F.npz --validation V.npz --out DIR --minutes M``."""
    options, found = parse(argv, "Train on requests and rules (phase two).", KINDS)
    finetune(options, found.kind, found.start, **shape_of(found))


if __name__ == "__main__":
    main()
