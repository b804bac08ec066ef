"""Each predicate as the Excel tests that must all hold."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np

from grammar.calc.code_units import unit_count
from grammar.calc.comparison import compare_text
from grammar.conditions import (
    SCALES,
    Average,
    Bool,
    Cell,
    Column,
    Comparison,
    Neighbour,
    Number,
    Range,
    Rank,
    Reference,
    Scalar,
    State,
    Text,
    TextTest,
    columns_of,
    walk,
)
from grammar.formula_text import (
    Parts,
    all_of,
    any_of,
    both,
    call,
    either,
    number_text,
    product_of,
    quote,
)
from grammar.predicates import SIGN_TESTS, names_boolean
from grammar.scalar_formulas import ScalarWriter
from grammar.scalars import Scalars
from grammar.table import BOOL, DATE, NUMBER, TEXT, Table, TableColumn

OPERATORS = {
    "GreaterThan": ">",
    "GreaterThanEqual": ">=",
    "LessThan": "<",
    "LessThanEqual": "<=",
    "Equals": "=",
    "NotEquals": "<>",
}
_ONE_ROW = Table((TableColumn.of("", (None,)),))
_SOME_DAY = dt.date(2026, 1, 1)
"""Stands for today where only the sign of a value counts."""


def constant_number(node: Scalar) -> float | None:
    """The number of a scalar that depends on no cell (a date as of some day), else ``None``."""
    parts = list(walk(node))
    if any(isinstance(part, Column | Cell | Neighbour | Reference) for part in parts):
        return None
    if any(getattr(part, "name", "") == "ROW" for part in parts):
        return None
    vector = Scalars(_ONE_ROW, 0, _SOME_DAY).vector(node)
    return float(vector.numbers[0]) if vector.numeric[0] else None


def is_cell(node: Scalar) -> bool:
    """Whether a scalar is a cell of the row itself."""
    return isinstance(node, Column | Cell)


def comparison(writer: ScalarWriter, test: Comparison) -> Parts | None:
    """Tests of ``GreaterThan`` and its kin, one alternative for each kind that both sides have."""
    written = writer.text(test.x) + OPERATORS[test.name] + writer.text(test.value)
    options = {kind: _comparison_guard(writer, test, kind) for kind in (NUMBER, DATE, TEXT, BOOL)}
    shared = writer.kinds(test.x) & writer.kinds(test.value)
    possible = {kind: guard for kind, guard in options.items() if guard is not None}
    expected = [guard for kind, guard in possible.items() if kind in shared]
    return both(either(expected or list(possible.values())[:1]), (written,))


def _comparison_guard(writer: ScalarWriter, test: Comparison, kind: int) -> Parts | None:
    own, other = writer.guard(test.x, kind), writer.guard(test.value, kind)
    if own is None or other is None:
        return None
    if kind == BOOL:
        return _boolean_guard(test, own, other)
    if kind == TEXT:
        return _text_guard(test, own, other)
    plain = is_cell(test.x) and _is_plain(writer, test)
    return both(() if plain else own, other)


def _boolean_guard(test: Comparison, own: Parts, other: Parts) -> Parts | None:
    if not names_boolean(test.x, test.value) or test.name not in ("Equals", "NotEquals"):
        return None
    is_true = test.value == Bool(value=True)
    return () if is_cell(test.x) and is_true and test.name == "Equals" else both(own, other)


def _text_guard(test: Comparison, own: Parts, other: Parts) -> Parts | None:
    if test.name == "Equals" and isinstance(test.value, Text) and test.value.value.strip(" "):
        return () if is_cell(test.x) else own
    is_own = test.name == "Equals" and not isinstance(test.value, Neighbour)
    return own if is_own else both(own, other)


def _is_plain(writer: ScalarWriter, test: Comparison) -> bool:
    """Whether ``$D2>=40`` alone is right: no blank, text or boolean can satisfy it."""
    assert isinstance(test.x, Column | Cell)  # noqa: S101 - the caller has asked
    value, cells = constant_number(test.value), writer.cells(test.x)
    if value is None or {NUMBER, DATE} <= cells.present:
        return False
    blank_holds = bool(SIGN_TESTS[test.name](np.array([0 - value]))[0])
    is_safe = test.name in ("Equals", "LessThan", "LessThanEqual")
    return not blank_holds and (is_safe or cells.only(NUMBER, DATE))


def within(writer: ScalarWriter, test: Range) -> Parts | None:
    """Tests of ``Between`` and ``NotBetween``; the lesser bound is found where it is not known."""
    options = {kind: _range_option(writer, test, kind) for kind in (NUMBER, DATE, TEXT)}
    kinds = [writer.kinds(part) for part in (test.x, test.low, test.high)]
    shared = frozenset.intersection(*kinds)
    possible = {kind: parts for kind, parts in options.items() if parts is not None}
    expected = [parts for kind, parts in possible.items() if kind in shared]
    return either(expected or list(possible.values())[:1])


def _range_option(writer: ScalarWriter, test: Range, kind: int) -> Parts | None:
    own = writer.guard(test.x, kind)
    bounds = both(writer.guard(test.low, kind), writer.guard(test.high, kind))
    if own is None or bounds is None:
        return None
    if kind == TEXT:
        return both(own, bounds, _text_range(writer, test))
    low, high = constant_bounds(test)
    if low is not None and high is not None and is_cell(test.x):
        own = _range_guard(writer, test, own, min(low, high) <= 0 <= max(low, high))
    return both(own, bounds, _number_range(writer, test, low, high))


def constant_bounds(test: Range) -> tuple[float | None, float | None]:
    """Both bounds where it is known which one is the lesser, whatever the day, else ``None``."""
    moving = [_moves(part) for part in (test.low, test.high)]
    if moving[0] != moving[1]:
        return None, None
    return constant_number(test.low), constant_number(test.high)


def _moves(node: Scalar) -> bool:
    return any(getattr(part, "name", "") in ("TODAY", "NOW") for part in walk(node))


def _range_guard(writer: ScalarWriter, test: Range, own: Parts, holds_zero: bool) -> Parts:
    """The guard of a cell between constants; text is never below the upper one."""
    assert isinstance(test.x, Column | Cell)  # noqa: S101 - the caller has asked
    cells = writer.cells(test.x)
    if {NUMBER, DATE} <= cells.present:
        return own
    if test.name == "Between":
        return own if holds_zero else ()
    return () if holds_zero and cells.only(NUMBER, DATE) else own


def _number_range(
    writer: ScalarWriter, test: Range, low: float | None, high: float | None
) -> Parts:
    first, last = writer.text(test.low), writer.text(test.high)
    if low is None or high is None:
        plain = writer.text(test.low), writer.text(test.high)
        first, last = call("MIN", *plain), call("MAX", *plain)
    elif low > high:
        first, last = last, first
    return inside_or_outside(test.name, writer.text(test.x), first, last)


def inside_or_outside(name: str, x: str, first: str, last: str) -> Parts:
    """The bare tests of a range whose lesser bound is ``first``."""
    if name == "Between":
        return (f"{x}>={first}", f"{x}<={last}")
    return (any_of((f"{x}<{first}", f"{x}>{last}")),)


def _text_range(writer: ScalarWriter, test: Range) -> Parts:
    x, first, last = (writer.text(part) for part in (test.x, test.low, test.high))
    if isinstance(test.low, Text) and isinstance(test.high, Text):
        if compare_text(test.low.value, test.high.value) > 0:
            first, last = last, first
        return inside_or_outside(test.name, x, first, last)
    orders = (inside_or_outside("Between", x, a, b) for a, b in ((first, last), (last, first)))
    inside = any_of(all_of(parts) for parts in orders)
    return (inside,) if test.name == "Between" else (call("NOT", inside),)


def text_test(writer: ScalarWriter, test: TextTest) -> Parts | None:
    """Tests of ``TextContains`` and its kin."""
    own, other = writer.guard(test.x, TEXT), writer.guard(test.value, TEXT)
    if own is None or other is None:
        return None
    if test.name != "TextNotContains":
        own = _found_text_guard(writer, test, own)
    return both(own, other, (_text_tests(writer, test),))


def _found_text_guard(writer: ScalarWriter, test: TextTest, own: Parts) -> Parts:
    """The guard where the text looked for is found in the cell, so that it cannot be blank."""
    if not is_cell(test.x):
        return own
    assert isinstance(test.x, Column | Cell)  # noqa: S101 - just asked
    if isinstance(test.value, Text) and not test.value.value.strip(" "):
        return own
    if test.name == "TextEquals" or writer.cells(test.x).only(TEXT):
        return () if isinstance(test.value, Text) or test.name != "TextEquals" else own
    return (f"ISTEXT({writer.text(test.x)})",)


def _text_tests(writer: ScalarWriter, test: TextTest) -> str:
    x, value = writer.text(test.x), writer.text(test.value)
    if test.name == "TextEquals":
        return f"{writer.text(test.x)}={writer.text(test.value)}"
    if test.name in ("TextContains", "TextNotContains"):
        outcome = "ISNUMBER" if test.name == "TextContains" else "ISERROR"
        return call(outcome, call("SEARCH", _without_wildcards(test.value, value), x))
    at_start = test.name == "TextStartsWith"
    known = test.value.value if isinstance(test.value, Text) else ""
    if known and unit_count(known) == len(known):
        part = call("LEFT" if at_start else "RIGHT", x, str(len(known)))
    else:
        part = _part_of_length(x, call("LEN", value), at_start)
    return part + "=" + writer.text(test.value)


def _part_of_length(x: str, length: str, at_start: bool) -> str:
    """The start or the end of a text; ``MID`` counts as ``LEN`` does, ``LEFT`` may not."""
    start = "1" if at_start else call("MAX", "1", f"1+LEN({x})-{length}")
    return call("MID", x, start, length)


def _without_wildcards(node: Scalar, written: str) -> str:
    """A text for ``SEARCH`` in which ``*``, ``?`` and ``~`` are plain characters."""
    if isinstance(node, Text):
        return quote("".join("~" + sign if sign in "~*?" else sign for sign in node.value))
    for sign in "~*?":
        written = call("SUBSTITUTE", written, f'"{sign}"', f'"~{sign}"')
    return written


def filled(writer: ScalarWriter, node: Scalar) -> str:
    """The test that a cell is not blank; an error is not."""
    test = f"LEN(TRIM({writer.text(node)}))>0"
    if isinstance(node, Neighbour):
        return all_of((*writer.place(node), call("IFERROR", test, "TRUE")))
    return call("IFERROR", test, "TRUE") if writer.can_fail(node) else test


def state(writer: ScalarWriter, test: State) -> Parts | None:
    """Tests of predicates without a value."""
    x = writer.text(test.x)
    if test.name in SCALES:
        return writer.numeric_guard(test.x)
    if test.name in ("Duplicates", "Uniques"):
        return _frequency(writer, test)
    if test.name in _PERIODS:
        return _period(writer, test)
    if isinstance(test.x, Neighbour):
        return _neighbour_state(writer, test.name, test.x)
    if isinstance(test.x, Column | Cell | Reference):
        return (filled(writer, test.x) if test.name == "NotBlanks" else _cell_state(test.name, x),)
    return _value_state(writer, test)


def _cell_state(name: str, cell: str) -> str:
    length = f"LEN(TRIM({cell}))"
    return {"Blanks": f"{length}=0", "Errors": f"ISERROR({cell})", "NoErrors": f"{length}>0"}[name]


def _neighbour_state(writer: ScalarWriter, name: str, node: Neighbour) -> Parts:
    """Outside the table a neighbour is blank."""
    if name == "NotBlanks":
        return (filled(writer, node),)
    place, test = writer.place(node), _cell_state(name, writer.text(node))
    if name != "Blanks":
        return (*place, test)
    return (any_of((call("NOT", all_of(place)), call("IFERROR", test, "FALSE"))),)


def _value_state(writer: ScalarWriter, test: State) -> Parts | None:
    """States of a computed value: it fails where a cell is an error or the computation is."""
    x = writer.text(test.x)
    valid = writer.any_guard(test.x)
    if test.name in ("Blanks", "NoErrors"):
        return both(valid, (_cell_state(test.name, x),))
    cells = (call("ISERROR", writer.text(Column(index))) for index in columns_of(test.x))
    if valid is None:
        return (any_of(cells),)
    failed = any_of((*cells, call("IFERROR", all_of((*valid, f"ISERROR({x})")), "FALSE")))
    if test.name == "Errors":
        return (failed,)
    whole = all_of((*valid, f"LEN(TRIM({x}))>0"))
    return (any_of((failed, call("IFERROR", whole, "FALSE"))),)


def _frequency(writer: ScalarWriter, test: State) -> Parts | None:
    """How often a value occurs; ``COUNTIF`` only for numbers, as it takes ``"5"`` for 5."""
    sign = ">1" if test.name == "Duplicates" else "=1"
    x = writer.text(test.x)
    if isinstance(test.x, Column | Cell) and writer.cells(test.x).only(NUMBER, DATE):
        return (f"ISNUMBER({x})", call("COUNTIF", writer.range(test.x), x) + sign)
    rows = writer.for_all_rows()
    kinds = (NUMBER, DATE, TEXT)
    own = either(writer.guard(test.x, kind) for kind in kinds)
    valid = either((rows.guard(test.x, kind) for kind in kinds), by_row=True)
    if isinstance(test.x, Column | Cell):
        own, valid = _cell_frequency_guards(writer, test.x)
    same = (*(valid or ()), f"{rows.text(test.x)}={writer.text(test.x)}")
    can_fail = writer.can_fail(test.x) or not is_cell(test.x)
    product = product_of(same) if len(same) > 1 else f"--({same[0]})"
    counted = call("IFERROR", product, "0") if can_fail else product
    return both(own, (call("SUMPRODUCT", counted) + sign,))


def _cell_frequency_guards(writer: ScalarWriter, x: Column | Cell) -> tuple[Parts, Parts]:
    """A filled cell that is no boolean equals no text of spaces; a 0 would equal a blank."""
    cells, cell = writer.cells(x), writer.text(x)
    own: Parts = (f"LEN(TRIM({cell}))>0",)
    if not cells.only(NUMBER, DATE, TEXT):
        own += (f"NOT(ISLOGICAL({cell}))",)
    return own, () if cells.only(TEXT) else (f'{writer.range(x)}<>""',)


def _month(offset: int) -> str:
    sign = f"{offset:+d}" if offset else ""
    return f"DATE(YEAR(TODAY()),MONTH(TODAY()){sign},1)"


def _sunday(days: int) -> str:
    return f"TODAY()-WEEKDAY(TODAY()){days + 1:+d}"


_PERIODS = {
    "Yesterday": ("TODAY()-1", "TODAY()"),
    "Today": ("TODAY()", "TODAY()+1"),
    "Tomorrow": ("TODAY()+1", "TODAY()+2"),
    "Last7Days": ("TODAY()-6", "TODAY()+1"),
    "LastWeek": (_sunday(-7), _sunday(0)),
    "ThisWeek": (_sunday(0), _sunday(7)),
    "NextWeek": (_sunday(7), _sunday(14)),
    "LastMonth": (_month(-1), _month(0)),
    "ThisMonth": (_month(0), _month(1)),
    "NextMonth": (_month(1), _month(2)),
}


def _period(writer: ScalarWriter, test: State) -> Parts | None:
    """A date from the first day to before the day after the last; text is never before it."""
    own, x = writer.guard(test.x, DATE), writer.text(test.x)
    if own is None:
        return None
    first, after = _PERIODS[test.name]
    if isinstance(test.x, Column | Cell) and len(own) == 1:
        own = ()
    return both(own, (f"{x}>={first}", f"{x}<{after}"))


def rank(writer: ScalarWriter, test: Rank) -> Parts | None:
    """A number not below the n-th greatest, or not above the n-th least."""
    own, x = writer.numeric_guard(test.x), writer.text(test.x)
    amount = test.amount if test.name.endswith("Percent") else math.floor(test.amount)
    if own is None or amount <= 0:
        return None
    numbers, is_top = writer.numbers(test.x), test.name.startswith("Top")
    count = call("COUNT", numbers)
    if test.name.endswith("Percent"):
        share = f"INT({count}*{number_text(test.amount)}/100)"
        place = f"MAX(1,{share})" if test.amount <= 100 else count
    elif amount == 1:
        return both(own, (f"{x}={call('MAX' if is_top else 'MIN', numbers)}",))
    else:
        place = f"MIN({number_text(amount)},{count})"
    limit = call("LARGE" if is_top else "SMALL", numbers, place)
    return both(own, (f"{x}{'>=' if is_top else '<='}{limit}",))


def average(writer: ScalarWriter, test: Average) -> Parts | None:
    """A number beyond the mean by some (sample) standard deviations."""
    own, x = writer.numeric_guard(test.x), writer.text(test.x)
    if own is None:
        return None
    numbers, is_above = writer.numbers(test.x), test.name == "AboveAverage"
    limit = call("AVERAGE", numbers)
    if test.deviations:
        factor = "" if test.deviations == 1 else writer.text(Number(test.deviations), 3) + "*"
        limit += f"{'+' if is_above else '-'}{factor}{call('STDEV', numbers)}"
    return both(own, (f"{x}{'>' if is_above else '<'}{limit}",))
