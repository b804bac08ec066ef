"""Lints every workbook of a folder, fixes what can be fixed, and checks the copies.

    python tests/bench/lint_fixes.py FOLDER

Checked for every copy: no fixable finding is left, no finding is new, and all parts but the
worksheets keep their bytes. Every file is accounted for. Exits 1 where one of these fails.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from rich_workbooks import raw_members

from server.checks.lint import lint_workbook, workbooks_in
from server.checks.lint_findings import KINDS
from server.checks.lint_fix import fix_workbook

TODAY = dt.date(2026, 11, 23)
SHEET = re.compile(r"worksheets/[^/]+\.xml$", re.IGNORECASE)
MOVING = frozenset(("no-match", "matches-all", "covered", "fragmented", "beyond-data"))
"""Findings that a joined rule may have in place of its pieces."""


def failures(source, report, output):
    """Yield what does not hold for one corrected copy."""
    again = lint_workbook(output, TODAY)
    left = [finding for finding in again.findings if finding.fix]
    if left:
        yield f"{len(left)} fixable findings are left"
    before, after = (Counter(one.kind for one in each.findings) for each in (report, again))
    new = {kind: after[kind] - before[kind] for kind in after - before if kind not in MOVING}
    if new:
        yield f"new findings: {new}"
    old, now = raw_members(source), raw_members(output)
    if list(old) != list(now):
        yield "there are other parts than before"
    differing = [name for name in old if old[name] != now.get(name)]
    others = [name for name in differing if not SHEET.search(name)]
    if others:
        yield f"other parts differ: {others}"
    if not differing:
        yield "nothing was changed"


def main():
    """Print counts by kind, fixes and failures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    kinds, counts = Counter(), Counter()
    with tempfile.TemporaryDirectory() as name:
        for source in workbooks_in([options.folder]):
            report = lint_workbook(source, TODAY)
            counts["files"] += 1
            counts["rules"] += report.rule_count
            kinds.update(finding.kind for finding in report.findings)
            if any(finding.fix for finding in report.findings):
                check(source, report, Path(name) / "fixed.xlsx", counts)
    print({kind: kinds[kind] for kind in KINDS if kinds[kind]})
    print(dict(counts))
    sys.exit(1 if counts["failed"] else 0)


def check(source, report, output, counts):
    """Count one file with fixable findings."""
    output.unlink(missing_ok=True)
    counts["findings fixed"] += fix_workbook(source, output, TODAY)
    found = list(failures(source, report, output))
    counts["failed" if found else "copies right"] += 1
    for line in found:
        print(f"{source.name}: {line}")


if __name__ == "__main__":
    main()
