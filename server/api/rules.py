"""Rule text: is it right, what is near it, what does it say."""

from __future__ import annotations

from flask import Blueprint

from server.answers import Explanation, Repairs, Validity
from server.endpoints import post
from server.identity.who import Access, Role
from server.rule_text import explanation, repairs
from server.schemas import ExplainRequest, RepairRequest, TextRequest
from server.service import service
from server.tables_json import table_from_json

rules = Blueprint("rules", __name__, url_prefix="/api/v1")
USER = Access(Role.USER, "rules")


@post(rules, "/validate", TextRequest, Validity, access=USER)
def validate(asked: TextRequest) -> dict[str, object]:
    """Tell whether a text is a condition, or a formula, that is right and allowed here."""
    return service().policy.validity(asked.text, asked.formula)


@post(rules, "/repair", RepairRequest, Repairs, access=USER)
def repair(asked: RepairRequest) -> dict[str, object]:
    """Offer the nearest texts that are right, the cheapest change first."""
    policy = service().policy
    return repairs(
        asked.text, asked.formula, asked.top, lambda text: policy.allows_text(text, asked.formula)
    )


@post(rules, "/explain", ExplainRequest, Explanation, access=USER)
def explain(asked: ExplainRequest) -> dict[str, object]:
    """Say in plain English what a condition or a formula selects."""
    table = table_from_json(asked.table, service().config) if asked.table else None
    return {"text": asked.text, "explanation": explanation(asked.text, asked.formula, table)}
