"""The bodies of requests and answers about rules that a workbook has already."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from grammar.candidate import MOST_MATCHES
from server.answers import Answer
from server.schemas import (
    MAX_RULES,
    Body,
    FormDay,
    FormText,
    RuleIn,
    StyleIn,
    WorkbookForm,
    from_text,
)

MOST_ORDER = 2 * MAX_RULES
_NEW = r"^(\+\d{1,3}|[0-9a-f]{8}(-\d{1,6})?)$"


class ExistingForm(Body):
    """A workbook, and the sheet whose rules are asked for."""

    workbook: Annotated[Any, WithJsonSchema({"type": "string", "format": "binary"})]
    sheet: FormText = Field(None, max_length=255, description="By default the first table's.")
    range: FormText = Field(
        None, max_length=300, description="The table whose headers name the columns."
    )
    today: FormDay = None


def _listed(value: object) -> object:
    """The JSON of a form field that holds a list."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"no JSON: {error}") from error


class ArrangeForm(WorkbookForm):
    """A workbook and what its sheet is to have in the end, the rule that wins first."""

    rules: Annotated[
        list[Annotated[RuleIn, BeforeValidator(from_text)]],
        BeforeValidator(_listed, json_schema_input_type=list[RuleIn]),
        Field(max_length=MAX_RULES, description="New rules; there may be none."),
    ]
    ranges: Annotated[
        list[Annotated[str, Field(max_length=300)]],
        BeforeValidator(_listed, json_schema_input_type=list[str]),
    ] = Field(
        [],
        max_length=MAX_RULES,
        description="The tables of the new rules, one each, where not all are of `range`.",
    )
    order: Annotated[
        list[Annotated[str, Field(pattern=_NEW)]],
        BeforeValidator(_listed, json_schema_input_type=list[str]),
        Field(
            max_length=MOST_ORDER,
            description="Ids of rules to keep, and +0, +1 … for the new ones; others are removed.",
        ),
    ]


class ExistingOffice(Answer):
    """What a page draws a swatch from."""

    type: Literal["Custom", "ColorScale", "DataBar", "IconSet"]
    range: str
    format: dict[str, Any] | None = None
    rule: dict[str, Any] | None = None


class ExistingOut(Answer):
    """A rule that a sheet has; ``drawn`` says by address what a scale draws."""

    id: str
    range: str
    position: int
    type: str = Field(description="The type of the rule, as cellIs.")
    explanation: str
    style: StyleIn
    stop_if_true: bool
    hidden_by: list[str]
    matches: list[str] = Field(max_length=MOST_MATCHES)
    match_count: int
    drawn: dict[str, dict[str, Any]]
    office: ExistingOffice
    note: str


class ExistingRules(Answer):
    """The rules of a sheet, the one that wins first."""

    sheet: str
    rules: list[ExistingOut]
