"""Readings that people accepted or rejected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from server.identity.who import Identity
from server.store.models import Decision, now
from server.store.rows import clean


@dataclass(frozen=True)
class Decided:
    """One decision; ``rules`` are canonical, ``id`` is the sender's and tells one sent twice."""

    id: str
    accepted: bool
    rank: int
    rules: tuple[dict[str, Any], ...]
    reason: str | None = None
    kinds: tuple[str, ...] = ()
    request: str | None = None
    request_id: str = ""


def record(session: Session, who: Identity, found: Decided) -> None:
    """Store a decision; one that is there already, as after an answer that got lost, stays."""
    if session.get(Decision, found.id) is not None:
        return
    moment = now()
    row = Decision(
        id=found.id,
        at=moment,
        day=moment.date(),
        tenant=who.tenant,
        subject=who.subject,
        request_id=found.request_id,
        accepted=found.accepted,
        rank=found.rank,
        reason=found.reason,
        condition="\n".join(clean(str(rule["condition"])) for rule in found.rules),
        rules=list(found.rules),
        kinds=list(found.kinds),
        request=None if found.request is None else clean(found.request),
    )
    session.add(row)


@dataclass(frozen=True)
class Refused:
    """A request whose readings were rejected, and how often each way."""

    request: str
    rejected: int
    accepted: int


def most_rejected(session: Session, most: int = 20) -> Sequence[Refused]:
    """The requests that were rejected most often, of those whose text was kept."""
    rejected = func.sum(case((Decision.accepted, 0), else_=1))
    accepted = func.sum(case((Decision.accepted, 1), else_=0))
    wanted = (
        select(Decision.request, rejected, accepted)
        .where(Decision.request.is_not(None))
        .group_by(Decision.request)
        .having(rejected > 0)
        .order_by(rejected.desc(), Decision.request)
        .limit(most)
    )
    return [Refused(str(text), int(no), int(yes)) for text, no, yes in session.execute(wanted)]


def accepted_pairs(session: Session) -> Iterator[Decision]:
    """Accepted decisions with the text of their request, the oldest first."""
    wanted = select(Decision).where(Decision.accepted, Decision.request.is_not(None))
    yield from session.scalars(
        wanted.order_by(Decision.at, Decision.id).execution_options(yield_per=500)
    )
