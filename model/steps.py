"""Rules while they take shape: after each denoising step, how every request's first draw reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from grammar.printer import print_condition
from model.candidates import trim
from model.decode import InvalidProgramError, decode_rules
from model.linking import Linked
from model.vocabulary import to_tokens

Watch = Callable[[int, list[str]], None]
"""Told the number of a step, from 1, and one text a request."""
OnStep = Callable[[int, Tensor], None]
"""Told the number of a step, from 1, and H's logits ``(B, count, L, V)`` after it."""


def told(watch: Watch, linked: Sequence[Linked]) -> OnStep:
    """What tells a watcher the rules of each step as text."""

    def tell(step: int, logits: Tensor) -> None:
        rows = logits[:, 0].argmax(dim=-1).tolist()
        watch(step, [reading(row, each) for row, each in zip(rows, linked, strict=True)])

    return tell


def reading(row: list[int], linked: Linked) -> str:
    """The rules of token ids ``(L,)``; the tokens themselves while they are no rules yet."""
    tokens = to_tokens(list(trim(row)))
    try:
        rules = decode_rules(tokens, linked)
    except InvalidProgramError:
        return " ".join(tokens)
    return "; ".join(print_condition(rule.condition) for rule in rules.rules) if rules else ""
