"""Workbooks that are sent, and what is sent back; nothing of them stays on the disk."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

from flask import Response
from werkzeug.datastructures import FileStorage

from grammar.table import Table
from server.endpoints import XLSM, XLSX, XLTM, XLTX
from server.errors import InvalidInputError
from server.policy import Policy
from server.schemas import PreviewForm, WorkbookForm
from server.suggestions import sheet_rules
from server.workbooks import apply_rules, read_table
from server.workbooks.bounds import Bounds
from server.workbooks.package import open_package
from server.workbooks.preview import write_preview

TYPES = {
    ".png": "image/png",
    ".html": "text/html",
    ".xlsx": XLSX,
    ".xlsm": XLSM,
    ".xltx": XLTX,
    ".xltm": XLTM,
}


def formatted(asked: WorkbookForm, bounds: Bounds, policy: Policy) -> Response:
    """The workbook with the rules applied.

    Raises:
        CellFusionError: the workbook cannot be read, or a rule is not allowed or cannot be written.
    """
    rules = policy.enforce(asked.rule_set())
    with uploaded(asked.workbook) as source:
        table = _table(asked, source, bounds)
        output = source.with_name(f"formatted{suffix_of(source, bounds)}")
        apply_rules(source, table.sheet, sheet_rules(rules, table), output, bounds=bounds)
        return as_file(output, asked.workbook.filename)


def shown(asked: PreviewForm, bounds: Bounds, policy: Policy, today: dt.date) -> Response:
    """A preview of the rules on the workbook.

    Raises:
        CellFusionError: the workbook cannot be read or a rule cannot be written.
    """
    if asked.format == "xlsx":
        return formatted(asked, bounds, policy)
    rules = policy.enforce(asked.rule_set())
    with uploaded(asked.workbook) as source:
        table = _table(asked, source, bounds)
        output = source.with_name(f"preview.{asked.format}")
        write_preview(source, rules, table, output, today)
        return as_file(output, asked.workbook.filename)


@contextmanager
def uploaded(workbook: object) -> Iterator[Path]:
    """The workbook of a form in a folder that lasts as long as the work on it.

    Raises:
        InvalidInputError: the form has text in place of a file.
    """
    if not isinstance(workbook, FileStorage):
        where = {"place": "workbook", "message": "send the workbook as a file", "kind": "no_file"}
        raise InvalidInputError([dict(where)])
    with tempfile.TemporaryDirectory(prefix="cellfusion-") as folder:
        path = Path(folder) / "workbook.xlsx"
        workbook.save(path)
        yield path


def suffix_of(source: Path, bounds: Bounds) -> str:
    """The ending without which Excel would refuse a copy of a workbook."""
    with open_package(source, bounds) as package:
        return package.suffix


def as_file(path: Path, filename: str | None) -> Response:
    """A file as an answer, under the name of the workbook that was sent."""
    response = Response(path.read_bytes(), mimetype=TYPES.get(path.suffix, XLSX))
    shows_in_page = path.suffix in (".png", ".html")
    name = f"{PurePath(filename or 'workbook').stem or 'workbook'}-{path.name}"
    response.headers.set(
        "Content-Disposition", "inline" if shows_in_page else "attachment", filename=name
    )
    return response


def _table(asked: WorkbookForm, source: Path, bounds: Bounds) -> Table:
    return read_table(source, asked.sheet, asked.range, bounds)
