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
from server.endpoints import XLSM, XLSX
from server.errors import InvalidInputError
from server.policy import Policy
from server.schemas import PreviewForm, WorkbookForm
from server.suggestions import sheet_rules
from server.workbooks import apply_rules, read_table
from server.workbooks.bounds import Bounds
from server.workbooks.preview import write_preview

TYPES = {".png": "image/png", ".html": "text/html", ".xlsx": XLSX, ".xlsm": XLSM}


def formatted(asked: WorkbookForm, bounds: Bounds, policy: Policy) -> Response:
    """The workbook with the rules applied.

    Raises:
        CellFusionError: the workbook cannot be read, or a rule is not allowed or cannot be written.
    """
    rules = policy.enforce(asked.rule_set())
    with _uploaded(asked) as source:
        table = _table(asked, source, bounds)
        output = source.with_name(f"formatted{_suffix(asked)}")
        apply_rules(source, table.sheet, sheet_rules(rules, table), output, bounds=bounds)
        return _file(output, asked)


def shown(asked: PreviewForm, bounds: Bounds, policy: Policy, today: dt.date) -> Response:
    """A preview of the rules on the workbook.

    Raises:
        CellFusionError: the workbook cannot be read or a rule cannot be written.
    """
    if asked.format == "xlsx":
        return formatted(asked, bounds, policy)
    rules = policy.enforce(asked.rule_set())
    with _uploaded(asked) as source:
        table = _table(asked, source, bounds)
        output = source.with_name(f"preview.{asked.format}")
        write_preview(source, rules, table, output, today)
        return _file(output, asked)


@contextmanager
def _uploaded(asked: WorkbookForm) -> Iterator[Path]:
    """The workbook in a folder that lasts as long as the work on it."""
    if not isinstance(asked.workbook, FileStorage):
        where = {"place": "workbook", "message": "send the workbook as a file", "kind": "no_file"}
        raise InvalidInputError([dict(where)])
    with tempfile.TemporaryDirectory(prefix="cellfusion-") as folder:
        path = Path(folder) / "workbook.xlsx"
        asked.workbook.save(path)
        yield path


def _table(asked: WorkbookForm, source: Path, bounds: Bounds) -> Table:
    return read_table(source, asked.sheet, asked.range, bounds)


def _suffix(asked: WorkbookForm) -> str:
    """The suffix of a copy: a workbook with macros stays one."""
    return ".xlsm" if _name(asked).suffix.lower() == ".xlsm" else ".xlsx"


def _name(asked: WorkbookForm) -> PurePath:
    return PurePath(asked.workbook.filename or "workbook.xlsx")


def _file(path: Path, asked: WorkbookForm) -> Response:
    """A file as an answer, under the name of the workbook."""
    response = Response(path.read_bytes(), mimetype=TYPES[path.suffix])
    shows_in_page = path.suffix in (".png", ".html")
    name = f"{_name(asked).stem or 'workbook'}-{path.name}"
    response.headers.set(
        "Content-Disposition", "inline" if shows_in_page else "attachment", filename=name
    )
    return response
