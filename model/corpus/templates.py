"""Sentences with placeholders, and their instances on the tables of the corpus.

Placeholders: ``{n} {d} {t} {c}`` columns by kind (numbers, dates, texts, codes and names),
``{v} {p} {w} {i}`` literals, ``{s} {q} {x}`` texts, ``{b} {e}`` how one of {c}'s begins and ends,
``{k}`` colours, ``{rows} {row}`` the record, ``{L} {R} {S}`` letter, range and sheet of ``{n}``.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grammar.printer import quote
from grammar.ranges import column_letters
from grammar.table import Table
from grammar.values import from_serial
from model.corpus import wording
from model.corpus.schemas import DATA, NUMERIC, Schema, SchemaColumn

_PLACEHOLDER = re.compile(r"\{([a-zA-Z]+)(\d?)\}")
_COLUMN_KINDS = {
    "n": NUMERIC,
    "d": ("date",),
    "t": ("category", "name", "text"),
    "c": ("code", "name"),
}
_BOUNDS = re.compile(r"Between\([^,]+, \{(?P<letter>[vw])\}, \{(?P=letter)2\}\)")
_STEPS = re.compile(
    r"(Less|Greater)Than(?:Equal)?\([^,]+, \{(v2?)\}\)[^;]*; \1Than\w*\([^,]+, \{(v2?)\}\)"
)
_SHEETS = ("Sheet1", "Data", "2026", "Summary", "Report Q3", "Raw_Data", "List", "Table 1")


@dataclass(frozen=True)
class Template:
    """A sentence and its rules, both with placeholders."""

    say: str
    rules: str
    ascending: tuple[tuple[str, ...], ...] = ()
    """Groups of placeholders, as ``v2``, whose values ascend."""

    @property
    def placeholders(self) -> list[tuple[str, str]]:
        """(letter, number) of every distinct placeholder, in order."""
        return list(dict.fromkeys(_PLACEHOLDER.findall(self.say + " " + self.rules)))


def load_templates(folder: Path = DATA) -> tuple[Template, ...]:
    """Every template of ``templates_*.tsv``."""
    lines = (
        line
        for path in sorted(folder.glob("templates_*.tsv"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    )
    pairs = (line.split("\t") for line in lines)
    return tuple(Template(say, rules, _bounds(rules)) for say, rules in pairs)


def _bounds(rules: str) -> tuple[tuple[str, ...], ...]:
    """Bounds of a ``Between``, and of steps of which an earlier one must not hide a later one."""
    ranges = [(letter, letter + "2") for letter in _BOUNDS.findall(rules)]
    steps = [
        (first, second) if name == "Less" else (second, first)
        for name, first, second in _STEPS.findall(rules)
    ]
    return tuple(ranges or steps)


_Key = tuple[str, str]
"""Letters and number of a placeholder: ``("n", "2")``."""
_Pair = tuple[str, str]
"""How a placeholder is said, and what stands for it in the rule."""


class _Filler:
    """Fills the placeholders of one template from one table."""

    def __init__(self, schema: Schema, table: Table, rng: random.Random) -> None:
        self.schema, self.table, self.rng = schema, table, rng
        self.said: dict[tuple[str, str], str] = {}
        self.ruled: dict[tuple[str, str], str] = {}
        self.columns: dict[tuple[str, str], int] = {}
        self.worth: dict[_Key, float] = {}

    def fill(self, template: Template) -> tuple[str, str] | None:
        keys = template.placeholders
        ordered = [key for key in keys if key[0] in _COLUMN_KINDS]
        if ("s", "") in keys and ("t", "") not in keys:
            ordered.append(("t", ""))
        if {("b", ""), ("e", "")} & set(keys) and ("c", "") not in keys:
            ordered.append(("c", ""))
        if any(letter in "LR" for letter, _ in keys) and ("n", "") not in keys:
            ordered.append(("n", ""))
        for key in ordered:
            if not self.choose_column(key):
                return None
        for key in keys:
            if key not in self.said and not self.choose_literal(key):
                return None
        for group in template.ascending:
            self.sort(group)
        return self.replace(template.say, self.said), self.replace(template.rules, self.ruled)

    def sort(self, names: tuple[str, ...]) -> None:
        """Deal the values of some placeholders out anew, the lowest to the first."""
        keys = [(name[0], name[1:]) for name in names]
        lowest_first = sorted(keys, key=self.worth.__getitem__)
        for values in (self.said, self.ruled):
            values.update(zip(keys, [values[key] for key in lowest_first], strict=True))

    @staticmethod
    def replace(text: str, values: dict[_Key, str]) -> str:
        return _PLACEHOLDER.sub(lambda match: values.get((match[1], match[2]), match[0]), text)

    def choose_column(self, key: _Key) -> bool:
        kinds, used = _COLUMN_KINDS[key[0]], set(self.columns.values())
        free = [
            index
            for index, column in enumerate(self.schema.columns)
            if column.kind in kinds and index not in used
        ]
        if not free:
            return False
        index = self.rng.choice(self._alike(key, free))
        column = self.schema.columns[index]
        names = [self.table.columns[index].header.replace("_", " "), *column.aka]
        name = self.rng.choice(names) if self.rng.random() < 0.6 else names[0]
        self.columns[key] = index
        self.said[key] = name.lower() if self.rng.random() < 0.5 else name
        self.ruled[key] = f"c[{index}]"
        return True

    def _alike(self, key: _Key, free: list[int]) -> list[int]:
        """Columns of the first one's kind, so that they can be compared."""
        first = self.columns.get((key[0], ""))
        if first is None or key[0] == "t":
            return free
        kind = self.schema.columns[first].kind
        return [index for index in free if self.schema.columns[index].kind == kind] or free

    def choose_literal(self, key: _Key) -> bool:
        makers: dict[str, Callable[[_Key], _Pair | None]] = {}
        makers |= {"v": self.value, "p": self.percent, "w": self.day, "i": self.small}
        makers |= {"s": self.cell, "q": self.other_cell, "x": self.fragment, "k": self.colour}
        makers |= {"rows": self.rows, "row": self.row, "L": self.letter, "R": self.area}
        makers |= {"S": self.sheet, "b": self.beginning, "e": self.ending}
        pair = makers[key[0]](key) if key[0] in makers else None
        if pair is None:
            return False
        self.said[key], self.ruled[key] = pair
        return True

    def main_number(self) -> SchemaColumn | None:
        places = [self.columns[key] for key in self.columns if key[0] == "n"]
        return self.schema.columns[places[0]] if places else None

    def value(self, key: _Key) -> tuple[str, str]:
        column = self.main_number()
        if column is None:
            number = float(self.rng.choice([5, 10, 20, 50, 100, 250, 1000]))
            self.worth[key] = number
            return wording.number(number, self.rng), f"{number:g}"
        number = self.worth[key] = self.apart(key, draw_number(column, self.rng), column)
        if column.kind == "percent":
            return wording.percent(number, self.rng), f"{round(number * 100, 6):g}%"
        return wording.number(number, self.rng, column.unit), f"{number:.10g}"

    @staticmethod
    def apart(key: _Key, number: float, column: SchemaColumn) -> float:
        """A second value other than the first, so that two bounds differ."""
        spread = max((column.high - column.low) * 0.1, 1 if column.decimals == 0 else 0.1)
        return round(number + spread * int(key[1] or 0), max(column.decimals, 0) + 2)

    def percent(self, key: _Key) -> tuple[str, str]:
        fraction = self.rng.choice([0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 0.9])
        self.worth[key] = fraction
        return wording.percent(fraction, self.rng), f"{round(fraction * 100, 6):g}%"

    def day(self, key: _Key) -> tuple[str, str]:
        places = [self.columns[key] for key in self.columns if key[0] == "d"]
        column = self.schema.columns[places[0]] if places else None
        low, high = (column.low, column.high) if column else (45800.0, 46400.0)
        serial = float(self.rng.randint(int(low), max(int(high), int(low))))
        day, self.worth[key] = from_serial(serial), serial
        return wording.date(serial, self.rng), f"DATE({day.year},{day.month},{day.day})"

    def small(self, _: _Key) -> tuple[str, str]:
        number = self.rng.randint(2, 12)
        return wording.number(float(number), self.rng), str(number)

    def cell(self, _: _Key) -> _Pair | None:
        return self.cell_of(("t", ""))

    def cell_of(self, column: _Key) -> _Pair | None:
        if column not in self.columns:
            return None
        taken = set(self.ruled.values())
        own = self.table.columns[self.columns[column]].values
        free = sorted({v for v in own if isinstance(v, str) and quote(v) not in taken})
        if not free:
            return None
        value = self.rng.choice(free)
        said = value.lower() if self.rng.random() < 0.3 else value
        return (f"'{said}'" if self.rng.random() < 0.08 else said), quote(value)

    def other_cell(self, _: _Key) -> tuple[str, str] | None:
        return self.cell_of(("t", "2"))

    def fragment(self, _: _Key) -> tuple[str, str]:
        """A piece of some cell, or an invented code."""
        places = [index for key, index in self.columns.items() if key[0] == "t"]
        texts = [v for i in places for v in self.table.columns[i].values if isinstance(v, str)]
        words = [w for text in texts for w in re.findall(r"\w{3,}", text)]
        if words and self.rng.random() < 0.6:
            word = self.rng.choice(words)
            word = word[: self.rng.randint(3, len(word))] if self.rng.random() < 0.4 else word
        else:
            word = "".join(self.rng.choice("ABCDEFKLMNPRSTXZ0123456789") for _ in range(3))
        return word, quote(word)

    def beginning(self, _: _Key) -> _Pair | None:
        """How some cells of {c} begin: the letters before a code's digits, or a few letters."""
        text = self.some_code()
        if text is None:
            return None
        letters = re.match(r"[^\W\d_]+", text)
        whole = letters is not None and len(letters[0]) < len(text) and self.rng.random() < 0.5
        piece = letters[0] if letters and whole else text[: self.rng.randint(1, 4)].rstrip()
        return piece, quote(piece)

    def ending(self, _: _Key) -> _Pair | None:
        """How some cells of {c} end."""
        text = self.some_code()
        if text is None:
            return None
        piece = text[-self.rng.randint(1, 4) :].lstrip()
        return piece, quote(piece)

    def some_code(self) -> str | None:
        """A cell of {c} that is longer than what a request says of it."""
        values = self.table.columns[self.columns[("c", "")]].values
        texts = sorted({v for v in values if isinstance(v, str) and len(v.strip()) > 4})
        return self.rng.choice(texts).strip() if texts else None

    def colour(self, _: _Key) -> tuple[str, str]:
        taken = set(self.said.values())
        name = next(
            name for name in iter(lambda: wording.colour(self.rng), None) if name not in taken
        )
        return name, name

    def rows(self, _: _Key) -> tuple[str, str]:
        noun = self.rng.choice(self.schema.row)
        return noun if noun.endswith("s") else noun + "s", ""

    def row(self, _: _Key) -> tuple[str, str]:
        return self.rng.choice(self.schema.row), ""

    def letter(self, key: _Key) -> tuple[str, str] | None:
        place = self.columns.get(("n", key[1]), self.columns.get(("n", "")))
        return None if place is None else (column_letters(self.table.first_column + place), "")

    def area(self, key: _Key) -> tuple[str, str] | None:
        place = self.columns.get(("n", key[1]), self.columns.get(("n", "")))
        if place is None:
            return None
        area = str(self.table.column_area(place))
        forms = [area, area, area.replace(":", " to "), area.replace(":", "-")]
        return self.rng.choice(forms), ""

    def sheet(self, _: _Key) -> tuple[str, str]:
        return self.rng.choice(_SHEETS), ""


def draw_number(column: SchemaColumn, rng: random.Random) -> float:
    """A threshold inside a column's range, mostly round."""
    raw = rng.uniform(column.low, column.high)
    if column.kind == "percent":
        return round(raw, 2) or 0.05
    digits = max(0, column.decimals) if rng.random() < 0.3 else 0
    span = column.high - column.low
    if digits == 0 and span > 40 and rng.random() < 0.7:
        step = 10 ** max(0, len(str(int(span))) - 2)
        return float(round(raw / step) * step or step)
    return round(raw, digits if span > 3 else max(1, column.decimals))


def instantiate(
    template: Template, schema: Schema, table: Table, rng: random.Random
) -> tuple[str, str] | None:
    """Sentence and rules on one table; ``None`` where it lacks a column that is needed."""
    return _Filler(schema, table, rng).fill(template)
