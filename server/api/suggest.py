"""From a sentence to rules."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Response, request

from grammar.table import Table
from model.pipeline import Suggestion
from server.answers import Suggestions
from server.batching import wait_for
from server.endpoints import JSON, post
from server.events import EVENTS, Steps, streamed
from server.identity.who import Access, Role
from server.schemas import SuggestRequest
from server.service import day, service
from server.suggestions import to_json
from server.tables_json import describe_table, table_from_json

suggestions = Blueprint("suggestions", __name__, url_prefix="/api/v1")
USER = Access(Role.USER, "suggest")


@post(
    suggestions,
    "/suggest",
    SuggestRequest,
    {JSON: Suggestions, EVENTS: None},
    problems=(503,),
    access=USER,
)
def suggest(asked: SuggestRequest) -> dict[str, object] | Response:
    """Offer the rules that a sentence can mean; as events, each step of the way is shown."""
    own, today = service(), day(asked.today)
    table = table_from_json(asked.table, own.config)
    steps = Steps() if request.accept_mimetypes.best_match([JSON, EVENTS]) == EVENTS else None
    answer = own.model.submit(
        asked.utterance,
        table,
        today=today,
        top=asked.top,
        seed=asked.seed,
        shown=steps.show if steps else None,
    )
    seconds = own.config.answer_seconds
    if steps:
        return streamed(answer, steps, lambda found: _finished(found, table, today), seconds)
    return _finished(wait_for(answer, seconds), table, today)


def _finished(found: Suggestion, table: Table, today: dt.date) -> dict[str, object]:
    """The suggestion as JSON, counted."""
    outcome = "asked" if found.abstained else "offered"
    service().metrics.suggestions.labels(outcome).inc()
    return to_json(found, table, today) | {"table": describe_table(table)}
