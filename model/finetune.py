"""Phase two: requests and programs, with a share of phase one mixed in for good."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from model.arguments import parse, shape_of
from model.baselines import KINDS, build
from model.codefusion import RuleModel
from model.config import ModelConfig
from model.dataset import Batch
from model.encoder import load_pretrained
from model.pretrain import rule_loss
from model.training import CHECKPOINT, Objective, Options, Trainer, rank
from model.vocabulary import LENGTH, TARGET_TOKENS
from model.weights_io import save_weights


def request_objective(rules_share: float) -> Objective:
    """The loss of a batch: of requests, or now and then of its programs alone."""

    def objective(model: RuleModel, batch: Batch) -> dict[str, Tensor]:
        if rules_share and float(torch.rand(())) < rules_share:
            loss = rule_loss(model, batch)["loss"]
            return {"loss": loss, "rules": loss}
        return model(batch)  # type: ignore[no-any-return]  # torch: Module.__call__

    return objective


def load_average(model: RuleModel, directory: Path) -> None:
    """Start from the averaged weights of another run, as phase two does from phase one."""
    state = torch.load(directory / CHECKPOINT, map_location="cpu", weights_only=True)
    model.load_state_dict(state["average"])


def new_model(kind: str, seed: int, **shape: float) -> RuleModel:
    """A fresh model over the pre-trained encoder."""
    torch.manual_seed(seed)
    config = ModelConfig(len(TARGET_TOKENS), LENGTH, kind=kind, **shape)  # type: ignore[arg-type]  # ints stay ints
    model = build(config)
    load_pretrained(model.encoder.bert)
    return model


def finetune(
    options: Options, kind: str = "codefusion", start: Path | None = None, **shape: float
) -> RuleModel:
    """The averaged weights after phase two, also written to ``out/weights``."""
    model = new_model(kind, options.seed, **shape)
    if start is not None:
        load_average(model, start)
    trained = Trainer(model, options, request_objective(options.rules_share)).run()
    if rank() == 0:
        save_weights(trained, options.out / "weights")
    return trained


def main(argv: Sequence[str] | None = None) -> None:
    """``python -m model.finetune --data F.npz --validation V.npz --out DIR --minutes M``."""
    options, found = parse(argv, "Train on requests and rules (phase two).", KINDS)
    finetune(options, found.kind, found.start, **shape_of(found))


if __name__ == "__main__":
    main()
