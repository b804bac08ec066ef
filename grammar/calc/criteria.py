"""Criteria such as ``">=5"``, ``"<>late*"`` or ``7``, and wildcards.

Source: Microsoft's help on ``COUNTIF``; what it leaves open was measured in Excel.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from grammar.calc.blocks import BLANK, BOOL, ERROR, NUMBER, TEXT, Block, Mask, Numbers
from grammar.calc.coercion import fold, narrow, read_number
from grammar.calc.comparison import COMPARISONS, compare_text, same_number
from grammar.calc.locales import Locale
from grammar.values import ERRORS_BY_TEXT, CellValue, ExcelError

_OPERATOR = re.compile(r"(<=|>=|<>|=|<|>)?(.*)", re.DOTALL)


def has_wildcards(text: str) -> bool:
    """Whether ``*`` or ``?`` stands in a text."""
    return "*" in text or "?" in text


def has_signs(text: str) -> bool:
    """Whether ``*``, ``?`` or the ``~`` that takes their meaning away stands in a text."""
    return has_wildcards(text) or "~" in text


@lru_cache(maxsize=4096)
def wildcard_pattern(text: str) -> re.Pattern[str]:
    """The pattern of a text with wildcards, for folded or lower-case texts as given."""
    parts: list[str] = []
    characters = iter(text)
    for character in characters:
        if character == "~":
            parts.append(re.escape(next(characters, "~")))
        elif character == "*":
            parts.append(".*")
        else:
            parts.append("." if character == "?" else re.escape(character))
    return re.compile("".join(parts), re.DOTALL)


def fold_pattern(text: str) -> str:
    """A pattern folded like the texts that it meets; full-width signs lose no meaning."""
    return "".join("~" + c if c in "＊？～" else c for c in text) if not text.isascii() else text


def matches_wildcards(pattern: str, text: str) -> bool:
    """Whether a whole text matches a text with wildcards, case, width and kana ignored."""
    return wildcard_pattern(fold(fold_pattern(pattern))).fullmatch(fold(text)) is not None


@dataclass(frozen=True)
class Criterion:
    """An operator and the value that cells are compared with."""

    operator: str
    operand: CellValue
    locale: Locale

    @classmethod
    def parse(cls, value: CellValue, locale: Locale) -> Criterion:
        """The criterion that a cell value states; a blank cell states 0."""
        if not isinstance(value, str):
            return cls("=", 0.0 if value is None else value, locale)
        match = _OPERATOR.fullmatch(value)
        sign, rest = match.groups() if match else ("", value)
        if rest == "":
            return cls(sign or "", None, locale)
        return cls(sign or "=", read_operand(rest, locale), locale)

    def mask(self, block: Block) -> Mask:
        """Which cells of a block meet the criterion."""
        if self.operand is None:
            return self._blank_mask(block)
        if self.operator == "<>" and isinstance(self.operand, float):
            return ~_same_numbers(block, self.operand)
        equal = self._equal_mask(block)
        if self.operator in ("=", "<>"):
            return equal if self.operator == "=" else ~equal
        return self._ordered_mask(block)

    def _blank_mask(self, block: Block) -> Mask:
        empty: Mask = block.codes == BLANK
        if self.operator == "":
            ids, known = block.folded_ids
            empty |= ids == known.get("", -2)
            return empty
        if self.operator in ("=", "<>"):
            return empty if self.operator == "=" else ~empty
        return np.zeros(block.shape, np.bool_)

    def _equal_mask(self, block: Block) -> Mask:
        operand = self.operand
        if isinstance(operand, ExcelError):
            return _where(block, ERROR, lambda cell: cell is operand)
        if isinstance(operand, bool):
            same: Mask = (block.codes == BOOL) & (block.numbers == float(operand))
            return same | _texts(block, lambda text: text.strip().upper() == str(operand).upper())
        if isinstance(operand, float):
            return _equal_numbers(block, operand, self.locale)
        return _equal_texts(block, str(operand))

    def _ordered_mask(self, block: Block) -> Mask:
        holds, operand = COMPARISONS[self.operator], self.operand
        if isinstance(operand, str):
            return _texts(block, lambda text: holds(compare_text(text, operand), 0))
        if isinstance(operand, ExcelError):
            return np.zeros(block.shape, np.bool_)
        wanted = BOOL if isinstance(operand, bool) else NUMBER
        limit = float(operand or 0)
        with np.errstate(invalid="ignore"):
            sign = np.sign(block.numbers - limit)
        sign[np.isclose(block.numbers, limit, rtol=5e-16, atol=0)] = 0
        found: Mask = (block.codes == wanted) & _holds(self.operator, sign)
        return found


@dataclass(frozen=True)
class Tally:
    """How often each number and each text stands in a block."""

    numbers: Mapping[str, int]
    texts: Mapping[str, int]
    locale: Locale

    @classmethod
    def of(cls, block: Block, locale: Locale) -> Tally:
        """The tally of a block's cells; texts that read as a number count as both."""
        numbers: Counter[str] = Counter()
        distinct, counts = np.unique(block.only_numbers, return_counts=True)
        for number, count in zip(distinct.tolist(), counts.tolist(), strict=True):
            numbers[_digits(number)] += count
        ids, known = block.folded_ids
        found = np.bincount(ids[ids >= 0], minlength=len(known)).tolist()
        texts = {text: found[i] for text, i in known.items()}
        for text, count in texts.items():
            number = read_number(text, locale) if any(c.isdigit() for c in text) else None
            if number is not None:
                numbers[_digits(number)] += count
        return cls(numbers, texts, locale)

    def count(self, value: CellValue) -> int | None:
        """How many cells equal a criterion, ``None`` where it says more than a number or word."""
        if isinstance(value, float):
            return self.numbers.get(_digits(value), 0)
        if not isinstance(value, str) or value == "" or value[0] in "<>=" or has_signs(value):
            return None
        operand = read_operand(value, self.locale)
        if isinstance(operand, float):
            return self.numbers.get(_digits(operand), 0)
        return self.texts.get(fold(narrow(operand)), 0) if isinstance(operand, str) else None


def _digits(number: float) -> str:
    """The digits that decide whether two numbers are equal."""
    return f"{number + 0.0:.14e}"


def _holds(operator: str, sign: Numbers) -> Mask:
    compared: dict[str, Mask] = {
        "<": sign < 0,
        "<=": sign <= 0,
        ">": sign > 0,
        ">=": sign >= 0,
    }
    return compared[operator]


def read_operand(text: str, locale: Locale) -> CellValue:
    """The number, truth, error or text that a criterion names."""
    number = read_number(text, locale)
    if number is not None:
        return number
    word = text.upper()
    if word in ("TRUE", "FALSE"):
        return word == "TRUE"
    return ERRORS_BY_TEXT.get(word, text)


def _where(block: Block, code: int, holds: Callable[[Any], bool]) -> Mask:
    mask: Mask = block.codes == code
    found = mask.copy()
    if mask.any():
        found[mask] = [holds(cell) for cell in block.values[mask]]
    return found


def _texts(block: Block, holds: Callable[[Any], bool]) -> Mask:
    """The text cells for which a predicate on the text holds, asked once a distinct text."""
    mask: Mask = block.codes == TEXT
    if not mask.any():
        return np.zeros(block.shape, np.bool_)
    found = mask.copy()
    answers: dict[str, bool] = {}
    cells = block.values[mask]
    for text in cells:
        if text not in answers:
            answers[text] = holds(text)
    found[mask] = [answers[text] for text in cells]
    return found


def _equal_numbers(block: Block, number: float, locale: Locale) -> Mask:
    """Cells with the number, and texts that read as it."""
    found = _same_numbers(block, number)
    ids, known = block.folded_ids
    reading = [i for text, i in known.items() if _reads_as(text, number, locale)]
    return found | np.isin(ids, reading) if reading else found


def _same_numbers(block: Block, number: float) -> Mask:
    """Cells with the number (all that ``<>`` leaves out)."""
    with np.errstate(invalid="ignore"):
        near = np.abs(block.numbers - number) <= 1e-14 * abs(number)
    found: Mask = (block.codes == NUMBER) & near
    if found.any():
        found[found] = [same_number(float(n), number) for n in block.numbers[found]]
    return found


def _reads_as(text: str, number: float, locale: Locale) -> bool:
    value = read_number(text, locale) if any(c.isdigit() for c in text) else None
    return value is not None and same_number(value, number)


def _equal_texts(block: Block, text: str) -> Mask:
    ids, known = block.folded_ids
    if not has_wildcards(text):
        if "~" in text:  # it takes away a meaning that is not there, and nothing is found
            return np.zeros(block.shape, np.bool_)
        found: Mask = ids == known.get(fold(narrow(text)), -2)
        return found
    pattern = wildcard_pattern(fold(fold_pattern(text)))
    matching = [i for key, i in known.items() if pattern.fullmatch(key)]
    return np.isin(ids, matching) if matching else np.zeros(block.shape, np.bool_)
