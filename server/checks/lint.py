"""Lint: what is wrong or odd with the rules that workbooks have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from grammar.errors import CellFusionError
from server.checks.lint_findings import FileReport, Finding
from server.checks.lint_formulas import formula_findings
from server.checks.lint_layers import duplicates, fragments, hidden, plain_findings
from server.checks.lint_references import reference_findings
from server.checks.lint_rules import LintedRule, SheetRules, read_sheet_rules
from server.checks.lint_values import value_findings
from server.workbooks.package import Package, Sheet, open_package
from server.workbooks.workbook_grid import WorkbookGrid

SUFFIXES = (".xlsx", ".xlsm", ".xltx", ".xltm")
"""Files that a folder is searched for."""
_BY_RULE = (formula_findings, reference_findings, value_findings, plain_findings)
_BY_SHEET = (duplicates, fragments, hidden)
_DAMAGED = (ValueError, ArithmeticError, LookupError, TypeError, RecursionError, MemoryError)
"""What a damaged file raises on the way through readers that trust their input."""


def workbooks_in(paths: Iterable[Path]) -> Iterator[Path]:
    """Every file that is named, and the workbooks of every folder, lock files apart."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = (file for file in sorted(path.rglob("*")) if file.suffix.lower() in SUFFIXES)
        yield from (file for file in found if _is_file(file) and not file.name.startswith("~$"))


def _is_file(path: Path) -> bool:
    """Whether it is a file, or a link to one that is not there: that is told, and not passed over;
    a pipe or a device would never end."""
    return path.is_file() or (path.is_symlink() and not path.exists())


def lint_workbook(path: Path, today: dt.date) -> FileReport:
    """The findings of one file; one that cannot be read has a finding that says so."""
    try:
        with open_package(path) as package:
            return _report(path, package, dt.datetime(today.year, today.month, today.day))
    except (CellFusionError, OSError, *_DAMAGED) as error:
        return FileReport(path, 0, (Finding("unreadable-file", _sentence(error)),))


def _report(path: Path, package: Package, today: dt.datetime) -> FileReport:
    count, findings = 0, []
    for sheet in package.worksheets():
        rules, found = _lint_sheet(package, sheet, today)
        count += rules
        findings += [replace(finding, sheet=sheet.name) for finding in found]
    return FileReport(path, count, tuple(findings))


def _lint_sheet(package: Package, sheet: Sheet, today: dt.datetime) -> tuple[int, list[Finding]]:
    try:
        rules = read_sheet_rules(package, sheet, WorkbookGrid(package, sheet.name), today)
        return len(rules.rules), list(sheet_findings(rules))
    except (CellFusionError, *_DAMAGED) as error:
        return 0, [Finding("unreadable-rules", _sentence(error))]


def sheet_findings(sheet: SheetRules) -> Iterator[Finding]:
    """The findings of a sheet: first of every rule by itself, then of rules among each other."""
    for rule in sheet.rules:
        yield from _rule_findings(sheet, rule)
    for check in _BY_SHEET:
        yield from check(sheet)


def _rule_findings(sheet: SheetRules, rule: LintedRule) -> Iterator[Finding]:
    found = [finding for check in _BY_RULE for finding in check(sheet, rule)]
    is_broken = any(finding.severity == "error" for finding in found)
    # what cannot work is not also said to select nothing
    dropped = ("no-match", "not-evaluated", "never-matches") if is_broken else ()
    yield from (finding for finding in found if finding.kind not in dropped)


def _sentence(error: BaseException) -> str:
    text = (str(error).splitlines() or [""])[0].strip().rstrip(".")
    return f"{text or type(error).__name__}."
