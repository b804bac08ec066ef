"""Commands for whoever runs the service: the store's tables, what is in them, and keys."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.commands.common import NO, json_option, write_json, write_table

if TYPE_CHECKING:
    from server.config import Config
    from server.identity.who import Identity
    from server.store import Store


def _config() -> Config:
    from server.config import Config

    return Config.load(os.environ)


@contextmanager
def _open() -> Iterator[Store]:
    """The store of the settings, closed again at the end."""
    from server.store import Store

    found = Store(_config().database_url)
    try:
        yield found
    finally:
        found.engine.dispose()


def _who() -> Identity:
    """Whoever may run commands on the server may do everything; the audit says it was a command."""
    from server.identity.who import SCOPES, Identity, Role

    return Identity("command", "", Role.ADMIN, frozenset(SCOPES), "command")


@click.group()
def store() -> None:
    """Look after the database: its tables, retention, and what is stored about a person.

    The variable CELLFUSION_DATABASE_URL says which database it is.
    """


@store.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the tables to the form of this version, or to REVISION."""
    from server.store import schema

    with _open() as own:
        schema.upgrade(own, revision)
        click.echo(f"the store is at {schema.current(own)}")


@store.command()
@click.argument("revision")
@click.option("--yes", is_flag=True, help="Do not ask.")
def downgrade(revision: str, yes: bool) -> None:
    """Go back to REVISION; base removes all tables and what is in them."""
    from server.store import schema

    if not yes:
        click.confirm("What later versions have stored is lost. Go on?", abort=True)
    with _open() as own:
        schema.downgrade(own, revision)
        click.echo(f"the store is at {schema.current(own) or 'base'}")


@store.command()
@json_option
def status(as_json: bool) -> None:
    """Say whether the tables are those of this version; exit status 1 where they are not."""
    from server.store import schema

    with _open() as own:
        found, wanted = schema.current(own), schema.newest()
        shown = {"database": own.url.render_as_string(), "at": found, "newest": wanted}
    if as_json:
        write_json({**shown, "ready": found == wanted})
    else:
        write_table("store", ("", ""), [(name, str(text)) for name, text in shown.items()])
    if found != wanted:
        raise SystemExit(NO)


@store.command()
def purge() -> None:
    """Delete what is older than the settings say."""
    from server.store import retention

    config = _config()
    with _open() as own:
        gone = retention.purge(own, config.retention_days, config.audit_days)
    click.echo(", ".join(f"{name}: {count}" for name, count in gone.items()))


@store.command()
@click.option("--user", required=True, help="Object id of the person, or id of the key.")
def export(user: str) -> None:
    """Write everything that is stored about a person as JSON."""
    from server.store import audit, people

    with _open() as own, own.begin() as session:
        audit.note(session, _who(), "person.export", user)
        session.flush()
        write_json(people.export(session, user))


@store.command()
@click.option("--user", required=True, help="Object id of the person, or id of the key.")
def erase(user: str) -> None:
    """Remove a person from all that is stored; the audit keeps a pseudonym."""
    from server.store import audit, people

    with _open() as own, own.begin() as session:
        audit.note(session, _who(), "person.erase", user)
        session.flush()
        gone = people.erase(session, user)
    click.echo(", ".join(f"{name}: {count}" for name, count in gone.items()))


@store.command("training-pairs")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File to write.")
def training_pairs(out: Path) -> None:
    """Write accepted rules with what was asked as a file for train --pairs and evaluate."""
    from server.store import audit, decisions, pairs
    from server.workbooks.output import whole_output

    with _open() as own, own.begin() as session:
        found = pairs.training_pairs(decisions.accepted_pairs(session))
        audit.note(session, _who(), "pairs.export", str(len(found)))
    with whole_output(out) as stream:
        stream.write(json.dumps(found, ensure_ascii=False, indent=1).encode())
    click.echo(f"{len(found)} pairs in {out}")


@click.group()
def keys() -> None:
    """Make, list and revoke the keys of scripts."""


@keys.command()
@click.option("--name", required=True, help="What it is for.")
@click.option("--role", default="user", type=click.Choice(("user", "tester", "admin")))
@click.option("--scope", "scopes", multiple=True, required=True, help="What it opens, as suggest.")
@click.option("--days", type=click.IntRange(1, 3650), help="How long.  [default: for ever]")
def create(name: str, role: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Make a key and print it, this once."""
    from server.identity.who import SCOPES, Role
    from server.store import keys as kept

    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise click.BadParameter(f"{', '.join(unknown)}; there are {', '.join(SCOPES)}")
    with _open() as own, own.begin() as session:
        text, _ = kept.create(session, _who(), name, Role(role), frozenset(scopes), days)
    click.echo(text)


@keys.command("list")
@json_option
def list_keys(as_json: bool) -> None:
    """List all keys, the newest first."""
    from server.store import keys as kept
    from server.store.rows import as_json as row_of

    with _open() as own, own.read() as session:
        rows = [row_of(key) for key in kept.every(session)]
    shown = ("id", "name", "role", "scopes", "expires", "revoked")
    if as_json:
        write_json([{name: row[name] for name in shown} for row in rows])
    else:
        write_table("keys", shown, [[_shown(row[name]) for name in shown] for row in rows])


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")


@keys.command()
@click.argument("key_id")
def revoke(key_id: str) -> None:
    """End a key."""
    from server.store import keys as kept

    with _open() as own, own.begin() as session:
        kept.revoke(session, _who(), key_id)
    click.echo(f"revoked {key_id}")
