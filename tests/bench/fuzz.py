"""Feeds random and mutated text to both parsers and both repairs; reports what goes wrong.

    python tests/bench/fuzz.py --count 100000 --seed 1

Exits 1 where anything but one of our own errors was raised, or a call took over a second of
processor time. ``--seconds`` ends the run early.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from grammar.errors import CellFusionError
from grammar.formula_parser import parse_formula
from grammar.parser import parse_condition
from grammar.repair import repair_condition, repair_formula

FIXTURES = Path(__file__).parents[1] / "fixtures"
CONDITIONS = (
    "GreaterThan(c[2], 100)",
    "AND(Between(c[0], 1, 5), NOT(TextContains(c[1], 'it''s late')))",
    "OR(Top(c[0], 10%), LessThan(c[3], DATE(2026,8,1)), Equals(c[1], PREV(c[1])))",
    "Formula('=$A2>AVERAGE($A$2:$A$99)')",
    "GreaterThan(c[0] * 2 + ROUND(c[1], 2), MAX(c[2]))",
)
SIGNS = "()[]{},;:=<>+-*/^&%#@!$\"'.|\\ \t\n\0 ABab01159éſK٣“”，）≥\U0001f600"
WORDS = ("IF(", "SUM(", "AND(", "c[0]", "A1:B2", "'", '"', "Sheet1!", "VLOKUP(", "TRUE", "=>", "((")
Target = Callable[[str], object]
TARGETS: tuple[Target, ...] = (parse_formula, parse_condition, repair_formula, repair_condition)


def seeds() -> list[str]:
    """Right formulas and conditions to mutate."""
    lines = (FIXTURES / "formulas_identity.txt").read_text(encoding="utf-8").splitlines()
    return [*lines, *CONDITIONS * 8]


def mutated(text: str, chance: random.Random) -> str:
    """The text with one to five pieces dropped, doubled, exchanged or put in."""
    for _ in range(chance.randint(1, 5)):
        start = chance.randint(0, len(text))
        end = min(len(text), start + chance.randint(0, 3))
        piece = chance.choice((chance.choice(SIGNS), chance.choice(WORDS), text[start:end] * 2, ""))
        text = text[:start] + piece + text[end:]
    return text


def random_text(chance: random.Random, known: list[str]) -> str:
    """Noise, words, a mutated text or, now and then, something very long."""
    kind = chance.random()
    if kind < 0.7:
        return mutated(chance.choice(known), chance)
    if kind < 0.85:
        return "".join(chance.choices(SIGNS, k=chance.randint(0, 60)))
    if kind < 0.998:
        return "".join(chance.choices([*WORDS, *SIGNS], k=chance.randint(0, 40)))
    piece = chance.choice([*WORDS, *SIGNS, mutated(chance.choice(known), chance)])
    return (piece * 10_000)[: chance.choice((8_192, 10_000, 8_000))]


def run(count: int, seed: int, seconds: float) -> tuple[Counter[str], list[str]]:
    """How often each target answered or refused, and what went wrong."""
    chance, known = random.Random(seed), seeds()
    outcomes: Counter[str] = Counter()
    faults: list[str] = []
    end = time.monotonic() + seconds
    for _ in range(count):
        if time.monotonic() > end:
            break
        text = random_text(chance, known)
        outcomes["texts"] += 1
        for target in TARGETS:
            outcomes[call(target, text, faults)] += 1
    return outcomes, faults


def call(target: Target, text: str, faults: list[str]) -> str:
    """The outcome of one call; a fault is noted."""
    begin = time.process_time()
    try:
        answer = target(text)
        outcome = "nothing" if answer == () else "answer"
    except CellFusionError as error:
        outcome = type(error).__name__
    except Exception as error:  # noqa: BLE001 - whatever else comes is what is looked for
        outcome = "fault"
        faults.append(f"{target.__name__}({text[:200]!r}): {error!r}")
    seconds = time.process_time() - begin
    if seconds > 1:
        faults.append(f"{target.__name__}({text[:60]!r}, {len(text)} characters): {seconds:.2f} s")
    return f"{target.__name__} {outcome}"


def main() -> int:
    """0 where nothing went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    options = parser.parse_args()
    begin = time.process_time()
    outcomes, faults = run(options.count, options.seed, options.seconds)
    for outcome, number in sorted(outcomes.items()):
        print(f"{number:8d} {outcome}")
    print(*faults[:50], sep="\n")
    print(f"{outcomes['texts']} texts, {len(faults)} faults, {time.process_time() - begin:.0f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
