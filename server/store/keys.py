"""Keys for scripts: made, listed, revoked, and found when one is shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import MissingError, StoreError
from server.identity.keys import StoredKey, new_key
from server.identity.who import Identity, Role
from server.store import audit
from server.store.engine import Store
from server.store.models import Key, now
from server.store.rows import clean

REMEMBERED = 1000
"""Keys that a process still knows while the database is away."""


class StoredKeys:
    """Where keys are kept; those seen before are let in while the database is away."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: dict[str, StoredKey] = {}

    def find(self, key_id: str) -> StoredKey | None:
        """The key of an id, revoked ones included.

        Raises:
            StoreError: the database is away, and the key was not seen before.
        """
        try:
            with self._store.read() as session:
                row = session.get(Key, key_id)
                found = as_stored(row) if row else None
        except StoreError:
            if key_id in self._seen:
                return self._seen[key_id]
            raise
        if found and (found.id in self._seen or len(self._seen) < REMEMBERED):
            self._seen[found.id] = found
        return found


def as_stored(row: Key) -> StoredKey:
    """A row as the door wants it."""
    return StoredKey(
        row.id,
        row.digest,
        Role(row.role),
        frozenset(row.scopes),
        row.name,
        row.revoked is not None,
        row.expires,
        row.tenant,
    )


def create(
    session: Session,
    who: Identity,
    name: str,
    role: Role,
    scopes: frozenset[str],
    days: int | None = None,
) -> tuple[str, Key]:
    """The text of a new key, which is nowhere kept, and its row."""
    expires = now() + dt.timedelta(days=days) if days else None
    text, key = new_key(role, scopes, clean(name), expires, who.tenant)
    row = Key(
        id=key.id,
        digest=key.hash,
        name=key.name,
        role=str(key.role),
        scopes=sorted(key.scopes),
        tenant=key.tenant,
        created_by=who.subject,
        created=now(),
        expires=expires,
        revoked=None,
    )
    session.add(row)
    audit.note(session, who, "key.create", row.id)
    return text, row


def every(session: Session) -> Sequence[Key]:
    """All keys, the newest first."""
    return session.scalars(select(Key).order_by(Key.created.desc(), Key.id)).all()


def revoke(session: Session, who: Identity, key_id: str) -> Key:
    """End a key; one that has ended already stays so.

    Raises:
        MissingError: there is no such key.
    """
    row = session.get(Key, clean(key_id), with_for_update=True)
    if row is None:
        raise MissingError(f"there is no key {key_id!r}")
    if row.revoked is None:
        row.revoked = now()
        audit.note(session, who, "key.revoke", row.id)
    return row
