"""What has been kept long enough goes, some rows at a time."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, select

from server.store.engine import Store
from server.store.models import Asked, Audited, Decision, now
from server.store.rows import touched

BATCH = 2000
"""Rows of one transaction, so that nobody waits long for a lock."""


def purge(store: Store, days: int, audit_days: int) -> dict[str, int]:
    """Delete what is older than so many days: how many rows of each table.

    Raises:
        StoreError: the database does not answer; what is gone until then stays gone.
    """
    ages: dict[type[Asked | Decision | Audited], int] = {
        Asked: days,
        Decision: days,
        Audited: audit_days,
    }
    return {table.__tablename__: _purge(store, table, age) for table, age in ages.items()}


def _purge(store: Store, table: type[Asked | Decision | Audited], days: int) -> int:
    before = now() - dt.timedelta(days=days)
    old = select(table.id).where(table.at < before).limit(BATCH).scalar_subquery()
    total = 0
    while True:
        with store.begin() as session:
            gone = touched(session, delete(table).where(table.id.in_(old)))
        total += gone
        if gone < BATCH:
            return total
