"""Hand-written requests → templates for other tables.

A request becomes a template where each column that its rule names is said in full, so that the
sentence still makes sense when another column's name stands there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from grammar.conditions import Date, Number, Scalar, Text
from grammar.printer import print_scalar
from model.corpus.augment import Sample
from model.corpus.schemas import NUMERIC, Schema, SchemaColumn
from model.corpus.templates import Template

_COLUMN = re.compile(r"c\[(\d+)\]")
_WORD = re.compile(r"[a-z']+")
_LEAST_SCHEMAS = 4
"""A word that stands in requests of so many schemas belongs to no trade."""


def generic_words(schemas: Iterable[Schema], templates: Iterable[Template]) -> frozenset[str]:
    """Words that belong to no trade in particular."""
    counts: Counter[str] = Counter()
    for schema in schemas:
        counts.update({word for say, _ in schema.requests for word in _words(say)})
    common = {word for word, count in counts.items() if count >= _LEAST_SCHEMAS}
    return frozenset(common | {word for template in templates for word in _words(template.say)})


def _words(text: str) -> list[str]:
    return _WORD.findall(re.sub(r"\{\w+\}", " ", text.lower()))


def abstract(
    say: str, rules: str, sample: Sample, schema: Schema, generic: frozenset[str]
) -> Template | None:
    """The template of one request; ``None`` where it belongs to its own table."""
    names = _column_names(rules, schema)
    if names is None:
        return None
    spans = list(_spans(sample, schema, names))
    said_columns = {name for _, _, name, _ in spans}
    if any(name not in said_columns and not _implied(name, spans) for name in names.values()):
        return None
    sentence = _replaced(say, spans, schema)
    if any(word not in generic for word in _words(sentence)):
        return None
    general = _rule_with_placeholders(rules, names, spans)
    if general is None or any(f"{{{name}}}" not in general for _, _, name, _ in spans):
        return None
    return Template(sentence, general, tuple(_ascending(spans)))


def _ascending(spans: list[_Span]) -> Iterator[tuple[str, ...]]:
    """The numbers, percentages and dates of a request, each kind from the lowest on."""
    for letter in "vpw":
        own = {
            name: [float(part) for part in re.findall(r"-?\d+(?:\.\d+)?", literal)]
            for _, _, name, literal in spans
            if name[0] == letter
        }
        if len(own) > 1:
            yield tuple(sorted(own, key=own.__getitem__))


def _column_names(rules: str, schema: Schema) -> dict[int, str] | None:
    """Column index → placeholder, for columns of kinds that have one."""
    names: dict[int, str] = {}
    counts: Counter[str] = Counter()
    for index in dict.fromkeys(map(int, _COLUMN.findall(rules))):
        kind = schema.columns[index].kind
        letter = "n" if kind in NUMERIC else {"date": "d", "code": ""}.get(kind, "t")
        if not letter:
            return None
        counts[letter] += 1
        names[index] = letter + (str(counts[letter]) if counts[letter] > 1 else "")
    return names


_Span = tuple[int, int, str, str]
"""Start, end, placeholder and the literal as the rule writes it (empty for a column)."""


def _spans(sample: Sample, schema: Schema, names: dict[int, str]) -> Iterator[_Span]:
    text = sample.linked.utterance
    for mention in sample.linked.columns:
        said = text[mention.start : mention.end].lower()
        column = schema.columns[mention.column] if mention.column < len(schema.columns) else None
        full = column and said in {
            n.lower().replace("_", " ") for n in (column.header, *column.aka)
        }
        if full and mention.column in names:
            yield mention.start, mention.end, names[mention.column], ""
    counts: Counter[str] = Counter()
    for token in dict.fromkeys(t for t in sample.program if re.fullmatch(r"V\d+", t)):
        slot = sample.linked.slots[int(token[1:])]
        if slot.start is None or slot.end is None:
            continue
        letter = _letter(slot.literal, names.get(slot.column if slot.column is not None else -1))
        counts[letter] += 1
        name = letter + (str(counts[letter]) if counts[letter] > 1 else "")
        yield slot.start, slot.end, name, print_scalar(slot.literal)
    for index, colour in enumerate(sample.linked.colours[:3]):
        yield colour.start, colour.end, f"k{index + 1 if index else ''}", colour.words


def _names(column: SchemaColumn) -> set[str]:
    return {name.lower().replace("_", " ") for name in (column.header, *column.aka)}


def _letter(literal: Scalar, column: str | None) -> str:
    if isinstance(literal, Number):
        return "p" if literal.percent else "v"
    if isinstance(literal, Date):
        return "w"
    if isinstance(literal, Text) and column:
        return {"t": "s", "t2": "q"}.get(column, "x")
    return "x"


def _implied(name: str, spans: list[_Span]) -> bool:
    """Whether a cell of the column is said instead of its name."""
    needed = {"t": "s", "t2": "q"}.get(name)
    return needed is not None and any(span[2].startswith(needed) for span in spans)


def _replaced(say: str, spans: list[_Span], schema: Schema) -> str:
    last = len(say) + 1
    for start, end, name, _ in sorted(set(spans), reverse=True):
        if end <= last:
            say = f"{say[:start]}{{{name}}}{say[end:]}"
            last = start
    for noun in schema.row:
        say = re.sub(rf"\b{re.escape(noun)}(?:s|es)\b", "{rows}", say, flags=re.IGNORECASE)
        say = re.sub(rf"\b{re.escape(noun)}\b", "{row}", say, flags=re.IGNORECASE)
    return say


def _rule_with_placeholders(rules: str, names: dict[int, str], spans: list[_Span]) -> str | None:
    """The rules over placeholders; ``None`` where a literal of the table is left."""
    rules = _COLUMN.sub(lambda match: f"{{{names[int(match[1])]}}}", rules)
    for _, _, name, literal in sorted(spans, key=lambda span: -len(span[3])):
        if literal and name[0] == "k":
            pattern = rf"(fill|font|border) {re.escape(literal)}(?=,| ;|$)"
            rules = re.sub(pattern, rf"\1 {{{name}}}", rules, flags=re.IGNORECASE)
        elif literal:
            rules = re.sub(rf"(?<![\w.{{]){re.escape(literal)}(?![\w.%}}])", f"{{{name}}}", rules)
    left = re.sub(r"\{\w+\}", "", rules)
    is_left = re.search(r"'|[1-9]|(?:fill|font|border) [a-z]", left)
    return None if is_left else rules
