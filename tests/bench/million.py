"""Five typical conditions over a million cells: ours, the ``formulas`` package and LibreOffice.

    python tests/bench/million.py [--cells 1000000] [--others 100000] [--repeats 3]

Every engine gets the form that suits it best: ours the condition, and once more the Excel formula
that is written for it; ``formulas`` (``pip install formulas``, needed for this table alone) the
formula compiled once and called with whole columns, its AND as a product, since AND is no array
function; LibreOffice Excel's own kind of rule. It evaluates a rule when it shows the cells, so its
figure is the conversion to HTML with the rule less the one without, over ``--others`` rows,
as many as ``formulas`` gets; a rate per second needs no more, and a million would take an hour.
Processor seconds, medians of the repeats; peak memory is that of a process of its own each.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import resource
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from grammar.conditions import Formula
from grammar.evaluate import matches
from grammar.formulas import formula_of
from grammar.parser import parse_condition
from grammar.table import Table, TableColumn
from grammar.values import to_serial

TODAY = dt.date.today()
STATES = ("Open", "Delivered", "Returned", "Late", "late again", None)
PAINT = {"bg_color": "#FFC7CE"}
NOISE = 0.001
"""Seconds below which nothing is said but that it was quick."""


@dataclass(frozen=True)
class Case:
    """A condition, the columns that it reads, and how the other two engines are asked.

    ``array`` is the formula over whole columns (``{n}`` stands for the last row), ``office`` the
    options of XlsxWriter's rule.
    """

    condition: str
    columns: str
    array: str
    office: dict[str, object]


CASES = (
    Case(
        "GreaterThan(c[0], 500)",
        "A",
        "=$A2>500",
        {"type": "cell", "criteria": ">", "value": 500},
    ),
    Case(
        "TextContains(c[1], 'late')",
        "B",
        '=ISNUMBER(SEARCH("late",$B2))',
        {"type": "text", "criteria": "containing", "value": "late"},
    ),
    Case(
        "AND(LessThan(c[2], TODAY()), NOT(TextEquals(c[1], 'Delivered')))",
        "BC",
        '=ISNUMBER($C2)*($C2<TODAY())*(LEN(TRIM($B2))>0)*NOT($B2="Delivered")',
        {
            "type": "formula",
            "criteria": '=AND(ISNUMBER($C2),$C2<TODAY(),LEN(TRIM($B2))>0,NOT($B2="Delivered"))',
        },
    ),
    Case(
        "AboveAverage(c[0])",
        "A",
        "=ISNUMBER($A2)*($A2>AVERAGE($A$2:$A${n}))",
        {"type": "average", "criteria": "above"},
    ),
    Case(
        "Top(c[0], 10%)",
        "A",
        "=ISNUMBER($A2)*($A2>=LARGE($A$2:$A${n},INT(COUNT($A$2:$A${n})*10/100)))",
        {"type": "top", "criteria": "%", "value": 10},
    ),
)


def columns(count: int) -> dict[str, list]:
    """Amounts, states and due dates, one in fifty blank."""
    chance = random.Random(7)

    def blanked(value):
        return value if chance.random() > 0.02 else None

    day = to_serial(TODAY)
    return {
        "A": [blanked(chance.randrange(100_000) / 100) for _ in range(count)],
        "B": [chance.choice(STATES) for _ in range(count)],
        "C": [blanked(day + chance.randrange(-350, 350)) for _ in range(count)],
    }


def table_of(cells: dict[str, list]) -> Table:
    """The columns as a table."""
    return Table(
        (
            TableColumn.of("Amount", cells["A"]),
            TableColumn.of("Status", cells["B"]),
            TableColumn.of("Due", cells["C"], is_date=True),
        )
    )


def timed(work, repeats: int) -> tuple[float, int]:
    """The median of processor seconds, and how many cells were selected."""
    seconds = []
    for _ in range(repeats):
        begin = time.process_time()
        count = int(work().sum())
        seconds.append(time.process_time() - begin)
    return statistics.median(seconds), count


def ours(cells: int, repeats: int, as_formula: bool) -> list[tuple[float, int]]:
    """Seconds and selected cells of each case with our evaluator."""
    table, found = table_of(columns(cells)), []
    for case in CASES:
        condition = parse_condition(case.condition)
        if as_formula:
            condition = Formula(formula_of(condition, table, column=0))
        found.append(timed(lambda c=condition: matches(c, table, column=0, today=TODAY), repeats))
    return found


def package(cells: int, repeats: int) -> list[tuple[float, int]]:
    """Seconds and selected cells of each case with the ``formulas`` package."""
    import formulas
    import numpy as np
    from schedula import EMPTY

    filled = {
        name: np.array([[EMPTY if v is None else v] for v in values], object)
        for name, values in columns(cells).items()
    }
    found = []
    for case in CASES:
        text = case.array.replace("{n}", str(cells + 1))
        call = formulas.Parser().ast(text)[1].compile()
        inputs = [filled[str(name)[0].replace("$", "")] for name in call.inputs]
        work = lambda f=call, x=inputs: np.asarray(f(*x)).astype(bool)  # noqa: E731
        found.append(timed(work, repeats))
    return found


def write_book(path: Path, cells: dict[str, list], case: Case | None) -> None:
    """A workbook of the columns, with one rule or none."""
    import xlsxwriter

    count = len(cells["A"])
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("Amount", "Status", "Due"))
        if case is not None:
            where = f"{case.columns[0]}2:{case.columns[0]}{count + 1}"
            sheet.conditional_format(where, case.office | {"format": book.add_format(PAINT)})
        for row, values in enumerate(zip(*cells.values(), strict=True), 1):
            sheet.write_row(row, 0, values)


def converted(path: Path) -> tuple[float, int]:
    """Processor seconds of LibreOffice for a workbook as HTML, and its painted cells."""
    command = ["soffice", f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"]
    command += ["--headless", "--convert-to", "html", "--outdir", str(path.parent), str(path)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    page = path.with_suffix(".html").read_text(encoding="utf-8", errors="replace")
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, page.upper().count(f'BGCOLOR="{PAINT["bg_color"]}"')


def office(cells: int, repeats: int) -> list[tuple[float, int]]:
    """Seconds and painted cells of each case with LibreOffice, its other work taken off."""
    filled, found = columns(cells), []
    with tempfile.TemporaryDirectory() as name:
        for index, case in enumerate((None, None, *CASES)):
            path = Path(name) / f"book{index}.xlsx"
            write_book(path, filled, case)
            answers = [converted(path) for _ in range(repeats if index else 1)]
            found.append((statistics.median(a[0] for a in answers), answers[0][1]))
    plain = found[1][0]
    print(f"LibreOffice without a rule: {plain:.2f} s for {cells} rows", flush=True)
    return [(seconds - plain, count) for seconds, count in found[2:]]


def peak_of(who: int) -> float:
    """The peak memory so far in MiB."""
    return resource.getrusage(who).ru_maxrss / 1024


def measured(work, *arguments) -> tuple[list[tuple[float, int]], float]:
    """The answer of a function in a process of its own, and that process's peak memory."""
    with get_context("spawn").Pool(1) as pool:
        found = pool.apply(work, arguments)
        who = resource.RUSAGE_CHILDREN if work is office else resource.RUSAGE_SELF
        return found, pool.apply(peak_of, (who,))


def show(title: str, cells: int, found: list[tuple[float, int]], peak: float, base=None) -> None:
    """One engine's rows: cells a second, selected cells, and how many times slower than ours."""
    print(f"{title}, {cells} cells, peak memory {peak:.0f} MiB")
    for place, (case, (seconds, count)) in enumerate(zip(CASES, found, strict=True)):
        rate = cells / max(seconds, NOISE)
        sign = ">" if seconds < NOISE else " "
        ratio = f"{base[place] / rate:8.1f}" if base else "     1.0"
        print(f" {sign}{rate:12,.0f} cells/s {seconds:9.3f} s {count:8d} selected", end=" ")
        print(f"{ratio} times our seconds  {case.condition}", flush=True)


def main() -> None:
    """Measure every engine that is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=1_000_000)
    parser.add_argument("--others", type=int, default=100_000, help="cells for the others")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--office-repeats", type=int, default=1)
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    cells, others, repeats = options.cells, options.others, options.repeats
    found, peak = measured(ours, cells, repeats, False)
    base = [cells / seconds for seconds, _ in found]
    show("conditions, ours", cells, found, peak)
    show("formulas, ours", cells, *measured(ours, cells, repeats, True), base)
    try:
        show("formulas package", others, *measured(package, others, repeats), base)
    except ModuleNotFoundError as error:
        print(f"formulas package: not installed ({error})")
    show("LibreOffice", others, *measured(office, others, options.office_repeats), base)


if __name__ == "__main__":
    main()
