"""Results of many workbooks as Parquet: a row a file, and a row a finding or a case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grammar.errors import RequestError
from server.checks.examine import Examined

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH = 5_000
"""Rows of a row group."""
FILES = {
    "path": "string",
    "size": "int64",
    "changed": "timestamp",
    "sha256": "string",
    "status": "string",
    "reason": "string",
    "rules": "int32",
    "rows": "int32",
    "attempts": "int8",
    "seconds": "float64",
}
FINDINGS = {
    "path": "string",
    "sheet": "string",
    "kind": "string",
    "severity": "string",
    "rules": "strings",
    "cells": "string",
    "message": "string",
    "fix": "string",
}
CASES = {
    "path": "string",
    "suite": "string",
    "case": "string",
    "verdict": "string",
    "problems": "strings",
    "rule": "string",
    "selected": "int64",
    "seconds": "float64",
}
"""The columns of the tables with their types."""


def load_pyarrow() -> None:
    """Nothing, where pyarrow is installed.

    Raises:
        RequestError: it is not.
    """
    try:
        import pyarrow.parquet  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise RequestError("Parquet needs pyarrow: pip install 'cellfusion[scale]'") from error


def file_row(found: Examined) -> dict[str, Any]:
    """The row of a file."""
    stamp = found.stamp
    return {
        "path": found.path,
        "size": stamp.size,
        "changed": stamp.changed // 1000,
        "sha256": stamp.digest,
        "status": status(found),
        "reason": reason(found),
        "rules": found.rules,
        "rows": len(found.rows),
        "attempts": found.attempts,
        "seconds": found.seconds,
    }


def status(found: Examined) -> str:
    """``done``, ``unreadable`` (it was read, but is no workbook) or ``given up``."""
    if found.reason:
        return "given up"
    return "unreadable" if _unreadable(found) else "done"


def reason(found: Examined) -> str | None:
    """Why a file was not examined."""
    return found.reason or _unreadable(found)


def _unreadable(found: Examined) -> str | None:
    return next((row["message"] for row in found.rows if row.get("kind") == UNREADABLE), None)


UNREADABLE = "unreadable-file"


def finding_rows(found: Examined) -> Iterator[dict[str, Any]]:
    """The rows of a file's findings."""
    from server.checks.lint_findings import KINDS

    for row in found.rows:
        yield {**row, "path": found.path, "severity": KINDS[row["kind"]]}


def case_rows(found: Examined) -> Iterator[dict[str, Any]]:
    """The rows of a file's cases."""
    for row in found.rows:
        yield {**row, "path": found.path}


def write_table(path: Path, columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a table, in place of an older one, in pieces: it may be larger than the memory.

    Raises:
        OutputError: it cannot be written.
    """
    import pyarrow.parquet as pq

    from server.workbooks.output import whole_output

    schema = _schema(columns)
    with (
        whole_output(path, overwrite=True) as stream,
        pq.ParquetWriter(stream, schema, compression="zstd") as writer,
    ):
        for batch in _batches(rows, schema):
            writer.write_batch(batch)


def _batches(rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    some: list[Mapping[str, Any]] = []
    for row in rows:
        some.append(row)
        if len(some) == _BATCH:
            yield pa.RecordBatch.from_pylist(some, schema)
            some = []
    if some:
        yield pa.RecordBatch.from_pylist(some, schema)


def _schema(columns: Mapping[str, str]) -> pa.Schema:
    import pyarrow as pa

    types = {"timestamp": pa.timestamp("us", "UTC"), "strings": pa.list_(pa.string())}
    plain = ("string", "int8", "int32", "int64", "float64")
    types |= {name: getattr(pa, name)() for name in plain}
    return pa.schema([(name, types[kind]) for name, kind in columns.items()])
