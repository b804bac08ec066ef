"""Migrations: up and down on both databases, and the same tables as the models."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from server.errors import ConfigError, StoreError
from server.store import Store
from server.store.models import Base
from server.store.schema import current, downgrade, is_ready, newest, upgrade

TABLES = {"suggestions", "decisions", "library", "audit", "keys"}


def tables(store):
    """The tables that a database has, without that of the migrations."""
    return set(inspect(store.engine).get_table_names()) - {"alembic_version"}


def test_migrations_go_up_and_down_and_up(store_url):
    """The way leads from nothing to the tables, back to nothing, and there again."""
    store = Store(store_url)
    assert current(store) is None
    assert not is_ready(store)
    for _ in range(2):
        upgrade(store)
        assert is_ready(store)
        assert tables(store) == TABLES
        downgrade(store, "base")
        assert current(store) is None
        assert tables(store) == set()
    store.engine.dispose()


def test_upgrading_twice_changes_nothing(store_url):
    """A database that is up to date stays as it is."""
    store = Store(store_url)
    upgrade(store)
    upgrade(store)
    assert current(store) == newest()
    store.engine.dispose()


def test_migrations_make_what_the_models_say(store_url):
    """Alembic finds no difference, and the models are what is tested here."""
    store = Store(store_url)
    upgrade(store)
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    assert set(Base.metadata.tables) == TABLES
    store.engine.dispose()


def test_a_form_that_does_not_exist_is_refused(store_url):
    """Nothing changes, and the message says so."""
    store = Store(store_url)
    with pytest.raises(ConfigError, match="no such form"):
        upgrade(store, "9999")
    assert current(store) is None
    store.engine.dispose()


def test_a_database_that_is_away_is_one_error(tmp_path):
    """Neither a refused connection nor a folder that cannot be made gives another one."""
    (tmp_path / "file").write_text("no folder")
    for url in ("postgresql://nobody@127.0.0.1:1/none", f"sqlite:///{tmp_path}/file/store.db"):
        with pytest.raises(StoreError, match="does not answer"):
            current(Store(url))


@pytest.mark.parametrize(
    "url",
    ["mysql://h/d", "sqlite://", "sqlite:///:memory:", "not a url", "postgresql+asyncpg://h/d"],
)
def test_other_databases_are_refused(url):
    """What is neither is told without repeating the text, which may hold a password."""
    with pytest.raises(ConfigError, match="database_url") as caught:
        Store(url)
    assert "h/d" not in str(caught.value)
