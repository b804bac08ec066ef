"""Counts where formulon and our own calculator disagree with ``matches``.

    python tests/bench/second_opinion.py [--tables 400] [--rules 10] [--seed 1] [--show 5]

Every drawn condition is asked about as a guarded formula and, where it has one, as a native rule;
both on the table that they were written for and on the table with blanks filled and cells emptied.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from oracle import Oracle, OracleError, expression, native
from oracle_cases import TODAY, draw_condition, draw_table, refill

from grammar.conditions import Formula
from grammar.errors import CellFusionError
from grammar.evaluate import matches
from grammar.formulas import formula_of
from grammar.native import native_rule


def draw_cases(rng, count):
    """A table, its refilled twin, and conditions with formula and native rule."""
    table = draw_table(rng)
    cases = []
    while len(cases) < count:
        condition = draw_condition(rng)
        try:
            formula = formula_of(condition, table, column=0)
        except CellFusionError:
            continue
        cases.append((condition, formula, native_rule(condition, table, column=0)))
    return table, refill(rng, table), cases


def judge(oracle, table, cases):
    """(kind of rule, engine, condition, formula, wanted, given) of every answer."""
    area = table.column_area(0)
    asked = [(case, "formula", expression(case[1], area)) for case in cases]
    asked += [(case, "native", native(case[2], area)) for case in cases if case[2] is not None]
    given = oracle.ask(table, [rule for _, _, rule in asked], TODAY)
    for (case, kind, _), rows in zip(asked, given, strict=True):
        wanted = selected(case[0], table)
        yield kind, "formulon", case, wanted, rows
        if kind == "formula":
            yield kind, "calc", case, wanted, selected(Formula(case[1]), table)


def selected(condition, table):
    """The rows that ``matches`` selects."""
    mask = matches(condition, table, column=0, today=TODAY)
    return [int(row) for row in np.flatnonzero(mask)]


def main():
    """Print the counts, and the first disagreements of each kind."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("tables", 400), ("rules", 10), ("seed", 1), ("show", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    answers, wrong, failures, filled = Counter(), Counter(), Counter(), Counter()
    with Oracle() as oracle:
        for _ in range(options.tables):
            table, later, cases = draw_cases(rng, options.rules)
            for when, cells in (("now", table), ("later", later)):
                try:
                    results = list(judge(oracle, cells, cases))
                except OracleError as error:
                    failures[str(error)] += 1
                    continue
                for kind, engine, case, wanted, given in results:
                    key = (engine, kind, when)
                    answers[key] += 1
                    filled[key] += bool(wanted)
                    wrong[key] += wanted != given
                    if wanted != given and wrong[key] <= options.show:
                        show(key, case, cells, wanted, given)
    for key in sorted(answers):
        print(*key, f"{wrong[key]} of {answers[key]} disagree; {filled[key]} select cells")
    for error, count in failures.items():
        print("engine failed:", count, error)
    return 1 if any(wrong.values()) else 0


def show(key, case, table, wanted, given):
    """Print one disagreement."""
    print(*key, case[0], case[1], sep="\n  ")
    for row in sorted(set(wanted) ^ set(given)):
        cells = [(column.values[row], column.dates[row]) for column in table.columns]
        print("   ", "matches" if row in wanted else "engine", "selects", row, cells)


if __name__ == "__main__":
    sys.exit(main())
