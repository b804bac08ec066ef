"""The command that shows what is in force, and where from."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path

import click

from server.commands.common import json_option, write_json, write_table


@click.command()
@click.option("--policy", type=click.Path(path_type=Path), help="Policy file (TOML).")
@json_option
def config(policy: Path | None, as_json: bool) -> None:
    """Show every setting of the service, its value and where it is from.

    Passwords are masked. Settings that could not be served with are status 2.
    """
    from server.config import Config
    from server.identity.door import check_closed
    from server.settings import gather, masked

    known = [field.name for field in fields(Config)]
    found = Config.load(os.environ, policy=policy)
    written = gather(os.environ, {"policy": policy}, known)
    check_closed(found)
    rows = [
        (name, "" if (value := getattr(found, name)) is None else masked(value), origin)
        for name in known
        for origin in (written[name].origin if name in written else "default",)
    ]
    if as_json:
        write_json([dict(zip(("name", "value", "origin"), row, strict=True)) for row in rows])
    else:
        write_table("settings", ("setting", "value", "from"), rows)
