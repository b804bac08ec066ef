"""What LibreOffice shows: the fill of every cell, conditional formats included."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from lxml import html

from grammar.errors import OutputError
from grammar.ranges import address

_SECONDS = 300


def effective_fills(workbooks: Sequence[Path], folder: Path) -> list[dict[str, str]]:
    """Address → ``#RRGGBB`` of the first sheet of every workbook, whose A1 must not be empty.

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
    return {
        address(column, row): str(cell.get("bgcolor")).upper()
        for row, line in enumerate(table.iter("tr"), 1)
        for column, cell in enumerate(line.findall("td"))
        if cell.get("bgcolor")
    }
