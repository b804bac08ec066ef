"""The evaluator: values, references, the protocol and documented results."""

from __future__ import annotations

import datetime as dt
import json
import math
from pathlib import Path

import pytest

from grammar.calc import CellGrid, TableGrid, answer, matching_cells
from grammar.errors import RequestError
from grammar.formula_parser import parse_formula
from grammar.ranges import Area, parse_sqref
from grammar.table import Table, TableColumn
from grammar.values import ExcelError

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


def found(formula: str, sqref: str, cells: dict) -> list[list[list[bool]]]:
    """The matches of a formula in every area of a sqref."""
    grid = CellGrid({"Sheet1": cells})
    masks = matching_cells(parse_formula(formula), parse_sqref(sqref), grid, TODAY)
    return [mask.tolist() for mask in masks]


def test_relative_references_start_at_the_bounding_box():
    """Of several areas, the top-left cell of all is where the formula is written for."""
    cells = {(0, 1): 5.0, (1, 3): 5.0, (2, 1): 1.0}
    assert found("=A1=5", "B3 A1:A2", cells) == [[[True]], [[True], [False]]]


def test_text_and_errors_do_not_match():
    """Only TRUE and numbers other than 0 paint a cell."""
    cells = {(0, 1): "yes", (0, 2): ExcelError.NA, (0, 3): 0.0, (0, 4): -2.0, (0, 5): True}
    assert found("=A1", "A1:A6", cells) == [[[False], [False], [False], [True], [True], [False]]]


def test_references_wrap_at_the_edge():
    """A reference that moves beyond the first row comes back at the last one."""
    assert found("=B1=1", "A2:A3", {(1, 1): 1.0}) == [[[True], [False]]]
    cells = {(0, 1048576): 1.0}
    grid = CellGrid({"Sheet1": cells})
    tree = parse_formula("=A1048576=1")
    assert matching_cells(tree, (Area(1, 1, 1, 1),), grid)[0].tolist() == [[True]]


def test_formulas_are_array_formulas():
    """MAX(IF()) works without being entered as an array."""
    cells = {(0, 1): "a", (1, 1): 3.0, (0, 2): "b", (1, 2): 9.0, (0, 3): "a", (1, 3): 7.0}
    formula = '=$B1=MAX(IF($A$1:$A$3="a",$B$1:$B$3))'
    assert found(formula, "B1:B3", cells) == [[[False], [False], [True]]]


def test_table_as_grid():
    """A table's columns lie where the table says, headers above."""
    columns = (TableColumn.of("Name", ["a", "b"]), TableColumn.of("Weight", [1, 50]))
    grid = TableGrid(Table(columns))
    masks = matching_cells(parse_formula("=$B2>40"), (Area(0, 2, 1, 3),), grid)
    assert masks[0].tolist() == [[False, False], [True, True]]
    assert grid.value(None, 1, 1) == "Weight"


def test_protocol_arrays_and_formulas():
    """Arrays give their first cell, or all cells where that is asked for; cells may be formulas."""
    cells = {"A1": {"kind": "number", "value": 2}, "A2": {"kind": "formula", "formula": "=A1*10"}}
    record = {"formula": "=A1:A2+1", "cells": cells}
    assert answer(record) == {"kind": "number", "value": 3.0}
    whole = answer(record | {"array": True})
    assert whole["kind"] == "array"
    assert [[cell["value"] for cell in row] for row in whole["value"]] == [[3.0], [21.0]]


def test_protocol_says_unsupported():
    """What cannot be evaluated, or is no formula, is answered as unsupported with its reason."""
    assert answer({"formula": '=CUBEVALUE("x")'})["kind"] == "unsupported"
    assert answer({"formula": "=1+"})["kind"] == "unsupported"


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"formula": 5},
        {"formula": "=1", "cells": [1]},
        {"formula": "=A1", "cells": {"A1": {"kind": "number", "value": []}}},
    ],
)
def test_protocol_refuses_other_records(record):
    """A record of another form is the caller's fault and says what it lacks."""
    with pytest.raises(RequestError):
        answer(record)


def test_circular_cells_end():
    """Cells that refer to each other do not hang; the circle counts 0."""
    cells = {
        "A1": {"kind": "formula", "formula": "=B1+1"},
        "B1": {"kind": "formula", "formula": "=A1+1"},
    }
    assert answer({"formula": "=A1", "cells": cells})["kind"] == "number"


def test_whole_columns_end_with_the_used_cells():
    """A rule for a whole column is answered for the rows in use."""
    assert found("=A1>1", "A:A", {(0, 1): 1.0, (0, 3): 5.0}) == [[[False], [False], [True]]]
