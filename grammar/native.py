"""The rule of Excel's own that a condition can be written as, if there is one.

Excel's rules select other cells than people mean: they take a blank for 0 and rank text above every
number. A condition has a native rule only where that rule selects the same cells, now and when a
blank is filled with a value of its column's type or a value is emptied.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from grammar.calc.coercion import read_number
from grammar.column_functions import deviation
from grammar.conditions import (
    DATE_PERIODS,
    SCALES,
    Average,
    Bool,
    Cell,
    Column,
    Comparison,
    Condition,
    Range,
    Rank,
    Scalar,
    State,
    Text,
    TextTest,
)
from grammar.formula_predicates import (
    OPERATORS,
    comparison,
    constant_bounds,
    constant_number,
    inside_or_outside,
    text_test,
    within,
)
from grammar.formula_text import quote
from grammar.guards import Cells
from grammar.rules import CELLS, Target
from grammar.scalar_formulas import ScalarWriter
from grammar.subjects import subject_column
from grammar.table import DATE, NUMBER, TEXT, Table
from grammar.values import CellValue
from grammar.vectors import Numbers

CELL_IS = {
    "GreaterThan": "greaterThan",
    "GreaterThanEqual": "greaterThanOrEqual",
    "LessThan": "lessThan",
    "LessThanEqual": "lessThanOrEqual",
    "Equals": "equal",
    "NotEquals": "notEqual",
    "Between": "between",
    "NotBetween": "notBetween",
    "TextEquals": "equal",
}
"""Predicate → operator of a ``cellIs`` rule. Source: ECMA-376 part 1, 18.18.15."""
TEXT_RULES = {
    "TextContains": "containsText",
    "TextStartsWith": "beginsWith",
    "TextEndsWith": "endsWith",
}
"""Predicate → type, and operator, of its rule. Source: ECMA-376 part 1, 18.18.12."""
STATE_RULES = {
    "Blanks": ("containsBlanks", "LEN(TRIM({cell}))=0"),
    "NotBlanks": ("notContainsBlanks", "LEN(TRIM({cell}))>0"),
    "Errors": ("containsErrors", "ISERROR({cell})"),
    "Duplicates": ("duplicateValues", ""),
    "Uniques": ("uniqueValues", ""),
    "ColorScale": ("colorScale", ""),
    "DataBar": ("dataBar", ""),
    "IconSet": ("iconSet", ""),
}
"""Predicate → type and formula of its rule."""
_DAY = "ROUNDDOWN({cell},0)"
_MONTH = "AND(MONTH({cell})=MONTH({day}),YEAR({cell})=YEAR({day}))"
PERIOD_FORMULAS = {
    "Yesterday": "FLOOR({cell},1)=TODAY()-1",
    "Today": "FLOOR({cell},1)=TODAY()",
    "Tomorrow": "FLOOR({cell},1)=TODAY()+1",
    "Last7Days": "AND(TODAY()-FLOOR({cell},1)<=6,FLOOR({cell},1)<=TODAY())",
    "LastWeek": f"AND(TODAY()-{_DAY}>=WEEKDAY(TODAY()),TODAY()-{_DAY}<WEEKDAY(TODAY())+7)",
    "ThisWeek": f"AND(TODAY()-{_DAY}<=WEEKDAY(TODAY())-1,{_DAY}-TODAY()<=7-WEEKDAY(TODAY()))",
    "NextWeek": f"AND({_DAY}-TODAY()>7-WEEKDAY(TODAY()),{_DAY}-TODAY()<15-WEEKDAY(TODAY()))",
    "LastMonth": _MONTH.replace("{day}", "EDATE(TODAY(),-1)"),
    "ThisMonth": _MONTH.replace("{day}", "TODAY()"),
    "NextMonth": _MONTH.replace("{day}", "EDATE(TODAY(),1)"),
}
"""What Excel stores beside ``timePeriod``, for readers that do not know the attribute."""
MOST_RANKED = 1000
"""The greatest rank that Excel's dialog takes; a percentage goes to 100."""


@dataclass(frozen=True)
class NativeRule:
    """A ``cfRule`` of Excel's own; formulas without ``=``, relative to the first data row.

    Source: ECMA-376 part 1, 18.3.1.10; the fields are its attributes.
    """

    type: str
    operator: str | None = None
    formulas: tuple[str, ...] = ()
    text: str | None = None
    rank: int | None = None
    percent: bool = False
    bottom: bool = False
    std_dev: int | None = None
    above_average: bool = True
    equal_average: bool = False
    time_period: str | None = None


def native_rule(
    condition: Condition, table: Table, *, column: int | None = None, target: Target = CELLS
) -> NativeRule | None:
    """The native rule that selects the same cells, or ``None`` where only a formula does."""
    maker = _MAKERS.get(type(condition))
    if maker is None or not table.columns:
        return None
    if column is None:
        column = subject_column(condition, table)
    x = getattr(condition, "x", None)
    index = column if isinstance(x, Cell) else x.index if isinstance(x, Column) else None
    if index is None or not _is_tested_column(target, index, column):
        return None
    return maker(ScalarWriter(table, column), condition)


def _is_tested_column(target: Target, index: int, column: int) -> bool:
    """Whether the cells that are formatted are the ones that are tested."""
    if target.kind == "columns":
        return target.columns == (index,)
    return target.kind == "cells" and index == column


def _comparison(writer: ScalarWriter, test: Comparison) -> NativeRule | None:
    is_constant = isinstance(test.value, Text | Bool) or constant_number(test.value) is not None
    value = writer.text(test.value)
    bare = (f"{writer.text(test.x)}{OPERATORS[test.name]}{value}",)
    if not is_constant or comparison(writer, test) != bare:
        return None
    return NativeRule("cellIs", CELL_IS[test.name], (value,))


def _range(writer: ScalarWriter, test: Range) -> NativeRule | None:
    low, high = constant_bounds(test)
    if low is None or high is None:
        return None
    bounds = (test.low, test.high) if low <= high else (test.high, test.low)
    first, last = map(writer.text, bounds)
    if within(writer, test) != inside_or_outside(test.name, writer.text(test.x), first, last):
        return None
    return NativeRule("cellIs", CELL_IS[test.name], (first, last))


def _text_test(writer: ScalarWriter, test: TextTest) -> NativeRule | None:
    tests = text_test(writer, test)
    if not isinstance(test.value, Text) or tests is None or len(tests) > 1:
        return None
    text, value = test.value.value, writer.text(test.value)
    if test.name == "TextEquals":
        return NativeRule("cellIs", "equal", (value,))
    kind = TEXT_RULES.get(test.name)
    if kind is None or (kind == "containsText" and set(text) & set("*?~")):
        return None
    formula = _TEXT_FORMULAS[kind].format(text=quote(text), cell=_first_cell(writer, test.x))
    return NativeRule(kind, kind, (formula,), text=text)


_TEXT_FORMULAS = {
    "containsText": "NOT(ISERROR(SEARCH({text},{cell})))",
    "beginsWith": "LEFT({cell},LEN({text}))={text}",
    "endsWith": "RIGHT({cell},LEN({text}))={text}",
}


def _first_cell(writer: ScalarWriter, x: Scalar) -> str:
    """The first cell of the column without ``$``, as Excel writes it in these rules."""
    return writer.text(x).replace("$", "")


def _cells(writer: ScalarWriter, x: Scalar) -> Cells:
    assert isinstance(x, Column | Cell)  # noqa: S101 - native_rule has asked
    return writer.cells(x)


def _state(writer: ScalarWriter, test: State) -> NativeRule | None:
    cells = _cells(writer, test.x)
    if test.name in DATE_PERIODS:
        return _period(writer, test, cells)
    if test.name not in STATE_RULES or not _is_exact(test.name, cells):
        return None
    kind, formula = STATE_RULES[test.name]
    written = formula.format(cell=_first_cell(writer, test.x))
    return NativeRule(kind, formulas=(written,) if written else ())


def _is_exact(name: str, cells: Cells) -> bool:
    """Whether the native rule agrees; it passes over errors where it looks for filled cells."""
    if name == "NotBlanks":
        return not cells.has_errors
    if name in ("Duplicates", "Uniques"):
        return _holds(cells, NUMBER, DATE, TEXT) and all(map(_is_ordinary, cells.column.values))
    return name in ("Blanks", "Errors", *SCALES)


def _holds(cells: Cells, *kinds: int) -> bool:
    """Whether there are values, and neither errors nor values of other kinds."""
    return not cells.has_errors and cells.only(*kinds)


def _is_ordinary(value: CellValue) -> bool:
    """Whether Excel counts a value as it stands: no text that reads as a number or a pattern."""
    if not isinstance(value, str):
        return True
    is_pattern = bool(set(value) & set("*?~")) or value[:1] in "<>="
    return not is_pattern and bool(value.strip(" ")) and read_number(value) is None


def _period(writer: ScalarWriter, test: State, cells: Cells) -> NativeRule | None:
    if not cells.only(DATE):
        return None
    formula = PERIOD_FORMULAS[test.name].format(cell=_first_cell(writer, test.x))
    name = test.name[0].lower() + test.name[1:]
    return NativeRule("timePeriod", formulas=(formula,), time_period=name)


def _rank(writer: ScalarWriter, test: Rank) -> NativeRule | None:
    percent = test.name.endswith("Percent")
    most = 100 if percent else MOST_RANKED
    if test.amount != int(test.amount) or not 1 <= test.amount <= most:
        return None
    if not _holds(_cells(writer, test.x), NUMBER, DATE, TEXT):
        return None
    bottom = test.name.startswith("Bottom")
    return NativeRule("top10", rank=int(test.amount), percent=percent, bottom=bottom)


def _average(writer: ScalarWriter, test: Average) -> NativeRule | None:
    cells = _cells(writer, test.x)
    if test.deviations not in (0, 1, 2, 3) or not _holds(cells, NUMBER, DATE, TEXT):
        return None
    numbers = cells.column.numbers[np.isfinite(cells.column.numbers)]
    if test.deviations and not _is_settled(test, numbers):
        return None
    deviations = int(test.deviations) or None
    above = test.name == "AboveAverage"
    return NativeRule("aboveAverage", std_dev=deviations, above_average=above)


def _is_settled(test: Average, numbers: Numbers) -> bool:
    """Whether both readings of Excel's rule agree with ours.

    Microsoft does not say which deviation the rule takes: what other makers write for old Excel has
    that of the whole population and includes the limit, other evaluators that of a sample.
    """
    if len(numbers) < 2:
        return False
    sign = 1 if test.name == "AboveAverage" else -1
    distance = sign * (numbers - np.mean(numbers))
    sample = distance > test.deviations * deviation(numbers)
    population = distance >= test.deviations * np.std(numbers)
    return bool((sample == population).all())


_MAKERS: dict[type[Condition], Callable[..., NativeRule | None]] = {
    Comparison: _comparison,
    Range: _range,
    TextTest: _text_test,
    State: _state,
    Rank: _rank,
    Average: _average,
}
