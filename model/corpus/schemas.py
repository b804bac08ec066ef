"""Table schemas of the corpus, and tables sampled from them."""

from __future__ import annotations

import datetime as dt
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from grammar.table import Table, TableColumn
from grammar.values import CellValue, to_serial

DATA = Path(__file__).parent / "data"
NUMERIC = ("number", "integer", "money", "percent")
TEXTUAL = ("category", "name", "text", "code")


@dataclass(frozen=True)
class SchemaColumn:
    """One column: what it is called, and what its cells are like."""

    header: str
    kind: str
    aka: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    pattern: str = ""
    low: float = 0
    high: float = 100
    decimals: int = 0
    unit: tuple[str, ...] = ()
    blank: float = 0


@dataclass(frozen=True)
class Schema:
    """A table of a trade, with requests written for it: ``(sentence, rules)``."""

    id: str
    trade: str
    row: tuple[str, ...]
    columns: tuple[SchemaColumn, ...]
    requests: tuple[tuple[str, str], ...]


def load_schemas(folder: Path = DATA) -> tuple[Schema, ...]:
    """Every schema of ``schemas_*.json``, in order of file and place.

    ``requests_*.json`` hold what other writers asked of the same tables, by the schema's id.
    """
    paths = sorted(folder.glob("schemas_*.json"))
    schemas = [schema for path in paths for schema in load_schema_file(path)]
    more: dict[str, list[tuple[str, str]]] = {schema.id: [] for schema in schemas}
    for path in sorted(folder.glob("requests_*.json")):
        for name, requests in json.loads(path.read_text(encoding="utf-8")).items():
            more[name] += [(str(say), str(rules)) for say, rules in requests]
    return tuple(replace(each, requests=(*each.requests, *more[each.id])) for each in schemas)


def load_schema_file(path: Path) -> tuple[Schema, ...]:
    """The schemas of one file, with its own requests alone."""
    return tuple(map(_schema, json.loads(path.read_text(encoding="utf-8"))))


def _schema(entry: dict[str, list[dict[str, object]]]) -> Schema:
    return Schema(
        str(entry["id"]),
        str(entry["trade"]),
        tuple(map(str, entry["row"])),
        tuple(map(_column, entry["columns"])),
        tuple((str(pair[0]), str(pair[1])) for pair in entry["requests"]),  # type: ignore[index] # a list of pairs
    )


def _column(entry: dict[str, object]) -> SchemaColumn:
    kind = str(entry["kind"])
    return SchemaColumn(
        str(entry["header"]),
        kind,
        _strings(entry.get("aka")),
        _strings(entry.get("values")),
        str(entry.get("pattern", "")),
        _bound(entry.get("low", 0), kind),
        _bound(entry.get("high", 100), kind),
        int(str(entry.get("decimals", 2 if kind in ("money", "percent") else 0))),
        _strings(entry.get("unit")),
        float(str(entry.get("blank", 0))),
    )


def _strings(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _bound(value: object, kind: str) -> float:
    if kind == "date" and isinstance(value, str):
        return to_serial(dt.date.fromisoformat(value))
    return float(value) if isinstance(value, int | float) else 0.0


def sample_table(schema: Schema, rng: random.Random, rows: int, errors: bool = False) -> Table:
    """A table of the schema with ``rows`` data rows."""
    return Table(tuple(sample_column(column, rng, rows, errors) for column in schema.columns))


def sample_column(
    column: SchemaColumn, rng: random.Random, rows: int, errors: bool = False
) -> TableColumn:
    """Cells of one column; every listed value occurs where there is room for it."""
    make = _maker(column)
    cells: list[CellValue] = [make(rng) for _ in range(rows)]
    for place, value in zip(rng.sample(range(rows), rows), column.values, strict=False):
        cells[place] = value
    blank = column.blank or (0.15 if rng.random() < 0.1 else 0)
    cells = [None if rng.random() < blank else cell for cell in cells]
    dates = tuple(column.kind == "date" and isinstance(cell, float) for cell in cells)
    return TableColumn(column.header, tuple(cells), dates, _format(column))


def _format(column: SchemaColumn) -> str:
    return {"date": "yyyy-mm-dd", "percent": "0.0%"}.get(column.kind, "General")


def _maker(column: SchemaColumn) -> Callable[[random.Random], CellValue]:
    if column.kind in NUMERIC:
        decimals = 0 if column.kind == "integer" else column.decimals
        return lambda rng: round(float(rng.uniform(column.low, column.high)), decimals)
    if column.kind == "date":
        return lambda rng: float(rng.randint(int(column.low), int(column.high)))
    if column.kind == "code":
        return lambda rng: _code(column.pattern, rng)
    return lambda rng: rng.choice(column.values)


def _code(pattern: str, rng: random.Random) -> str:
    filled = re.sub("#", lambda _: str(rng.randint(0, 9)), pattern)
    return re.sub("@", lambda _: rng.choice("ABCDEFGHKLMNPRSTVWXYZ"), filled)
