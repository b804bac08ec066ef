"""Applies rules to every sheet of every workbook in a folder and checks what must hold.

    python tests/bench/workbooks.py FOLDER [--openpyxl] [--libreoffice]

Checked: all parts but the sheet and the styles have the same bytes, the rules that were there
read back equal, elements stand in the order of the schema, a second application changes nothing,
and (on demand) openpyxl and LibreOffice open the result wherever they open the source.
Exits 1 where one of these fails; refused files are listed with their reason.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

import openpyxl

sys.path.insert(0, str(Path(__file__).parents[1]))

from rich_workbooks import ALL, part, raw_members, rules_of
from schema_order import format_count, styles_faults, worksheet_faults

from grammar.errors import CellFusionError
from server.workbooks import apply_rules
from server.workbooks.package import open_package
from server.workbooks.session import open_sheet

_AT_ONCE = 25
"""Files that one LibreOffice opens; a crash costs the others of a batch."""


def failures(source, sheet, folder, counts):
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
    known = set(schema_faults(source, sheet.name))
    counts["sheets out of order before"] += bool(known)
    for fault in schema_faults(output, sheet.name):
        if fault not in known:
            yield f"against the schema: {fault}"
    if apply_rules(output, sheet.name, ALL, again).changed:
        yield "a second application changes the sheet"
    if again.read_bytes() != output.read_bytes():
        yield "a second application changes the file"


def schema_faults(path, sheet):
    """What the schema forbids in a sheet and in the styles."""
    with open_package(path) as package:
        found = package.sheet(sheet).part
        if package.styles_part is None:
            return worksheet_faults(package.archive.read(package.member(found)), 0)
        names = (package.member(name).name for name in (found, package.styles_part))
        sheet_xml, styles_xml = (part(path, name) for name in names)
    if not styles_xml.strip():
        return worksheet_faults(sheet_xml, 0)
    return worksheet_faults(sheet_xml, format_count(styles_xml)) + styles_faults(styles_xml)


def openpyxl_opens(path):
    """Whether openpyxl loads a workbook at all."""
    try:
        openpyxl.load_workbook(path)
    except Exception:  # noqa: BLE001 - it raises whatever its parsers raise
        return False
    return True


def libreoffice_opens(paths, folder):
    """The files that LibreOffice opens, those of a batch that crashes one by one."""
    found = set()
    for start in range(0, len(paths), _AT_ONCE):
        batch = paths[start : start + _AT_ONCE]
        found |= converted(batch, folder)
        found |= {path for path in batch if path not in found and converted([path], folder)}
    return found


def converted(paths, folder):
    """The files that come out of one LibreOffice as text."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "csv", "--outdir", str(folder)]
    pages = {path: folder / f"{path.stem}.csv" for path in paths}
    for page in pages.values():
        page.unlink(missing_ok=True)
    try:
        subprocess.run([*command, *map(str, paths)], capture_output=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return set()
    return {path for path, page in pages.items() if page.exists()}


def whole_result(source, sheets, folder, counts):
    """The workbook with the rules on every sheet that takes them."""
    output, step = folder / source.name, folder / f"step-{source.name}"
    output.write_bytes(source.read_bytes())
    for sheet in sheets:
        try:
            apply_rules(output, sheet.name, ALL, step)
        except CellFusionError:  # told already
            continue
        step.replace(output)
        counts["rules added"] += len(ALL)
    return output


def readers_fail(pairs, with_openpyxl, with_libreoffice, counts):
    """Yield the results that another reader does not open, though it opens the source."""
    if with_openpyxl:
        for source, output in pairs:
            opens = openpyxl_opens(source)
            counts["files openpyxl opens"] += opens
            if opens and not openpyxl_opens(output):
                yield f"{source.name}: openpyxl reads the source and not the result"
    if with_libreoffice:
        folder = pairs[0][1].parent
        opened = libreoffice_opens([output for _, output in pairs], folder)
        counts["files LibreOffice opens"] += len(opened)
        left = [source for source, output in pairs if output not in opened]
        for source in left:
            if libreoffice_opens([source], folder):
                yield f"{source.name}: LibreOffice opens the source and not the result"
            else:
                print(f"{source.name}: LibreOffice opens neither the source nor the result")


def main():
    """Print failures, refusals and counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--openpyxl", action="store_true")
    parser.add_argument("--libreoffice", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    counts, started, pairs = Counter(), time.perf_counter(), []
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as results:
        for source in sorted(options.folder.glob("*.x[lt]*")):
            sheets = sheets_of(source, counts)
            for sheet in sheets:
                check(source, sheet, Path(name), counts)
            if sheets:
                pairs.append((source, whole_result(source, sheets, Path(results), counts)))
        for line in readers_fail(pairs, options.openpyxl, options.libreoffice, counts):
            counts["failed"] += 1
            print(line)
    for label, count in counts.items():
        print(f"{count:8} {label}")
    print(f"{time.perf_counter() - started:.0f} s, {counts['failed']} failures")
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


def check(source, sheet, folder, counts):
    """Count one sheet."""
    try:
        found = list(failures(source, sheet, folder, counts))
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
