"""The bodies of requests and answers; the OpenAPI document is made from them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    StrictBool,
    StrictStr,
    WithJsonSchema,
    model_validator,
)

from grammar.parser import parse_condition
from grammar.rules import DEFAULT_STYLE, Rule, RuleSet, Style
from model.pipeline import MAX_UTTERANCE
from server.suggestions import read_target

MAX_TEXT = 8192
"""Characters of a condition or a formula, as Excel bounds it."""
MAX_RULES = 100

CellJson = StrictBool | FiniteFloat | StrictStr | None
"""A cell as Office.js gives it: ``""`` is blank, errors are texts as ``#N/A``."""
Colour = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$", examples=["#FFC7CE"])]


class Body(BaseModel):
    """What every request has in common: unknown members are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class JsonBody(Body):
    """A body of JSON, where ``1`` is not ``true`` and ``"5"`` is not ``5``."""

    model_config = ConfigDict(strict=True)


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_whole)]
"""JSON has one kind of number, so ``5.0`` is an integer too."""


class TableIn(JsonBody):
    """The values of a range; the first row may be the header."""

    address: str = Field(max_length=300, examples=["Sheet1!A1:B3"])
    values: list[Annotated[list[CellJson], Field(min_length=1)]] = Field(
        min_length=1, examples=[[["Order", "Amount"], ["A-1", 80], ["A-2", 120.5]]]
    )
    number_formats: list[list[str | None]] | None = Field(
        None, description="Format codes in English; they say which numbers are dates."
    )

    @model_validator(mode="after")
    def _rectangular(self) -> TableIn:
        widths = {len(row) for row in self.values}
        if len(widths) != 1:
            raise ValueError("the rows of values are not of one length")
        formats = self.number_formats
        if formats is not None and list(map(len, formats)) != list(map(len, self.values)):
            raise ValueError("number_formats are not of the form of values")
        return self


class SuggestRequest(JsonBody):
    """A sentence about a table."""

    utterance: str = Field(max_length=MAX_UTTERANCE, examples=["orders below 100 in red"])
    table: TableIn
    top: Whole = Field(5, ge=1, le=20)
    seed: Whole = Field(0, ge=0, lt=2**32, description="The same seed gives the same answer.")
    today: dt.date | None = Field(None, description="The day that TODAY() means.")


class TextRequest(JsonBody):
    """The text of a condition, or of a formula."""

    text: str = Field(max_length=MAX_TEXT, examples=["GreaterThan(c[2], 100)"])
    formula: bool = Field(False, description="The text is an Excel formula.")


class RepairRequest(TextRequest):
    """A text that may be broken."""

    top: Whole = Field(3, ge=1, le=20)


class ExplainRequest(TextRequest):
    """A text to put into plain English, with the headers of a table where there is one."""

    table: TableIn | None = None


class StyleIn(BaseModel):
    """What a rule changes in a cell; what is not named stays as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    fill: Colour | None = None
    font: Colour | None = None
    bold: bool | None = None
    italic: bool | None = None
    underline: bool | None = None
    strike: bool | None = None
    border: Colour | None = None
    number_format: str | None = Field(None, max_length=255)


def from_text(value: object) -> object:
    """A rule that is only the text of its condition as a rule."""
    return {"condition": value} if isinstance(value, str) else value


class RuleIn(BaseModel):
    """A rule; one of a candidate's can be sent back as it is."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    condition: str = Field(max_length=MAX_TEXT, examples=["LessThan(c[6], 100)"])
    target: Literal["cells", "row"] | Annotated[list[str], Field(min_length=1, max_length=500)] = (
        Field("cells", examples=["cells", "row", ["c[0]", "c[2]"]])
    )
    style: StyleIn | None = None
    stop_if_true: StrictBool = False

    def to_rule(self) -> Rule:
        """The rule itself.

        Raises:
            GrammarError: the condition or the target is none.
        """
        style = DEFAULT_STYLE if self.style is None else Style(**self.style.model_dump())
        target = self.target if isinstance(self.target, str) else ",".join(self.target)
        return Rule(parse_condition(self.condition), read_target(target), style, self.stop_if_true)


def _parsed(value: object) -> object:
    """The JSON of a form field: a list of rules, or a candidate that has one."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"no JSON: {error}") from error
    return value["rules"] if isinstance(value, dict) and "rules" in value else value


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


def _day_of(value: object) -> object:
    return dt.date.fromisoformat(value) if isinstance(value, str) and value else None


FormText = Annotated[
    str | None, BeforeValidator(_none_if_empty), WithJsonSchema({"type": "string"})
]
"""A form has no null, and an empty field where nothing was filled in."""
FormDay = Annotated[
    dt.date | None,
    BeforeValidator(_day_of),
    WithJsonSchema({"type": "string", "format": "date"}),
]
Rules = Annotated[
    list[Annotated[RuleIn, BeforeValidator(from_text)]],
    BeforeValidator(_parsed, json_schema_input_type=list[RuleIn]),
    Field(min_length=1, max_length=MAX_RULES, description="In priority order, the first first."),
]


class WorkbookForm(Body):
    """A workbook and the rules that are meant for one of its tables."""

    workbook: Annotated[Any, WithJsonSchema({"type": "string", "format": "binary"})]
    rules: Rules
    sheet: FormText = Field(None, max_length=255)
    range: FormText = Field(
        None, max_length=300, description="Cells, as A1:F200, or a table; by default it is found."
    )
    today: FormDay = None

    def rule_set(self) -> RuleSet:
        """The rules in priority order.

        Raises:
            GrammarError: one of them is none.
        """
        return RuleSet(tuple(rule.to_rule() for rule in self.rules))


class PreviewForm(WorkbookForm):
    """What to show, and as what."""

    format: Literal["png", "html", "xlsx"] = "png"
