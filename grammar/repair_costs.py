"""What each edit and each doubt costs; learned from broken and fixed formulas."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

COSTS_FILE = Path(__file__).with_name("repair_costs.json")


@lru_cache(maxsize=1)
def load_costs() -> dict[str, float]:
    """Costs by the name of the edit or doubt."""
    found: dict[str, float] = json.loads(COSTS_FILE.read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True)
class Candidate:
    """A right text with the edits that lead to it and the doubts that stay."""

    text: str
    edits: tuple[str, ...]
    doubts: tuple[str, ...] = ()

    def cost(self, costs: dict[str, float]) -> float:
        """The sum over its edits and doubts."""
        return sum(costs[name] for name in self.edits + self.doubts)


def distinct(candidates: list[Candidate]) -> list[Candidate]:
    """The cheapest of each text, white space and letter case aside, in order of cost."""
    costs = load_costs()
    found: dict[str, Candidate] = {}
    for one in sorted(candidates, key=lambda candidate: candidate.cost(costs)):
        found.setdefault("".join(one.text.split()).casefold(), one)
    return list(found.values())
