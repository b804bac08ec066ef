"""The bodies of answers, as the OpenAPI document describes them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from server.schemas import StyleIn


class Answer(BaseModel):
    """What every answer has in common."""

    model_config = ConfigDict(extra="forbid")


class Fault(Answer):
    """Why a text is wrong, with the place where that is known."""

    code: str
    message: str
    line: int | None = None
    column: int | None = None
    expected: list[str] | None = None


class Validity(Answer):
    """Whether a text is right."""

    valid: bool
    canonical: str | None
    error: Fault | None


class RepairOut(Answer):
    """A right text near the one given; a lower cost is nearer."""

    text: str
    cost: float
    reason: str


class Repairs(Answer):
    """Right texts, the nearest first."""

    input: str
    repairs: list[RepairOut]


class Explanation(Answer):
    """A text and what it says."""

    text: str
    explanation: str


class RuleOut(Answer):
    """A rule with its place, the cells that it selects and how Excel is told."""

    condition: str
    target: str | list[str]
    style: StyleIn
    range: str
    type: str = Field(description="The type of the native rule.")
    formula: str | None = None
    office: dict[str, Any] = Field(description="What a task pane hands to Office.js.")
    matches: list[str] = Field(max_length=1000)
    match_count: int
    explanation: str
    stop_if_true: bool = False


class Candidate(Answer):
    """One reading of a request; ``score`` is the chance that it is the right one."""

    rank: int
    score: float
    condition: str | None = None
    rules: list[RuleOut]
    repaired: bool


class TableOut(Answer):
    """The table as it was understood; ``range`` are its data cells."""

    sheet: str
    range: str
    has_header: bool
    headers: list[str]
    kinds: list[str]
    rows: int


class Suggestions(Answer):
    """Candidates, best first, or a question that says what is missing."""

    candidates: list[Candidate]
    abstained: bool
    question: str | None
    table: TableOut


class Health(Answer):
    """The service is up."""

    status: Literal["ok"]
    version: str


class Ready(Answer):
    """The model is loaded; without the store there are suggestions, but no decisions or library."""

    status: Literal["ready"]
    store: Literal["ready", "unreachable"]


class SignIn(Answer):
    """What MSAL.js needs to sign somebody in."""

    client_id: str
    authority: str
    scopes: list[str]
    msal: str = Field(description="Where MSAL.js is, seen from the task pane.")


class Session(Answer):
    """How people sign in; the task pane can only where ``sign_in`` is there."""

    method: Literal["local", "entra", "key"]
    sign_in: SignIn | None


class Who(Answer):
    """Who asks, and what they may."""

    subject: str
    tenant: str
    name: str
    role: Literal["user", "tester", "admin"]
    method: str
    scopes: list[str]


class Problem(BaseModel):
    """An error as RFC 9457 has it; ``code`` is stable."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    errors: list[dict[str, str]] | None = None
    line: int | None = None
    column: int | None = None
    expected: list[str] | None = None
