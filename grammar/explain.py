"""Conditions, rules and formulas in plain English: ``Weight is 40 or more``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeGuard

from grammar.colours import colour_name
from grammar.conditions import (
    SCALES,
    Column,
    Comparison,
    Condition,
    Formula,
    Junction,
    Not,
    Range,
    State,
    walk,
)
from grammar.errors import GrammarError
from grammar.explain_clause import Clause, conjugated
from grammar.explain_phrases import clause
from grammar.explain_reading import Statement, read_formula
from grammar.explain_words import Noun, Wording
from grammar.formula_parser import parse_formula
from grammar.formula_tree import Expression
from grammar.rules import Rule, Style, Target
from grammar.subjects import subject_column
from grammar.table import Table

_NEGATIVE = {"does not contain ": "contains ", "is not ": "is "}
_SHARED = (
    *_NEGATIVE,
    *("falls on a ", "falls in ", "starts with ", "ends with ", "contains ", "is "),
)
"""Beginnings of verbs that two parts with one subject need only once."""
_OPPOSITE = {"AND": "OR", "OR": "AND"}
_OWN_START = re.compile(r"(?:the|every|no|either|minus|characters?|column|row|there|today|now) ")
"""Words of ours at the start of a sentence; headers keep the case that they have."""
_QUOTED = re.compile(r'"[^"]*"')
_OPEN_END = re.compile(r" or (?:more|less|later|earlier)|on or (?:after|before)|between \S+ and ")


def explain(condition: Condition, table: Table | None = None, *, column: int | None = None) -> str:
    """The condition as one English clause, with the headers of the table where there is one.

    ``column`` (0-based) is the one meant where the condition names none, by default
    :func:`~grammar.subjects.subject_column`.
    """
    if column is None and table is not None and table.columns:
        column = subject_column(condition, table)
    wording = Wording(table, column)
    condition = _read_formulas(condition, wording)
    if isinstance(condition, State) and condition.name in SCALES:
        subject = wording.noun(condition.x).text
        every = "every number" if subject == "the value" else f"every number in {subject}"
        text = str(Clause(Noun(every), clause(condition, wording).verb))
    else:
        text = _Speaker(wording).say(condition)
    return text[0].upper() + text[1:] if _OWN_START.match(text) else text


def explain_formula(tree: Expression, table: Table | None = None) -> str:
    """What has to hold for a formula's rule to apply, as one English clause.

    References into the table's first data row are called by their headers.
    """
    return explain(read_formula(tree, table, _Speaker(Wording(table)).say), table)


def explain_rule(rule: Rule, table: Table | None = None) -> str:
    """The condition, then which cells get what: ``…: whole row, orange fill``."""
    condition = explain(rule.condition, table)
    if isinstance(rule.condition, State) and rule.condition.name in SCALES:
        return condition
    target = _target(rule.target, Wording(table))
    stop = "; rules below it are skipped there" if rule.stop_if_true else ""
    return f"{condition}: {target}{describe_style(rule.style)}{stop}"


def describe_style(style: Style) -> str:
    """A style in words: ``orange fill and bold dark red text``."""
    flags = {
        "bold": style.bold,
        "italic": style.italic,
        "underlined": style.underline,
        "struck-through": style.strike,
    }
    letters = [word for word, is_set in flags.items() if is_set]
    letters += [colour_name(style.font)] if style.font else []
    parts = [f"{colour_name(style.fill)} fill"] if style.fill else []
    parts += [" ".join([*letters, "text"])] if letters else []
    parts += [f"{colour_name(style.border)} border"] if style.border else []
    parts += [f"number format {style.number_format}"] if style.number_format else []
    return series(parts, "and") if parts else "no change of style"


def series(items: Sequence[str], word: str) -> str:
    """``a, b and c``; a comma before the last where an item has the word inside."""
    *first, last = items
    if not first:
        return last
    comma = "," if any(f" {word} " in _QUOTED.sub("", item) for item in items) else ""
    return f"{', '.join(first)}{comma} {word} {last}"


def _target(target: Target, wording: Wording) -> str:
    if target.kind == "columns":
        return series([wording.name(Column(index)) for index in target.columns], "and") + ", "
    return "whole row, " if target.kind == "row" else ""


@dataclass(frozen=True, eq=False)
class _Speaker:
    """Says conditions; ``depth`` counts the junctions around the one being said."""

    wording: Wording

    def say(self, condition: Condition, depth: int = 0) -> str:
        plain = _simplified(condition)
        if not isinstance(plain, Junction):
            return str(self._clause(plain))
        clauses = self._clauses(plain)
        if clauses and len({item.subject for item in clauses}) == 1:
            return _with_one_subject(plain.name, clauses, depth > 0)
        text = self._joined(plain, depth)
        if depth > 1:
            return f"({text})"
        return f"either {text}" if depth and plain.name == "OR" else text

    def _clause(self, condition: Condition) -> Clause:
        match condition:
            case Not(part):
                return self._clause(part).negated()
            case Formula(text):
                return Clause(Noun(f"the formula {text}"), "is true")
            case Statement(x, verb):
                return Clause(self.wording.noun(x), verb)
        return clause(condition, self.wording)

    def _clauses(self, junction: Junction) -> list[Clause]:
        """One clause a part, or none where a part joins others."""
        if any(isinstance(part, Junction) for part in junction.parts):
            return []
        return [self._clause(part) for part in junction.parts]

    def _joined(self, junction: Junction, depth: int) -> str:
        items: list[str] = []
        for is_nested, run in groupby(junction.parts, lambda part: isinstance(part, Junction)):
            if is_nested:
                items += [self.say(part, depth + 1) for part in run]
            else:
                items += self._runs(junction.name, [self._clause(part) for part in run])
        has_nested = any(isinstance(part, Junction) for part in junction.parts)
        word = junction.name.lower()
        *first, last = items
        return f"{', '.join(first)}{',' if has_nested else ''} {word} {last}" if first else last

    def _runs(self, name: str, clauses: list[Clause]) -> list[str]:
        """Neighbouring clauses with one subject as one clause."""
        runs = [list(run) for _, run in groupby(clauses, lambda item: item.subject)]
        return [_with_one_subject(name, run, is_nested=True) for run in runs]


def _read_formulas(condition: Condition, wording: Wording) -> Condition:
    """The condition with the formulas in it read, as far as they are formulas."""
    match condition:
        case Not(part):
            return Not(_read_formulas(part, wording))
        case Junction(name, parts):
            return Junction(name, tuple(_read_formulas(part, wording) for part in parts))
        case Formula(text):
            try:
                tree = parse_formula(text)
                return read_formula(tree, wording.table, _Speaker(wording).say)
            except GrammarError:
                return condition
    return condition


def _simplified(condition: Condition) -> Condition:
    """The same condition with NOT moved inwards, junctions flat and bounds joined to ranges."""
    match condition:
        case Not(Not(part)):
            return _simplified(part)
        case Not(Junction(name, parts)):
            return _simplified(Junction(_OPPOSITE[name], tuple(map(Not, parts))))
        case Junction(name, parts):
            return _flat(name, [_simplified(part) for part in parts])
    return condition


def _flat(name: str, parts: list[Condition]) -> Condition:
    flat: list[Condition] = []
    for part in parts:
        is_same = isinstance(part, Junction) and part.name == name
        flat += part.parts if is_same and isinstance(part, Junction) else [part]
    flat = list(dict.fromkeys(flat))
    if name == "AND":
        flat = _bounds_joined(_without_guards(flat))
    return Junction(name, tuple(flat)) if len(flat) > 1 else flat[0]


def _without_guards(parts: list[Condition]) -> list[Condition]:
    """The parts without ``ISNUMBER(x)`` where another part asks about ``x`` anyway."""
    asked = {node for part in parts if not _is_guard(part) for node in walk(part)}
    return [part for part in parts if not (_is_guard(part) and part.x in asked)]


def _is_guard(part: Condition) -> TypeGuard[Statement]:
    return isinstance(part, Statement) and part.verb == "is a number"


def _bounds_joined(parts: list[Condition]) -> list[Condition]:
    """Neighbours ``x >= low`` and ``x <= high`` as one ``Between``."""
    joined: list[Condition] = []
    for part in parts:
        bounds = _between(joined[-1], part) if joined else None
        if bounds:
            joined[-1] = bounds
        else:
            joined.append(part)
    return joined


def _between(one: Condition, two: Condition) -> Range | None:
    match one, two:
        case (
            Comparison("GreaterThanEqual", x, low),
            Comparison("LessThanEqual", same, high),
        ) | (
            Comparison("LessThanEqual", x, high),
            Comparison("GreaterThanEqual", same, low),
        ) if x == same:
            return Range("Between", x, low, high)
    return None


def _with_one_subject(name: str, clauses: list[Clause], is_nested: bool) -> str:
    subject = clauses[0].subject
    verbs = [item.verb for item in clauses]
    joined = verbs[0] if len(verbs) == 1 else _joined_verbs(name, verbs, is_nested, subject.plural)
    return f"{subject.text} {conjugated(joined, subject.plural)}"


def _joined_verbs(name: str, verbs: list[str], is_nested: bool, plural: bool) -> str:
    """Verbs joined, with a common beginning only once: ``is neither "a" nor "b"``."""
    prefix = _common_beginning(name, verbs)
    if prefix is None:
        rest = [conjugated(verb, plural) for verb in verbs[1:]]
        return series([verbs[0], *rest], name.lower())
    rests = [verb.removeprefix(prefix) for verb in verbs]
    if prefix in _NEGATIVE:
        return f"{_NEGATIVE[prefix]}neither {series(rests, 'nor')}"
    either = "either " if is_nested and name == "OR" else ""
    return f"{prefix}{either}{series(rests, name.lower())}"


def _common_beginning(name: str, verbs: list[str]) -> str | None:
    found = {next((start for start in _SHARED if verb.startswith(start)), None) for verb in verbs}
    prefix = found.pop() if len(found) == 1 else None
    if prefix is None or (prefix in _NEGATIVE and name == "OR"):
        return None
    rests = [_QUOTED.sub("", verb.removeprefix(prefix)) for verb in verbs]
    if name == "AND":
        rests = [_OPEN_END.sub("", rest) for rest in rests]
    is_ambiguous = any(re.search(r"\b(?:and|or|not)\b", rest) for rest in rests)
    return None if is_ambiguous else prefix
