"""The evaluator: values, references, the protocol and documented results."""

from __future__ import annotations

import datetime as dt
import json
import math
from pathlib import Path

import pytest

from grammar.calc import answer

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "fixtures" / "calc_cases.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]
TODAY = dt.datetime(2026, 11, 10, 12)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["formula"])
def test_documented_results(case):
    """Every formula of the fixture gives the result that Excel documents."""
    result = answer({"formula": case["formula"], "cells": case.get("cells", {})}, TODAY)
    assert result["kind"] == case["kind"]
    if case["kind"] == "number":
        assert math.isclose(result["value"], case["value"], rel_tol=1e-12, abs_tol=1e-12)
    else:
        assert result["value"] == case["value"]
