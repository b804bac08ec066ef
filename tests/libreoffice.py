"""What LibreOffice shows: the fill of every cell, conditional formats included."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from lxml import html

from grammar.ranges import address


def effective_fills(workbooks: Sequence[Path], folder: Path) -> list[dict[str, str]]:
    """Address → ``#RRGGBB`` of the first sheet of every workbook, whose A1 must not be empty."""
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "html",
            "--outdir",
            str(folder),
            *map(str, workbooks),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    return [_fills(folder / f"{path.stem}.html") for path in workbooks]


def _fills(page: Path) -> dict[str, str]:
    table = html.parse(str(page)).getroot().find(".//table")
    rows = table.iter("tr")
    return {
        address(column, row): cell.get("bgcolor").upper()
        for row, line in enumerate(rows, 1)
        for column, cell in enumerate(line.findall("td"))
        if cell.get("bgcolor")
    }
