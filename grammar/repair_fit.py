"""Fits the costs of repairs to pairs of broken and fixed formulas.

    python -m grammar.repair_fit PAIRS.json --folds 5 --write

``PAIRS.json`` is a list of ``{"Buggy": …, "GroundTruth": …}``. The costs are those under which the
fixed formula is the likeliest of the candidates (softmax over negative costs), held near the
present ones, so that a single pair moves little. Without ``--write`` it only measures.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path

from grammar.repair_costs import COSTS_FILE, Candidate, load_costs
from grammar.repair_formula import formula_candidates

LEAST = 0.05
"""No edit may be free."""
STEPS = 60
RATE = 0.5
SHARP = 4.0
"""How decidedly a lower cost wins; 1 would let far candidates weigh on the fit."""
HOLD = 0.1
"""Pull towards the costs that one started from, per pair."""

Costs = dict[str, float]


@dataclass(frozen=True)
class Case:
    """The candidates of a broken formula; ``fixed`` is the index of the right one."""

    candidates: tuple[Candidate, ...]
    fixed: int | None


def plain(text: str) -> str:
    """A formula without white space, letter case and ``=`` at its head, to compare by."""
    return "".join(text.split()).casefold().removeprefix("=")


def read_cases(pairs: Sequence[dict[str, str]]) -> list[Case]:
    """The candidates of each pair under the present costs."""
    cases = []
    for pair in pairs:
        candidates = tuple(formula_candidates(pair["Buggy"]))
        texts = [plain(one.text) for one in candidates]
        wanted = plain(pair["GroundTruth"])
        cases.append(Case(candidates, texts.index(wanted) if wanted in texts else None))
    return cases


def fit(cases: Iterable[Case], start: Costs) -> Costs:
    """Costs that make the fixed formulas likelier, by gradient steps from the given ones."""
    usable = [case for case in cases if case.fixed is not None and len(case.candidates) > 1]
    costs = dict(start)
    for _ in range(STEPS):
        gradient: defaultdict[str, float] = defaultdict(float)
        for case in usable:
            add_gradient(case, costs, gradient)
        for name, value in costs.items():
            slope = gradient[name] / max(1, len(usable)) + HOLD * (value - start[name])
            costs[name] = max(LEAST, value - RATE * slope)
    return costs


def add_gradient(case: Case, costs: Costs, gradient: defaultdict[str, float]) -> None:
    """Adds the slope of the negative log likelihood of one case."""
    prices = [one.cost(costs) for one in case.candidates]
    weights = [exp(SHARP * (min(prices) - price)) for price in prices]
    whole = sum(weights)
    for index, (one, weight) in enumerate(zip(case.candidates, weights, strict=True)):
        share = (index == case.fixed) - weight / whole
        for name in one.edits + one.doubts:
            gradient[name] += share


def hits(cases: Iterable[Case], costs: Costs) -> tuple[int, int]:
    """How many fixed formulas come first, and among the first three."""
    first = third = 0
    for case in cases:
        if case.fixed is None:
            continue
        wanted = case.candidates[case.fixed]
        ranked = sorted(case.candidates, key=lambda one: one.cost(costs))
        place = ranked.index(wanted)
        first += place == 0
        third += place < 3
    return first, third


def cross_validated(cases: list[Case], folds: int, start: Costs) -> tuple[int, int]:
    """Hits in each part under costs that were fitted to the others."""
    first = third = 0
    for fold in range(folds):
        rest = [case for index, case in enumerate(cases) if index % folds != fold]
        one, three = hits(cases[fold::folds], fit(rest, start))
        first, third = first + one, third + three
    return first, third


def main() -> int:
    """0 when done."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="write the costs into the package")
    options = parser.parse_args()
    pairs = json.loads(options.pairs.read_text(encoding="utf-8"))
    costs = load_costs()
    start = dict(costs)
    for step in range(options.rounds + 1):
        cases = read_cases(pairs)
        report(f"round {step}", hits(cases, costs), len(pairs))
        if step == 0:
            report(
                f"{options.folds} folds", cross_validated(cases, options.folds, start), len(pairs)
            )
        if step < options.rounds:
            costs.update(fit(cases, start))
    if options.write:
        rounded = {name: round(value, 3) for name, value in sorted(costs.items())}
        COSTS_FILE.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")
    return 0


def report(name: str, found: tuple[int, int], count: int) -> None:
    """Writes one line of hits."""
    sys.stdout.write(f"{name}: first {found[0]}, first three {found[1]}, of {count}\n")


if __name__ == "__main__":
    raise SystemExit(main())
