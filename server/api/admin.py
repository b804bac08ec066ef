"""What administrators see and do: usage, audit, and what is stored about one person."""

from __future__ import annotations

from flask import Blueprint

from server.endpoints import JSON, delete, get, post
from server.identity.who import Access, Role, identity
from server.service import service
from server.store import audit as trail
from server.store import keys, people, usage
from server.store.decisions import most_rejected
from server.stored import (
    AuditLine,
    AuditLines,
    AuditQuery,
    DayOut,
    Erased,
    KeyIn,
    KeyList,
    KeyOut,
    MostQuery,
    NewKey,
    RefusedOut,
    Rejected,
    Usage,
    UsageQuery,
)

admin = Blueprint("admin", __name__, url_prefix="/api/v1/admin")
ADMIN = Access(Role.ADMIN, "admin")


@get(admin, "/usage", Usage, problems=(503,), access=ADMIN, query=UsageQuery)
def read_usage(asked: UsageQuery) -> Usage:
    """Count the requests, answers and decisions of each day."""
    own = service()
    with own.store.read() as session:
        days = [DayOut.model_validate(day) for day in usage.by_day(session, asked.days)]
    return Usage(days=days, keeps_requests=own.config.keep_requests)


@get(admin, "/rejected", Rejected, problems=(503,), access=ADMIN, query=MostQuery)
def read_rejected(asked: MostQuery) -> Rejected:
    """List the requests whose readings were rejected most often, where requests are kept."""
    own = service()
    with own.store.begin() as session:
        trail.note(session, identity(), "requests.read", "")
        found = [RefusedOut.model_validate(each) for each in most_rejected(session, asked.most)]
    return Rejected(keeps_requests=own.config.keep_requests, requests=found)


@get(admin, "/audit", AuditLines, problems=(503,), access=ADMIN, query=AuditQuery)
def read_audit(asked: AuditQuery) -> AuditLines:
    """List who did what, the newest first."""
    with service().store.read() as session:
        lines = trail.recent(session, asked.before, asked.most)
        return AuditLines(lines=[AuditLine.model_validate(line) for line in lines])


@get(admin, "/users/<subject>", {JSON: None}, problems=(503,), access=ADMIN)
def export_user(subject: str) -> dict[str, object]:
    """Answer everything that is stored about a person."""
    with service().store.begin() as session:
        trail.note(session, identity(), "person.export", subject)
        session.flush()
        return people.export(session, subject)


@delete(admin, "/users/<subject>", Erased, problems=(503,), access=ADMIN)
def erase_user(subject: str) -> Erased:
    """Remove a person from all that is stored; the audit keeps a pseudonym."""
    with service().store.begin() as session:
        trail.note(session, identity(), "person.erase", subject)
        session.flush()
        return Erased.model_validate(people.erase(session, subject))


@get(admin, "/keys", KeyList, problems=(503,), access=ADMIN)
def read_keys() -> KeyList:
    """List the keys of scripts, without their secrets."""
    with service().store.read() as session:
        return KeyList(keys=[KeyOut.model_validate(key) for key in keys.every(session)])


@post(admin, "/keys", KeyIn, NewKey, problems=(503,), access=ADMIN)
def create_key(asked: KeyIn) -> NewKey:
    """Make a key; its text is in this answer and nowhere else."""
    scopes = frozenset(asked.scopes)
    with service().store.begin() as session:
        who, role = identity(), Role(asked.role)
        text, row = keys.create(session, who, asked.name, role, scopes, asked.days)
    return NewKey(text=text, **KeyOut.model_validate(row).model_dump())


@delete(admin, "/keys/<key_id>", KeyOut, problems=(404, 503), access=ADMIN)
def revoke_key(key_id: str) -> KeyOut:
    """End a key."""
    with service().store.begin() as session:
        return KeyOut.model_validate(keys.revoke(session, identity(), key_id))
