"""The layout of a suite file: what may stand in it, and nothing else."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, model_validator

Cell = StrictBool | float | dt.datetime | dt.date | str | None
Rows = Annotated[list[list[Cell]], Field(min_length=2)]
"""A header row and at least one row of data."""


def _listed(value: object) -> object:
    """Cells that were written as one text, as ``B3`` or ``B3:B4 D7``."""
    return value.split() if isinstance(value, str) else value


Cells = Annotated[list[str], BeforeValidator(_listed)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TableEntry(_Entry):
    """An inline table that does not start in A1."""

    rows: Rows
    address: str = "A1"


class StyleEntry(_Entry):
    """A look, or what is asked of one; colours by name or as ``#RRGGBB``."""

    fill: str | None = None
    font: str | None = None
    bold: bool | None = None
    italic: bool | None = None
    underline: bool | None = None
    strike: bool | None = None
    border: str | None = None
    number_format: str | None = None


def _text(value: object) -> object:
    """An id of eight digits, which YAML takes for a number."""
    return str(value) if type(value) is int else value


class RuleEntry(_Entry):
    """A rule with more than its condition, or by ``id`` one that the workbook has."""

    condition: str | None = None
    target: str | list[str] = "cells"
    style: StyleEntry | None = None
    id: Annotated[str | None, BeforeValidator(_text)] = None

    @model_validator(mode="after")
    def _one_of_two(self) -> RuleEntry:
        if (self.condition is None) == (self.id is None):
            raise ValueError("a rule has either a condition or the id of a rule of the workbook")
        return self


def _check_order(least: int, most: int | None) -> None:
    if most is not None and least > most:
        raise ValueError(f"nothing is at least {least} and at most {most}")


class RankBounds(_Entry):
    """Which places among the candidates of a request may hold the right one."""

    least: int = Field(1, ge=1)
    most: int = Field(5, ge=1, le=20)

    @model_validator(mode="after")
    def _in_order(self) -> RankBounds:
        _check_order(self.least, self.most)
        return self


class CountBounds(_Entry):
    """How many cells may be selected."""

    least: int = Field(0, ge=0)
    most: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _in_order(self) -> CountBounds:
        _check_order(self.least, self.most)
        return self

    def holds(self, number: int) -> bool:
        """Whether so many cells may be."""
        return self.least <= number and (self.most is None or number <= self.most)

    def __str__(self) -> str:
        most = "" if self.most is None else f" and at most {self.most}"
        return f"at least {self.least}{most}"


class _Subject(_Entry):
    table: Rows | TableEntry | None = None
    workbook: str | None = None
    sheet: str | None = None
    range: str | None = None
    today: dt.date | None = None


class CaseEntry(_Subject):
    """One expectation; what it leaves out about the cells comes from the suite."""

    name: str | None = None
    request: str | None = None
    rule: str | RuleEntry | None = None
    matches: Cells | None = None
    count: Annotated[int, Field(ge=0)] | CountBounds | None = None
    not_matches: Literal["rest"] | Cells | None = None
    style: StyleEntry | None = None
    rank: Annotated[int, Field(ge=1, le=20)] | RankBounds | None = None
    abstains: bool | None = None

    @model_validator(mode="after")
    def _complete(self) -> CaseEntry:
        if (self.request is None) == (self.rule is None):
            raise ValueError("a case has either a request or a rule")
        if self.rule is not None and (self.rank is not None or self.abstains is not None):
            raise ValueError("rank and abstains are for a request, not for a rule")
        asked = (self.matches, self.count, self.not_matches, self.style, self.abstains)
        if all(part is None for part in asked):
            raise ValueError("a case says what to expect: matches, count, not_matches or style")
        return self


class SuiteEntry(_Subject):
    """A file of cases with the cells that they are about."""

    name: str | None = None
    cases: Annotated[list[CaseEntry], Field(min_length=1)]
