"""What lint has to say: findings by kind, and one report a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grammar.errors import InvalidRuleError

if TYPE_CHECKING:
    from server.checks.examine import Examined

SEVERITIES = ("info", "warning", "error")
"""From what is worth knowing to what is broken."""

KINDS = {
    "not-examined": "error",
    "unreadable-file": "error",
    "unreadable-rules": "error",
    "invalid-formula": "error",
    "deleted-reference": "error",
    "unsafe-function": "error",
    "refused-formula": "warning",
    "unknown-name": "warning",
    "never-matches": "warning",
    "always-matches": "warning",
    "no-match": "info",
    "matches-all": "info",
    "hidden-by-stop": "warning",
    "covered": "info",
    "no-style": "info",
    "duplicate": "warning",
    "fragmented": "warning",
    "shifted-reference": "warning",
    "text-as-number": "warning",
    "blank-as-number": "warning",
    "quoted-number": "warning",
    "volatile": "info",
    "slow": "info",
    "beyond-data": "info",
    "not-evaluated": "info",
}
"""Every kind of finding with its severity."""
MEANINGS = {
    "not-examined": "It took too long or ended the process twice.",
    "unreadable-file": "It is no workbook, is encrypted, damaged or out of bounds.",
    "unreadable-rules": "The rules of a sheet cannot be read.",
    "invalid-formula": "A formula that Excel cannot parse.",
    "deleted-reference": "A formula refers to cells that were deleted (#REF!).",
    "unsafe-function": "A formula calls what reaches out of the workbook.",
    "refused-formula": "A formula uses what a conditional format may not.",
    "unknown-name": "A name that the workbook does not define, often text without quotes.",
    "never-matches": "By its text alone the rule never holds.",
    "always-matches": "By its text alone the rule always holds.",
    "no-match": "It selects none of its filled cells as they are now.",
    "matches-all": "It selects all of its filled cells as they are now.",
    "hidden-by-stop": "A rule above it stops in every cell that it selects.",
    "covered": "All that it sets is set by rules above it.",
    "no-style": "It has no look and stops nothing.",
    "duplicate": "The same rule with the same look on the same cells is there already.",
    "fragmented": "The same rule in pieces; one would do.",
    "shifted-reference": "The formula looks a row or column beside the cell that it is drawn on.",
    "text-as-number": "Text counts as more than any number and is selected.",
    "blank-as-number": "A blank counts as 0 and is selected.",
    "quoted-number": "A number in quotes never equals the numbers in the cells.",
    "volatile": "Excel calculates the rule again at every change of any cell.",
    "slow": "It reads very many cells for each of its cells.",
    "beyond-data": "It lies beyond the filled cells.",
    "not-evaluated": "What it selects cannot be told.",
}
"""What every kind means, in a sentence."""


@dataclass(frozen=True)
class Finding:
    """One thing about one rule (``rules`` names several where it takes several).

    ``cells`` are the addresses that it is about: a rule's range, or single cells. ``fix`` says
    what ``--fix`` would do, and is ``None`` where only a person can decide.
    """

    kind: str
    message: str
    sheet: str = ""
    rules: tuple[str, ...] = ()
    cells: str = ""
    fix: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InvalidRuleError(f"{self.kind!r} is no kind of finding")

    @property
    def severity(self) -> str:
        """One of :data:`SEVERITIES`."""
        return KINDS[self.kind]

    def to_json(self) -> dict[str, object]:
        """The finding as JSON."""
        return {
            "kind": self.kind,
            "severity": self.severity,
            "sheet": self.sheet,
            "rule": self.rules[0] if self.rules else None,
            "rules": list(self.rules),
            "addresses": self.cells.split(),
            "message": self.message,
            "fix": self.fix,
        }


@dataclass(frozen=True)
class FileReport:
    """A file with its number of rules and the findings; every file that was named has one."""

    path: Path
    rule_count: int = 0
    findings: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, found: Examined) -> FileReport:
        """The report of a file that another process examined, or gave up."""
        rows = [{**row, "rules": tuple(row["rules"])} for row in found.rows]
        if found.reason:
            sentence = found.reason[:1].upper() + found.reason[1:]
            rows = [{"kind": "not-examined", "message": f"{sentence}."}]
        return cls(Path(found.path), found.rules, tuple(Finding(**row) for row in rows))

    def to_json(self) -> dict[str, object]:
        """The report as JSON."""
        found = [finding.to_json() for finding in self.findings]
        return {"file": str(self.path), "rules": self.rule_count, "findings": found}


def counted(number: int, noun: str) -> str:
    """A number with its noun, as ``1 cell`` or ``1,200 cells``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def counts_by_kind(reports: Iterable[FileReport]) -> dict[str, int]:
    """How many findings there are of every kind that occurs, in the order of :data:`KINDS`."""
    counts = Counter(finding.kind for report in reports for finding in report.findings)
    return {kind: counts[kind] for kind in KINDS if counts[kind]}
