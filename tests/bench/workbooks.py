"""Applies rules to every sheet of every workbook in a folder and checks what must hold.

    python tests/bench/workbooks.py FOLDER [--openpyxl]

Checked: all parts but the sheet and the styles have the same bytes, the rules that were there
read back equal, a second application changes nothing, and (on demand) openpyxl reads the result.
Exits 1 where one of these fails; refused files are listed with their reason.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

import openpyxl

sys.path.insert(0, str(Path(__file__).parents[1]))

from rich_workbooks import ALL, raw_members, rules_of

from grammar.errors import CellFusionError
from server.workbooks import apply_rules
from server.workbooks.package import open_package
from server.workbooks.session import open_sheet


def failures(source, sheet, folder, with_openpyxl):
    """Yield what does not hold for one sheet."""
    output, again = folder / "out.xlsx", folder / "again.xlsx"
    for path in (output, again):
        path.unlink(missing_ok=True)
    result = apply_rules(source, sheet.name, ALL, output)
    before, after = raw_members(source), raw_members(output)
    differing = {name.lower() for name in after if after[name] != before.get(name)}
    with open_package(output) as package:
        allowed = {package.sheet(sheet.name).part.lower(), package.styles_part.lower()}
    if differing - allowed or list(before) != list(after)[: len(before)]:
        yield f"other parts differ: {sorted(differing - allowed)}"
    old, new = rules_of(source, sheet.name), rules_of(output, sheet.name)
    added = {rule.id for rule in result.rules if rule.added}
    with open_sheet(output, sheet.name) as opened:
        kept = [place for place, rule in enumerate(opened.rules) if rule.id not in added]
    if [new[place] for place in kept] != old:
        yield "the rules that were there do not read back equal"
    if apply_rules(output, sheet.name, ALL, again).changed:
        yield "a second application changes the sheet"
    if again.read_bytes() != output.read_bytes():
        yield "a second application changes the file"
    if with_openpyxl and openpyxl_opens(source) and not openpyxl_opens(output):
        yield "openpyxl reads the source and not the result"


def openpyxl_opens(path):
    """Whether openpyxl loads a workbook at all."""
    try:
        openpyxl.load_workbook(path)
    except Exception:  # noqa: BLE001 - it raises whatever its parsers raise
        return False
    return True


def main():
    """Print failures, refusals and counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--openpyxl", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    counts, started = Counter(), time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        for source in sorted(options.folder.glob("*.x[lt]*")):
            for sheet in sheets_of(source, counts):
                check(source, sheet, Path(name), options.openpyxl, counts)
    print(dict(counts), f"{time.perf_counter() - started:.0f} s")
    sys.exit(1 if counts["failed"] else 0)


def sheets_of(source, counts):
    """The worksheets of a file, none where it is refused."""
    try:
        with open_package(source) as package:
            counts["files"] += 1
            return package.worksheets()
    except CellFusionError as error:
        counts["refused files"] += 1
        print(f"{source.name}: {error}")
        return ()


def check(source, sheet, folder, with_openpyxl, counts):
    """Count one sheet."""
    try:
        found = list(failures(source, sheet, folder, with_openpyxl))
        counts["rules before"] += len(rules_of(source, sheet.name))
    except CellFusionError as error:
        counts["refused sheets"] += 1
        print(f"{source.name}, {sheet.name}: {error}")
        return
    counts["failed" if found else "sheets"] += 1
    for line in found:
        print(f"{source.name}, {sheet.name}: {line}")


if __name__ == "__main__":
    main()
