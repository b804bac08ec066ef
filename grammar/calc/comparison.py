"""How Excel orders and equates two values: numbers before text before booleans."""

from __future__ import annotations

import operator
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from grammar.calc.faults import CellError
from grammar.values import CellValue, ExcelError

_SIGNS = " _-–—,;:!¡?¿.…'‘’\"“”«»()[]{}§¶@*/\\&#%•`^°©+±÷×<=>|~¢$£€"
"""Signs in the order of dictionaries. Source: Unicode Common Locale Data Repository, root."""
_IGNORED_LAST = str.maketrans("'-", "\U0010fffe\U0010ffff")
_LIGATURES = str.maketrans({"æ": "ae", "œ": "oe", "ß": "ss"})
_SIGN_PLACES = {sign: place for place, sign in enumerate(_SIGNS)}
COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(left: CellValue, right: CellValue) -> int:
    """-1, 0 or 1; a blank stands for 0, the empty text or FALSE, whatever it meets.

    Raises:
        CellError: one of the two is an error (the left one first).
    """
    if isinstance(left, ExcelError):
        raise CellError(left)
    if isinstance(right, ExcelError):
        raise CellError(right)
    left = blank_like(right) if left is None else left
    right = blank_like(left) if right is None else right
    if isinstance(left, bool) or isinstance(right, bool) or type(left) is not type(right):
        return _compare_ranks(left, right)
    if isinstance(left, str) or isinstance(right, str):
        return compare_text(str(left), str(right))
    return compare_numbers(left or 0.0, right or 0.0)


def blank_like(other: CellValue) -> bool | float | str:
    """What a blank cell stands for beside another value."""
    if isinstance(other, str):
        return ""
    return False if isinstance(other, bool) else 0.0


def rank(value: CellValue) -> int:
    """0 for a number, 1 for text, 2 for a boolean."""
    return 2 if isinstance(value, bool) else 1 if isinstance(value, str) else 0


def _compare_ranks(left: CellValue, right: CellValue) -> int:
    first = (rank(left), left is True)
    second = (rank(right), right is True)
    return (first > second) - (first < second)


def compare_numbers(left: float, right: float) -> int:
    """-1, 0 or 1 at 15 significant digits."""
    if left == right or same_number(left, right):
        return 0
    return 1 if left > right else -1


def same_number(left: float, right: float) -> bool:
    """Whether two numbers agree in their first 15 significant digits."""
    if left == right:
        return True
    if abs(left - right) > 1e-14 * max(abs(left), abs(right)):
        return False
    return f"{left:.14e}" == f"{right:.14e}"


def compare_text(left: str, right: str) -> int:
    """-1, 0 or 1 without regard to case; signs before digits before letters."""
    first, second = left.lower(), right.lower()
    if first == second:
        return 0
    if first.isalnum() and second.isalnum() and first.isascii() and second.isascii():
        return 1 if first > second else -1
    return 1 if _sort_key(first) > _sort_key(second) else -1


def _sort_key(text: str) -> tuple[tuple[tuple[int, int], ...], str]:
    """The text's place; where two are alike, the one with more hyphens and apostrophes is last."""
    return collation(text), text.translate(_IGNORED_LAST)


@lru_cache(maxsize=16384)
def collation(text: str) -> tuple[tuple[int, int], ...]:
    """A key that sorts text as dictionaries do: accents, hyphens and apostrophes count only
    where all else is equal."""
    bare = text.replace("-", "").replace("'", "").translate(_LIGATURES)
    plain = unicodedata.normalize("NFD", bare)
    return tuple(_weight(c) for c in plain if not unicodedata.combining(c))


def _weight(character: str) -> tuple[int, int]:
    if character.isalpha():
        return 3, ord(character)
    if character.isdigit():
        return 2, ord(character)
    place = _SIGN_PLACES.get(character)
    return (1, ord(character)) if place is None else (0, place)


def matches(operator_sign: str, left: CellValue, right: CellValue) -> bool:
    """Whether ``left operator right`` holds.

    Raises:
        CellError: one of the two is an error.
    """
    return COMPARISONS[operator_sign](compare(left, right), 0)
