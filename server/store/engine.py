"""The connection to SQLite or PostgreSQL, and transactions whose failures are one error."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from server.errors import ConfigError, StoreError

POOL = 4
"""Connections of a process; a database that hangs can hold no more of its threads than these."""
SECONDS = 3
"""How long a connection, a lock or a place in the pool is waited for."""
_OPTIONS = (
    f"-c statement_timeout=10000 -c lock_timeout={1000 * SECONDS} "
    "-c idle_in_transaction_session_timeout=15000 -c timezone=UTC"
)
_POSTGRES = {
    "connect_timeout": SECONDS,
    "tcp_user_timeout": 1000 * SECONDS,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
}
_READS = "cellfusion_reads"
_SCHEMES = ("postgres", "postgresql", "postgresql+psycopg")


class Store:
    """A database by its URL; nothing is opened before the first transaction."""

    def __init__(self, url: str) -> None:
        self.url = database_url(url)
        self.engine = make_engine(self.url)
        self._reading = self.engine.execution_options(postgresql_readonly=True, **{_READS: True})

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    def begin(self) -> AbstractContextManager[Session]:
        """A transaction, committed when its block ends well.

        Raises:
            StoreError: the database cannot be reached or refuses; nothing was stored.
        """
        return _transaction(self.engine)

    def read(self) -> AbstractContextManager[Session]:
        """A transaction that changes nothing, and waits for nobody who does.

        Raises:
            StoreError: the database cannot be reached.
        """
        return _transaction(self._reading)


@contextmanager
def _transaction(engine: Engine) -> Iterator[Session]:
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session
    except IntegrityError:
        raise
    except (DBAPIError, PoolTimeout) as error:
        raise StoreError("the store does not answer; try again") from error


def database_url(text: str) -> URL:
    """The URL of a setting; without one that of a file in the person's data folder.

    Raises:
        ConfigError: it is none of SQLite in a file or PostgreSQL.
    """
    if not text:
        return URL.create("sqlite", database=str(_data_folder() / "store.db"))
    try:
        url = make_url(text)
    except ArgumentError:
        url = URL.create("unreadable")
    if url.drivername in _SCHEMES:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername == "sqlite" and url.database not in (None, "", ":memory:"):
        return url
    # the text may hold a password, so it is not repeated
    raise ConfigError("database_url is none of sqlite:///FILE and postgresql://USER:…@HOST/NAME")


def _data_folder() -> Path:
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "cellfusion"


def make_engine(url: URL) -> Engine:
    """An engine that a process and its forks can share: a fork opens connections of its own."""
    is_sqlite = url.get_backend_name() == "sqlite"
    engine = create_engine(
        url,
        pool_pre_ping=True,
        pool_size=POOL,
        max_overflow=0,
        pool_timeout=SECONDS,
        pool_recycle=1800,
        hide_parameters=True,  # values of rows stay out of messages and logs
        connect_args={"timeout": SECONDS} if is_sqlite else _postgres(url),
    )
    if is_sqlite:
        _prepare_sqlite(engine, Path(url.database or ""))
    known = weakref.ref(engine)
    os.register_at_fork(after_in_child=lambda: _forget(known()))
    return engine


def _postgres(url: URL) -> dict[str, object]:
    """Short waits, then what the URL asks for itself."""
    own = url.query.get("options", "")
    return {**_POSTGRES, "options": f"{_OPTIONS} {own if isinstance(own, str) else ' '.join(own)}"}


def _forget(engine: Engine | None) -> None:
    if engine is not None:
        engine.dispose(close=False)  # the connections are the parent's


def _prepare_sqlite(engine: Engine, file: Path) -> None:
    """Write-ahead log, foreign keys, and transactions that take their lock when they begin."""

    @event.listens_for(engine, "do_connect")
    def make_file(*_: object) -> None:
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.touch(mode=0o600)
        except OSError as error:
            raise InterfaceError(None, None, error) from error

    @event.listens_for(engine, "connect")
    def connected(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        reads = connection.get_execution_options().get(_READS)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
