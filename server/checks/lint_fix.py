"""A copy of a workbook with what lint can safely put right, all else byte for byte as it was."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from server.checks.lint import lint_workbook
from server.checks.lint_findings import Finding
from server.workbooks.existing import remove_rules
from server.workbooks.merge import merge_rules
from server.workbooks.output import whole_output

_ROUNDS = 4
_REMOVED = ("duplicate", "deleted-reference")


def fix_workbook(source: Path, output: Path, today: dt.date) -> int:
    """How many findings were put right in the copy that was written.

    Raises:
        CellFusionError: the source cannot be read or the output cannot be written.
    """
    count, current = 0, source
    with tempfile.TemporaryDirectory(prefix="cellfusion-") as folder:
        # a rule that goes may make neighbours of two fragments, so look again
        for number in range(_ROUNDS):
            found = [finding for finding in lint_workbook(current, today).findings if finding.fix]
            if not found:
                break
            current = _round(current, found, Path(folder), number)
            count += len(found)
        with whole_output(output) as stream, current.open("rb") as fixed:
            shutil.copyfileobj(fixed, stream)
    return count


def _round(source: Path, findings: Iterable[Finding], folder: Path, number: int) -> Path:
    """The workbook after the fixes of all sheets."""
    by_sheet: dict[str, list[Finding]] = {}
    for finding in findings:
        by_sheet.setdefault(finding.sheet, []).append(finding)
    for place, (sheet, some) in enumerate(by_sheet.items()):
        source = _fixed(source, sheet, some, folder / f"{number}-{place}")
    return source


def _fixed(source: Path, sheet: str, findings: Iterable[Finding], stem: Path) -> Path:
    """The workbook after the fixes of one sheet."""
    gone = [name for one in findings if one.kind in _REMOVED for name in one.rules]
    if gone:
        removed = stem.with_suffix(".removed.xlsx")
        remove_rules(source, sheet, list(dict.fromkeys(gone)), removed)
        source = removed
    if any(one.kind == "fragmented" for one in findings):
        merged = stem.with_suffix(".merged.xlsx")
        merge_rules(source, sheet, merged)
        source = merged
    return source
