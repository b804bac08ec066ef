"""The form of the tables: which one a database has, and the way to another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config as Alembic
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from server.errors import ConfigError, StoreError
from server.store.engine import Store

FOLDER = Path(__file__).parent.parent / "migrations"
_LOCK = 4_738_201
"""PostgreSQL's name of the lock that lets one process migrate at a time."""


@lru_cache(maxsize=1)
def newest() -> str:
    """The form that this version of the service needs."""
    return ScriptDirectory(str(FOLDER)).get_current_head() or ""


def current(store: Store) -> str | None:
    """The form that the tables have; ``None`` where there are none.

    Raises:
        StoreError: the database does not answer.
    """
    with _connected(store) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_ready(store: Store) -> bool:
    """Whether the tables are those that this version needs.

    Raises:
        StoreError: the database does not answer.
    """
    return current(store) == newest()


def upgrade(store: Store, revision: str = "head") -> None:
    """Bring the tables to a form, by default the newest; all of it or nothing.

    Raises:
        StoreError: the database does not answer or refuses.
        ConfigError: there is no such form.
    """
    with _connected(store) as connection:
        _run(command.upgrade, connection, revision)


def downgrade(store: Store, revision: str) -> None:
    """Go back to an earlier form; ``base`` removes all tables and what is in them.

    Raises:
        StoreError: the database does not answer or refuses.
        ConfigError: there is no such form.
    """
    with _connected(store) as connection:
        _run(command.downgrade, connection, revision)


def _run(step: object, connection: Connection, revision: str) -> None:
    settings = Alembic()
    settings.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    settings.attributes["connection"] = connection
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": _LOCK})
    try:
        step(settings, revision)  # type: ignore[operator] # one of two functions of one form
    except CommandError as error:
        raise ConfigError(f"the store has no such form: {error}") from error


@contextmanager
def _connected(store: Store) -> Iterator[Connection]:
    """A connection in a transaction, committed at the end."""
    try:
        with store.engine.begin() as connection:
            yield connection
    except (DBAPIError, PoolTimeout) as error:
        raise StoreError("the store does not answer; try again") from error
