"""Findings about rules among each other: hidden, covered, twice there, in pieces, out of reach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from grammar.ooxml_match import Place
from grammar.ranges import MAX_ROW
from server.checks.lint_findings import Finding, counted
from server.checks.lint_rules import LintedRule, SheetRules
from server.workbooks.merge import fragment_groups, fragment_key

_NAMED = 5
"""Rules that a message names."""
_ROOM = 1000
"""Rows below the data that a range may leave for more of it."""


def duplicate_ids(sheet: SheetRules) -> dict[str, str]:
    """Every rule that is there already, with the first one that is the same."""
    firsts: dict[str, str] = {}
    found = {}
    for rule in sheet.rules:
        first = firsts.setdefault(rule.id.partition("-")[0], rule.id)
        if first != rule.id:
            found[rule.id] = first
    return found


def duplicates(sheet: SheetRules) -> Iterator[Finding]:
    """Rules that say the same of the same cells in the same look as one above them."""
    twins = duplicate_ids(sheet)
    for rule in sheet.rules:
        if rule.id in twins:
            fix = None if rule.placed.is_pivot or rule.is_scale else "remove the rule"
            yield rule.finding(
                "duplicate", f"Rule {twins[rule.id]} above it is exactly the same.", fix=fix
            )


def fragments(sheet: SheetRules) -> Iterator[Finding]:
    """Rules that say the same on several ranges; neighbours in priority can be joined."""
    twins = duplicate_ids(sheet)
    places = {rule.id: place for place, rule in enumerate(sheet.rules)}
    groups: dict[str, list[LintedRule]] = defaultdict(list)
    for rule in sheet.rules:
        key = None if rule.id in twins else fragment_key(rule.placed)
        if key is not None:
            groups[key].append(rule)
    runs = fragment_groups([rule.placed for rule in sheet.rules if rule.id not in twins])
    joined = {frozenset(rule.id for rule in run) for run in runs}
    for group in groups.values():
        if len(group) > 1:
            group.sort(key=lambda rule: places[rule.id])
            yield _fragmented(group, frozenset(rule.id for rule in group) in joined)


def _fragmented(group: list[LintedRule], is_run: bool) -> Finding:
    cells = " ".join(rule.rule.sqref for rule in group)
    fix = f"join the {len(group)} rules to one" if is_run else None
    return Finding(
        "fragmented",
        f"{len(group)} rules say the same with the same look on {len(cells.split())} ranges; one "
        "rule would do.",
        "",
        tuple(rule.id for rule in group),
        cells,
        fix,
    )


def hidden(sheet: SheetRules) -> Iterator[Finding]:
    """Rules that show in none of the cells that they select now."""
    twins = duplicate_ids(sheet)
    stopped: dict[Place, str] = {}
    settled: dict[tuple[Place, str], str] = {}
    for rule in sheet.rules:
        if rule.matches and rule.id not in twins:
            yield from _hidden(rule, rule.matches, stopped, settled)
        for place in rule.matches or ():
            if place in stopped:
                continue
            for name in rule.properties:
                settled.setdefault((place, name), rule.id)
            if rule.rule.stop_if_true and not rule.is_scale:
                stopped[place] = rule.id


def _hidden(
    rule: LintedRule,
    matches: frozenset[Place],
    stopped: dict[Place, str],
    settled: dict[tuple[Place, str], str],
) -> Iterator[Finding]:
    free = [place for place in matches if place not in stopped]
    if not free:
        by = _named({stopped[place] for place in matches})
        yield rule.finding(
            "hidden-by-stop",
            f"It never comes to its turn in any of the {counted(len(matches), 'cell')} that it "
            f"selects now: {by} stops there.",
        )
        return
    if not rule.properties or (rule.rule.stop_if_true and not rule.is_scale):
        return
    pairs = [(place, name) for place in free for name in rule.properties]
    if all(pair in settled for pair in pairs):
        by = _named({settled[pair] for pair in pairs})
        yield rule.finding(
            "covered",
            f"It shows in none of the {counted(len(matches), 'cell')} that it selects now: all "
            f"that it sets comes from {by} above it.",
        )


def _named(rules: set[str]) -> str:
    names = sorted(rules)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    head = "rule" if len(names) == 1 else "rules"
    return f"{head} {', '.join(names[:_NAMED])}{more}"


def plain_findings(sheet: SheetRules, rule: LintedRule) -> Iterator[Finding]:
    """Rules without a look, out of the data or impossible to evaluate."""
    if rule.matches is None:
        yield rule.finding("not-evaluated", f"It is not evaluated: {rule.reason}.")
    if not rule.properties and not rule.rule.stop_if_true and not rule.is_scale:
        yield rule.finding("no-style", "It changes nothing: it has no look and stops nothing.")
    yield from _beyond(sheet, rule)


def _beyond(sheet: SheetRules, rule: LintedRule) -> Iterator[Finding]:
    used = sheet.used
    if used is None or rule.matches:
        return
    areas = rule.rule.areas
    if not any(area.intersection(used) for area in areas):
        yield rule.finding(
            "beyond-data", f"It lies wholly beyond the filled cells, which are {used}."
        )
        return
    last = (
        max(area.last_row for area in areas if area.last_row < MAX_ROW)
        if any(area.last_row < MAX_ROW for area in areas)
        else 0
    )
    if last > used.last_row + _ROOM:
        yield rule.finding(
            "beyond-data",
            f"It goes on for {last - used.last_row:,} rows below the last filled one, "
            f"{used.last_row}.",
        )
