"""What is known of one person: exported, and erased."""

from __future__ import annotations

import secrets

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from server.store.audit import pseudonymise
from server.store.models import Asked, Audited, Decision, Key, LibraryRule
from server.store.rows import as_json, touched

PERSONAL: tuple[type[Asked | Decision], ...] = (Asked, Decision)
"""Tables whose rows go with the person."""


def export(session: Session, subject: str) -> dict[str, object]:
    """Everything that is stored about a person, by table."""
    found: dict[str, object] = {"subject": subject}
    for table in (*PERSONAL, Audited):
        rows = session.scalars(select(table).where(table.subject == subject).order_by(table.at))
        found[table.__tablename__] = [as_json(row) for row in rows]
    written = session.scalars(select(LibraryRule).where(LibraryRule.subject == subject))
    found["library"] = [as_json(rule) for rule in written]
    made = session.scalars(select(Key).where(Key.created_by == subject))
    found["keys"] = [{"id": key.id, "name": key.name} for key in made]
    return found


def erase(session: Session, subject: str) -> dict[str, int]:
    """Remove a person: how many rows of each table are gone or lost the name.

    The library and the audit stay, under a pseudonym that leads back to nobody.
    """
    name = f"erased-{secrets.token_hex(6)}"
    found = {
        table.__tablename__: touched(session, delete(table).where(table.subject == subject))
        for table in PERSONAL
    }
    written = update(LibraryRule).where(LibraryRule.subject == subject).values(subject=name)
    made = update(Key).where(Key.created_by == subject).values(created_by=name)
    found["library"] = touched(session, written)
    found["keys"] = touched(session, made)
    found["audit"] = pseudonymise(session, subject, name)
    return found
