"""Feeds random and mutated text to parsers, validation and repairs of both languages.

    python tests/bench/fuzz.py --count 100000 --seed 1

Prints how often each answered or refused, and its slowest call. Exits 1 where anything but one of
our own errors was raised, or a call took over a second of processor time. ``--seconds`` ends the
run early; how far it is goes to standard error.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from grammar.errors import CellFusionError
from grammar.formula_parser import parse_formula
from grammar.parser import parse_condition
from grammar.repair import repair_condition, repair_formula
from server.rule_text import validity

FIXTURES = Path(__file__).parents[1] / "fixtures"
SIGNS = "()[]{},;:=<>+-*/^&%#@!$\"'.|\\ \t\n\0 ABab01159éſK٣“”，）≥\U0001f600"
WORDS = ("IF(", "SUM(", "AND(", "c[0]", "A1:B2", "'", '"', "Sheet1!", "VLOKUP(", "TRUE", "=>", "((")
Target = Callable[[str], object]


def validate_formula(text: str) -> object:
    """What ``cellfusion validate --formula`` says."""
    return validity(text, True)


def validate_condition(text: str) -> object:
    """What ``cellfusion validate`` says."""
    return validity(text, False)


TARGETS: tuple[Target, ...] = (
    parse_formula,
    parse_condition,
    validate_formula,
    validate_condition,
    repair_formula,
    repair_condition,
)


@dataclass
class Tally:
    """How often each target answered or refused, its slowest call, and what went wrong."""

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: dict[str, tuple[float, str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def add(self, target: Target, text: str, seconds: float, outcome: str) -> None:
        """Count one call."""
        name = target.__name__
        self.outcomes[f"{name} {outcome}"] += 1
        if seconds > self.slowest.get(name, (0.0, ""))[0]:
            self.slowest[name] = seconds, text
        if seconds > 1:
            self.faults.append(f"{name}({text[:60]!r}, {len(text)} characters): {seconds:.2f} s")


def seeds() -> list[str]:
    """Right formulas and conditions to mutate."""
    formulas, conditions = (
        (FIXTURES / name).read_text(encoding="utf-8").splitlines()
        for name in ("formulas_identity.txt", "conditions_identity.txt")
    )
    return [*formulas, *conditions * (len(formulas) // len(conditions) + 1)]


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


def run(count: int, seed: int, seconds: float) -> tuple[int, Tally]:
    """How many texts were tried, and what came of them."""
    chance, known, tally = random.Random(seed), seeds(), Tally()
    end = time.monotonic() + seconds
    for done in range(count):
        if time.monotonic() > end:
            return done, tally
        if done % 1_000 == 0:
            print(f"{done} texts, {len(tally.faults)} faults", file=sys.stderr, flush=True)
        text = random_text(chance, known)
        for target in TARGETS:
            call(target, text, tally)
    return count, tally


def call(target: Target, text: str, tally: Tally) -> None:
    """Try one call and count it."""
    begin = time.process_time()
    try:
        answer = target(text)
        outcome = "nothing" if answer == () else "answer"
    except CellFusionError as error:
        outcome = type(error).__name__
    except Exception as error:  # noqa: BLE001 - whatever else comes is what is looked for
        outcome = "fault"
        tally.faults.append(f"{target.__name__}({text[:200]!r}): {error!r}")
    tally.add(target, text, time.process_time() - begin, outcome)


def main() -> int:
    """0 where nothing went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    options = parser.parse_args()
    begin = time.process_time()
    done, tally = run(options.count, options.seed, options.seconds)
    for outcome, number in sorted(tally.outcomes.items()):
        print(f"{number:8d} {outcome}")
    for name, (seconds, text) in tally.slowest.items():
        print(f"slowest {name}: {seconds:.3f} s for {len(text)} characters, {text[:50]!r}")
    print(*tally.faults[:50], sep="\n")
    print(f"{done} texts, {len(tally.faults)} faults, {time.process_time() - begin:.0f} s")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
