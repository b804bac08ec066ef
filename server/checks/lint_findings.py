"""What lint has to say: findings by kind, and one report a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grammar.errors import InvalidRuleError

SEVERITIES = ("info", "warning", "error")
"""From what is worth knowing to what is broken."""

KINDS = {
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
