"""Commands about rule text alone: no model, no workbook unless one is named."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from grammar.errors import CellFusionError
from server.commands.common import (
    NO,
    is_policed,
    json_option,
    policy_of,
    policy_option,
    sheet_option,
    today_option,
    write_json,
)
from server.rule_text import canonical, explanation, repairs, validity

formula_option = click.option("--formula", is_flag=True, help="TEXT is an Excel formula.")


@click.command()
@click.argument("text")
@formula_option
@policy_option
@json_option
def validate(text: str, formula: bool, policy: Path | None, as_json: bool) -> None:
    """Tell whether TEXT is a condition (or with --formula a formula that a rule may use)."""
    allowed = policy_of(policy) if is_policed(policy) else None
    if as_json:
        found = allowed.validity(text, formula) if allowed else validity(text, formula)
        write_json(found)
        raise SystemExit(0 if found["valid"] else NO)
    try:
        right = canonical(text, formula)
        if allowed:
            allowed.check_text(text, formula)
    except CellFusionError as error:
        click.echo(f"invalid: {error}", err=True)
        raise SystemExit(NO) from None
    click.echo(right)


@click.command()
@click.argument("text")
@formula_option
@click.option("--top", default=3, show_default=True, type=click.IntRange(1, 20))
@policy_option
@json_option
def repair(text: str, formula: bool, top: int, policy: Path | None, as_json: bool) -> None:
    """Offer the nearest texts that are right, cheapest change first."""
    allowed = policy_of(policy) if is_policed(policy) else None
    found = repairs(
        text, formula, top, lambda near: allowed is None or allowed.allows_text(near, formula)
    )
    entries = found["repairs"]
    assert isinstance(entries, list)  # noqa: S101 - our own JSON
    if as_json:
        write_json(found)
    else:
        for each in entries:
            click.echo(f"{each['text']}    ({each['reason']})")
    if not entries:
        if not as_json:
            click.echo("nothing near it is right", err=True)
        raise SystemExit(NO)


@click.command()
@click.argument("text")
@formula_option
@json_option
def explain(text: str, formula: bool, as_json: bool) -> None:
    """Say in plain English what a condition (or a formula) selects."""
    sentence = explanation(text, formula)
    if as_json:
        write_json({"text": text, "explanation": sentence})
    else:
        click.echo(sentence)


@click.command()
@click.argument("formula")
@click.option("--workbook", type=click.Path(path_type=Path), help="Cells for references.")
@sheet_option
@click.option("--cell", default="Z1", show_default=True, help="Where the formula stands.")
@today_option
@json_option
def calc(
    formula: str,
    workbook: Path | None,
    sheet: str | None,
    cell: str,
    today: dt.date,
    as_json: bool,
) -> None:
    """Evaluate an Excel FORMULA as a rule would; - reads one JSON object a line."""
    if formula == "-":
        _calc_lines(sys.stdin, today)
        return
    from server.calculation import calculate

    result = calculate(formula, workbook, sheet, cell, today)
    click.echo(json.dumps(result) if as_json else _plain(result))


def _calc_lines(lines: Iterable[str], today: dt.date) -> None:
    from grammar.calc.protocol import answer

    midnight = dt.datetime(today.year, today.month, today.day)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise click.UsageError(f"line {number} is no JSON object: {error}") from error
        if not isinstance(record, dict):
            raise click.UsageError(f"line {number} is no JSON object but {line.strip()[:40]}")
        click.echo(json.dumps(answer(record, midnight), ensure_ascii=False))


def _plain(result: dict[str, object]) -> str:
    value = result.get("value")
    if isinstance(value, bool):
        return str(value).upper()
    return str(value) if result["kind"] != "blank" else ""
