"""Rules while they take shape: how a request's likeliest program reads after every step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from grammar.printer import print_condition
from model.candidates import trim
from model.decode import InvalidProgramError, decode_rules
from model.linking import Linked
from model.vocabulary import to_tokens
from model.wide import widened

Watch = Callable[[int, int, str], None]
"""Told which request, the number of its step, from 1, and how its rules read after that."""
OnStep = Callable[[int, Tensor], None]
"""Told the number of a denoising step, from 1, and H's logits ``(B, count, L, V)`` after it."""


class Watched:
    """Tells a watcher the programs of several requests, each with steps of its own."""

    def __init__(
        self, watch: Watch, linked: Sequence[Linked], columns: Sequence[tuple[int, ...]]
    ) -> None:
        """``columns`` are those of the whole table that each request is read over."""
        self.watch = watch
        self.linked = linked
        self.columns = columns
        self.steps = [0] * len(linked)

    def show(self, place: int, tokens: Sequence[int]) -> None:
        """Tell the next step of one request: token ids ``(L,)``."""
        self.steps[place] += 1
        text = reading(tokens, self.linked[place], self.columns[place])
        self.watch(place, self.steps[place], text)

    def denoising(self, places: Sequence[int]) -> OnStep:
        """What tells the steps of those requests that are drawn: how their first draws read."""

        def tell(_: int, logits: Tensor) -> None:
            rows = logits[:, 0].argmax(dim=-1).tolist()
            for place, row in zip(places, rows, strict=True):
                self.show(place, row)

        return tell


def reading(row: Sequence[int], linked: Linked, columns: tuple[int, ...]) -> str:
    """The rules of token ids ``(L,)``; the tokens themselves while they are no rules yet."""
    tokens = to_tokens(list(trim(row)))
    try:
        rules = decode_rules(tokens, linked)
    except InvalidProgramError:
        return " ".join(tokens)
    whole = widened(rules, columns).rules if rules else ()
    return "; ".join(print_condition(rule.condition) for rule in whole)
