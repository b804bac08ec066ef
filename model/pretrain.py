"""Phase one: learning programs before requests.

Unconditional generation (E_s is noise) and continuous denoising (CPD: names and symbols of the
program are masked, and E_s encodes what is left, as text). Source: Singh et al. 2023, 3.3.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor

from model.arguments import parse, shape_of
from model.baselines import KINDS, build
from model.codefusion import RuleModel, sum_of
from model.config import ModelConfig
from model.dataset import MASK_PIECE, Batch
from model.encoder import Encoded, load_pretrained
from model.features import CLS, SEP, SYMBOLS, pieces, symbol_piece
from model.training import Objective, Options, Trainer, averaged_weights
from model.vocabulary import LENGTH, PAD, TARGET_TOKENS

NOISE_LENGTH = 32
BESIDE = ("loss", "causal")
"""What phase one leaves out: the sum, and the part that stands beside CodeFusion's heads."""


def rule_objective(unconditional: float) -> Objective:
    """The loss of a batch's programs alone, by either task of phase one.

    ``unconditional`` is the share of the batches that see noise in place of E_s; the others are
    denoised from what is left of the program (CPD). The causal decoder beside CodeFusion's heads
    takes no part: without a request it would learn to guess.
    """

    def objective(model: RuleModel, batch: Batch) -> dict[str, Tensor]:
        if float(torch.rand(())) < unconditional:
            found = model.loss(noise_states(model, batch), batch.targets, batch.weights)
        else:
            found = model(masked_rules(batch))
        kept = {name: term for name, term in found.items() if name not in BESIDE}
        return {"loss": sum_of(kept), **kept} if kept else found

    return objective


def noise_states(model: RuleModel, batch: Batch) -> Encoded:
    """Standard noise ``(B, 32, D)`` for E_s."""
    shape = (len(batch.targets), NOISE_LENGTH, model.config.dim)
    states = torch.randn(shape, device=batch.targets.device)
    mask = torch.ones(shape[:2], dtype=torch.bool, device=states.device)
    return Encoded(states, mask, states.new_zeros(len(states), SYMBOLS, shape[-1]))


def masked_rules(batch: Batch) -> Batch:
    """The batch with its programs, partly masked, in place of its requests."""
    share = torch.rand(len(batch.targets), 1) * 0.6 + 0.1
    masked = torch.rand(batch.targets.shape) < share
    texts = [
        rule_pieces(tokens, hidden)
        for tokens, hidden in zip(batch.targets.tolist(), masked.tolist(), strict=True)
    ]
    width = max(map(len, texts))
    ids = torch.tensor([text + [0] * (width - len(text)) for text in texts])
    ids = ids.to(batch.targets.device)
    return Batch(ids, torch.zeros_like(ids), ids != 0, batch.targets, batch.weights)


def rule_pieces(tokens: list[int], hidden: list[bool]) -> list[int]:
    """A program as word pieces, the hidden tokens as ``[MASK]``."""
    found = [CLS]
    for token, mask in zip(tokens, hidden, strict=True):
        if token == PAD:
            break
        found += (MASK_PIECE,) if mask else token_pieces(token)
    return [*found, SEP]


@lru_cache(maxsize=512)
def token_pieces(token: int) -> tuple[int, ...]:
    """A token as the encoder reads it: its own symbol, or its name in words."""
    name = TARGET_TOKENS[token]
    symbol = symbol_piece(name)
    if symbol is not None:
        return (symbol,)
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name.split("/")[0] or name)
    return pieces(words.lstrip("#").lower())


def new_model(kind: str, seed: int, **shape: float) -> RuleModel:
    """A fresh model over the pre-trained encoder."""
    torch.manual_seed(seed)
    config = ModelConfig(len(TARGET_TOKENS), LENGTH, kind=kind, **shape)  # type: ignore[arg-type]  # ints stay ints
    model = build(config)
    load_pretrained(model.encoder.bert)
    return model


def load_average(model: RuleModel, directory: Path) -> None:
    """Start from the averaged weights of another run, as phase two does from phase one.

    A checkpoint with nothing but an encoder leaves the heads as they are.
    """
    average = averaged_weights(directory)
    if all(name.startswith("encoder.") for name in average):
        average = model.state_dict() | average
    model.load_state_dict(average)


def pretrain(
    options: Options, kind: str = "codefusion", start: Path | None = None, **shape: float
) -> RuleModel:
    """The averaged weights after phase one; ``out`` then serves as ``start`` of phase two."""
    model = new_model(kind, options.seed, **shape)
    if start is not None:
        load_average(model, start)
    return Trainer(
        model, replace(options, validation=None), rule_objective(options.unconditional)
    ).run()


def main(argv: Sequence[str] | None = None) -> None:
    """``python -m model.pretrain --data F.npz --out DIR --minutes M``."""
    options, found = parse(argv, "Train on rules alone (phase one).", KINDS)
    pretrain(options, found.kind, found.start, **shape_of(found))


if __name__ == "__main__":
    main()
