"""Numbers in words: hundreds, scales, halves, dozens, years said in two halves."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
SMALL = {word: float(value) for value, word in enumerate(_ONES)}
SMALL |= {word: 20.0 + 10 * index for index, word in enumerate(TENS)} | {"fourty": 40.0}
BIG = {"thousand": 1e3, "grand": 1e3, "million": 1e6, "billion": 1e9, "lakh": 1e5, "crore": 1e7}
BIG |= {"dozen": 12.0}
_PARTS = {"half": 0.5, "quarter": 0.25}
_WORD = re.compile(r"[A-Za-z]+")
_MOST_CENTURIES = 20
_DIGITS = {word: str(value) for value, word in enumerate(_ONES[:10])} | {"oh": "0", "o": "0"}
_RANGE = ("between", "from")

Spelt = tuple[int, int, float]
"""Start, end and value of a number in words."""
_Place = tuple[int, int, str]


def spelt_numbers(text: str) -> Iterator[Spelt]:
    """Every number that is said in more than one word, or in one that only counts."""
    words = [(match.start(), match.end(), match[0].lower()) for match in _WORD.finditer(text)]
    position = 0
    while position < len(words):
        last, value = _read(text, words, position)
        if last > position:
            yield words[position][0], words[last - 1][1], value
        position = max(last, position + 1)


def _read(text: str, words: list[_Place], position: int) -> tuple[int, float]:
    """The place after the number that begins at ``position``, and its value."""
    names = _joined(text, words, position)
    part = _part_of_scale(names)
    if part:
        return position + part[0], part[1]
    is_range = position > 0 and words[position - 1][2] in _RANGE
    reader = _Reader(names, is_range)
    reader.read()
    return position + reader.place, reader.value


def _joined(text: str, words: list[_Place], position: int) -> list[str]:
    """The words from there on that only spaces or hyphens join."""
    names = [words[position][2]]
    for before, after in zip(words[position:], words[position + 1 :], strict=False):
        if not re.fullmatch(r"\s?[\s-]\s?", text[before[1] : after[0]]) or len(names) > 9:
            break
        names.append(after[2])
    return names


def _part_of_scale(names: list[str]) -> tuple[int, float] | None:
    """``half a million``, ``half dozen``, ``a quarter of a million``."""
    rest = names[1:] if names[0] in ("a", "one") else names
    if not rest or rest[0] not in _PARTS:
        return None
    link = 1 + (rest[1:2] == ["of"])
    link += rest[link : link + 1] in (["a"], ["an"])
    scale = BIG.get(rest[link]) if link < len(rest) else None
    if scale is None:
        return None
    return len(names) - len(rest) + link + 1, _PARTS[rest[0]] * scale


class _Reader:
    """Reads one number from the left; ``place`` counts its words."""

    def __init__(self, names: list[str], is_range: bool = False) -> None:
        self.names = names
        self.is_range = is_range
        self.place = 0
        self.total = 0.0
        self.current: float | None = None

    @property
    def value(self) -> float:
        return self.total + (self.current or 0)

    def read(self) -> None:
        if self.names[0] in ("a", "an") and self._counts(1):
            self.place, self.current = 1, 1.0
        while self.place < len(self.names) and self._step(self.names[self.place]):
            pass
        self._point()

    def _point(self) -> None:
        """``point eight five`` behind a whole number, and a scale behind that."""
        if not self.place or self.names[self.place : self.place + 1] != ["point"]:
            return
        end = self.place + 1
        while end < len(self.names) and self.names[end] in _DIGITS:
            end += 1
        digits = "".join(_DIGITS[name] for name in self.names[self.place + 1 : end])
        if not digits:
            return
        self.current = (self.current or 0) + float(f"0.{digits}")
        self.place = end
        if self._counts(end) and self.names[end] in BIG:
            self._step(self.names[end])

    def _counts(self, place: int) -> bool:
        return self.names[place : place + 1] != [] and (
            self.names[place] in BIG or self.names[place] == "hundred"
        )

    def _step(self, name: str) -> bool:
        """Whether one more word was read."""
        if name in SMALL:
            return self._small(SMALL[name])
        if name == "hundred" and (self.current or 1) < 100:
            self.current = (self.current or 1) * 100
        elif name in BIG and (self.current or not self.place):
            self.total, self.current = self.total + (self.current or 1) * BIG[name], None
        elif name == "and":
            return self._and()
        else:
            return False
        self.place += 1
        return True

    def _small(self, value: float) -> bool:
        now = self.current
        if now is None:
            self.current = value
        elif _goes_on(now, value):
            self.current = now + value
        elif self._is_said_in_halves(now, value):
            self.current = now * 100 + value
        else:
            return False
        self.place += 1
        return True

    def _is_said_in_halves(self, now: float, value: float) -> bool:
        """``nineteen ninety``, and ``one eighty`` of something."""
        if self.total or value < 10:
            return False
        return 18 <= now <= _MOST_CENTURIES or (now in (1, 2) and value >= 20 and self.place == 1)

    def _and(self) -> bool:
        following = self.names[self.place + 1 : self.place + 3]
        if self.place and following in (["a", "half"], ["a", "quarter"]):
            self.current = (self.current or 0) + _PARTS[following[1]]
            self.place += 3
            return self._counts(self.place)
        whole = self.current is None or self.current % 100 == 0
        if not (self.value >= 100 and whole and following and following[0] in SMALL):
            return False
        after = self.place + 2 + (following[0] in TENS and following[-1] in _ONES[1:10])
        if self.is_range and self._counts(after):
            return False
        self.place += 1
        return True


def _goes_on(now: float, value: float) -> bool:
    """Whether a small number belongs to what was read: after hundreds, or one after tens."""
    after_hundreds = now >= 100 and now % 100 == 0
    return after_hundreds or (now % 100 >= 20 and now % 10 == 0 and 0 < value < 10)
