"""How often sampling gives exactly the right program, by number of steps."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from model.candidates import trim
from model.codefusion import Diffusion, RuleModel
from model.dataset import Batch, Examples, in_order
from model.encoder import Encoded
from model.sampling import sample_logits

STEPS = (1, 5, 10)


@torch.no_grad()
def accuracy_by_steps(
    model: RuleModel,
    examples: Examples,
    device: torch.device,
    size: int = 256,
    steps: Sequence[int] = STEPS,
    batch_size: int = 32,
) -> dict[str, float]:
    """Exact matches of one sample a request, by number of steps; ``"1"`` alone for other heads."""
    model.eval()
    chosen = steps if isinstance(model, Diffusion) else (1,)
    right = dict.fromkeys(chosen, 0)
    seen = 0
    for batch in in_order(examples, batch_size):
        moved = batch.to(device)
        encoded = model.encode(moved)
        for number in chosen:
            right[number] += count_right(model, encoded, moved, number, seen)
        seen += len(batch.targets)
        if seen >= size:
            break
    return {str(number): round(found / seen, 4) for number, found in right.items()}


def count_right(model: RuleModel, encoded: Encoded, batch: Batch, steps: int, seed: int) -> int:
    """How many programs of a batch come out exactly right."""
    found = predict(model, encoded, steps, seed).tolist()
    wanted = batch.targets.tolist()
    return sum(trim(a) == trim(b) for a, b in zip(found, wanted, strict=True))


def predict(model: RuleModel, encoded: Encoded, steps: int, seed: int) -> Tensor:
    """One program a request, ``(B, L)`` int64."""
    if isinstance(model, Diffusion):
        seeds = range(seed, seed + len(encoded.states))
        return sample_logits(model, encoded, seeds, steps, count=1)[:, 0].argmax(-1)
    return model.greedy(encoded)
