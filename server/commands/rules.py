"""Commands about rule text alone: no model, no workbook unless one is named."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from grammar.errors import GrammarError, ParseError
from server.commands.common import NO, json_option, sheet_option, today_option, write_json

formula_option = click.option("--formula", is_flag=True, help="TEXT is an Excel formula.")


def canonical(text: str, is_formula: bool) -> str:
    """The canonical form of a condition or a formula.

    Raises:
        GrammarError: it is none, or it may not stand in a rule.
    """
    if is_formula:
        from grammar.formula_check import check_formula
        from grammar.formula_parser import parse_formula
        from grammar.formula_printer import print_formula

        tree = parse_formula(text)
        check_formula(tree)
        return "=" + print_formula(tree)
    from grammar.parser import parse_condition
    from grammar.printer import print_condition

    return print_condition(parse_condition(text))


def problem(error: GrammarError) -> dict[str, object]:
    """An error as JSON, with its place where it has one."""
    found: dict[str, object] = {"code": error.code, "message": str(error)}
    if isinstance(error, ParseError):
        found |= {"message": error.reason, "line": error.line, "column": error.column}
        found["expected"] = list(error.expected)
    return found


@click.command()
@click.argument("text")
@formula_option
@json_option
def validate(text: str, formula: bool, as_json: bool) -> None:
    """Tell whether TEXT is a condition (or with --formula a formula that a rule may use)."""
    try:
        result = canonical(text, formula)
    except GrammarError as error:
        if as_json:
            write_json({"valid": False, "canonical": None, "error": problem(error)})
        else:
            click.echo(f"invalid: {error}", err=True)
        raise SystemExit(NO) from None
    if as_json:
        write_json({"valid": True, "canonical": result, "error": None})
    else:
        click.echo(result)


@click.command()
@click.argument("text")
@formula_option
@click.option("--top", default=3, show_default=True, type=click.IntRange(1, 20))
@json_option
def repair(text: str, formula: bool, top: int, as_json: bool) -> None:
    """Offer the nearest texts that are right, cheapest change first."""
    from grammar.repair import repair_condition, repair_formula

    found = (repair_formula if formula else repair_condition)(text, top=top)
    if as_json:
        entries = [{"text": each.text, "cost": each.cost, "reason": each.reason} for each in found]
        write_json({"input": text, "repairs": entries})
    else:
        for each in found:
            click.echo(f"{each.text}    ({each.reason})")
    if not found:
        if not as_json:
            click.echo("nothing near it is right", err=True)
        raise SystemExit(NO)


@click.command()
@click.argument("text")
@formula_option
@json_option
def explain(text: str, formula: bool, as_json: bool) -> None:
    """Say in plain English what a condition (or a formula) selects."""
    from grammar.explain import explain as explain_condition
    from grammar.explain import explain_formula
    from grammar.formula_parser import parse_formula
    from grammar.parser import parse_condition

    if formula or text.lstrip().startswith("="):
        sentence = explain_formula(parse_formula(text))
    else:
        sentence = explain_condition(parse_condition(text))
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
        click.echo(json.dumps(answer(record, midnight), ensure_ascii=False))


def _plain(result: dict[str, object]) -> str:
    value = result.get("value")
    if isinstance(value, bool):
        return str(value).upper()
    return str(value) if result["kind"] != "blank" else ""
