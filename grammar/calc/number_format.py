"""Numbers as text by a format code, as ``TEXT`` gives them.

Source: ECMA-376 part 1, 18.8.30 and 18.8.31 (number formats).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache

from grammar.calc.coercion import general
from grammar.calc.date_format import format_moment, is_date_token
from grammar.calc.faults import CellError
from grammar.values import ExcelError

_TOKEN = re.compile(
    r'"(?P<text>[^"]*)"|\\(?P<escaped>.)|_(?P<space>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>general)|(?P<half>am/pm|a/p|上午/下午)|(?P<exponent>e[+-])"
    r"|(?P<date>y+|m+|d+|h+|s+(?:\.0+)?|g+|e+|a{3,4}|b+)"
    r"|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<slash>/)|(?P<at>@)"
    r"|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|=|<|>)\s*(-?[\d.]+(?:e[+-]?\d+)?)", re.IGNORECASE)
_HOLDS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda x, y: x < y,
    "<=": lambda x, y: x <= y,
    ">": lambda x, y: x > y,
    ">=": lambda x, y: x >= y,
    "=": lambda x, y: x == y,
    "<>": lambda x, y: x != y,
}
LITERAL_SIGNS = set("$-+/():!^&'~{}<>= ¥€£")


@dataclass(frozen=True)
class Token:
    """One sign of a format code: its kind and its text."""

    kind: str
    text: str


@dataclass(frozen=True)
class Section:
    """One of up to four parts of a format code."""

    tokens: tuple[Token, ...]
    condition: tuple[str, float] | None

    @property
    def is_date(self) -> bool:
        """Whether it shows a date or a time."""
        return any(is_date_token(token.kind, token.text) for token in self.tokens)

    def has(self, kind: str) -> bool:
        """Whether it holds a token of a kind."""
        return any(token.kind == kind for token in self.tokens)


@lru_cache(maxsize=1024)
def parse_format(code: str) -> tuple[Section, ...]:
    """The sections of a format code.

    Raises:
        CellError: it is no format code (``#VALUE!``).
    """
    sections: list[list[Token]] = [[]]
    for match in _TOKEN.finditer(code):
        kind, text = match.lastgroup or "other", match.group(match.lastgroup or 0)
        if kind == "other" and text == ";":
            sections.append([])
        elif kind == "other" and text == '"':
            raise CellError(ExcelError.VALUE)
        else:
            sections[-1].append(Token("text" if kind == "escaped" else kind, text))
    if len(sections) > 4:
        raise CellError(ExcelError.VALUE)
    return tuple(_section(tokens) for tokens in sections)


def _section(tokens: list[Token]) -> Section:
    kept: list[Token] = []
    condition = None
    for token in tokens:
        match = _CONDITION.fullmatch(token.text) if token.kind == "bracket" else None
        if match:
            condition = (match.group(1), float(match.group(2)))
        elif token.kind == "bracket" and token.text.startswith("$"):
            kept.append(Token("text", token.text[1:].split("-")[0]))
        elif token.kind == "other" and not _is_literal(token.text):
            raise CellError(ExcelError.VALUE)
        else:
            kept.append(token)
    return Section(tuple(kept), condition)


def _is_literal(sign: str) -> bool:
    return sign in LITERAL_SIGNS or not sign.isascii() or not sign.isalpha()


def format_number(number: float, code: str) -> str:
    """The number as a format code shows it.

    Raises:
        CellError: the code is not valid, or a date is out of range (``#VALUE!``).
    """
    if code == "":
        return ""
    sections = parse_format(code)
    section, signed = _choose(number, sections)
    shown = number if signed else abs(number)
    if section.is_date:
        if number < 0:
            raise CellError(ExcelError.VALUE)
        return format_moment(number, section.tokens)
    return _format_plain(shown, section)


def format_text(text: str, code: str) -> str:
    """Text as a format code shows it: by the fourth section, or one with ``@``.

    Raises:
        CellError: the code is not valid.
    """
    if code == "":
        return ""
    sections = parse_format(code)
    if len(sections) == 4 or sections[-1].has("at"):
        return "".join(text if t.kind == "at" else _literal(t) for t in sections[-1].tokens)
    return text


def _choose(number: float, sections: tuple[Section, ...]) -> tuple[Section, bool]:
    """The section for a number, and whether it writes the sign itself."""
    numeric = [s for s in sections if not s.has("at")][:3] or list(sections[:1])
    if any(section.condition for section in numeric):
        for section in numeric:
            if section.condition is None:
                return section, True
            sign, limit = section.condition
            if _HOLDS[sign](number, limit):
                return section, True
        return numeric[-1], True
    if number < 0 and len(numeric) > 1:
        return numeric[1], False
    if number == 0 and len(numeric) > 2:
        return numeric[2], True
    return numeric[0], True


def _literal(token: Token) -> str:
    if token.kind == "space":
        return " "
    return "" if token.kind in ("fill", "bracket") else token.text


def _format_plain(number: float, section: Section) -> str:
    if section.has("general"):
        shown = general(abs(number))
        body = "".join(shown if t.kind == "general" else _literal(t) for t in section.tokens)
        return "-" + body if number < 0 else body
    if section.has("at") and not section.has("digit"):
        return "".join(general(number) if t.kind == "at" else _literal(t) for t in section.tokens)
    if not section.has("digit"):
        body = "".join(_literal(t) for t in section.tokens)
        return "-" + body if number < 0 and body else body
    if section.has("exponent"):
        return _scientific(number, section.tokens)
    if _is_fraction(section.tokens):
        return _fraction(number, section.tokens)
    return _decimal(number, section.tokens)


def _is_fraction(tokens: tuple[Token, ...]) -> bool:
    kinds = [t.kind for t in tokens]
    return "slash" in kinds and "digit" in kinds[: kinds.index("slash")]


def exact_round(number: float, digits: int) -> Decimal:
    """The absolute value to so many decimals, halves away from 0, at 15 significant digits."""
    with localcontext() as context:
        context.prec = 400
        plain = Decimal(f"{abs(number):.14e}")
        return plain.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def grouped(number: float, digits: int, separate: bool) -> str:
    """A number with fixed decimals, thousands grouped where wanted."""
    text = format(exact_round(number, digits), ",f" if separate else "f")
    return "-" + text if number < 0 and any(c in "123456789" for c in text) else text


def _decimal(number: float, tokens: tuple[Token, ...]) -> str:
    number *= 100.0 ** sum(t.kind == "percent" for t in tokens)
    kinds = [t.kind for t in tokens]
    point = kinds.index("point") if "point" in kinds else len(kinds)
    last = max(i for i, kind in enumerate(kinds) if kind == "digit")
    first = kinds.index("digit")
    scale = 0
    for kind in reversed(kinds[: min(point, len(kinds))]):
        if kind == "digit":
            break
        scale += kind == "comma"
    if last > point:
        scale += sum(kind == "comma" for kind in kinds[last:])
    number /= 1000.0**scale
    separate = (
        "comma" in kinds[first : max(i for i in range(point) if kinds[i] == "digit")]
        if ("digit" in kinds[:point])
        else False
    )
    decimals = sum(kind == "digit" for kind in kinds[point:])
    rounded = format(exact_round(number, decimals), "f")
    whole, _, fraction = rounded.partition(".")
    before = _place_whole(whole.lstrip("0"), tokens[:point], separate)
    after = _place_fraction(fraction, tokens[point:])
    negative = number < 0 and any(c in "123456789" for c in rounded)
    return ("-" if negative else "") + before + after


def _place_whole(digits: str, tokens: tuple[Token, ...], separate: bool) -> str:
    """Digits put into placeholders from the right; the leftmost takes all that are left."""
    places = [i for i, t in enumerate(tokens) if t.kind == "digit"]
    result: list[str] = []
    count = 0
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        if token.kind == "comma":
            continue
        if token.kind != "digit":
            result.append(_literal(token))
            continue
        rest = digits if index == places[0] else digits[-1:]
        digits = digits[: len(digits) - len(rest)]
        for digit in reversed(rest) if rest else _filler(token.text):
            if separate and count and count % 3 == 0:
                result.append("," if digit != " " else " ")
            result.append(digit)
            count += 1
    if digits and not places:
        result.append(digits)
    return "".join(reversed(result))


def _filler(placeholder: str) -> str:
    return {"0": "0", "?": " "}.get(placeholder, "")


def _place_fraction(digits: str, tokens: tuple[Token, ...]) -> str:
    places = [t.text for t in tokens if t.kind == "digit"]
    kept = len(digits.rstrip("0"))
    shown = [
        digit if index < kept else _filler(place)
        for index, (digit, place) in enumerate(zip(digits, places, strict=True))
    ]
    numbers = iter(shown)
    return "".join(
        next(numbers) if t.kind == "digit" else "" if t.kind == "comma" else _literal(t)
        for t in tokens
    )


def _scientific(number: float, tokens: tuple[Token, ...]) -> str:
    at = next(i for i, t in enumerate(tokens) if t.kind == "exponent")
    mantissa, exponent = tokens[:at], tokens[at + 1 :]
    kinds = [t.kind for t in mantissa]
    point = kinds.index("point") if "point" in kinds else len(kinds)
    step = max(1, kinds[:point].count("digit"))
    decimals = kinds[point:].count("digit")
    size = int(f"{abs(number):.14e}".partition("e")[2]) if number else 0
    power = size // step * step if step > 1 else size
    scaled = abs(number) / 10.0**power
    if exact_round(scaled, decimals) >= 10**step:
        power += step
        scaled /= 10.0**step
    shown = _decimal(scaled, mantissa)
    sign = "-" if power < 0 else "+" if tokens[at].text[1] == "+" else ""
    digits = _place_whole(str(abs(power)).lstrip("0"), exponent, False)
    return ("-" if number < 0 else "") + shown + "E" + sign + digits


def _fraction(number: float, tokens: tuple[Token, ...]) -> str:
    slash = next(i for i, t in enumerate(tokens) if t.kind == "slash")
    start = slash
    while start > 0 and tokens[start - 1].kind == "digit":
        start -= 1
    end = slash + 1
    while end < len(tokens) and (tokens[end].kind == "digit" or tokens[end].text.isdigit()):
        end += 1
    above, below = tokens[start:slash], tokens[slash + 1 : end]
    has_whole = any(t.kind == "digit" for t in tokens[:start])
    whole, numerator, denominator = _nearest(abs(number), below, has_whole)
    if has_whole:
        head = _place_whole(str(whole).lstrip("0"), tokens[:start], False)
    else:
        head = "".join(_literal(t) for t in tokens[:start])
    tail = "".join(_literal(t) for t in tokens[end:])
    width = sum(t.text == "?" for t in below)
    body = f"{numerator:>{max(1, len(above))}}/{denominator!s:<{max(width, 1)}}"
    if has_whole and numerator == 0:
        body = " " * len(body)
    return ("-" if number < 0 else "") + head + body + tail


def _nearest(number: float, below: tuple[Token, ...], split: bool) -> tuple[int, int, int]:
    """Whole part, numerator and denominator of the best fraction that fits the places."""
    fixed = "".join(t.text for t in below)
    exact = Fraction(number)
    whole = int(exact) if split else 0
    rest = exact - whole
    if fixed.isdigit() and int(fixed) > 0:
        denominator = int(fixed)
        numerator = int(rest * denominator + Fraction(1, 2))
    else:
        best = rest.limit_denominator(10 ** len(below) - 1)
        numerator, denominator = best.numerator, best.denominator
    if split and numerator == denominator:
        return whole + 1, 0, denominator
    return whole, numerator, denominator
