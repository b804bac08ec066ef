"""From a sentence to rules."""

from __future__ import annotations

import datetime as dt
import time

from flask import Blueprint, Response, g, request

from grammar.rules import RuleSet
from grammar.table import Table
from model.pipeline import Suggestion
from server.answers import Suggestions
from server.batching import wait_for
from server.endpoints import JSON, post
from server.events import EVENTS, Steps, streamed
from server.identity.who import Access, Role, identity
from server.schemas import SuggestRequest
from server.service import day, service
from server.store.journal import Shape
from server.stored import DescribeRequest
from server.suggestions import describe_rules, to_json
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
        return streamed(
            answer,
            steps,
            lambda found: _finished(found, asked.utterance, table, today),
            seconds,
            lambda: own.model.ahead(answer),
        )
    return _finished(wait_for(answer, seconds), asked.utterance, table, today)


def _finished(found: Suggestion, utterance: str, table: Table, today: dt.date) -> dict[str, object]:
    """What of a suggestion is allowed, as JSON and counted."""
    own = service()
    found = own.policy.select(found)
    outcome = "asked" if found.abstained else "offered"
    own.metrics.suggestions.labels(outcome).inc()
    own.journal.add(_shape(found, utterance))
    return to_json(found, table, today) | {"table": describe_table(table)}


def _shape(found: Suggestion, utterance: str) -> Shape:
    """What is remembered of a suggestion."""
    return Shape(
        identity(),
        g.request_id,
        len(utterance),
        len(found.proposals),
        found.abstained,
        round(1000 * (time.perf_counter() - g.started)),
        utterance if service().config.keep_requests else None,
    )


@post(suggestions, "/describe", DescribeRequest, Suggestions, access=USER)
def describe(asked: DescribeRequest) -> dict[str, object]:
    """Show what given rules, as those of the library, select in a table, as a single candidate."""
    table, today = table_from_json(asked.table, service().config), day(asked.today)
    rules = service().policy.enforce(RuleSet(tuple(rule.to_rule() for rule in asked.rules)))
    candidate = {
        "rank": 1,
        "score": 1.0,
        "rules": describe_rules(rules, table, today),
        "repaired": False,
    }
    return {
        "candidates": [candidate],
        "abstained": False,
        "question": None,
        "table": describe_table(table),
    }
