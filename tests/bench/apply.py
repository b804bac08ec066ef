"""One rule into a large workbook: our splice beside openpyxl's load and save.

    python tests/bench/apply.py [--rows 100000] [--columns 20]

Each side runs in a process of its own; wall time and peak memory include the imports. The last
line compares them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from multiprocessing import get_context
from pathlib import Path

MEASURE = """
import json, resource, sys, time
start = time.perf_counter()
{work}
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([time.perf_counter() - start, time.process_time(), peak]))
"""
RULE = """
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import PatternFill
source, output = sys.argv[1:]
fill = PatternFill(bgColor="FFFFC7CE")
rule = CellIsRule(operator="greaterThan", formula=["500"], fill=fill)
"""
SPLICE = """
from pathlib import Path
from server.workbooks import SheetRule, apply_rules
apply_rules(Path(source), "Data", [SheetRule.of("C2:C100001", rule)], Path(output))
"""
LOAD_AND_SAVE = """
import openpyxl
book = openpyxl.load_workbook(source)
book["Data"].conditional_formatting.add("C2:C100001", rule)
book.save(output)
"""


def large_workbook(path: Path, rows: int, columns: int) -> None:
    """Write a workbook of text, whole numbers, fractions and dates in turn."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Data")
        dates = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, [f"Column {index}" for index in range(columns)])
        for row in range(1, rows + 1):
            for column in range(columns):
                value = (row * 7919 + column * 104729) % 100_003
                if column % 4 == 0:
                    sheet.write_string(row, column, f"item {value % 5000}")
                elif column % 4 == 3:
                    sheet.write_number(row, column, 45_000 + value % 1000, dates)
                else:
                    sheet.write_number(row, column, value if column % 4 == 1 else value / 97)


def measured(work: str, source: Path, output: Path) -> tuple[float, float, float]:
    """Wall and processor seconds and peak mebibytes of code in a process of its own."""
    code = MEASURE.format(work=RULE + work)
    command = [sys.executable, "-c", code, str(source), str(output)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    wall, processor, peak = json.loads(result.stdout.splitlines()[-1])
    return wall, processor, peak


def main() -> None:
    """Print both measurements and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--columns", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "large.xlsx"
        # In a process of its own: a child's peak would start from what its parent holds.
        writing = (source, options.rows, options.columns)
        writer = get_context("spawn").Process(target=large_workbook, args=writing)
        writer.start()
        writer.join()
        print(f"{options.rows} x {options.columns} cells, {source.stat().st_size:,} bytes")
        ours = measured(SPLICE, source, Path(folder) / "spliced.xlsx")
        theirs = measured(LOAD_AND_SAVE, source, Path(folder) / "saved.xlsx")
    for name, (wall, processor, peak) in (("cellfusion", ours), ("openpyxl", theirs)):
        print(f"{name:12}{wall:8.2f} s wall{processor:8.2f} s processor{peak:8.0f} MiB")
    faster, lighter = theirs[0] / ours[0], ours[2] / theirs[2]
    print(f"{faster:.1f} times faster, {lighter:.3f} of the memory")


if __name__ == "__main__":
    main()
