"""Rules while they take shape: after each denoising step, how every request's first draw reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from grammar.printer import print_condition
from model.candidates import trim
from model.decode import InvalidProgramError, decode_rules
from model.linking import Linked
from model.vocabulary import to_tokens
from model.wide import widened

Watch = Callable[[int, list[str]], None]
"""Told the number of a step, from 1, and one text a request."""
OnStep = Callable[[int, Tensor], None]
"""Told the number of a step, from 1, and H's logits ``(B, count, L, V)`` after it."""


def told(watch: Watch, linked: Sequence[Linked], columns: Sequence[tuple[int, ...]] = ()) -> OnStep:
    """What tells a watcher the rules of each step as text.

    ``columns`` are those of the whole table that each request is read over, where not all are.
    """
    places = columns or [tuple(range(len(each.table.columns))) for each in linked]

    def tell(step: int, logits: Tensor) -> None:
        rows = logits[:, 0].argmax(dim=-1).tolist()
        watch(step, [reading(*each) for each in zip(rows, linked, places, strict=True)])

    return tell


def reading(row: list[int], linked: Linked, columns: tuple[int, ...]) -> str:
    """The rules of token ids ``(L,)``; the tokens themselves while they are no rules yet."""
    tokens = to_tokens(list(trim(row)))
    try:
        rules = decode_rules(tokens, linked)
    except InvalidProgramError:
        return " ".join(tokens)
    whole = widened(rules, columns).rules if rules else ()
    return "; ".join(print_condition(rule.condition) for rule in whole)
