"""What is wrong with the layout of a suite, in sentences with the lines that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from server.checks.suite_schema import (
    CaseEntry,
    CountBounds,
    RankBounds,
    RuleEntry,
    StyleEntry,
    SuiteEntry,
    TableEntry,
)
from server.checks.suite_yaml import line_of

MOST = 20
"""Faults of one file that are told."""
_MODELS: dict[str, type[BaseModel]] = {
    "cases": CaseEntry,
    "style": StyleEntry,
    "rule": RuleEntry,
    "count": CountBounds,
    "rank": RankBounds,
    "table": TableEntry,
}
_CELLS = "a list of cells, as [B3, D4:D9]"
_FORMS = {
    "cases": "a list of cases",
    "table": "a list of rows, the first of which holds the headers",
    "rows": "a list of rows, the first of which holds the headers",
    "cell": "a number, a text, a date, true, false or null",
    "matches": _CELLS,
    "not_matches": f"{_CELLS}, or rest",
    "count": "a whole number, or {least: 1, most: 3}",
    "rank": "a whole number from 1 to 20, or {least: 1, most: 3}",
    "least": "a whole number",
    "most": "a whole number",
    "rule": "a condition as text, or {condition: …, target: …, style: …}, or {id: …}",
    "target": "cells, row, or a list of columns as [c[0], c[2]]",
    "style": "a look, as {fill: orange, bold: true}",
    "today": "a date, as 2026-11-23",
    "abstains": "true or false",
    "bold": "true or false",
    "italic": "true or false",
    "underline": "true or false",
    "strike": "true or false",
}
_OTHERWISE = "a text; put it in quotes"
_STRUCTURE = ("extra_forbidden", "missing", "value_error")
_SHORT = {
    "cases": "there is no case",
    "table": "a table needs a row of headers and at least one more row",
}


@dataclass(frozen=True)
class _Fault:
    """One fault; ``path`` leads through the data, without the names that pydantic adds."""

    path: tuple[int | str, ...]
    kind: str
    said: str

    @property
    def is_structure(self) -> bool:
        return self.kind in _STRUCTURE

    @property
    def field(self) -> str:
        """The last key on the way."""
        return next((part for part in reversed(self.path) if isinstance(part, str)), "")


def complaints(error: ValidationError, data: object, text: str) -> list[str]:
    """The faults, each with its line, the topmost first."""
    faults = _kept([_fault(dict(one), data) for one in error.errors(include_url=False)])
    lines = sorted((line_of(text, fault.path), _sentence(fault, data)) for fault in faults)
    more = [f"and {len(lines) - MOST} more"] if len(lines) > MOST else []
    return [f"line {line}: {said}" for line, said in lines[:MOST]] + more


def _fault(error: Mapping[str, Any], data: object) -> _Fault:
    path: list[int | str] = []
    parts = error["loc"]
    for place, part in enumerate(parts):
        is_last = place == len(parts) - 1
        if (isinstance(data, dict) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and part < len(data)
        ):
            data = data[part]
        elif not (is_last and error["type"] in _STRUCTURE):
            continue  # the name of one of several types that the value might have had
        path.append(part)
    said = str(error.get("ctx", {}).get("error", error["msg"]))
    return _Fault(tuple(path), error["type"], said)


def _has(data: object, part: int | str) -> bool:
    if isinstance(data, dict):
        return part in data
    return isinstance(data, list) and isinstance(part, int) and part < len(data)


def _kept(faults: Sequence[_Fault]) -> Iterable[_Fault]:
    """One fault a place; of a value that fits none of several types, the nearest to a fit."""
    found: dict[tuple[int | str, ...], _Fault] = {}
    for fault in sorted(faults, key=lambda fault: not fault.is_structure):
        found.setdefault(fault.path, fault)
    return [one for one in found.values() if not any(_is_below(two, one) for two in found.values())]


def _is_below(other: _Fault, fault: _Fault) -> bool:
    if fault.is_structure or len(other.path) <= len(fault.path):
        return False
    return other.path[: len(fault.path)] == fault.path


def _sentence(fault: _Fault, data: object) -> str:
    name = _case_name(fault, data)
    said = _said(fault, data)
    return f"{name}: {said}" if name else said


def _case_name(fault: _Fault, data: object) -> str:
    path = fault.path
    if len(path) < 2 or path[0] != "cases" or not isinstance(path[1], int):
        return ""
    case = data["cases"][path[1]] if isinstance(data, dict) else None
    own = case.get("name") if isinstance(case, dict) else None
    return f"case {path[1] + 1}" + (f" ({own})" if isinstance(own, str) else "")


def _said(fault: _Fault, data: object) -> str:
    last = fault.path[-1] if fault.path else ""
    if fault.kind == "extra_forbidden":
        return f"there is no key {last}; {_instead(str(last), fault.path[:-1])}"
    if fault.kind == "missing":
        return f"the key {last} is missing"
    if fault.kind == "value_error":
        return fault.said
    if not fault.path:
        return "the file is empty" if data is None else "a suite has the keys table and cases"
    if len(fault.path) == 2 and fault.path[0] == "cases":
        return "a case has keys, as rule and matches"
    if fault.kind == "too_short":
        return _SHORT["cases" if fault.field == "cases" else "table"]
    return _of_form(fault)


def _of_form(fault: _Fault) -> str:
    field, inside = fault.field, len(fault.path) - 1 - fault.path[::-1].index(fault.field)
    is_cell = field in ("table", "rows") and len(fault.path) - inside == 3
    name = "cell" if is_cell else field
    return f"{'a cell' if is_cell else name} must be {_FORMS.get(name, _OTHERWISE)}"


def _instead(key: str, path: tuple[int | str, ...]) -> str:
    named = (part for part in reversed(path) if isinstance(part, str))
    known = list(_MODELS.get(next(named, ""), SuiteEntry).model_fields)
    close = get_close_matches(key, known, 1)
    return f"is {close[0]} meant?" if close else f"there are {', '.join(known)}"
