"""One formula on the cells of a workbook, as a rule standing in a given cell would see it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from grammar.calc.protocol import answer
from server.workbooks.grid import workbook_cells


def calculate(
    formula: str, workbook: Path | None, sheet: str | None, cell: str, today: dt.date
) -> dict[str, object]:
    """``{"kind": …, "value": …}`` of a formula; without a workbook all cells are blank.

    Raises:
        WorkbookError: the workbook or the sheet cannot be read.
    """
    record: dict[str, object] = {"formula": formula, "cell": cell}
    if workbook is not None:
        record |= workbook_cells(workbook, sheet)
    return answer(record, dt.datetime(today.year, today.month, today.day))
