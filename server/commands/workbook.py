"""Commands that read a workbook and answer with rules, a formatted copy or a picture."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grammar.errors import OutputError
from grammar.table import Table
from server.commands.choosing import chosen_rules, rule_options
from server.commands.common import (
    NO,
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

if TYPE_CHECKING:
    from server.workbooks import AppliedResult

_SHOWN = 8
"""Matched cells that a line of the table names."""

workbook_option = click.option(
    "--workbook", type=click.Path(path_type=Path), required=True, help="An .xlsx file."
)
output_option = click.option(
    "--output", type=click.Path(path_type=Path), required=True, help="The file to write."
)


@click.command()
@click.argument("utterance")
@workbook_option
@sheet_option
@range_option
@click.option("--top", default=5, show_default=True, type=click.IntRange(1, 20))
@seed_option
@today_option
@policy_option
@json_option
def suggest(
    utterance: str,
    workbook: Path,
    sheet: str | None,
    area: str | None,
    top: int,
    seed: int,
    today: dt.date,
    policy: Path | None,
    as_json: bool,
) -> None:
    """Offer the rules that UTTERANCE can mean, with the cells that each selects."""
    from server.suggestions import propose, to_json
    from server.workbooks import read_table

    allowed = policy_of(policy)
    table = read_table(workbook, sheet, area)
    proposed = propose(utterance, table, today=today, top=top, seed=seed)
    found = to_json(allowed.select(proposed), table, today)
    if as_json:
        write_json(found)
    else:
        _show(utterance, table, found)
    if not found["candidates"]:
        raise SystemExit(NO)


def _show(utterance: str, table: Table, found: dict[str, object]) -> None:
    if found["question"]:
        click.echo(f"? {found['question']}")
    candidates = found["candidates"]
    if not isinstance(candidates, list) or not candidates:
        return
    headers = ("#", "score", "rule", "reading", "style", "cells")
    rows = [_line(c, rule) for c in candidates for rule in c["rules"]]
    write_table(f"{utterance!r} on {table.sheet}!{table.area}", headers, rows)


def _line(candidate: dict[str, object], rule: dict[str, object]) -> tuple[str, ...]:
    matches, style = rule["matches"], rule["style"]
    assert isinstance(matches, list) and isinstance(style, dict)  # noqa: S101, PT018 - our own JSON
    more = " …" if len(matches) > _SHOWN else ""
    cells = f"{rule['match_count']}: {' '.join(matches[:_SHOWN])}{more}"
    look = " ".join(f"{name} {value}" for name, value in style.items()) or "-"
    return (
        str(candidate["rank"]),
        f"{candidate['score']:.2f}",
        str(rule["condition"]),
        str(rule["explanation"]),
        look,
        cells,
    )


@click.command()
@rule_options
@workbook_option
@output_option
@sheet_option
@range_option
@seed_option
@today_option
@policy_option
@json_option
def apply(
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
    as_json: bool,
) -> None:
    """Write a copy of the workbook with the rule that UTTERANCE means, nothing else changed."""
    from server.suggestions import describe_rules, sheet_rules
    from server.workbooks import apply_rules, read_table

    check_copy(output, workbook)
    allowed = policy_of(policy)
    table = read_table(workbook, sheet, area)
    rules = chosen_rules(utterance, rule, target, fill, table, choice, seed, today, allowed)
    described = describe_rules(rules, table, today)
    result = apply_rules(workbook, table.sheet, sheet_rules(rules, table), output)
    _report(output, table, described, as_json, result)


@click.command()
@rule_options
@workbook_option
@output_option
@sheet_option
@range_option
@seed_option
@today_option
@policy_option
@json_option
def preview(
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
    as_json: bool,
) -> None:
    """Show what a rule would look like, as a picture (.png), a page (.html) or a copy (.xlsx)."""
    from server.suggestions import describe_rules
    from server.workbooks import read_table
    from server.workbooks.preview import write_preview

    check_output(output, (".png", ".html", ".xlsx"))
    if output.suffix.lower() == ".xlsx":
        check_copy(output, workbook)
    allowed = policy_of(policy)
    table = read_table(workbook, sheet, area)
    rules = chosen_rules(utterance, rule, target, fill, table, choice, seed, today, allowed)
    described = describe_rules(rules, table, today)
    write_preview(workbook, rules, table, output, today)
    _report(output, table, described, as_json)


def _report(
    output: Path,
    table: Table,
    described: list[dict[str, object]],
    as_json: bool,
    result: AppliedResult | None = None,
) -> None:
    from server.commands.placing import places_json, said_places

    if as_json:
        places = {"placed": places_json(result), "notes": list(result.notes)} if result else {}
        write_json({"output": str(output), "sheet": table.sheet, "rules": described} | places)
        return
    write_described(described)
    for line in said_places(result) if result else ():
        click.echo(line)
    for note in result.notes if result else ():
        click.echo(f"note: {note}", err=True)
    click.echo(f"wrote {output}")


def check_output(output: Path, suffixes: tuple[str, ...] = ()) -> None:
    """Refuse an output that exists, has no folder or is of a kind that is not written.

    Raises:
        OutputError: it cannot be written.
    """
    from server.workbooks.output import is_taken

    if is_taken(output):
        raise OutputError(f"{output} exists already; name another file or remove it first")
    if not output.parent.is_dir():
        raise OutputError(f"there is no folder {output.parent}")
    if suffixes and output.suffix.lower() not in suffixes:
        raise OutputError(f"{output.name} is none of {', '.join(suffixes)}")


def check_copy(output: Path, workbook: Path) -> None:
    """Refuse an output for a copy of a workbook as ``check_output`` does, and a wrong ending.

    Raises:
        OutputError: it cannot be written, or Excel would refuse it.
        UnreadableWorkbookError, HostileWorkbookError: the workbook cannot be read.
    """
    from server.workbooks.package import open_package

    check_output(output)
    with open_package(workbook) as package:
        suffix = package.suffix
    if output.suffix.lower() != suffix:
        raise OutputError(
            f"{workbook.name} is an {suffix} file, and Excel opens no copy of it under another "
            f"ending; name the output {output.stem}{suffix}"
        )


@click.command()
@click.argument("output", type=click.Path(path_type=Path))
@today_option
def sample(output: Path, today: dt.date) -> None:
    """Write a sample workbook: an order list to try requests on."""
    from server.sample import write_sample

    check_output(output, (".xlsx",))
    write_sample(output, today)
    click.echo(f"wrote {output}")
