"""The network in the arithmetic of serving: int8 or bfloat16 in place of float32.

Only answering uses it; training, validation and the files keep the float32 network of
:mod:`model.codefusion`. Every row of an activation has a scale of its own and sums of int8
products are whole numbers, so that a row comes out the same whatever else is in the batch and
however many threads there are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from model.codefusion import RuleModel
from model.embedding import TokenEmbedding
from model.layers import in_tiles

Precision = Literal["auto", "float32", "bfloat16", "int8"]
"""``auto`` is int8 where this processor multiplies it exactly, else float32."""
INNER = ("encoder.bert.layers", "encoder.project", "stack.blocks")
"""Parts of names of the matrices that are exchanged: nearly all of the work."""
WORDS = "encoder.bert.words"
LEAST = 1e-12
WHOLE = torch.tensor(127.0)
_M = TypeVar("_M", bound=nn.Module)


def quantised_rows(x: Tensor) -> tuple[Tensor, Tensor]:
    """int8 of ``(R, K)`` and each row's largest value ``(R, 1)``: x ≈ int8 × largest / 127."""
    largest = x.abs().amax(dim=-1, keepdim=True).clamp_min_(LEAST)
    return x.mul(WHOLE / largest).round_().to(torch.int8), largest


class Int8Linear(nn.Module):
    """A linear layer on int8 rows, its weights with a scale for every output."""

    weight: Tensor
    scale: Tensor
    bias: Tensor

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        whole, largest = quantised_rows(linear.weight.detach())
        self.register_buffer("weight", whole.T.contiguous())
        self.register_buffer("scale", (largest / WHOLE.square()).T.contiguous())
        self.register_buffer("bias", linear.bias.detach())

    def forward(self, x: Tensor) -> Tensor:
        """``(…, M)`` float32 of ``(…, K)``."""
        return in_tiles(self._tile, x)

    def _tile(self, x: Tensor) -> Tensor:
        rows, largest = quantised_rows(x.flatten(0, -2))
        sums = torch._int_mm(rows, self.weight)
        found = torch.addcmul(self.bias, sums * self.scale, largest)
        return found.view(*x.shape[:-1], -1)


class HalfLinear(nn.Module):
    """A linear layer in bfloat16 between float32 neighbours."""

    weight: Tensor
    bias: Tensor

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.register_buffer("weight", linear.weight.detach().bfloat16())
        self.register_buffer("bias", linear.bias.detach().bfloat16())

    def forward(self, x: Tensor) -> Tensor:
        """``(…, M)`` float32 of ``(…, K)``."""
        return functional.linear(x.bfloat16(), self.weight, self.bias).float()


class Int8Table(nn.Module):
    """A table of embeddings as int8 rows: what the files hold, in a quarter of the memory."""

    weight: Tensor
    scale: Tensor

    def __init__(self, table: nn.Embedding) -> None:
        super().__init__()
        whole, largest = quantised_rows(table.weight.detach())
        self.register_buffer("weight", whole)
        self.register_buffer("scale", largest / WHOLE)

    def forward(self, ids: Tensor) -> Tensor:
        """``(…, D)`` float32 of ids ``(…)``."""
        rows = functional.embedding(ids, self.weight)
        return rows * functional.embedding(ids, self.scale)


class FixedEmbedding(TokenEmbedding):
    """L and H once they are learnt: norms and scale are not worked out again for every token."""

    rows: Tensor
    head: Tensor

    def __init__(self, learnt: TokenEmbedding) -> None:
        super().__init__(*learnt.free.shape)
        self.load_state_dict(learnt.state_dict())
        rows = learnt.weight().detach()
        scale = learnt.log_scale.detach().exp() / math.sqrt(self.dim)
        self.register_buffer("rows", rows, persistent=False)
        self.register_buffer("head", rows.T * scale, persistent=False)

    def weight(self) -> Tensor:
        """L ``(V, e)``."""
        return self.rows

    def logits(self, states: Tensor) -> Tensor:
        """H: ``(…, V)`` float32 of states ``(…, e)``."""
        return (states @ self.head).float()


def is_exact() -> bool:
    """Whether int8 products are summed here without saturating, as old processors do."""
    largest = torch.full((32, 1024), 127, dtype=torch.int8)
    try:
        sums = torch._int_mm(largest, -largest.T.contiguous())
    except (AttributeError, RuntimeError):
        return False
    return bool((sums == -1024 * 127 * 127).all())


def for_serving(model: RuleModel, precision: Precision = "auto") -> RuleModel:
    """The model itself, its matrices exchanged for those of a precision; it cannot be trained."""
    if precision == "auto":
        precision = "int8" if is_exact() else "float32"
    if precision == "float32":
        return model.eval()
    linear = Int8Linear if precision == "int8" else HalfLinear
    _exchange(model, nn.Linear, lambda name: any(part in name for part in INNER), linear)
    if precision == "int8":
        _exchange(model, nn.Embedding, lambda name: name == WORDS, Int8Table)
    model.embedding = FixedEmbedding(model.embedding)
    return model.eval().requires_grad_(False)


def _exchange(
    model: nn.Module, kind: type[_M], chosen: Callable[[str], bool], make: Callable[[_M], nn.Module]
) -> None:
    """Put ``make(part)`` in the place of every part of a kind whose name is chosen."""
    for name, part in list(model.named_modules()):
        if isinstance(part, kind) and chosen(name):
            owner, _, last = name.rpartition(".")
            setattr(model.get_submodule(owner), last, make(part))
