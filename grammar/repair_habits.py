"""Habits of other languages in the text of a rule, rewritten before the search for a repair.

``B2>5 && C2<3``, ``IF A2>5 THEN …``, ``1 <= c[1] <= 5``, a code fence round the whole, a decimal
comma: each rewriting gives another text, which is searched beside the one that was typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from grammar.functions import find_function

Rewritten = tuple[str, tuple[str, ...]]
"""A text with the names of the edits that led to it."""

_QUOTED = re.compile(r'"(?:[^"]|"")*"|' + r"'(?:[^']|'')*'")
_FENCE = re.compile(r"\s*`{1,3}(?:\w{1,12}\n)?(.*?)`{0,3}\s*", re.DOTALL)
_LABEL = re.compile(r"\s*(?:[A-Za-z]{1,20} ){0,6}[A-Za-z]{1,20}(?: is)?(?::\s*|\s+(?==))(?=\S)")
_TAIL = re.compile(r"(?<=[)\]}\w\"'%])[\s;.`]+$")
_INFIX = re.compile(r"&&|\|\||\b(?:and|or)\b(?!\s*$)", re.IGNORECASE)
_NEGATION = re.compile(r"\s*(?:!\s*(?=[A-Z]\w*\()|not\s+(?=[^\s(]))", re.IGNORECASE)
_THOUSANDS_INSIDE = re.compile(r"(?<![\w.$])([1-9]\d{0,2})((?:,\d{3})+)(?![\w.])")
_SHEET_START = re.compile(r"(?<![\w'])([A-Za-z]\w*(?: \w+){0,5})'!")
_SHEET_QUOTED = re.compile(r'"([^"]{1,31})"!')
_SHEET_JOINED = re.compile(r"\b(Sheet\d{1,2})(?=\$?[A-Z]{1,3}(?:\$?\d{1,7})?:)", re.IGNORECASE)
_SHEET_UNMARKED = re.compile(r"('[^']{1,31}')(?=\$?[A-Z]{1,3}(?:\$?\d{1,7}|:))")
_SPACED_NAME = re.compile(r"\b([A-Z]{1,12}) ([A-Z]{2,12})(?=\()", re.IGNORECASE)
_AMPERSAND = re.compile(r"([<>=][^&,()<>=]{0,40}?) & (?=[^&,()<>=]{1,40}[<>=])")
_DOUBLED = re.compile(r'(?<!")""(?=\w)([^"]*)""(?!")')
_TIMES = (
    (re.compile(r"\)\s*\("), ")*("),
    (re.compile(r"(?<![\w.$])(\d+(?:\.\d+)?)\s*(?=\()"), r"\1*"),
    (re.compile(r"(?<=[\w)])\s+x\s+(?=[\w$(])", re.IGNORECASE), "*"),
    (re.compile(r"(?<=\d)x(?=\$?[A-Z]{1,3}\$?\d)", re.IGNORECASE), "*"),
    (re.compile(r"(?<=\d)%(?=\$?[A-Z]{1,3}\$?\d)", re.IGNORECASE), "%*"),
)
_FORMAT = re.compile(
    r"(\bTEXT\((?:[^(),]|\([^()]*\))+,\s*)"
    r"([dmyhs]{1,4}(?:[-/.: ]{1,2}[dmyhs]{1,4})*|0\.0+%?)(?=\s*\))",
    re.IGNORECASE,
)
_CELL_STATE = re.compile(
    r"(\$?[A-Z]{1,3}\$?\d{1,7})\s+is\s+(not\s+)?(?:blank|empty)\b", re.IGNORECASE
)
_SHARE_OF = re.compile(r"%\s+of\s+", re.IGNORECASE)
_CHAIN = re.compile(r"([^<>=(),]+?)(<=?|>=?)((?:[^<>=(),]|\([^()]*\))+?)(<=?|>=?)([^<>=(),]+)")
_COMPARISON = re.compile(r"(.*[^<>=])(<>|[<>]=|[<>=])\s*\S", re.DOTALL)
_LITERAL = re.compile(r'\s*(?:"[^"]*"|\'[^\']*\'|-?\d+(?:\.\d+)?)\s*')
_THEN = re.compile(
    r"\bif\b(?!\s*\()\s*(.+?)\s*\bthen\b\s*(.+?)\s*(?:\belse\b\s*(.+?)\s*)?$",
    re.IGNORECASE | re.DOTALL,
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_DECIMAL = re.compile(r"(?<=\d),(?=\d)")
_BRACKETED = re.compile(r"(\"[^\"]*\"|'[^']*'|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|\(.*$)")
"""Quotes, and parentheses with all that is in them."""
_OPEN_END = tuple("<>=+-*/^&(,;!|")
MAX_REWRITTEN = 1_500
"""Longer texts are searched as they are."""
MAX_DEPTH = 60
"""Parentheses deeper than this are left as they are."""


def outside_quotes(pattern: re.Pattern[str], new: str, text: str) -> str:
    """The text with a pattern replaced everywhere but in quotes."""
    if text.count('"') % 2 or text.count("'") % 2:
        return pattern.sub(new, text)
    parts, end = [], 0
    for quoted in _QUOTED.finditer(text):
        parts += [pattern.sub(new, text[end : quoted.start()]), quoted[0]]
        end = quoted.end()
    return "".join([*parts, pattern.sub(new, text[end:])])


def unwrapped(text: str) -> Rewritten:
    """The text without code fence, label, apostrophe before it and punctuation after it."""
    bare = text.strip()
    if bare.startswith("`") and (fence := _FENCE.fullmatch(bare)):
        bare = fence[1]
    if bare.startswith(("'=", "' =")):
        bare = bare[1:]
    if label := _LABEL.match(bare):
        rest = bare[label.end() :]
        words = bare[: label.end()]
        if rest.startswith("=") or (":" in words and re.match(r"[A-Za-z]\w*\(", rest)):
            bare = rest
    bare = _TAIL.sub("", bare)
    bare = re.sub(r"^\s*=(?:\s*=)+", "=", bare)
    return bare, ("unwrap",) if bare != text.strip() else ()


@dataclass
class _Reader:
    """Reads text with brackets and writes junctions and negations as calls."""

    text: str
    place: int = 0
    depth: int = 0

    def arguments(self) -> str:
        """The arguments up to the closing bracket or the end."""
        done, operands, signs = "", [""], list[str]()
        while self.place < len(self.text):
            sign = self.text[self.place]
            if sign in ")]}":
                break
            if sign in ",;":
                done += _junction(operands, signs) + sign
                operands, signs = [""], []
                self.place += 1
            elif (infix := self.infix(operands[-1])) is not None:
                signs.append("AND" if infix.lower() in ("&&", "and") else "OR")
                operands.append("")
                self.place += len(infix)
            else:
                operands[-1] += self.piece()
        return done + _junction(operands, signs)

    def infix(self, before: str) -> str | None:
        """The junction that stands here between two operands."""
        found = _INFIX.match(self.text, self.place)
        before = before.rstrip()
        if found is None or not before or before.endswith(_OPEN_END):
            return None
        inside_word = found[0].isalpha() and self.text[self.place - 1 : self.place] in "._["
        return None if inside_word else found[0]

    def piece(self) -> str:
        """The next quoted text, bracket or character."""
        if quoted := _QUOTED.match(self.text, self.place):
            self.place = quoted.end()
            return quoted[0]
        sign = self.text[self.place]
        self.place += 1
        if sign not in "([{" or self.depth >= MAX_DEPTH:
            return sign
        self.depth += 1
        inner = self.arguments()
        self.depth -= 1
        close = self.text[self.place : self.place + 1]
        self.place += len(close)
        return sign + inner + close


def _junction(operands: list[str], signs: list[str]) -> str:
    """The operands joined by calls, AND before OR."""
    groups = [[operands[0]]]
    for sign, operand in zip(signs, operands[1:], strict=True):
        if _LITERAL.fullmatch(operand) and (same := _COMPARISON.match(groups[-1][-1].strip())):
            operand = f"{same[1]}{same[2]}{operand.strip()}"
        if sign == "AND":
            groups[-1].append(operand)
        else:
            groups.append([operand])
    return _called("OR", [_called("AND", [_operand(one) for one in group]) for group in groups])


def _called(name: str, parts: list[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    return f"{name}({', '.join(part.strip() for part in parts)})"


def _operand(text: str) -> str:
    """An operand with a negation or a chain of comparisons written as calls."""
    lead = re.match(r"\s*=?", text)
    head = lead[0] if lead else ""
    body = text[len(head) :]
    if negation := _NEGATION.match(body):
        return f"{head}NOT({_operand(body[negation.end() :])})"
    chain = _CHAIN.fullmatch(body)
    if chain is None:
        return text
    first, sign, middle, other, last = (part.strip() for part in chain.groups())
    if sign[0] != other[0]:
        middle_of = _LITERAL.fullmatch(middle) and not _LITERAL.fullmatch(first)
        return f"{head}AND({first}{sign}{middle}, {first}{other}{last})" if middle_of else text
    return f"{head}AND({first}{sign}{middle}, {middle}{other}{last})"


def with_calls(text: str) -> str:
    """The text with ``&&``, ``or``, ``not x``, ``a<b<c`` and ``if … then`` as calls."""
    text = _without_then(text)
    if not re.search(r"&&|\|\||\band\b|\bor\b|\bnot\b|!|[<>].*[<>]", text, re.IGNORECASE):
        return text
    reader, written = _Reader(text), ""
    while reader.place < len(text):
        written += reader.arguments()
        written += text[reader.place : reader.place + 1]
        reader.place += 1
    return written


def _without_then(text: str) -> str:
    """The text with ``if … then … else …`` as calls of IF."""
    then = _THEN.search(text)
    if then is None:
        return text
    test, yes, no = then.groups()
    parts = [test, yes] if no is None else [test, yes, _without_then(no)]
    return f"{text[: then.start()]}IF({','.join(parts)})"


def quoted_names(text: str) -> str:
    """The text with quotes where they belong: ``Sales Data'!A1``, ``TEXT(A1,dd/mm)``, ``""a""``."""
    if text.count("'") % 2:
        text = _SHEET_START.sub(r"'\1'!", text)
    text = _SHEET_UNMARKED.sub(r"\1!", text)
    text = _SHEET_JOINED.sub(r"\1!", _SHEET_QUOTED.sub(r"'\1'!", text))
    return _FORMAT.sub(r'\1"\2"', _DOUBLED.sub(r'"\1"', text))


def with_times(text: str) -> str:
    """The text with ``2(a+b)``, ``(a)(b)`` and ``a x b`` as products."""
    for pattern, new in _TIMES:
        text = outside_quotes(pattern, new, text)
    return text


def worded(text: str) -> str:
    """The text with ``A1 is blank``, ``10% of A1``, ``COUNT IF(`` and ``a>1 & b>1`` as formulas
    say it."""

    def asked(match: re.Match[str]) -> str:
        call = f"ISBLANK({match[1]})"
        return f"NOT({call})" if match[2] else call

    text = _AMPERSAND.sub(r"\1 && ", _SPACED_NAME.sub(_one_name, text))
    return outside_quotes(_SHARE_OF, "%*", _CELL_STATE.sub(asked, text))


def _one_name(match: re.Match[str]) -> str:
    """``COUNT IF`` as one name, where it is a function."""
    joined = match[1] + match[2]
    return joined if find_function(joined) else match[0]


def without_thousands(text: str) -> str:
    """The text with ``1,000`` as ``1000``, wherever it stands."""
    if ";" in text or text.count('"') % 2:
        return text
    parts = re.split(r'("[^"]*")', text)
    for index in range(0, len(parts), 2):
        parts[index] = _THOUSANDS_INSIDE.sub(
            lambda match: match[1] + match[2].replace(",", ""), parts[index]
        )
    return "".join(parts)


def decimal_commas(text: str) -> str:
    """The text with decimal commas and groups of thousands as plain numbers.

    With semicolons between the arguments every comma in a number is a decimal one; without them
    only those outside of all parentheses are.
    """
    if ";" in text:
        plain = outside_quotes(_DECIMAL, ".", text)
        return outside_quotes(re.compile(";"), ",", plain) if plain != text else text
    parts = _BRACKETED.split(text)
    for index in range(0, len(parts), 2):
        parts[index] = _DECIMAL.sub(".", _THOUSANDS.sub("", parts[index]))
    return "".join(parts)


Habit = tuple[str, Callable[[str], str]]


def rewritings(text: str, habits: tuple[Habit, ...]) -> Iterator[Rewritten]:
    """The text with each habit applied to the result of the last, where it changes it."""
    edits: tuple[str, ...] = ()
    if len(text) > MAX_REWRITTEN:
        return
    for name, change in habits:
        changed = change(text)
        if changed != text:
            text, edits = changed, (*edits, name)
            yield text, edits
