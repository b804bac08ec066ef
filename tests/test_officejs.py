"""Rules as JSON for Office.js: the eight types and their settings."""

from __future__ import annotations

import json
import re

import pytest

from grammar.errors import InvalidRuleError, UnsupportedError
from grammar.officejs import CELL_VALUE_OPERATORS, PRESETS, TIME_PERIODS, to_format, to_officejs
from grammar.ooxml import to_openpyxl
from grammar.parser import parse_condition
from grammar.rules import CELLS, ROW, Rule, Style, Target
from grammar.table import Table, TableColumn
from grammar.values import ExcelError

PARCELS = Table(
    (
        TableColumn.of("Name", ["anna", "bert", "carla"]),
        TableColumn.of("Due", [46000, 46001, 46002], is_date=True),
        TableColumn.of("Weight", [3, 40, 7]),
        TableColumn.of("Note", ["ok", None, ExcelError.NA]),
    )
)


def office(text: str, target: Target = CELLS) -> dict[str, object]:
    """The JSON of a condition's rule."""
    return to_officejs(Rule(parse_condition(text), target), PARCELS)


@pytest.mark.parametrize(
    ("text", "kind", "rule"),
    [
        ("GreaterThan(c[2], 10)", "CellValue", {"formula1": "=10", "operator": "GreaterThan"}),
        (
            "Between(c[2], 20, 10)",
            "CellValue",
            {"formula1": "=10", "formula2": "=20", "operator": "Between"},
        ),
        ("TextEquals(c[0], 'a\"b')", "CellValue", {"formula1": '="a""b"', "operator": "EqualTo"}),
        ("TextContains(c[0], 'an')", "ContainsText", {"operator": "Contains", "text": "an"}),
        ("TextStartsWith(c[0], 'a')", "ContainsText", {"operator": "BeginsWith", "text": "a"}),
        ("TextEndsWith(c[0], 'a')", "ContainsText", {"operator": "EndsWith", "text": "a"}),
        ("Top(c[2], 3)", "TopBottom", {"rank": 3, "type": "TopItems"}),
        ("BottomPercent(c[2], 25)", "TopBottom", {"rank": 25, "type": "BottomPercent"}),
        ("AboveAverage(c[2])", "PresetCriteria", {"criterion": "AboveAverage"}),
        ("Blanks(c[3])", "PresetCriteria", {"criterion": "Blanks"}),
        ("Errors(c[3])", "PresetCriteria", {"criterion": "Errors"}),
        ("Duplicates(c[0])", "PresetCriteria", {"criterion": "DuplicateValues"}),
        ("Uniques(c[0])", "PresetCriteria", {"criterion": "UniqueValues"}),
        ("Last7Days(c[1])", "PresetCriteria", {"criterion": "LastSevenDays"}),
        ("NextMonth(c[1])", "PresetCriteria", {"criterion": "NextMonth"}),
        (
            "LessThan(c[2], 20)",
            "Custom",
            {"formula": "=AND(ISNUMBER($C2),$C2<20)"},
        ),
        ("Formula('=$C2>10')", "Custom", {"formula": "=$C2>10"}),
        (
            "IconSet(c[2])",
            "IconSet",
            {
                "style": "ThreeTrafficLights1",
                "criteria": [
                    {},
                    {"type": "Percent", "operator": "GreaterThanOrEqual", "formula": "=33"},
                    {"type": "Percent", "operator": "GreaterThanOrEqual", "formula": "=67"},
                ],
            },
        ),
        (
            "DataBar(c[2])",
            "DataBar",
            {"positiveFormat": {"fillColor": "#638EC6", "gradientFill": True}},
        ),
        (
            "ColorScale(c[2])",
            "ColorScale",
            {
                "criteria": {
                    "minimum": {"type": "LowestValue", "color": "#F8696B"},
                    "midpoint": {"type": "Percentile", "formula": "50", "color": "#FFEB84"},
                    "maximum": {"type": "HighestValue", "color": "#63BE7B"},
                }
            },
        ),
    ],
)
def test_a_rule_has_its_type(text: str, kind: str, rule: dict[str, object]) -> None:
    """Excel's own type where it selects the same cells, a custom formula elsewhere."""
    found = office(text)
    assert (found["type"], found["rule"]) == (kind, rule)
    assert found["requirementSet"] == "ExcelApi 1.6"


@pytest.mark.parametrize(
    "text",
    [
        *("GreaterThan(c[2], 10)", "LessThan(c[2], 20)", "TextContains(c[0], 'a')", "Blanks(c[3])"),
        *("Top(c[2], 3)", "AboveAverage(c[2])", "Yesterday(c[1])", "ColorScale(c[2])"),
        *("DataBar(c[2])", "IconSet(c[2])", "NOT(Blanks(c[3]))", "Duplicates(c[0])"),
    ],
)
def test_it_is_the_rule_that_a_file_gets(text: str) -> None:
    """Office.js and the file get the same range, and a formula in one is a formula in both."""
    rule = Rule(parse_condition(text))
    found, (part,) = to_officejs(rule, PARCELS), to_openpyxl(rule, PARCELS)
    assert found["range"] == part.sqref
    assert (found["type"] == "Custom") == (part.rule.type == "expression")


def test_a_row_is_a_custom_formula() -> None:
    """Whole rows are tested by a formula written for the first cell of the range."""
    found = office("GreaterThan(c[2], 10)", ROW)
    assert (found["type"], found["range"]) == ("Custom", "A2:D4")
    assert found["rule"] == {"formula": "=$C2>10"}


def test_several_areas_need_a_later_requirement_set() -> None:
    """RangeAreas came with ExcelApi 1.9, and its addresses are joined by commas."""
    found = office("GreaterThan(c[2], 10)", Target("columns", (0, 2)))
    assert (found["range"], found["requirementSet"]) == ("A2:A4,C2:C4", "ExcelApi 1.9")


def test_priority_counts_from_zero() -> None:
    """OOXML's first priority, 1, is Office.js's 0."""
    rule = Rule(parse_condition("Blanks(c[3])"), stop_if_true=True)
    assert to_officejs(rule, PARCELS)["priority"] == 0
    assert to_officejs(rule, PARCELS, priority=3)["priority"] == 2
    assert to_officejs(rule, PARCELS)["stopIfTrue"] is True


def test_a_style_is_a_range_format() -> None:
    """Only the properties that are set are handed over."""
    style = Style("#FFC000", "#000000", True, False, True, False, "#FF0000", "0.00")
    line = {"style": "Continuous", "color": "#FF0000"}
    assert to_format(style) == {
        "fill": {"color": "#FFC000"},
        "font": {
            "color": "#000000",
            "bold": True,
            "italic": False,
            "strikethrough": False,
            "underline": "Single",
        },
        "borders": {"EdgeTop": line, "EdgeBottom": line, "EdgeLeft": line, "EdgeRight": line},
        "numberFormat": "0.00",
    }
    assert to_format(Style()) == {}
    assert to_format(Style(underline=False)) == {"font": {"underline": "None"}}


def test_a_scale_has_no_format() -> None:
    """Scales take a colour in their rule and carry no cell format."""
    found = to_officejs(Rule(parse_condition("ColorScale(c[2])"), style=Style("#0070C0")), PARCELS)
    assert "format" not in found
    assert found["rule"] == {
        "criteria": {
            "minimum": {"type": "LowestValue", "color": "#FFFFFF"},
            "maximum": {"type": "HighestValue", "color": "#0070C0"},
        }
    }


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("GreaterThan(c[2], ?)", UnsupportedError),
        ("AND(DataBar(c[2]), Blanks(c[0]))", UnsupportedError),
        ("GreaterThan(c[9], 1)", InvalidRuleError),
    ],
)
def test_what_cannot_be_said_is_refused(text: str, error: type[Exception]) -> None:
    """Open values, scales inside conditions and missing columns give clear errors."""
    with pytest.raises(error):
        office(text)


@pytest.mark.parametrize("names", [CELL_VALUE_OPERATORS, PRESETS, TIME_PERIODS])
def test_names_are_office_names(names: dict[str, str]) -> None:
    """Values are enumeration members in Pascal case, without doubles."""
    assert all(re.fullmatch(r"(?:[A-Z][a-z]+)+", name) for name in names.values())
    assert len(set(names.values())) == len(names)


def test_it_is_json() -> None:
    """The object survives a trip through JSON."""
    found = office("IconSet(c[2])")
    assert json.loads(json.dumps(found)) == found
