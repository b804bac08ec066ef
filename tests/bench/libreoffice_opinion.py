"""Counts where the cells that LibreOffice paints by our formula are not those of ``matches``.

    python tests/bench/libreoffice_opinion.py [--cases 150] [--seed 1] [--show 5]

Only columns of numbers, text, dates and blanks: LibreOffice counts booleans as numbers and does not
evaluate conditional formats as array formulas.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import sys
import tempfile
from pathlib import Path

import numpy as np
from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import PatternFill

sys.path.insert(0, str(Path(__file__).parents[1]))

from libreoffice import effective_fills
from oracle_cases import draw_column, draw_condition

from grammar.errors import CellFusionError
from grammar.evaluate import matches
from grammar.formulas import formula_of
from grammar.table import Table

KINDS = ("numbers and blanks", "positive", "text and blanks", "dates and blanks")
PAINT = "12AB34"


def draw_case(rng):
    """A condition with its table and formula."""
    while True:
        kinds = [rng.choice(KINDS) for _ in range(3)]
        columns = (draw_column(rng, f"head {i}", 8, kind) for i, kind in enumerate(kinds))
        table, condition = Table(tuple(columns)), draw_condition(rng)
        try:
            return condition, table, formula_of(condition, table, column=0)
        except CellFusionError:
            continue


def write_book(case, path):
    """A workbook with the table and one rule on its first column."""
    _, table, formula = case
    book = Workbook()
    sheet = book.active
    for index, column in enumerate(table.columns, 1):
        for row, value in enumerate((column.header, *column.values), 1):
            if value is not None:
                sheet.cell(row, index).value = value
    fill = PatternFill(start_color=PAINT, end_color=PAINT, fill_type="solid")
    rule = FormulaRule(formula=[formula.removeprefix("=")], fill=fill)
    sheet.conditional_formatting.add(str(table.column_area(0)), rule)
    book.save(path)
    return path


def painted(cases):
    """For every case the table rows that LibreOffice paints."""
    with tempfile.TemporaryDirectory() as folder:
        named = enumerate(cases)
        paths = [write_book(case, Path(folder) / f"case{index}.xlsx") for index, case in named]
        fills = effective_fills(paths, Path(folder))
    return [[int(place[1:]) - 2 for place, fill in book.items() if PAINT in fill] for book in fills]


def main():
    """Print the disagreements and their number."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("cases", 150), ("seed", 1), ("show", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    cases = [draw_case(rng) for _ in range(options.cases)]
    wrong = 0
    for (condition, table, formula), rows in zip(cases, painted(cases), strict=True):
        mask = matches(condition, table, column=0, today=dt.date.today())
        wanted = np.flatnonzero(mask).tolist()
        wrong += wanted != sorted(rows)
        if wanted != sorted(rows) and wrong <= options.show:
            print(condition, formula, f"  matches {wanted}, LibreOffice {sorted(rows)}", sep="\n")
            print("  ", [column.values for column in table.columns])
    print(f"{wrong} of {len(cases)} disagree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
