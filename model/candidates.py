"""Candidate programs of one request, read off the probabilities of tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from model.vocabulary import PAD

Program = tuple[int, ...]
"""Token ids before the first pad."""


@dataclass(frozen=True)
class Candidate:
    """A program, its log p under the head, and the share of the seeds that gave it."""

    tokens: Program
    log_likelihood: float
    votes: float


def trim(tokens: Sequence[int]) -> Program:
    """The tokens before the first pad."""
    row = tuple(tokens)
    return row[: row.index(PAD)] if PAD in row else row


def padded(programs: Sequence[Program], length: int) -> Tensor:
    """Programs as ``(C, L)`` int64, pads behind them."""
    rows = torch.full((len(programs), length), PAD)
    for row, program in zip(rows, programs, strict=True):
        row[: len(program)] = torch.tensor(program, dtype=torch.long)
    return rows


def log_p_of(log_probabilities: Tensor, programs: Tensor) -> Tensor:
    """log p ``(C,)`` of programs ``(C, L)`` with the pad that ends each, from ``(C, L, V)``."""
    own = log_probabilities.gather(-1, programs[..., None])[..., 0]
    return (own * ((programs == PAD).cumsum(-1) <= 1)).sum(-1)


def collect(log_probabilities: Tensor, least: int = 0) -> list[Candidate]:
    """Distinct candidates from ``(count, L, V)`` log-probabilities, by votes, then likelihood.

    Where there are fewer than ``least``, second choices at the least certain places are added; they
    have no votes.
    """
    programs = [trim(row) for row in log_probabilities.argmax(dim=-1).tolist()]
    votes = Counter(programs)
    missing = least - len(votes)
    if missing > 0:
        first = programs.index(votes.most_common(1)[0][0])
        votes.update(dict.fromkeys(variations(log_probabilities[first], set(votes), missing), 0))
    found = [
        Candidate(program, likelihood(log_probabilities, program), count / len(programs))
        for program, count in votes.items()
    ]
    return sorted(found, key=lambda each: (-each.votes, -each.log_likelihood, each.tokens))


def variations(log_probabilities: Tensor, known: set[Program], count: int) -> list[Program]:
    """At most ``count`` programs with the next choice at one place, the likeliest first.

    ``log_probabilities (L, V)``; programs that are ``known`` are left out.
    """
    values, tokens = log_probabilities.topk(3, dim=-1)
    best = tokens[:, 0].tolist()
    places = range(min(len(trim(best)) + 1, len(best)))
    costs = values[:, :1] - values
    exchanges = sorted((float(costs[place, k]), place, k) for place in places for k in (1, 2))
    found: dict[Program, None] = {}
    for _, place, k in exchanges:
        program = trim([*best[:place], int(tokens[place, k]), *best[place + 1 :]])
        if program and program not in known:
            found[program] = None
    return list(found)[:count]


def likelihood(log_probabilities: Tensor, program: Program) -> float:
    """log p of a program and the pad that ends it, as the mixture of ``(count, L, V)``."""
    count, length, _ = log_probabilities.shape
    ended = [*program, PAD][:length]
    by_seed = log_probabilities[:, range(len(ended)), ended].sum(dim=-1)
    return float(by_seed.logsumexp(dim=0) - torch.tensor(count).log())
