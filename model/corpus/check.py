"""``python -m model.corpus.check FILE…``: every rule of corpus files parses and fits its schema."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from grammar.conditions import columns_of
from grammar.errors import CellFusionError
from model.corpus.notation import parse_rules
from model.corpus.schemas import load_schemas

KINDS = {"code", "category", "name", "text", "number", "integer", "money", "percent", "date"}
PLACEHOLDERS = {
    "n": "c[1]",
    "n2": "c[2]",
    "d": "c[3]",
    "d2": "c[4]",
    "t": "c[5]",
    "t2": "c[6]",
    "c": "c[7]",
    "b": "'h'",
    "e": "'j'",
    "v": "5",
    "v2": "7",
    "v3": "9",
    "p": "10%",
    "w": "DATE(2026,8,1)",
    "w2": "DATE(2026,9,1)",
    "i": "3",
    "s": "'a'",
    "s2": "'b'",
    "s3": "'e'",
    "q": "'g'",
    "x": "'f'",
    "k": "red",
    "k2": "blue",
    "k3": "green",
    "rows": "rows",
    "row": "row",
    "L": "D",
    "R": "D2:D9",
    "S": "Sheet1",
}


def main(paths: list[str]) -> int:
    """The number of faults, each printed as ``file: where: why``."""
    faults = [f"{path}: {fault}" for path in paths for fault in check(Path(path))]
    sys.stdout.write("\n".join([*faults, f"{len(faults)} faults in {len(paths)} files"]) + "\n")
    return min(len(faults), 1)


def check(path: Path) -> Iterator[str]:
    """The faults of one file of schemas, further requests (``.json``) or templates (``.tsv``)."""
    text = path.read_text(encoding="utf-8")
    if path.name.startswith("requests_"):
        yield from _check_requests(json.loads(text), path.parent)
    elif path.suffix == ".json":
        for schema in json.loads(text):
            yield from _check_schema(schema)
    else:
        for number, line in enumerate(text.splitlines(), 1):
            yield from (f"line {number}: {fault}" for fault in _check_template(line))


def _check_schema(schema: dict[str, object]) -> Iterator[str]:
    columns, requests = schema["columns"], schema["requests"]
    if not isinstance(columns, list) or not isinstance(requests, list):
        yield f"{schema.get('id')}: columns and requests are lists"
        return
    for column in columns:
        yield from (f"{schema['id']}: {fault}" for fault in _check_column(column))
    for request in requests:
        fault = _fault(str(request[1]), len(columns)) if len(request) == 2 else "not a pair"
        if fault:
            yield f"{schema['id']}: {request!r}: {fault}"


def _check_requests(found: dict[str, list[list[str]]], folder: Path) -> Iterator[str]:
    widths = {schema.id: len(schema.columns) for schema in load_schemas(folder)}
    for name, requests in found.items():
        for request in requests:
            fault = _fault(request[1], widths[name]) if len(request) == 2 else "not a pair"
            if fault:
                yield f"{name}: {request!r}: {fault}"


def _check_column(column: dict[str, object]) -> Iterator[str]:
    kind = column.get("kind")
    if kind not in KINDS:
        yield f"{column.get('header')!r}: kind {kind!r} is none of {', '.join(sorted(KINDS))}"
    needed = {"code": ("pattern",), "date": ("low", "high")}
    default = ("values",) if kind in ("category", "name", "text") else ("low", "high")
    for key in needed.get(str(kind), default):
        if key not in column:
            yield f"{column.get('header')!r}: {key} is missing"


def _fault(rule: str, width: int) -> str | None:
    try:
        rules = parse_rules(rule)
    except CellFusionError as error:
        return str(error).splitlines()[0]
    used = {index for rule in rules for index in columns_of(rule.condition)}
    used |= {index for rule in rules for index in rule.target.columns}
    return f"column {max(used)} of {width}" if used and max(used) >= width else None


def _check_template(line: str) -> Iterator[str]:
    if not line.strip() or line.startswith("#"):
        return
    parts = line.split("\t")
    if len(parts) != 2:
        yield "not sentence<TAB>rule"
        return
    names = set(re.findall(r"\{(\w+)\}", line)) - PLACEHOLDERS.keys()
    if names:
        yield f"unknown placeholders {sorted(names)}"
        return
    fault = _fault(re.sub(r"\{(\w+)\}", lambda m: PLACEHOLDERS[m[1]], parts[1]), 99)
    if fault:
        yield fault


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
