"""Who did what: written once, read by administrators; never what a cell holds."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.identity.who import Identity
from server.store.models import PERSON, Audited, now
from server.store.rows import clean, touched


def note(session: Session, who: Identity, action: str, of: str) -> None:
    """Write down that somebody did something; it stands or falls with the deed's transaction."""
    line = Audited(
        at=now(), tenant=who.tenant, subject=who.subject, action=action, object=clean(of, PERSON)
    )
    session.add(line)


def recent(session: Session, before: int | None = None, most: int = 100) -> Sequence[Audited]:
    """The newest lines, or those before one; the newest first."""
    wanted = select(Audited).order_by(Audited.id.desc()).limit(most)
    return session.scalars(wanted if before is None else wanted.where(Audited.id < before)).all()


def pseudonymise(session: Session, subject: str, name: str) -> int:
    """How many lines have a pseudonym now where they named somebody."""
    by = update(Audited).where(Audited.subject == subject).values(subject=name, tenant="")
    about = update(Audited).where(Audited.object == subject).values(object=name)
    return touched(session, by) + touched(session, about)
