"""The draws of one request, or its beam alone → candidate programs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from model.candidates import Candidate, Program, likelihood, trim
from model.constrained import ProgramSearch
from model.decode import InvalidProgramError, decode_rules
from model.linking import Linked
from model.linking.scales import ScaleRanges, scale_ranges
from model.variants import in_whole_ranges, other_targets, whole_ranges
from model.vocabulary import to_tokens

BEAM = 5
PER_DRAW = 2
"""Programs that each distinct draw adds to the candidates."""
VARIED = 2
"""Programs with most votes that are tried on other targets, too."""


@dataclass(frozen=True)
class Draws:
    """The candidates of a request, those that no draw gave unmended, and the share that parsed."""

    candidates: tuple[Candidate, ...]
    repaired: frozenset[Program]
    valid: float


def is_sure(beam: Sequence[Candidate], linked: Linked, sure: float) -> bool:
    """Whether a beam is enough: its best has a log p above ``sure`` and parses, no range is said.

    Ranges of ordered values, as in *stage II and later*, are put right beside the draws.
    """
    likely = bool(beam) and beam[0].log_likelihood > sure
    return likely and _parses(beam[0].tokens, linked) and not scale_ranges(linked)


def undrawn(beam: Sequence[Candidate], linked: Linked) -> Draws:
    """A beam's programs as they are; the likeliest has the one vote.

    The share that parsed is one of likelihoods: what draws from the causal decoder would have.
    """
    candidates = (replace(each, votes=float(each is beam[0])) for each in beam)
    shares = [math.exp(each.log_likelihood) for each in beam]
    pairs = zip(beam, shares, strict=True)
    valid = sum(share for each, share in pairs if _parses(each.tokens, linked))
    return Draws(tuple(candidates), frozenset(), valid / sum(shares))


def candidates_of(
    log_probabilities: Tensor, linked: Linked, most: int, proposed: Sequence[Program] = ()
) -> Draws:
    """At most ``most`` candidates from ``(count, L, V)`` log-probabilities, and those proposed.

    Each draw votes for the likeliest program that the grammar allows along it; its next choice,
    those along the mean of all draws, and the first ones on other targets are added without a vote.
    What was proposed without a draw comes last. Of ordered values, as in *stage II and later*, only
    whole ranges are kept.
    """
    programs = [trim(row) for row in log_probabilities.argmax(dim=-1).tolist()]
    distinct = Counter(programs)
    votes: Counter[Program] = Counter()
    search = ProgramSearch(linked)
    for program, count in distinct.items():
        own = [place for place, other in enumerate(programs) if other == program]
        found = search.search(_mean(log_probabilities[own]), BEAM)[:PER_DRAW]
        for rank, (each, _) in enumerate(found):
            votes[each] += count if rank == 0 else 0
    for each, _ in search.search(_mean(log_probabilities), BEAM + 3):
        votes[each] += 0
    said = scale_ranges(linked)
    for _ in said:  # as many rounds as there are ranges, as each puts one of them right
        for each in (*votes, *proposed):
            votes.update(dict.fromkeys(whole_ranges(each, said), 0))
    votes = _without_gaps(votes, said, linked)
    for each, _ in votes.most_common(VARIED):
        votes.update(dict.fromkeys(other_targets(each, linked), 0))
    valid = sum(count for program, count in distinct.items() if _parses(program, linked))
    total = len(programs)

    def candidate(program: Program) -> Candidate:
        return Candidate(program, likelihood(log_probabilities, program), votes[program] / total)

    ranked = sorted(
        map(candidate, votes), key=lambda one: (-one.votes, -one.log_likelihood, one.tokens)
    )
    kept = {each.tokens: each for each in ranked[:most]}
    for program in _without_gaps(Counter(dict.fromkeys(proposed, 0)), said, linked):
        kept.setdefault(program, candidate(program))
    repaired = frozenset(set(votes).difference(programs, proposed))
    return Draws(tuple(kept.values()), repaired, valid / total)


def _without_gaps(
    votes: Counter[Program], said: Sequence[ScaleRanges], linked: Linked
) -> Counter[Program]:
    """The programs that test for whole ranges of a scale, in one order, with the votes of each."""
    found: Counter[Program] = Counter()
    for program, own in votes.items():
        whole = in_whole_ranges(program, said, linked)
        if whole is not None:
            found[whole] += own
    return found


def _mean(log_probabilities: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    count = torch.tensor(float(len(log_probabilities)))
    mean = log_probabilities.double().logsumexp(dim=0) - count.log()
    return np.asarray(mean.numpy(), np.float64)


def _parses(program: Program, linked: Linked) -> bool:
    try:
        decode_rules(to_tokens(list(program)), linked)
    except InvalidProgramError:
        return False
    return True
