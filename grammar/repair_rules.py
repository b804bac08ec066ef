"""Rewritings that mend a formula: what people type instead of what Excel reads.

A rule's pattern is tried where a token starts and has to end where one ends. Its name is the key of
its cost in ``repair_costs.json``; its reason is what a person reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein

from grammar.functions import find_function, function_table
from grammar.repair_foreign import RENAMED, is_foreign

Replacement = str | Callable[[re.Match[str]], str | None]


@dataclass(frozen=True)
class Rule:
    """One rewriting; a replacement that is a function may decline with ``None``."""

    name: str
    pattern: re.Pattern[str]
    replacement: Replacement
    reason: str

    def apply(self, text: str, position: int) -> tuple[int, str] | None:
        """Where the match ends and what stands there instead."""
        match = self.pattern.match(text, position)
        if match is None or match.end() == position:
            return None
        if callable(self.replacement):
            new = self.replacement(match)
        else:
            new = match.expand(self.replacement)
        return None if new is None or new == match[0] else (match.end(), new)


def rule(name: str, pattern: str, replacement: Replacement, reason: str) -> Rule:
    """A rule with its pattern compiled, letter case ignored."""
    return Rule(name, re.compile(pattern, re.IGNORECASE), replacement, reason)


_CELL = r"\$?[A-Z]{1,3}\$?\d{1,7}(?![\w(])"
_COMPARE = r"(<>|<=|>=|=>|=<|<|>|=)"
_NUMBER = r"([-+]?\d+(?:\.\d+)?%?)(?![\w:.])"
_RANGE_BEFORE = re.compile(r":\s*\$?[A-Z]{0,3}\$?\d*\s*$", re.IGNORECASE)
_TURNED = {"=>": ">=", "=<": "<="}


def _criterion(before: str, after: str) -> Callable[[re.Match[str]], str]:
    """Puts a comparison, with its operator the right way round, into quotes."""

    def replace(match: re.Match[str]) -> str:
        operator = _TURNED.get(match[1], match[1])
        value = match[2] if match.re.groups > 1 else ""
        return f'{before}"{operator}{value}"{after}'

    return replace


def _if_function(
    template: str, arguments: bool | None = None
) -> Callable[[re.Match[str]], str | None]:
    """Expands the template where group 1 is one of Excel's functions, with or without arguments."""

    def replace(match: re.Match[str]) -> str | None:
        signature = find_function(match[1])
        if signature is None or (signature.category == "logical" and not arguments):
            return None
        if arguments not in (None, signature.greatest > 0):
            return None
        return match.expand(template)

    return replace


@lru_cache(maxsize=1024)
def nearest_function(name: str) -> str | None:
    """The function that a misspelt name most likely means, or ``None``."""
    upper = name.upper()
    if find_function(upper) or len(upper) < 2:
        return None
    if upper in RENAMED:
        return RENAMED[upper]
    if is_foreign(upper):
        return None
    limit = 1 if len(upper) < 6 else 2
    found = ((DamerauLevenshtein.distance(upper, one), one) for one in _function_names())
    distance, nearest = min(found, key=lambda pair: (pair[0], _lacks_letters(pair[1], upper)))
    return nearest if distance <= limit else None


def _lacks_letters(name: str, written: str) -> bool:
    """Whether a name lost a letter that was written; people rather leave one out."""
    return len(name) < len(written)


@lru_cache(maxsize=1)
def _function_names() -> tuple[str, ...]:
    """Names with those first that formulas use most, which wins among equals."""
    common = "IF SUM COUNT COUNTIF AND OR INDEX MATCH VLOOKUP SUMIF AVERAGE MAX MIN LEFT TODAY DATE"
    table = function_table()
    allowed = [name for name, signature in table.items() if not signature.refused]
    return tuple(dict.fromkeys([*common.split(), *allowed]))


def _spell(match: re.Match[str]) -> str | None:
    nearest = nearest_function(match[1])
    return f"{nearest}(" if nearest else None


def _date(match: re.Match[str]) -> str:
    return f"DATE({int(match[1])},{int(match[2])},{int(match[3])})"


def _second_colon(match: re.Match[str]) -> str | None:
    """A comma, where the colon follows a range that has one already."""
    before = match.string[max(0, match.start() - 24) : match.start()]
    return "," if _RANGE_BEFORE.search(before) else None


_OPERATORS = (
    rule("turn_comparison", r"=\s*([<>])(?!\s*[<>=])", r"\1=", "write the comparison as >= or <="),
    rule("join_comparison", r"([<>])\s+=", r"\1=", "write the comparison without a space"),
    rule("not_equal", r"<\s+>|>\s*<|!\s*=|<\s*=\s*>", "<>", "write not equal as <>"),
    rule("single_equal", r"=\s*=+", "=", "compare with a single ="),
    rule("slash", r"\\|//", "/", "divide with /"),
    rule("single_operator", r"\*\*", "^", "write the power as ^"),
    rule("single_operator", r"([<>])\s*\1+", r"\1", "write the comparison once"),
)
_SEPARATORS = (
    rule("semicolon", r";", ",", "separate arguments with commas"),
    rule("stop_for_comma", r"\.(?!\d)", ",", "separate arguments with commas"),
    rule("number_stop", r"(\d+)\.(?=\s+\S|\s*[\"A-Z$])", r"\1,", "put a comma for the full stop"),
    rule("colon_for_comma", r":", _second_colon, "put a comma for the colon"),
    rule("comma_in_text", r'"([^"]+),"', r'"\1",', "put the comma after the text"),
    rule(
        "comma_in_text",
        r'","([^"(),\s][^"(),]{0,80})(?=[),])',
        r',"\1"',
        "put the comma before the text",
    ),
    rule("open_bracket", r"[\[{]", "(", "use round parentheses"),
    rule("close_bracket", r"[\]}]", ")", "use round parentheses"),
)
_QUOTES = (
    rule(
        "quote_criterion",
        _COMPARE + r"\s*" + _NUMBER,
        _criterion("", ""),
        "put the criterion in quotes",
    ),
    rule("quote_operator", _COMPARE, _criterion("", "&"), "put the criterion's operator in quotes"),
    rule(
        "split_criterion",
        _COMPARE + r"\s*" + _NUMBER,
        _criterion(",", ""),
        "give the criterion as an argument of its own",
    ),
    rule(
        "split_operator",
        _COMPARE,
        _criterion(",", "&"),
        "give the criterion as an argument of its own",
    ),
    rule(
        "split_equal",
        r"(?<=[\w)])\s*=(?=\s*[\w\"$])",
        ",",
        "give the criterion as an argument of its own",
    ),
    rule("compare_empty", r"(<>|=)(?=\s*(?:[),]|$))", r'\1""', "compare with empty text"),
    rule("quote_time", r"\d{1,2}:\d{2}(?::\d{2})?(?!\d)", r'"\g<0>"', "put the time in quotes"),
    rule(
        "quote_date", r"\d{1,4}([-/])\d{1,2}\1\d{1,4}(?!\d)", r'"\g<0>"', "put the date in quotes"
    ),
    rule(
        "write_date",
        r"['\"]?(\d{4})-(\d{1,2})-(\d{1,2})['\"]?(?!\d)",
        _date,
        "write the date as DATE(2026,8,1)",
    ),
    rule(
        "quote_words",
        r"(?!(?:TRUE|FALSE|[A-Z]{1,3}\d+)\b)[^\W\d]\w*(?: +\w{1,40}){0,6}(?![\w(!.\[])",
        r'"\g<0>"',
        "put the text in quotes",
    ),
    rule("single_quotes", r"'([^'\"]{0,255})'(?!!)", r'"\1"', "put text in double quotes"),
)
_REFERENCES = (
    rule(
        "range_row",
        r"(\$?[A-Z]{1,3})(\$?\d{1,7})\s*:\s*(\$?\d{1,7})(?![\w:$])",
        r"\1\2:\1\3",
        "repeat the column in the range",
    ),
    rule(
        "range_row",
        r"(\$?[A-Z]{1,3})(\$?\d{1,7}):\$\$(\d{1,7})",
        r"\1\2:\1$\3",
        "repeat the column in the range",
    ),
    rule(
        "range_row",
        r"(\$?[A-Z]{1,3})(\$?\d{1,7}):\$?\d+(\$\d{1,7})",
        r"\1\2:\1\3",
        "repeat the column in the range",
    ),
    rule(
        "range_column",
        r"(\$?[A-Z]{1,3})(\$?\d{1,7}):(\$?[A-Z]{1,3})(?![\w$(!])",
        r"\1\2:\3\2",
        "repeat the row in the range",
    ),
    rule(
        "range_sign",
        rf"({_CELL})\s*(?:\.+|:\s*:+)\s*({_CELL})",
        r"\1:\2",
        "write the range with one colon",
    ),
    rule(
        "range_word",
        rf"({_CELL})\s+(?:to|bis|à)\s+({_CELL})",
        r"\1:\2",
        "write the range with a colon",
    ),
    rule(
        "range_semicolon", rf"({_CELL})\s*;\s*({_CELL})", r"\1:\2", "write the range with a colon"
    ),
    rule("dollar", r"(\$[A-Z]{1,3})[&%#](\d{1,7})(?!\w)", r"\1$\2", "write $ in the address"),
    rule("dollar", r"\$\$([A-Z]{1,3}\$?\d{1,7})(?!\w)", r"$\1", "write $ once"),
    rule("dollar", r"(\$?[A-Z]{1,3})\$\$(\d{1,7})(?!\w)", r"\1$\2", "write $ once"),
    rule("dollar", r"([A-Z]{1,3}\$?\d{1,7})\$(?![\w$])", r"\1", "remove the stray $"),
    rule(
        "join_address",
        r"(\$?[A-Z]{1,3}\$?) +(\$?\d{1,7})(?!\w)",
        r"\1\2",
        "write the address without a space",
    ),
    rule(
        "sheet_mark", r"([^\W\d]\w*)(?=\$[A-Z]{1,3}\$?\d)", r"\1!", "put ! after the sheet's name"
    ),
    rule(
        "sheet_quotes",
        r"(\w{1,31}(?: +\w{1,31}){1,6}|\d\w*)!",
        r"'\1'!",
        "put the sheet's name in single quotes",
    ),
    rule(
        "sheet_mark",
        r"(?!\$?[A-Z]{1,3}\$?\d{1,7}[.:])([^\W\d]\w*?)[.:](\$?[A-Z]{1,3}\$?\d{1,7})(?![\w(.])",
        r"\1!\2",
        "put ! after the sheet's name",
    ),
    rule(
        "sheet_quotes",
        r"'(\w[\w &-]{0,60})!",
        r"'\1'!",
        "put the sheet's name in single quotes",
    ),
    rule("sheet_mark", r"(\w+|'[^']{1,60}')![!:]+", r"\1!", "write ! once after the sheet's name"),
)
_FUNCTIONS = (
    rule("spelling", r"([A-Z][\w.]*)\s*\(", _spell, "correct the name"),
    rule(
        "empty_call",
        r"([A-Z]+)(?![\w(.!])",
        _if_function(r"\1()", arguments=False),
        "call the function with ()",
    ),
    rule("empty_call", r"(ROW|COLUMN)(?![\w(.!])", r"\1()", "call the function with ()"),
    rule(
        "empty_call_moved",
        r"([A-Z]+)\(\s*([-+*/]\s*[\w.]+)\s*\)",
        _if_function(r"\1()\2", arguments=False),
        "move the arithmetic behind ()",
    ),
    rule(
        "call_comma",
        r"([A-Z][\w.]*)\s*,\s*\(",
        _if_function(r"\1(", arguments=True),
        "remove the comma before (",
    ),
    rule(
        "call_open",
        r"([A-Z][\w.]*)(?![\w.(!\[])",
        _if_function(r"\1(", arguments=True),
        "open the function's parenthesis",
    ),
    rule(
        "call_brackets",
        r"([A-Z][\w.]*)[\[{]([^\[\]{}]{0,255})[\]}]",
        _if_function(r"\1(\2)", arguments=True),
        "use round parentheses",
    ),
)

FORMULA_RULES = (*_OPERATORS, *_SEPARATORS, *_QUOTES, *_REFERENCES, *_FUNCTIONS)
