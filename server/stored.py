"""The bodies of what is stored: decisions, the library, and what administrators see of them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from grammar.printer import print_condition
from model.pipeline import MAX_UTTERANCE
from server.answers import Answer
from server.identity.who import SCOPES
from server.schemas import (
    MAX_RULES,
    JsonBody,
    RuleIn,
    StyleIn,
    TableIn,
    Whole,
    from_text,
)


def _scope(text: str) -> str:
    if text not in SCOPES:
        raise ValueError(f"none of {', '.join(SCOPES)}")
    return text


NAME = r"^[^\s/\\\x00-\x1f\x7f]([^/\\\x00-\x1f\x7f]{0,78}[^\s/\\\x00-\x1f\x7f])?$"
"""Of a rule in the library, as it stands in a path."""
Sent = Annotated[
    list[Annotated[RuleIn, BeforeValidator(from_text)]],
    Field(min_length=1, max_length=MAX_RULES, description="In priority order, the first first."),
]
Scope = Annotated[str, Field(json_schema_extra={"enum": list(SCOPES)}), AfterValidator(_scope)]
Reason = Literal["undone", "dismissed"]


def canonical(rules: list[RuleIn]) -> tuple[dict[str, Any], ...]:
    """The rules as they are stored: canonical text, target, and the style that is set.

    Raises:
        GrammarError: one of them is none.
    """
    return tuple(_canonical(rule) for rule in rules)


def _canonical(sent: RuleIn) -> dict[str, Any]:
    rule = sent.to_rule()
    found: dict[str, Any] = {
        "condition": print_condition(rule.condition),
        "target": sent.target,
        "stop_if_true": rule.stop_if_true,
    }
    if sent.style is not None:
        found["style"] = sent.style.model_dump(exclude_none=True)
    return found


class DecisionIn(JsonBody):
    """A reading that was accepted or rejected."""

    id: str = Field(
        pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        description="A UUID of the sender's; one that is sent twice is stored once.",
    )
    outcome: Literal["accepted", "rejected"]
    rank: Whole = Field(ge=1, le=20)
    rules: Sent
    reason: Reason | None = None
    kinds: list[Annotated[str, Field(pattern=r"^[a-z_]{1,20}$")]] = Field(
        default_factory=list,
        max_length=500,
        description="What the columns hold, as a suggestion says.",
    )
    request: str | None = Field(
        None, max_length=MAX_UTTERANCE, description="Kept only where the settings say so."
    )
    request_id: str = Field("", pattern=r"^[A-Za-z0-9._-]{0,128}$")


class DecisionOut(Answer):
    """The decision is stored."""

    id: str


class DescribeRequest(JsonBody):
    """Rules to be shown on a table."""

    rules: Sent
    table: TableIn
    today: dt.date | None = Field(None, description="The day that TODAY() means.")


class LibraryIn(JsonBody):
    """What is to stand under a name."""

    rules: Sent
    description: str = Field("", max_length=500)
    version: Whole | None = Field(
        None,
        ge=0,
        description="The version that it replaces, 0 for none; another one is a conflict.",
    )


class StoredRule(Answer):
    """A rule as it is stored, its condition canonical."""

    condition: str
    target: str | list[str]
    stop_if_true: bool
    style: StyleIn | None = None


class LibraryOut(Answer):
    """Rules with a name."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    name: str
    description: str
    rules: list[StoredRule]
    version: int
    at: dt.datetime
    subject: str = Field(description="Who wrote this version.")


class LibraryList(Answer):
    """All names and what stands under them."""

    rules: list[LibraryOut]


class Removed(Answer):
    """It is no longer there."""

    removed: str


class UsageQuery(BaseModel):
    """How far back."""

    model_config = ConfigDict(extra="forbid")

    days: int = Field(30, ge=1, le=366)


class MostQuery(BaseModel):
    """How many."""

    model_config = ConfigDict(extra="forbid")

    most: int = Field(20, ge=1, le=500)


class AuditQuery(MostQuery):
    """How many, and from where."""

    most: int = Field(100, ge=1, le=500)
    before: int | None = Field(None, ge=1, lt=2**62, description="The line before which to go on.")


class _Seen(Answer):
    model_config = ConfigDict(extra="forbid", from_attributes=True)


class DayOut(_Seen):
    """The counts of one day."""

    day: dt.date
    requests: int
    people: int
    abstained: int
    mean_milliseconds: float
    slowest_milliseconds: int
    accepted: int
    rejected: int


class Usage(Answer):
    """The counts of each day, the oldest first."""

    days: list[DayOut]
    keeps_requests: bool


class RefusedOut(_Seen):
    """A request whose readings were rejected."""

    request: str
    rejected: int
    accepted: int


class Rejected(Answer):
    """The requests rejected most often; none where requests are not kept."""

    keeps_requests: bool
    requests: list[RefusedOut]


class AuditLine(_Seen):
    """Who did what."""

    id: int
    at: dt.datetime
    tenant: str
    subject: str
    action: str
    object: str


class AuditLines(Answer):
    """The newest lines first."""

    lines: list[AuditLine]


class KeyIn(JsonBody):
    """A key to be made."""

    name: str = Field(min_length=1, max_length=80, description="What it is for.")
    role: Literal["user", "tester", "admin"] = "user"
    scopes: list[Scope] = Field(min_length=1, max_length=len(SCOPES))
    days: Whole | None = Field(None, ge=1, le=3650, description="How long; for ever without it.")


class KeyOut(_Seen):
    """A key, without its secret."""

    id: str
    name: str
    role: str
    scopes: list[str]
    created: dt.datetime
    created_by: str
    expires: dt.datetime | None
    revoked: dt.datetime | None


class NewKey(KeyOut):
    """A key with its text, which is shown this once."""

    text: str


class KeyList(Answer):
    """All keys, the newest first."""

    keys: list[KeyOut]


class Erased(Answer):
    """How many rows of each table are gone or lost the name."""

    suggestions: int
    decisions: int
    library: int
    keys: int
    audit: int
