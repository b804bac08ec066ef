"""How often the right text is the first repair, or among the first three, and how long it takes.

    python tests/bench/repairs.py [PAIRS.json | PAIRS.txt …] [--misses] [--long]

A JSON file is a list of ``{"Buggy": …, "GroundTruth": …}`` formulas, a text file has a broken and a
right text a line with a tab between, conditions where its name says so. Without files the pairs of
``tests/fixtures/mistyped_*.txt``. White space and letter case count for nothing. ``--long`` also
times texts of 20,000 characters.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from pathlib import Path

from grammar.repair import repair_condition, repair_formula
from grammar.repair_fit import plain

FIXTURES = Path(__file__).parents[1] / "fixtures"
LONG = 20_000


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """Broken and right texts."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return [(pair["Buggy"], pair["GroundTruth"]) for pair in json.loads(text)]
    return [(broken, fixed) for broken, fixed in map(_split, text.splitlines())]


def _split(line: str) -> tuple[str, str]:
    broken, _, fixed = line.partition("\t")
    return broken, fixed


def timed(repair, text: str) -> tuple[list[str], float]:
    """The repairs of a text and the processor seconds that they took."""
    begin = time.process_time()
    found = repair(text, top=3)
    return [plain(one.text) for one in found], time.process_time() - begin


def measure(path: Path, misses: bool) -> None:
    """One line for a file, and on demand each pair whose first repair is another text."""
    repair = repair_condition if "condition" in path.name else repair_formula
    repair("=SUM(A1")
    first, third, seconds = 0, 0, []
    pairs = read_pairs(path)
    for broken, fixed in pairs:
        texts, taken = timed(repair, broken)
        seconds.append(taken)
        wanted = plain(fixed)
        first += texts[:1] == [wanted]
        third += wanted in texts
        if misses and texts[:1] != [wanted]:
            print(f"  {broken}\n    wanted {wanted}\n    got    {'   '.join(texts)}")
    count = len(pairs)
    print(
        f"{path.name}: {count} pairs, first {first} ({100 * first / count:.1f} %), "
        f"first three {third} ({100 * third / count:.1f} %), "
        f"median {1000 * statistics.median(seconds):.0f} ms, worst {1000 * max(seconds):.0f} ms"
    )


def long_texts() -> dict[str, str]:
    """Garbage of 20,000 characters by what it is made of."""
    chance = random.Random(3)
    pieces = ("(", '"', "'", "IF(", "A1,", "=>", "c[0]", "AND(", " or ", "A1 && ", "1,5;", "é", "`")
    noise = "".join(chance.choices("()[]{},;:=<>+-&\"' AB1cé", k=LONG))
    return {piece: (piece * LONG)[:LONG] for piece in pieces} | {"noise": noise}


def measure_long() -> None:
    """The slowest of the long texts, whole and cut to what a formula may have."""
    worst = (0.0, "", 0)
    for name, text in long_texts().items():
        for size in (LONG, 8_192, 4_000, 1_000):
            for repair in (repair_formula, repair_condition):
                _, taken = timed(repair, text[:size])
                worst = max(worst, (taken, name, size))
    print(f"garbage: worst {1000 * worst[0]:.0f} ms ({worst[1]!r}, {worst[2]} characters)")


def main() -> None:
    """Measure every file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    for path in options.files or sorted(FIXTURES.glob("mistyped_*.txt")):
        measure(path, options.misses)
    if options.long:
        measure_long()


if __name__ == "__main__":
    main()
