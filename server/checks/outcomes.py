"""What a case gave: the cells that its rule selects, and where they are not those expected."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from time import perf_counter

from grammar.colours import parse_colour
from grammar.conditions import selects_cells
from grammar.errors import CellFusionError, InvalidRuleError
from grammar.evaluate import matches, selected_areas
from grammar.ooxml import scale_areas
from grammar.ooxml_existing import ExistingRule
from grammar.ooxml_match import Place
from grammar.parser import parse_condition
from grammar.printer import print_condition
from grammar.ranges import Area, bounding_box
from grammar.rules import CELLS, DEFAULT_STYLE, Rule, RuleSet, Style, Target
from grammar.table import Table
from server.checks.own_rules import own_rule, own_table
from server.checks.suite_schema import CountBounds, RuleEntry, StyleEntry
from server.checks.suites import Case, cells_of, compact

_COLOURS = ("fill", "font", "border")
MOST_ROWS, MOST_COLUMNS = 60, 30
"""Of a picture."""
_DAMAGED = (
    ValueError,
    ArithmeticError,
    LookupError,
    TypeError,
    RecursionError,
    MemoryError,
    OSError,
)
"""What a damaged workbook raises on its way through readers that trust their input; no case keeps
the others from being run."""
_SHOWN = 12
"""Ranges that a problem names."""


@dataclass(frozen=True)
class Reading:
    """The cells that a rule, a candidate or a rule of the workbook selects, and its looks.

    ``rules`` are those of a rule or candidate; ``own`` is the one of the workbook.
    """

    said: str
    cells: frozenset[Place]
    areas: tuple[Area, ...]
    styles: tuple[Mapping[str, object], ...]
    rules: tuple[Rule, ...] = ()
    own: ExistingRule | None = None


@dataclass(frozen=True)
class Outcome:
    """A case that was run; it passed where there is no problem.

    ``is_error`` says that it could not be run at all.
    """

    case: Case
    problems: tuple[str, ...] = ()
    reading: Reading | None = None
    seconds: float = 0.0
    is_error: bool = False

    @property
    def passed(self) -> bool:
        return not self.problems

    @property
    def said(self) -> str:
        """The rule that was run, or the one that could not be as it is written; empty for a
        request without an answer."""
        if self.reading is not None:
            return self.reading.said
        rule = self.case.entry.rule
        if isinstance(rule, RuleEntry):
            return rule.condition or f"rule {rule.id}"
        return rule or ""


def run_case(case: Case) -> Outcome:
    """The outcome of a case; what cannot be run is an error, never an exception."""
    started = perf_counter()
    try:
        found = _by_request(case) if case.entry.request is not None else _by_rule(case)
    except CellFusionError as error:
        found = Outcome(case, (str(error).splitlines()[0],), is_error=True)
    except _DAMAGED as error:
        said = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
        found = Outcome(case, (said,), is_error=True)
    return replace(found, seconds=perf_counter() - started)


def _by_rule(case: Case) -> Outcome:
    reading = rule_reading(case)
    return Outcome(case, tuple(problems(case, reading)), reading)


def rule_reading(case: Case, table: Table | None = None) -> Reading:
    """What the rule of a case selects, in another table than its own where one is given.

    Raises:
        CellFusionError: the rule is none or cannot be evaluated.
    """
    entry = case.entry.rule
    if isinstance(entry, RuleEntry) and entry.id is not None:
        return _existing(case)
    rules = RuleSet((case_rule(entry or ""),))
    return reading_of(rules, case.table if table is None else table, case.today)


def case_rule(entry: str | RuleEntry) -> Rule:
    """The rule that a case gives as text.

    Raises:
        GrammarError: it is none.
    """
    if isinstance(entry, str):
        return Rule(parse_condition(entry))
    style = _style(entry.style) if entry.style else DEFAULT_STYLE
    return Rule(parse_condition(entry.condition or ""), _target(entry.target), style)


def _style(entry: StyleEntry) -> Style:
    asked = _plain(entry)
    plain = entry.model_copy(update={name: str(asked[name]) for name in _COLOURS if name in asked})
    return Style(**dict(plain))


def _target(entry: str | list[str]) -> Target:
    if isinstance(entry, str):
        return CELLS if entry == "cells" else Target(entry)
    names = [name.removeprefix("c[").removesuffix("]") for name in entry]
    if not all(name.isdigit() for name in names):
        raise InvalidRuleError(f"target {entry} names no columns; write them as c[0]")
    return Target("columns", tuple(map(int, names)))


def reading_of(rules: RuleSet, table: Table, today: dt.date) -> Reading:
    """What rules select together."""
    cells: set[Place] = set()
    areas: list[Area] = []
    for rule in rules.rules:
        drawn = rule_areas(rule, table)
        rows = matches(rule.condition, table, today=today).nonzero()[0]
        columns = [number for area in drawn for number in _columns(area)]
        cells |= {(number, table.first_row + int(row)) for row in rows for number in columns}
        areas += drawn
    said = "; ".join(print_condition(rule.condition) for rule in rules.rules)
    looks = tuple(rule.style.to_json() for rule in rules.rules)
    return Reading(said, frozenset(cells), tuple(areas), looks, rules.rules)


def rule_areas(rule: Rule, table: Table) -> tuple[Area, ...]:
    """Where a rule is drawn."""
    width = len(table.columns)
    if any(index >= width for index in rule.target.columns):
        raise InvalidRuleError(f"the target names a column beyond the {width} of the table")
    if selects_cells(rule.condition):
        return selected_areas(rule, table)
    return tuple(map(Area.parse, scale_areas(rule, table, None)))


def _columns(area: Area) -> range:
    return range(area.first_column, area.last_column + 1)


def _existing(case: Case) -> Reading:
    """A rule that the workbook has, with Excel's semantics."""
    with own_rule(case) as own:
        cells, rule = own.cells(), own.listed.rule
    said, style = print_condition(rule.condition), rule.style.to_json()
    return Reading(said, cells, rule.areas, (style,), own=rule)


def _by_request(case: Case) -> Outcome:
    """The first candidate within the bounds that is as expected, else what is wrong with the
    best one."""
    from server.suggestions import propose

    table, most = case.table, case.ranks.stop - 1
    found = propose(case.entry.request or "", table, today=case.today, top=max(most, 5))
    if case.entry.abstains is not None and found.abstained != case.entry.abstains:
        said = "it abstains" if found.abstained else "it does not abstain"
        return Outcome(case, (f"{said}: {found.question or 'no question'}",))
    if case.entry.abstains:
        return Outcome(case)
    return _best(case, [reading_of(each.rules, table, case.today) for each in found.proposals])


def _best(case: Case, readings: list[Reading]) -> Outcome:
    tried = [(rank, tuple(problems(case, each))) for rank, each in enumerate(readings, 1)]
    right = [rank for rank, wrong in tried if not wrong]
    within = [rank for rank in right if rank in case.ranks]
    if within:
        return Outcome(case, (), readings[within[0] - 1])
    if not readings:
        return Outcome(case, ("there is no candidate",))
    bounds = f"{case.ranks.start} to {case.ranks.stop - 1}"
    if right:
        place = f"the right candidate has rank {right[0]}, not one of {bounds}"
        return Outcome(case, (place,), readings[right[0] - 1])
    rank, wrong = tried[min(case.ranks.start, len(tried)) - 1]
    said = f"candidate {rank} is {readings[rank - 1].said}"
    return Outcome(case, (said, *wrong), readings[rank - 1])


def problems(case: Case, reading: Reading) -> Iterator[str]:
    """Where a reading differs from what the case expects."""
    entry = case.entry
    wanted = cells_of(entry.matches or ())
    if lost := wanted - reading.cells:
        yield f"not selected: {listed(lost)}"
    unwanted = _unwanted(case, reading, wanted)
    if unwanted:
        yield f"selected, and should not be: {listed(unwanted)}"
    if not _is_count(entry.count, len(reading.cells)):
        yield f"{_counted(len(reading.cells))} selected, {entry.count} expected"
    if entry.style is not None:
        yield from _style_problems(entry.style, reading)


def _is_count(count: int | CountBounds | None, number: int) -> bool:
    if isinstance(count, CountBounds):
        return count.holds(number)
    return count is None or count == number


def _counted(number: int) -> str:
    return "1 cell is" if number == 1 else f"{number:,} cells are"


def _unwanted(case: Case, reading: Reading, wanted: frozenset[Place]) -> frozenset[Place]:
    denied = case.entry.not_matches
    if denied == "rest":
        return reading.cells - wanted
    return reading.cells & cells_of(denied or ())


def _style_problems(entry: StyleEntry, reading: Reading) -> Iterator[str]:
    asked = _plain(entry)
    if not any(asked.items() <= style.items() for style in reading.styles):
        looks = " or ".join(map(_look, reading.styles)) or "nothing"
        yield f"the look is {looks}, expected {_look(asked)}"


def _look(style: Mapping[str, object]) -> str:
    return " ".join(f"{name} {value}" for name, value in style.items()) or "none"


def _plain(entry: StyleEntry) -> dict[str, object]:
    """The properties that are set, colours as ``#RRGGBB``."""
    found: dict[str, object] = entry.model_dump(exclude_none=True)
    for name in _COLOURS:
        if name in found:
            colour = parse_colour(str(found[name]))
            if colour is None:
                raise InvalidRuleError(f"{name} {found[name]!r} is no colour; write it as #RRGGBB")
            found[name] = colour
    return found


def listed(places: Iterable[Place]) -> str:
    """The ranges of some cells, the first few of many."""
    ranges = compact(places)
    more = f" and {len(ranges) - _SHOWN} more" if len(ranges) > _SHOWN else ""
    return " ".join(ranges[:_SHOWN]) + more


def shown_cells(outcome: Outcome) -> tuple[Area, Table] | None:
    """The cells that a picture of the outcome shows, and the table that has them; ``None`` where
    there is nothing to show."""
    reading = outcome.reading
    if outcome.is_error or reading is None:
        return None
    try:
        if reading.own is None:
            table = outcome.case.table
            return bounding_box((table.area, *reading.areas)), table
        return _own_cells(outcome.case, reading)
    except CellFusionError:
        return None  # the workbook has gone since


def _own_cells(case: Case, reading: Reading) -> tuple[Area, Table] | None:
    """The cells of a rule of the workbook, from the first that counts for the case."""
    places = reading.cells | cells_of(case.entry.matches or ())
    if not places:
        places = frozenset((area.first_column, area.first_row) for area in reading.areas)
    columns, rows = zip(*places, strict=True)
    top, left = min(rows), min(columns)
    box = Area(left, top, max(columns), max(rows))
    seen = Area(
        left, top, min(box.last_column, left + MOST_COLUMNS), min(box.last_row, top + MOST_ROWS)
    )
    return box, own_table(case, seen)
