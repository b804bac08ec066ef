"""The rule that a command is about: written as text, or chosen among what an utterance can mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

from grammar.errors import RequestError
from grammar.rules import RuleSet
from grammar.table import Table
from server.commands.common import NO

if TYPE_CHECKING:
    from server.policy import Policy

_F = TypeVar("_F", bound=Callable[..., object])


def rule_options(command: _F) -> _F:
    """The utterance or ``--rule``, and how to choose among candidates."""
    for option in (
        click.option("--choice", default=1, show_default=True, type=click.IntRange(1, 20)),
        click.option("--fill", help="Colour of cells, with --rule."),
        click.option("--target", help="row, cells or columns as c[0],c[2], with --rule."),
        click.option("--rule", help="A condition instead of an utterance."),
        click.argument("utterance", required=False),
    ):
        command = option(command)
    return command


def chosen_rules(
    utterance: str | None,
    rule: str | None,
    target: str | None,
    fill: str | None,
    table: Table,
    choice: int,
    seed: int,
    today: dt.date,
    allowed: Policy,
) -> RuleSet:
    """The rules that are written or that an utterance means, allowed by the policy.

    Raises:
        UsageError: both are given, or neither.
        CellFusionError: they are not understood or not allowed.
    """
    if (utterance is None) == (rule is None):
        raise click.UsageError("give either an utterance or --rule")
    if rule is not None:
        from server.suggestions import written_rule

        return allowed.enforce(RuleSet((written_rule(rule, target, fill),)))
    from server.suggestions import propose

    found = propose(utterance or "", table, today=today, top=max(choice, 5), seed=seed)
    found = allowed.select(found)
    if not found.proposals:
        click.echo(f"no rule found. {found.question}", err=True)
        raise SystemExit(NO)
    if choice > len(found.proposals):
        raise RequestError(
            f"there are {len(found.proposals)} candidates; --choice {choice} is none"
        )
    if found.question:
        click.echo(f"? {found.question} (the likeliest reading is taken)", err=True)
    return found.proposals[choice - 1].rules
