"""The commands about rules that a workbook has already."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grammar.errors import RequestError
from server.commands.choosing import chosen_rules, rule_options
from server.commands.common import (
    json_option,
    policy_of,
    policy_option,
    range_option,
    seed_option,
    sheet_option,
    today_option,
    write_described,
    write_json,
    write_table,
)
from server.commands.workbook import check_copy, output_option, workbook_option

if TYPE_CHECKING:
    from server.workbooks import ListedRule

ids_argument = click.argument("ids", nargs=-1, required=True)


@click.group()
def rules() -> None:
    """List, replace, remove, reorder and merge the rules that a workbook has.

    A rule keeps its id, the eight letters and digits of the list, while rules around it change.
    """


@rules.command(name="list")
@workbook_option
@sheet_option
@json_option
def list_(workbook: Path, sheet: str | None, as_json: bool) -> None:
    """Show the rules of all sheets or one, those that win first."""
    from server.workbooks import list_rules

    found = list_rules(workbook, sheet)
    if as_json:
        write_json({"rules": [_json(rule) for rule in found]})
        return
    headers = ("sheet", "#", "id", "cells", "reading", "style", "may be hidden by")
    if found:
        write_table(str(workbook), headers, [_line(rule) for rule in found])
    else:
        click.echo("no rules")


@rules.command()
@ids_argument
@workbook_option
@output_option
@sheet_option
def remove(ids: tuple[str, ...], workbook: Path, output: Path, sheet: str | None) -> None:
    """Write a copy of the workbook without the rules of some IDS."""
    from server.workbooks import remove_rules

    check_copy(output, workbook)
    remove_rules(workbook, _sheet(workbook, sheet, ids), ids, output)
    click.echo(f"removed {len(set(ids))} rules\nwrote {output}")


@rules.command()
@ids_argument
@workbook_option
@output_option
@sheet_option
def reorder(ids: tuple[str, ...], workbook: Path, output: Path, sheet: str | None) -> None:
    """Write a copy in which the rules of some IDS come first, in that order."""
    from server.workbooks import reorder_rules

    check_copy(output, workbook)
    changed = reorder_rules(workbook, _sheet(workbook, sheet, ids), ids, output)
    click.echo(("" if changed else "they come first already\n") + f"wrote {output}")


@rules.command()
@click.argument("name", metavar="ID")
@rule_options
@workbook_option
@output_option
@sheet_option
@range_option
@seed_option
@today_option
@policy_option
def replace(
    name: str,
    utterance: str | None,
    rule: str | None,
    target: str | None,
    fill: str | None,
    choice: int,
    workbook: Path,
    output: Path,
    sheet: str | None,
    area: str | None,
    seed: int,
    today: dt.date,
    policy: Path | None,
) -> None:
    """Write a copy in which the rule of ID gives its place to what UTTERANCE means."""
    from server.commands.placing import said_places, standing
    from server.suggestions import describe_rules, sheet_rules
    from server.workbooks import read_table, replace_rule

    check_copy(output, workbook)
    allowed = policy_of(policy)
    table = read_table(workbook, _sheet(workbook, sheet, (name,)), area)
    found = chosen_rules(utterance, rule, target, fill, table, choice, seed, today, allowed)
    described = describe_rules(found, table, today)
    new = sheet_rules(found, table)
    replace_rule(workbook, table.sheet, name, new, output)
    write_described(described)
    for line in said_places(standing(workbook, output, table.sheet, new)):
        click.echo(line)
    click.echo(f"replaced rule {name}\nwrote {output}")


@rules.command()
@workbook_option
@output_option
@sheet_option
@json_option
def merge(workbook: Path, output: Path, sheet: str | None, as_json: bool) -> None:
    """Write a copy in which fragments of one rule, as pasting leaves them, are one rule again.

    Every cell looks as it did before. Without --sheet all sheets are gone through.
    """
    from server.workbooks import merge_workbook

    check_copy(output, workbook)
    merged = merge_workbook(workbook, output, sheet)
    if as_json:
        counts = {name: {"before": one.before, "after": one.after} for name, one in merged.items()}
        write_json({"output": str(output), "sheets": counts})
        return
    for name, one in merged.items():
        if one.before != one.after:
            click.echo(f"{name}: {one.before} rules are {one.after} now")
    if not any(one.changed for one in merged.values()):
        click.echo("no rule lies in fragments")
    click.echo(f"wrote {output}")


def _sheet(workbook: Path, sheet: str | None, ids: tuple[str, ...]) -> str:
    """The sheet that is named, or else the one that has the rules."""
    from server.workbooks import list_rules

    if sheet is not None:
        return sheet
    listed = list_rules(workbook)
    places = [{rule.sheet for rule in listed if rule.id == name} for name in ids]
    for name, sheets in zip(ids, places, strict=True):
        if not sheets:
            raise RequestError(
                f"no sheet has a rule {name!r}; `cellfusion rules list` shows those there are"
            )
    common = set.intersection(*places)
    if len(common) != 1:
        names = ", ".join(sorted(set.union(*places)))
        raise RequestError(f"the rules are on several sheets, {names}; name one with --sheet")
    return common.pop()


def _line(rule: ListedRule) -> tuple[str, ...]:
    pairs = rule.rule.style.to_json().items()
    look = ", ".join(_said(name, value) for name, value in pairs if value is not False)
    stops = " (stops)" if rule.rule.stop_if_true else ""
    hidden = " ".join(rule.hidden_by) or "-"
    said = rule.reading + stops
    return rule.sheet, str(rule.position), rule.id, rule.sqref, said, look or "-", hidden


def _said(name: str, value: object) -> str:
    return name if value is True else f"{name.replace('_', ' ')} {value}"


def _json(rule: ListedRule) -> dict[str, object]:
    return {
        "id": rule.id,
        "sheet": rule.sheet,
        "position": rule.position,
        "range": rule.sqref,
        "type": rule.kind,
        "explanation": rule.reading,
        "style": rule.rule.style.to_json(),
        "stop_if_true": rule.rule.stop_if_true,
        "hidden_by": list(rule.hidden_by),
    }
