"""From a sentence to rules."""

from __future__ import annotations

from flask import Blueprint

from server.answers import Suggestions
from server.batching import wait_for
from server.endpoints import post
from server.schemas import SuggestRequest
from server.service import day, service
from server.suggestions import to_json
from server.tables_json import describe_table, table_from_json

suggestions = Blueprint("suggestions", __name__, url_prefix="/api/v1")


@post(suggestions, "/suggest", SuggestRequest, Suggestions, problems=(503,))
def suggest(asked: SuggestRequest) -> dict[str, object]:
    """Offer the rules that a sentence can mean, with the cells that each selects."""
    own, today = service(), day(asked.today)
    table = table_from_json(asked.table, own.config)
    waiting = own.model.submit(asked.utterance, table, today=today, top=asked.top, seed=asked.seed)
    found = wait_for(waiting, own.config.answer_seconds)
    own.metrics.suggestions.labels("asked" if found.abstained else "offered").inc()
    return to_json(found, table, today) | {"table": describe_table(table)}
