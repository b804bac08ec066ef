"""The organisation's library: rules under a name, each change a new version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import ConflictError, MissingError
from server.identity.who import Identity
from server.store import audit
from server.store.models import LibraryRule, now
from server.store.rows import clean


@dataclass(frozen=True)
class Named:
    """Rules to be stored under a name, over ``version`` where one is expected."""

    name: str
    rules: tuple[dict[str, Any], ...]
    description: str = ""
    version: int | None = None


def every(session: Session) -> Sequence[LibraryRule]:
    """All rules of the library by name."""
    return session.scalars(select(LibraryRule).order_by(LibraryRule.name)).all()


def one(session: Session, name: str) -> LibraryRule:
    """The rules of a name.

    Raises:
        MissingError: there are none.
    """
    found = session.get(LibraryRule, clean(name))
    if found is None:
        raise MissingError(f"the library has no rule {name!r}")
    return found


def save(session: Session, who: Identity, named: Named) -> LibraryRule:
    """Store rules under a name: a new one, or the next version of what is there.

    Raises:
        ConflictError: the version that is there is another than the one expected; 0 expects none.
    """
    found = session.get(LibraryRule, named.name, with_for_update=True)
    version = found.version if found else 0
    if named.version not in (None, version):
        raise ConflictError(f"{named.name!r} is at version {version}, not {named.version}")
    if found is None:
        found = LibraryRule(name=named.name)
        session.add(found)
    found.version, found.at, found.subject = version + 1, now(), who.subject
    found.description, found.rules = clean(named.description), list(named.rules)
    audit.note(session, who, "library.save", named.name)
    session.flush()
    return found


def remove(session: Session, who: Identity, name: str) -> None:
    """Take the rules of a name out of the library.

    Raises:
        MissingError: there are none.
    """
    session.delete(one(session, name))
    audit.note(session, who, "library.remove", name)
