"""The entry of a rule in a candidate, as the contract lays it out."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from grammar.calc.grid import CellGrid, TableGrid
from grammar.calc.matching import matching_cells
from grammar.candidate import MOST_MATCHES, describe_rule
from grammar.errors import UnsupportedError
from grammar.formula_parser import parse_formula
from grammar.parser import parse_condition
from grammar.ranges import parse_sqref
from grammar.rules import CELLS, ROW, Rule, Style, Target
from grammar.table import Table, TableColumn

TODAY = dt.datetime(2026, 8, 12)
PARCELS = Table(
    (
        TableColumn.of("Name", ["anna", "bert", "carla", "dora"]),
        TableColumn.of("City", ["Gent", "Brno", None, "Oslo"]),
        TableColumn.of("Weight", [3, 40, None, 55]),
    )
)


def described(text: str, target: Target = CELLS, **options: int) -> dict[str, object]:
    """The entry of a rule with a light red fill."""
    rule = Rule(parse_condition(text), target, Style(fill="#FFC7CE"))
    return describe_rule(rule, PARCELS, TODAY, **options)


def test_an_entry_is_as_the_contract_says() -> None:
    """Every key of the contract, in its order and with its types."""
    assert described("GreaterThanEqual(c[2], 40)") == {
        "condition": "GreaterThanEqual(c[2], 40)",
        "target": "cells",
        "style": {"fill": "#FFC7CE"},
        "range": "C2:C5",
        "type": "cellIs",
        "formula": "=$C2>=40",
        "office": {
            "type": "CellValue",
            "rule": {"formula1": "=40", "operator": "GreaterThanOrEqual"},
            "format": {"fill": {"color": "#FFC7CE"}},
            "range": "C2:C5",
            "stopIfTrue": False,
            "priority": 0,
            "requirementSet": "ExcelApi 1.6",
        },
        "matches": ["C3", "C5"],
        "match_count": 2,
        "explanation": "Weight is 40 or more",
    }


def test_a_row_lists_all_of_its_cells() -> None:
    """For a row target the formatted cells are those of the whole row."""
    found = described("GreaterThanEqual(c[2], 40)", ROW)
    assert found["matches"] == ["A3", "B3", "C3", "A5", "B5", "C5"]
    assert (found["match_count"], found["type"], found["range"]) == (6, "expression", "A2:C5")


def test_named_columns_list_their_cells() -> None:
    """For a target of columns the formatted cells are theirs."""
    found = described("Blanks(c[2])", Target("columns", (0, 2)))
    assert found["target"] == ["c[0]", "c[2]"]
    assert found["matches"] == ["A4", "C4"]
    assert found["range"] == "A2:A5 C2:C5"


@pytest.mark.parametrize("text", ["ColorScale(c[2])", "DataBar(c[2])", "IconSet(c[2])"])
@pytest.mark.parametrize("target", [CELLS, ROW])
def test_a_scale_matches_every_number(text: str, target: Target) -> None:
    """Scales have no formula, and are drawn on their own column whatever the target."""
    found = described(text, target)
    assert "formula" not in found
    assert found["matches"] == ["C2", "C3", "C5"]
    assert (found["match_count"], found["range"]) == (3, "C2:C5")
    assert str(found["type"]).lower() == text.partition("(")[0].lower()


@pytest.mark.parametrize(
    "text",
    [
        *("LessThan(c[2], 50)", "NOT(GreaterThan(c[2], 10))", "TextContains(c[1], 'o')"),
        *("Duplicates(c[0])", "Top(c[2], 1)", "OR(Blanks(c[1]), GreaterThan(c[2], 50))"),
    ],
)
@pytest.mark.parametrize("target", [CELLS, ROW, Target("columns", (1, 0))])
def test_the_formula_selects_the_same_cells(text: str, target: Target) -> None:
    """The formula, evaluated over the range, paints exactly the matches."""
    found = described(text, target)
    areas = parse_sqref(str(found["range"]))
    grid = TableGrid(PARCELS)
    masks = matching_cells(parse_formula(str(found["formula"])), areas, grid, TODAY)
    assert sum(int(mask.sum()) for mask in masks) == found["match_count"]


def test_a_long_list_is_cut_and_counted() -> None:
    """At most a thousand addresses are listed, the count is whole."""
    table = Table((TableColumn.of("x", range(1, 2001)),))
    found = describe_rule(Rule(parse_condition("GreaterThan(0)")), table, TODAY)
    listed = found["matches"]
    assert isinstance(listed, list)
    assert len(listed) == MOST_MATCHES
    assert found["match_count"] == 2000
    assert found["condition"] == "GreaterThan(0)"


def test_priority_and_column_are_passed_on() -> None:
    """A second rule has Office.js priority 1; a given column stands for the one left out."""
    found = described("Blanks()", priority=2, column=1)
    assert (found["range"], found["matches"]) == ("B2:B5", ["B4"])
    assert found["explanation"] == "City is blank"
    assert '"priority": 1' in json.dumps(found)


def test_stopping_is_said() -> None:
    """stop_if_true is in the entry where it is set."""
    rule = Rule(parse_condition("Blanks(c[2])"), stop_if_true=True)
    assert describe_rule(rule, PARCELS, TODAY)["stop_if_true"] is True
    assert "stop_if_true" not in described("Blanks(c[2])")


def test_cells_outside_the_table_are_asked_for() -> None:
    """A grid has the cells that $F$1 names."""
    grid = CellGrid({"Sheet1": {(5, 0): 1.0, (5, 1): 45.0}})
    rule = Rule(parse_condition("GreaterThan(c[2], $F$1)"))
    assert describe_rule(rule, PARCELS, TODAY, grid=grid)["matches"] == ["C5"]


def test_an_open_value_is_refused() -> None:
    """A rule with a hole has no cells and no formula."""
    with pytest.raises(UnsupportedError):
        described("GreaterThan(c[2], ?)")


def test_an_empty_table_matches_nothing() -> None:
    """Without data rows there is a range and no match."""
    table = Table((TableColumn.of("x", []),))
    found = describe_rule(Rule(parse_condition("GreaterThan(5)")), table, TODAY)
    assert (found["matches"], found["match_count"], found["range"]) == ([], 0, "A2")
