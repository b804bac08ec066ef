"""Text functions."""

from __future__ import annotations

import re
from collections.abc import Callable

from grammar.calc.blocks import Block
from grammar.calc.code_units import cut, first_character, unit_count
from grammar.calc.coercion import read_number, to_text
from grammar.calc.context import Context, Value
from grammar.calc.criteria import fold_pattern, has_wildcards, wildcard_pattern
from grammar.calc.faults import CellError
from grammar.calc.registry import as_block, excel
from grammar.values import CellValue, ExcelError

MAX_TEXT = 32767
"""Characters of a cell. Source: Excel specifications and limits."""
_CONTROL = dict.fromkeys(range(32))


def bounded(text: str) -> str:
    """The text.

    Raises:
        CellError: it is longer than a cell holds (``#VALUE!``).
    """
    if len(text) > MAX_TEXT:
        raise CellError(ExcelError.VALUE)
    return text


def at_least(value: int, lowest: int) -> int:
    """The value.

    Raises:
        CellError: it is smaller than allowed (``#VALUE!``).
    """
    if value < lowest:
        raise CellError(ExcelError.VALUE)
    return value


@excel("LEN", "t")
def length(text: str) -> int:
    """How many characters, those beyond the basic plane count twice."""
    return unit_count(text)


@excel("LEFT", "t", "i")
def left(text: str, count: int = 1) -> str:
    """The first characters."""
    return text[: at_least(count, 0)]


@excel("RIGHT", "t", "i")
def right(text: str, count: int = 1) -> str:
    """The last characters."""
    return text[-count:] if at_least(count, 0) else ""


@excel("MID", "tii")
def mid(text: str, start: int, count: int) -> str:
    """Characters from a place on; one that is cut in two is there as a whole."""
    first, end = cut(text, at_least(start, 1) - 1, at_least(count, 0))
    return text[first:end]


@excel("LOWER", "t")
def lower(text: str) -> str:
    """The text in small letters."""
    return text.lower()


@excel("UPPER", "t")
def upper(text: str) -> str:
    """The text in capitals."""
    return "".join(c if c == "ß" else c.upper() for c in text)


@excel("PROPER", "t")
def proper(text: str) -> str:
    """The text with a capital at the start of every word, the rest small."""
    result, inside = "", False
    for character in text:
        result += character.lower() if inside else character.upper()
        inside = character.isalpha()
    return result


@excel("TRIM", "t")
def trim(text: str) -> str:
    """The text without spaces around it and with single ones inside."""
    return " ".join(part for part in text.split(" ") if part)


@excel("CLEAN", "t")
def clean(text: str) -> str:
    """The text without control characters."""
    return text.translate(_CONTROL)


@excel("EXACT", "tt")
def exact(first: str, second: str) -> bool:
    """Whether two texts are the same, case included."""
    return first == second


@excel("FIND", "tt", "i")
def find(wanted: str, text: str, start: int = 1) -> int:
    """Where a text first stands in another, case matters."""
    return _place(text, text.find(wanted, _first(text, start)))


def _first(text: str, start: int) -> int:
    """The index of the character that a search starts at.

    Raises:
        CellError: it would start before the text or behind it (``#VALUE!``).
    """
    if not 1 <= start <= unit_count(text) + 1:
        raise CellError(ExcelError.VALUE)
    return first_character(text, start - 1)


def _place(text: str, index: int) -> int:
    """The 1-based place of the character with an index.

    Raises:
        CellError: the index is negative: nothing was found (``#VALUE!``).
    """
    return unit_count(text[: at_least(index, 0)]) + 1


@excel("SEARCH", "tt", "i")
def search(wanted: str, text: str, start: int = 1) -> int:
    """Where a text first stands in another; case does not matter and wildcards do."""
    first = _first(text, start)
    wanted, text = wanted.lower(), text.lower()
    if not has_wildcards(wanted) and "~" not in wanted:
        return _place(text, text.find(wanted, first))
    match = wildcard_pattern(fold_pattern(wanted)).search(text, first)
    return _place(text, match.start() if match else -1)


@excel("SUBSTITUTE", "ttt", "i")
def substitute(text: str, old: str, new: str, which: int | None = None) -> str:
    """The text with another in place of one, everywhere or at one occurrence."""
    if which is not None:
        at_least(which, 1)
    if not old:
        return text
    if which is None:
        return bounded(text.replace(old, new))
    pieces = text.split(old)
    if which >= len(pieces):
        return text
    return bounded(old.join(pieces[:which]) + new + old.join(pieces[which:]))


@excel("REPLACE", "tiit")
def replace(text: str, start: int, count: int, new: str) -> str:
    """The text with another in place of some characters."""
    first, end = cut(text, at_least(start, 1) - 1, at_least(count, 0))
    return bounded(text[:first] + new + text[end:])


@excel("REPT", "ti")
def rept(text: str, count: int) -> str:
    """The text so many times."""
    if at_least(count, 0) * len(text) > MAX_TEXT:
        raise CellError(ExcelError.VALUE)
    return text * count


def texts_of(context: Context, arguments: tuple[Value, ...]) -> list[str]:
    """All cells of all arguments as texts.

    Raises:
        CellError: one of them is an error.
    """
    return [to_text(cell) for value in arguments for cell in as_block(context, value).flat()]


@excel("CONCAT", "r", repeat="r", context=True)
def concat(context: Context, *arguments: Value) -> str:
    """All cells of all arguments one after the other."""
    return bounded("".join(texts_of(context, arguments)))


@excel("CONCATENATE", "t", repeat="t")
def concatenate(*texts: str) -> str:
    """The arguments one after the other."""
    return bounded("".join(texts))


@excel("TEXTJOIN", "rrr", repeat="r", context=True)
def textjoin(context: Context, delimiter: Value, skip: Value, *arguments: Value) -> str:
    """All cells with delimiters between them, blank ones left out where wanted."""
    between = texts_of(context, (delimiter,))
    texts = texts_of(context, arguments)
    if context.scalar(skip):
        texts = [text for text in texts if text]
    joined = texts[0] if texts else ""
    for index, text in enumerate(texts[1:]):
        joined += between[index % len(between)] + text
    return bounded(joined)


@excel("CHAR", "i")
def char(code: int) -> str:
    """The character of a code from 1 to 255 (Windows-1252)."""
    if not 1 <= code <= 255:
        raise CellError(ExcelError.VALUE)
    return bytes([code]).decode("cp1252", errors="replace")


@excel("CODE", "t")
def code(text: str) -> int:
    """The code of the first character (Windows-1252, 63 where it has none)."""
    at_least(len(text), 1)
    return text[0].encode("cp1252", errors="replace")[0]


@excel("UNICHAR", "i")
def unichar(number: int) -> str:
    """The character of a Unicode number."""
    if not 1 <= number <= 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise CellError(ExcelError.VALUE if number < 1 or number > 0x10FFFF else ExcelError.NA)
    return chr(number)


@excel("UNICODE", "t")
def unicode_(text: str) -> int:
    """The Unicode number of the first character."""
    at_least(len(text), 1)
    return ord(text[0])


@excel("VALUE", "v", context=True)
def value(context: Context, given: CellValue) -> float:
    """The number that a text reads as."""
    if isinstance(given, bool):
        raise CellError(ExcelError.VALUE)
    if given is None or isinstance(given, float):
        return given or 0.0
    number = read_number(to_text(given), context.locale, context.this_year)
    if number is None:
        raise CellError(ExcelError.VALUE)
    return number


@excel("NUMBERVALUE", "t", "tt", context=True)
def numbervalue(context: Context, text: str, decimal: str = ".", group: str | None = None) -> float:
    """The number that a text reads as, with its own decimal and group signs."""
    text = "".join(text.split())
    if group is None:
        group = "." if decimal[:1] == "," else ","
    decimal, group = decimal[:1], group[:1]
    if not decimal or decimal == group:
        raise CellError(ExcelError.VALUE)
    if not text:
        return 0.0
    whole, *fraction = text.split(decimal)
    if len(fraction) > 1 or any(group in part for part in fraction):
        raise CellError(ExcelError.VALUE)
    plain = ".".join([whole.replace(group, ""), *fraction])
    bare = plain.rstrip("%")
    number = read_number(bare, context.locale, context.this_year)
    if number is None:
        raise CellError(ExcelError.VALUE)
    return number / 100.0 ** (len(plain) - len(bare))


def _split_at(
    text: str, delimiter: str, which: int, any_case: int, open_end: int
) -> tuple[int, int]:
    """Where the wanted delimiter starts and ends."""
    if which == 0 or abs(which) > len(text) + 1:
        raise CellError(ExcelError.VALUE)
    if not delimiter:
        return (0, 0) if which > 0 else (len(text), len(text))
    flags = re.IGNORECASE if any_case else 0
    places = [match.span() for match in re.finditer(re.escape(delimiter), text, flags)]
    if which > 0 and open_end:
        places.append((len(text), len(text)))
    elif open_end:
        places.insert(0, (0, 0))
    if abs(which) > len(places):
        raise CellError(ExcelError.NA)
    return places[which - 1 if which > 0 else which]


def _or_default(action: Callable[[], str], default: CellValue | None, given: bool) -> CellValue:
    try:
        return action()
    except CellError as fault:
        if fault.error is ExcelError.NA and given:
            return default
        raise


_NOTHING = "\0"


@excel("TEXTBEFORE", "tt", "iiie")
def textbefore(
    text: str,
    delimiter: str,
    which: int = 1,
    any_case: int = 0,
    open_end: int = 0,
    default: CellValue = _NOTHING,
) -> CellValue:
    """The text before a delimiter."""

    def cut() -> str:
        return text[: _split_at(text, delimiter, which, any_case, open_end)[0]]

    return _or_default(cut, default, default != _NOTHING)


@excel("TEXTAFTER", "tt", "iiie")
def textafter(
    text: str,
    delimiter: str,
    which: int = 1,
    any_case: int = 0,
    open_end: int = 0,
    default: CellValue = _NOTHING,
) -> CellValue:
    """The text after a delimiter."""

    def cut() -> str:
        return text[_split_at(text, delimiter, which, any_case, open_end)[1] :]

    return _or_default(cut, default, default != _NOTHING)


@excel("TEXTSPLIT", "tr", "rbie", context=True)
def textsplit(
    context: Context,
    text: str,
    columns: Value,
    rows: Value = None,
    skip: bool = False,
    any_case: int = 0,
    filler: CellValue = ExcelError.NA,
) -> Block:
    """The text cut at delimiters into columns and rows."""
    lines: list[str] = _cut(text, context, rows, any_case, skip) if rows is not None else [text]
    table = [_cut(line, context, columns, any_case, skip) for line in lines]
    width = max(len(line) for line in table)
    return Block.of_rows([[*line, *[filler] * (width - len(line))] for line in table])


def _cut(text: str, context: Context, signs: Value, any_case: int, skip: bool) -> list[str]:
    wanted = [re.escape(sign) for sign in texts_of(context, (signs,)) if sign]
    if not wanted:
        return [text]
    pieces = re.split("|".join(wanted), text, flags=re.IGNORECASE if any_case else 0)
    return [piece for piece in pieces if piece or not skip]


@excel("HYPERLINK", "t", "e")
def hyperlink(link: str, shown: CellValue = _NOTHING) -> CellValue:
    """What the link shows."""
    return link if shown == _NOTHING else shown
