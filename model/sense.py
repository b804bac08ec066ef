"""Conditions that no person means, whatever the request says."""

from __future__ import annotations

from grammar.conditions import (
    Average,
    Binary,
    Bool,
    Call,
    Cell,
    Column,
    Comparison,
    Condition,
    Date,
    Hole,
    Junction,
    Node,
    Number,
    Range,
    Rank,
    Scalar,
    State,
    Text,
    TextTest,
    walk,
)
from grammar.rules import RuleSet
from model.literals import constant

_DAYS = ("TODAY", "NOW")
_PARTS = {"YEAR": (1900, 2200), "MONTH": (1, 12), "DAY": (1, 31), "WEEKDAY": (0, 7)}
_MOST_DEVIATIONS = 5
_LARGEST_RANK = 1000
"""Excel's own limit of top and bottom rules."""
_TEXT_CALLS = ("LEFT", "RIGHT", "MID", "LOWER", "UPPER", "TRIM")


def makes_sense(rules: RuleSet) -> bool:
    """Whether every part tests cells, and none says the same thing twice or undoes another."""
    places = [(rule.condition, rule.target) for rule in rules.rules]
    repeated = len(set(places)) < len(places)
    parts = (part for rule in rules.rules for part in walk(rule.condition))
    return not repeated and not any(map(_is_senseless, parts))


def _is_senseless(part: Node) -> bool:
    match part:
        case TextTest(_, x, value):
            return x == value or not _has_cells(x) or not _is_text(value)
        case Comparison(name, x, value):
            idle = x == value or _compares_nothing(x, value) or _orders_text(name, value)
            return idle or _is_no_part_of_a_date(x, value)
        case Average(_, x, deviations):
            return not _has_cells(x) or deviations > _MOST_DEVIATIONS
        case Rank(_, x, amount):
            return not _has_cells(x) or amount > _LARGEST_RANK
        case State(_, x):
            return not _has_cells(x)
        case Range(_, x, low, high):
            return low == high or x in (low, high)
        case Junction(name, _):
            flat = _flat(part)
            repeated = len(set(flat)) < len(flat) or _says_less(flat)
            return repeated or (name == "AND" and _contradict(flat))
        case Binary(operator, left, right):
            return _is_idle(operator, left, right)
    return False


def _flat(junction: Junction) -> list[Condition]:
    """The parts of a junction, those of an inner one of its own name among them."""
    found: list[Condition] = []
    for part in junction.parts:
        match part:
            case Junction(junction.name, _):
                found += _flat(part)
            case _:
                found.append(part)
    return found


def _contradict(parts: list[Condition]) -> bool:
    """Whether one part says what a cell is, and another asks more of that same cell."""
    fixed = [x for part in parts if (x := _fixed(part)) is not None]
    tested = [getattr(part, "x", None) for part in parts if not _is_filled(part)]
    return any(tested.count(x) > 1 for x in fixed) or _leaves_nothing(parts)


def _says_less(parts: list[Condition]) -> bool:
    """Whether of two parts that compare one value with numbers in one way, one says nothing new."""
    orders = [
        (part.name, part.x)
        for part in parts
        if isinstance(part, Comparison)
        and part.name not in ("Equals", "NotEquals")
        and constant(part.value) is not None
    ]
    return len(set(orders)) < len(orders)


def _leaves_nothing(parts: list[Condition]) -> bool:
    """Whether a value would have to be above one number and below another that is no greater."""
    lows: dict[Scalar, float] = {}
    highs: dict[Scalar, float] = {}
    for part in parts:
        value = constant(part.value) if isinstance(part, Comparison) else None
        if not isinstance(part, Comparison) or value is None:
            continue
        if part.name in ("GreaterThan", "GreaterThanEqual"):
            lows[part.x] = max(value, lows.get(part.x, value))
        if part.name in ("LessThan", "LessThanEqual"):
            highs[part.x] = min(value, highs.get(part.x, value))
    return any(x in highs and low >= highs[x] for x, low in lows.items())


def _is_filled(part: Condition) -> bool:
    return isinstance(part, State) and part.name == "NotBlanks"


def _fixed(part: Condition) -> Scalar | None:
    """The cell that a condition leaves no choice to."""
    match part:
        case State("Blanks", x) | TextTest("TextEquals", x, Text()):
            return x
        case Comparison("Equals", x, Number() | Text() | Date() | Bool()):
            return x
    return None


def _compares_nothing(x: Scalar, value: Scalar) -> bool:
    """Whether no cell is looked at, or a sum of a cell and a number is compared with a number."""
    if not _has_cells(x):
        return not _has_cells(value) and not _has_row(x)
    is_sum = isinstance(x, Binary) and x.operator in "+-"
    return is_sum and constant(value) is not None and _has_number(x)


def _has_row(x: Scalar) -> bool:
    return any(isinstance(part, Call) and part.name == "ROW" for part in walk(x))


def _has_number(x: Scalar) -> bool:
    sides = (x.left, x.right) if isinstance(x, Binary) else ()
    return any(constant(side) is not None for side in sides)


def _is_no_part_of_a_date(x: Scalar, value: Scalar) -> bool:
    """Whether a year, month or day is compared with a number that it never is."""
    number = constant(value)
    if not isinstance(x, Call) or x.name not in _PARTS or number is None:
        return False
    least, most = _PARTS[x.name]
    return not least <= number <= most


def _orders_text(name: str, value: Scalar) -> bool:
    return name not in ("Equals", "NotEquals") and isinstance(value, Text)


def _has_cells(x: Scalar) -> bool:
    return any(isinstance(part, Cell | Column | Hole) for part in walk(x))


def _is_text(value: Scalar) -> bool:
    """Whether a value can be the text that cells are compared with."""
    if isinstance(value, Call):
        return value.name in _TEXT_CALLS
    return not isinstance(value, Binary) or value.operator == "&"


def _is_idle(operator: str, left: Scalar, right: Scalar) -> bool:
    """Whether arithmetic multiplies numbers or days that stand there, adds days, or ends in 0."""
    plain = [constant(side) is not None for side in (left, right)]
    days = [_is_day(side) for side in (left, right)]
    if all(days) or (operator in "*/^" and any(days)):
        return True
    if operator == "*" and all(plain):
        return True
    return operator in "-/" and left == right and not plain[0]


def _is_day(side: Scalar) -> bool:
    return isinstance(side, Call) and side.name in _DAYS
