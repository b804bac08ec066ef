"""What people make of the readings that they are offered."""

from __future__ import annotations

from flask import Blueprint

from server.endpoints import post
from server.identity.who import Access, Role, identity
from server.service import service
from server.store.decisions import Decided, record
from server.stored import DecisionIn, DecisionOut, canonical

decisions = Blueprint("decisions", __name__, url_prefix="/api/v1")


@post(
    decisions,
    "/decisions",
    DecisionIn,
    DecisionOut,
    problems=(503,),
    access=Access(Role.USER, "suggest"),
)
def decide(asked: DecisionIn) -> DecisionOut:
    """Store that a reading was accepted or rejected; the answer comes when it is stored."""
    own = service()
    found = Decided(
        asked.id,
        asked.outcome == "accepted",
        asked.rank,
        canonical(asked.rules),
        asked.reason,
        tuple(asked.kinds),
        asked.request if own.config.keep_requests else None,
        asked.request_id,
    )
    with own.store.begin() as session:
        record(session, identity(), found)
    return DecisionOut(id=asked.id)
