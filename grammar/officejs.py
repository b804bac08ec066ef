"""Rules as the JSON that a task pane hands to Office.js.

Keys and values are those of the ``Excel`` namespace, so this is the one place beside ``ooxml`` that
speaks camelCase. ``priority`` is converted here once: OOXML's 1 is Office.js's 0.
"""

from __future__ import annotations

from collections.abc import Callable

from grammar.conditions import State, selects_cells
from grammar.errors import UnsupportedError
from grammar.evaluate import selected_areas
from grammar.formulas import formula_of
from grammar.native import NativeRule, native_rule
from grammar.ooxml import ICON_LIMITS, scale_areas
from grammar.rules import Rule, Style
from grammar.scale_colours import bar_colour, scale_colours
from grammar.table import Table

Json = dict[str, object]

CELL_VALUE_OPERATORS = {
    "greaterThan": "GreaterThan",
    "greaterThanOrEqual": "GreaterThanOrEqual",
    "lessThan": "LessThan",
    "lessThanOrEqual": "LessThanOrEqual",
    "equal": "EqualTo",
    "notEqual": "NotEqualTo",
    "between": "Between",
    "notBetween": "NotBetween",
}
TEXT_OPERATORS = {
    "containsText": "Contains",
    "notContainsText": "NotContains",
    "beginsWith": "BeginsWith",
    "endsWith": "EndsWith",
}
PRESETS = {
    "containsBlanks": "Blanks",
    "notContainsBlanks": "NonBlanks",
    "containsErrors": "Errors",
    "notContainsErrors": "NonErrors",
    "duplicateValues": "DuplicateValues",
    "uniqueValues": "UniqueValues",
}
TIME_PERIODS = {
    "yesterday": "Yesterday",
    "today": "Today",
    "tomorrow": "Tomorrow",
    "last7Days": "LastSevenDays",
    "lastWeek": "LastWeek",
    "thisWeek": "ThisWeek",
    "nextWeek": "NextWeek",
    "lastMonth": "LastMonth",
    "thisMonth": "ThisMonth",
    "nextMonth": "NextMonth",
}
_DEVIATIONS = {1: "One", 2: "Two", 3: "Three"}
_HIGHEST_RANK = {False: 1000, True: 100}
"""Greatest rank of a TopBottom rule, by number and by per cent."""

_EDGES = ("EdgeTop", "EdgeBottom", "EdgeLeft", "EdgeRight")
_SET, _SET_OF_AREAS = "ExcelApi 1.6", "ExcelApi 1.9"


def to_officejs(rule: Rule, table: Table, *, priority: int = 1, column: int | None = None) -> Json:
    """``type``, ``rule``, ``format``, ``range``, ``stopIfTrue``, ``priority``, ``requirementSet``.

    ``type`` is Excel's own kind where that selects the same cells and Office.js has it, else
    ``Custom``. ``priority`` counts from 1 as in OOXML; in the result 0 is the highest. Several
    ranges are joined by commas and need ``getRanges``. A scale has ``rule`` and no ``format``.

    Raises:
        InvalidRuleError: the condition names a column that the table does not have.
        UnsupportedError: the rule leaves a value open, or mixes a scale with a condition.
    """
    if not selects_cells(rule.condition):
        areas = scale_areas(rule, table, column)
        kind, body, style = *_scale(rule), None
    else:
        areas = [str(area) for area in selected_areas(rule, table, column=column)]
        kind, body = _kind(rule, table, column)
        style = to_format(rule.style)
    return {
        "type": kind,
        "rule": body,
        **({} if style is None else {"format": style}),
        "range": ",".join(areas),
        "stopIfTrue": rule.stop_if_true,
        "priority": priority - 1,
        "requirementSet": _SET if len(areas) == 1 else _SET_OF_AREAS,
    }


def to_format(style: Style) -> Json:
    """The ``ConditionalRangeFormat`` of a style, without what it leaves as it is."""
    font: Json = {
        "color": style.font,
        "bold": style.bold,
        "italic": style.italic,
        "strikethrough": style.strike,
        "underline": {None: None, True: "Single", False: "None"}[style.underline],
    }
    font = {name: value for name, value in font.items() if value is not None}
    line = {"style": "Continuous", "color": style.border}
    parts: Json = {
        "fill": {"color": style.fill} if style.fill else None,
        "font": font or None,
        "borders": dict.fromkeys(_EDGES, line) if style.border else None,
        "numberFormat": style.number_format,
    }
    return {name: value for name, value in parts.items() if value is not None}


def _kind(rule: Rule, table: Table, column: int | None) -> tuple[str, Json]:
    """Type and rule of a condition that selects cells."""
    native = native_rule(rule.condition, table, column=column, target=rule.target)
    found = native and _native(native)
    if found:
        return found
    return "Custom", {"formula": formula_of(rule.condition, table, column=column)}


def _native(native: NativeRule) -> tuple[str, Json] | None:
    maker = _MAKERS.get(native.type)
    return maker(native) if maker else None


def _cell_value(native: NativeRule) -> tuple[str, Json]:
    operator = CELL_VALUE_OPERATORS[native.operator or ""]
    formulas = {f"formula{index}": f"={text}" for index, text in enumerate(native.formulas, 1)}
    return "CellValue", {**formulas, "operator": operator}


def _contains_text(native: NativeRule) -> tuple[str, Json]:
    return "ContainsText", {"operator": TEXT_OPERATORS[native.type], "text": native.text}


def _top_bottom(native: NativeRule) -> tuple[str, Json] | None:
    rank = native.rank or 10
    if rank > _HIGHEST_RANK[native.percent]:
        return None
    side = "Bottom" if native.bottom else "Top"
    return "TopBottom", {"rank": rank, "type": side + ("Percent" if native.percent else "Items")}


def _average(native: NativeRule) -> tuple[str, Json] | None:
    side = "AboveAverage" if native.above_average else "BelowAverage"
    if native.std_dev is None:
        return _preset("EqualOr" + side if native.equal_average else side)
    count = _DEVIATIONS.get(native.std_dev)
    return _preset(f"{count}StdDev{side}") if count else None


def _preset(criterion: str) -> tuple[str, Json]:
    return "PresetCriteria", {"criterion": criterion}


_MAKERS: dict[str, Callable[[NativeRule], tuple[str, Json] | None]] = {
    "cellIs": _cell_value,
    "top10": _top_bottom,
    "aboveAverage": _average,
    "timePeriod": lambda native: _preset(TIME_PERIODS[native.time_period or ""]),
    **dict.fromkeys(TEXT_OPERATORS, _contains_text),
    **dict.fromkeys(PRESETS, lambda native: _preset(PRESETS[native.type])),
}


def _scale(rule: Rule) -> tuple[str, Json]:
    """Type and settings of a colour scale, data bar or icon set."""
    name = rule.condition.name if isinstance(rule.condition, State) else ""
    if name == "ColorScale":
        return name, {"criteria": _colours(scale_colours(rule))}
    if name == "DataBar":
        # bounds set to Automatic paint a single cell (office-js issue 2026), so they stay unset
        return name, {"positiveFormat": {"fillColor": bar_colour(rule), "gradientFill": True}}
    if name == "IconSet":
        return name, {"style": "ThreeTrafficLights1", "criteria": _icon_criteria()}
    raise UnsupportedError(f"Office.js has no scale {name!r}")


def _colours(colours: tuple[str, ...]) -> Json:
    low, *middle, high = colours
    found: Json = {"minimum": {"type": "LowestValue", "color": low}}
    if middle:
        found["midpoint"] = {"type": "Percentile", "formula": "50", "color": middle[0]}
    return found | {"maximum": {"type": "HighestValue", "color": high}}


def _icon_criteria() -> list[Json]:
    """The first icon takes what the others leave, so its criterion is empty."""
    limits: list[Json] = [
        {"type": "Percent", "operator": "GreaterThanOrEqual", "formula": f"={limit}"}
        for limit in ICON_LIMITS[1:]
    ]
    return [{}, *limits]
