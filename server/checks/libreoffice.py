"""What LibreOffice shows: the fill of every cell, conditional formats included."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from lxml import html

from grammar.errors import OutputError
from grammar.ranges import Area, address

MARK = "cellfusion-mark-"
"""Begins the text of a cell that says where it is, as LibreOffice leaves out empty rows and columns
before the first filled cell."""
_SECONDS = 300


def effective_fills(workbooks: Sequence[Path], folder: Path) -> list[dict[str, str]]:
    """Address → ``#RRGGBB`` of the first sheet of every workbook, where A1 is filled or a cell
    says by its text, after :data:`MARK`, where it is.

    Raises:
        OutputError: LibreOffice is not there or does not answer.
    """
    program = shutil.which("soffice")
    if program is None:
        raise OutputError("LibreOffice is not installed; the command soffice is not found")
    command = [
        program,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        *("--headless", "--convert-to", "html", "--outdir", str(folder)),
        *map(str, workbooks),
    ]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)  # noqa: S603 - no shell, our own files
    except subprocess.SubprocessError as error:
        raise OutputError(f"LibreOffice gave no answer: {error}") from error
    return [_fills(folder / f"{path.stem}.html") for path in workbooks]


def _fills(page: Path) -> dict[str, str]:
    if not page.is_file():
        raise OutputError(f"LibreOffice could not show {page.stem}")
    table = html.parse(str(page)).getroot().find(".//table")
    if table is None:
        return {}
    lines = [line.findall("td") for line in table.iter("tr")]
    left, top = _corner(lines)
    return {
        address(column, row): str(cell.get("bgcolor")).upper()
        for row, line in enumerate(lines, top)
        for column, cell in enumerate(line, left)
        if cell.get("bgcolor")
    }


def _corner(lines: Sequence[Sequence[html.HtmlElement]]) -> tuple[int, int]:
    """The 0-based column and 1-based row of the first cell that is shown."""
    for row, line in enumerate(lines):
        for column, cell in enumerate(line):
            text = cell.text_content().strip()
            if text.startswith(MARK):
                area = Area.parse(text.removeprefix(MARK))
                return area.first_column - column, area.first_row - row
    return 0, 1
