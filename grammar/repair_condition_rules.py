"""Rewritings that mend a condition, and the words that people use for its names."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein

from grammar.builder import CANONICAL_NAMES
from grammar.conditions import (
    AVERAGES,
    COMPARISONS,
    DATE_PERIODS,
    FUNCTIONS,
    JUNCTIONS,
    PREDICATES,
    RANGES,
    RANKS,
    SCALES,
    STATES,
    TEXT_TESTS,
)
from grammar.repair_rules import Rule, rule

_MANY = 255
_SYNONYMS = {
    "greater": "GreaterThan",
    "more": "GreaterThan",
    "morethan": "GreaterThan",
    "over": "GreaterThan",
    "above": "GreaterThan",
    "gt": "GreaterThan",
    "after": "GreaterThan",
    "greaterequal": "GreaterThanEqual",
    "greaterthanequals": "GreaterThanEqual",
    "greaterthanorequals": "GreaterThanEqual",
    "greaterthanorequalto": "GreaterThanEqual",
    "atleast": "GreaterThanEqual",
    "gte": "GreaterThanEqual",
    "ge": "GreaterThanEqual",
    "less": "LessThan",
    "under": "LessThan",
    "below": "LessThan",
    "lt": "LessThan",
    "before": "LessThan",
    "lessequal": "LessThanEqual",
    "lessthanequals": "LessThanEqual",
    "lessthanorequals": "LessThanEqual",
    "lessthanorequalto": "LessThanEqual",
    "atmost": "LessThanEqual",
    "lte": "LessThanEqual",
    "le": "LessThanEqual",
    "eq": "Equals",
    "equalto": "Equals",
    "is": "Equals",
    "ne": "NotEquals",
    "isnot": "NotEquals",
    "equals": "Equals",
    "isequalto": "Equals",
    "bigger": "GreaterThan",
    "biggerthan": "GreaterThan",
    "higherthan": "GreaterThan",
    "largerthan": "GreaterThan",
    "exceeds": "GreaterThan",
    "smaller": "LessThan",
    "smallerthan": "LessThan",
    "lowerthan": "LessThan",
    "fewerthan": "LessThan",
    "nolessthan": "GreaterThanEqual",
    "nomorethan": "LessThanEqual",
    "notequalto": "NotEquals",
    "inbetween": "Between",
    "contains": "TextContains",
    "contain": "TextContains",
    "includes": "TextContains",
    "doesntcontain": "TextNotContains",
    "textincludes": "TextContains",
    "containstext": "TextContains",
    "notcontains": "TextNotContains",
    "doesnotcontain": "TextNotContains",
    "startswith": "TextStartsWith",
    "beginswith": "TextStartsWith",
    "textbeginswith": "TextStartsWith",
    "startwith": "TextStartsWith",
    "endswith": "TextEndsWith",
    "endwith": "TextEndsWith",
    "textis": "TextEquals",
    "isblank": "Blanks",
    "isempty": "Blanks",
    "empty": "Blanks",
    "isnotblank": "NotBlanks",
    "notempty": "NotBlanks",
    "iserror": "Errors",
    "isduplicate": "Duplicates",
    "duplicatevalues": "Duplicates",
    "repeated": "Duplicates",
    "uniquevalues": "Uniques",
    "distinct": "Uniques",
    "aboveavg": "AboveAverage",
    "belowavg": "BelowAverage",
    "overaverage": "AboveAverage",
    "underaverage": "BelowAverage",
    "duplicated": "Duplicates",
    "isunique": "Uniques",
    "topn": "Top",
    "bottomn": "Bottom",
    "largest": "Top",
    "smallest": "Bottom",
    "toppercentage": "TopPercent",
    "bottompercentage": "BottomPercent",
    "istoday": "Today",
    "heatmap": "ColorScale",
    "colourscale": "ColorScale",
}
_PREDICATES = {">": "GreaterThan", ">=": "GreaterThanEqual", "<": "LessThan", "<=": "LessThanEqual"}
_EQUALITIES = {"=": "Equals", "==": "Equals", "<>": "NotEquals", "!=": "NotEquals"}


def arities() -> dict[str, tuple[int, int]]:
    """Least and greatest number of arguments by canonical name."""
    found = dict(FUNCTIONS) | {"DATE": (3, 3), "PREV": (1, 1), "NEXT": (1, 1)}
    found |= dict.fromkeys((*COMPARISONS, *TEXT_TESTS), (1, 2)) | dict.fromkeys(RANGES, (2, 3))
    found |= dict.fromkeys((*STATES, *DATE_PERIODS, *SCALES), (0, 1))
    found |= dict.fromkeys((*RANKS, *AVERAGES), (0, 2)) | dict.fromkeys(JUNCTIONS, (2, _MANY))
    return found | {"NOT": (1, 1), "Formula": (1, 1)}


ARITIES = arities()


def canonical_name(name: str) -> str | None:
    """The name as the language has it, or ``None``."""
    if name.upper() in ARITIES:
        return name.upper()
    return CANONICAL_NAMES.get(name.lower())


@lru_cache(maxsize=1024)
def nearest_name(name: str) -> str | None:
    """The condition or function that a wrong name most likely means, or ``None``."""
    lower = name.lower().replace("_", "")
    if lower in _SYNONYMS:
        return _SYNONYMS[lower]
    if lower in CANONICAL_NAMES:
        return CANONICAL_NAMES[lower]
    known = [*PREDICATES, *JUNCTIONS, "NOT", *ARITIES]
    distances = [(DamerauLevenshtein.distance(lower, one.lower()), one) for one in known]
    distance, nearest = min(distances, key=lambda pair: pair[0])
    limit = 1 if len(lower) < 5 else 2 if len(lower) < 9 else 4
    return nearest if distance <= limit else None


def _spell(match: re.Match[str]) -> str | None:
    return None if canonical_name(match[1]) else nearest_name(match[1])


def _open(match: re.Match[str]) -> str | None:
    name = canonical_name(match[1]) or nearest_name(match[1])
    return f"{name}(" if name else None


def _call(match: re.Match[str]) -> str | None:
    return f"{match[1]}()" if canonical_name(match[1]) else None


def _infix(match: re.Match[str]) -> str:
    """``c[2] > 5`` as a predicate."""
    column, operator, value = match.groups()
    if name := _PREDICATES.get(operator):
        return f"{name}({column}, {value})"
    name = _EQUALITIES[operator]
    if value[0] in "'\"":
        return (
            f"NOT(TextEquals({column}, {value}))"
            if name[0] == "N"
            else f"TextEquals({column}, {value})"
        )
    return f"{name}({column}, {value})"


def _single_quoted(match: re.Match[str]) -> str:
    return "'" + match[0].strip().replace("'", "''") + "'"


def _digits(match: re.Match[str]) -> str:
    return match[0].replace(",", "")


def _date(match: re.Match[str]) -> str:
    return f"DATE({int(match[1])},{int(match[2])},{int(match[3])})"


_VALUE = r"-?\d+(?:\.\d+)?%?|'[^']{0,255}'|\"[^\"]{0,255}\"|c\[\d+\]|DATE\([^()]{0,40}\)"
CONDITION_RULES: tuple[Rule, ...] = (
    rule("semicolon", r";", ",", "separate arguments with commas"),
    rule("colon_for_comma", r":", ",", "separate arguments with commas"),
    rule("stop_for_comma", r"\.(?!\d)", ",", "separate arguments with commas"),
    rule("open_bracket", r"[\[{]", "(", "use round parentheses"),
    rule("close_bracket", r"[\]}]", ")", "use round parentheses"),
    rule(
        "thousands", r"\d{1,3}(?:,\d{3})+(?![\d,])", _digits, "write the number without separators"
    ),
    rule(
        "column",
        r"(?:c|col|column)\s*[(\[{]\s*(\d+)\s*[)\]}]",
        r"c[\1]",
        "write the column as c[0]",
    ),
    rule("column", r"(?:c|col|column)[_ ]?(\d+)(?![\w(])", r"c[\1]", "write the column as c[0]"),
    rule("column", r"c\[\s*(\d+)(?!\s*[\]\d])", r"c[\1]", "close the column's bracket"),
    rule("column", r"\[\s*(\d+)\s*\]", r"c[\1]", "write the column as c[0]"),
    rule("column", r"c\s*(\d+)\s*\]", r"c[\1]", "open the column's bracket"),
    rule(
        "write_date",
        r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)",
        _date,
        "write the date as DATE(2026,8,1)",
    ),
    rule(
        "write_date",
        r"['\"](\d{4})-(\d{1,2})-(\d{1,2})['\"]",
        _date,
        "write the date as DATE(2026,8,1)",
    ),
    rule(
        "infix",
        rf"(c\[\d+\])\s*(>=|<=|<>|!=|==|=|>|<)\s*({_VALUE})",
        _infix,
        "write the comparison as a condition",
    ),
    rule(
        "quote_words",
        r"[^\W\d]\w*(?:[ '-]{1,3}\w{1,40}){0,6}(?![\w(\[])",
        _single_quoted,
        "put the text in quotes",
    ),
    rule("quote_words", r"\d[\w.]*[^\W\d]\w*(?![\w(\[])", _single_quoted, "put the text in quotes"),
    rule("spelling", r"([A-Z]\w*)(?=\s*\()", _spell, "correct the name"),
    rule("empty_call", r"([A-Z]\w*)(?![\w(])", _call, "call the condition with ()"),
    rule(
        "call_open", r"([A-Z]\w*)\s*(?=c\[|['\"]|-?\d)", _open, "open the condition's parenthesis"
    ),
    rule("call_comma", r"([A-Z]\w*)\s*,\s*\(", _open, "remove the comma before ("),
)
