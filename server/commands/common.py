"""What the commands share: options, output and the day that ``TODAY()`` means."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from server.policy import Policy

_F = TypeVar("_F", bound=Callable[..., object])

NO = 1
"""Exit status where the answer is no."""


class Day(click.ParamType[dt.date]):
    """A day written as 2026-08-01."""

    name = "date"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.date:
        if isinstance(value, dt.date):
            return value
        try:
            return dt.date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no date; write it as 2026-08-01", param, ctx)


def today_option(command: _F) -> _F:
    """``--today DATE``, by default the day of the call."""
    text = "The day that TODAY() means.  [default: today]"
    return click.option("--today", type=Day(), default=None, callback=_or_today, help=text)(command)


def _or_today(_: click.Context, __: click.Parameter, value: dt.date | None) -> dt.date:
    return value or dt.datetime.now().astimezone().date()


policy_option = click.option(
    "--policy",
    type=click.Path(path_type=Path),
    help="Policy file (TOML) to keep to.  [default: CELLFUSION_POLICY]",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON.")
seed_option = click.option("--seed", default=0, show_default=True, help="Same seed, same answer.")
sheet_option = click.option("--sheet", help="Name of the sheet.")
range_option = click.option("--range", "area", help="Cells to look at, as A1:F200, or a table.")


def policy_of(path: Path | None) -> Policy:
    """What the organisation allows: by the file that is named, or else by the environment.

    Raises:
        ConfigError: it cannot be read.
    """
    import os

    from server.policy import Policy

    return Policy.load(os.environ, policy=path)


def is_policed(path: Path | None) -> bool:
    """Whether anything is set that a policy may be made of; if not, none need be loaded."""
    from os import environ

    return path is not None or any(name.startswith("CELLFUSION_") for name in environ)


def write_json(value: object) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def write_described(described: Iterable[Mapping[str, object]]) -> None:
    """Print what each rule selects and where, a line each."""
    for entry in described:
        click.echo(f"{entry['explanation']}: {entry['match_count']} cells of {entry['range']}")


def write_table(title: str, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; plain and unwrapped lines where the output is no terminal."""
    import sys

    from rich.console import Console
    from rich.table import Table

    if not sys.stdout.isatty():
        click.echo(title)
        for row in [headers, *rows]:
            click.echo("  " + "  ".join(row))
        return
    shown = Table(title=title, title_justify="left")
    for header in headers:
        shown.add_column(header, overflow="fold")
    for row in rows:
        shown.add_row(*row)
    Console().print(shown)
