"""Pointing: slots are scored by what E_s says where their symbols stand."""

from __future__ import annotations

import torch
from torch.nn import functional

from model.features import SYMBOLS, symbol_piece
from model.layers import Context, Spans
from model.pointer import Pointer, symbol_states
from model.vocabulary import TARGET_TOKENS, TOKEN_IDS

DIM = 8


def taught() -> Pointer:
    """A pointer whose query and key leave states as they are."""
    pointer = Pointer(DIM, len(TARGET_TOKENS))
    with torch.no_grad():
        pointer.query.weight.copy_(torch.eye(DIM))
        pointer.key.weight.copy_(torch.eye(DIM))
    return pointer


def reading(pointer: Pointer, symbols: torch.Tensor) -> Context:
    """What a head reads of requests of which only the symbols matter."""
    return Context((), torch.zeros(()), pointer.keys(symbols))


def test_a_symbol_is_the_mean_of_its_places() -> None:
    """Every place of a symbol counts alike; a symbol that is absent is nothing."""
    states = torch.randn(1, 4, DIM)
    found = symbol_states(torch.tensor([[7, 2000, 7, 9]]), states)
    assert found.shape == (1, SYMBOLS, DIM)
    torch.testing.assert_close(found[0, 6], (states[0, 0] + states[0, 2]) / 2)
    torch.testing.assert_close(found[0, 8], states[0, 3])
    assert not found[0, [0, 1, 20]].any()


def test_it_points_at_the_symbol_that_a_state_resembles() -> None:
    """The tokens of that symbol score highest, as condition and as target; other tokens nothing."""
    symbols = functional.normalize(torch.randn(1, SYMBOLS, DIM), dim=-1)
    piece = symbol_piece("C3")
    assert piece == symbol_piece("T3")
    state = 5 * symbols[:, piece - 1][:, None, None]
    pointer = taught()
    scores = pointer(state, reading(pointer, symbols))[0, 0, 0].detach()
    assert float(scores[TOKEN_IDS["C3"]]) == float(scores[TOKEN_IDS["T3"]]) == float(scores.max())
    assert float(scores[TOKEN_IDS["AND"]]) == float(scores[TOKEN_IDS["PAD"]]) == 0.0


def test_it_says_nothing_before_it_has_learned() -> None:
    """A fresh pointer changes no logit, so that weights without one start from what they know."""
    pointer = Pointer(DIM, len(TARGET_TOKENS))
    symbols = torch.randn(2, SYMBOLS, DIM)
    assert not pointer(torch.randn(2, 3, 4, DIM), reading(pointer, symbols)).any()


def test_requests_end_to_end_have_their_own_symbols() -> None:
    """Rows of several requests in one batch are compared with their own request's symbols."""
    pointer, symbols = taught(), torch.randn(2, SYMBOLS, DIM)
    states = torch.randn(1, 5, 4, DIM)
    together = Context((), Spans((3 * 4, 2 * 4), (7, 7)), pointer.keys(symbols))
    found = pointer(states, together)
    for request, rows in enumerate((slice(0, 3), slice(3, 5))):
        alone = pointer(states[:, rows], reading(pointer, symbols[request : request + 1]))
        assert torch.equal(found[:, rows], alone)
