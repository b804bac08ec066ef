"""Several requests in one pass of the network, each with the numbers that it would have alone.

Nothing is padded: requests lie end to end as one row (B = 1), E reads their word pieces and N and D
their programs. Matrices, norms and activations take all rows at once; attention takes each
request's own. What a row comes out as must not depend on how many there are, which int8 products
promise, and float32 ones keep from a dozen rows up (a program has two dozen).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import torch
from torch import Tensor

from model.codefusion import RuleModel
from model.encoder import Encoded
from model.layers import Spans
from model.pointer import symbol_states

Pieces = tuple[list[int], list[int]]
"""A request's word pieces and their segments."""


def encode_each(model: RuleModel, inputs: Sequence[Pieces]) -> list[Encoded]:
    """E_s ``(1, S, D)`` of every request, by one pass of E."""
    sizes = tuple(len(ids) for ids, _ in inputs)
    ids, segments = (torch.tensor([list(chain(*each))]) for each in zip(*inputs, strict=True))
    states = model.encoder(ids, segments, Spans(sizes, sizes)).float()
    parts = zip(torch.split(ids, list(sizes), 1), torch.split(states, list(sizes), 1), strict=True)
    return [Encoded(own, _all(own), symbol_states(each, own)) for each, own in parts]


def end_to_end(encoded: Sequence[Encoded], queries: int) -> Encoded:
    """Requests ``(1, S, D)`` as one row, each read by so many queries."""
    states = [each.states for each in encoded]
    keys = tuple(each.shape[1] for each in states)
    symbols = torch.cat([each.symbols for each in encoded])
    return Encoded(torch.cat(states, dim=1), Spans((queries,) * len(keys), keys), symbols)


def _all(states: Tensor) -> Tensor:
    return torch.ones(states.shape[:2], dtype=torch.bool, device=states.device)
