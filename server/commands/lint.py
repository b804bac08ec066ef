"""The command that tells what is wrong or odd with the rules of workbooks."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grammar.errors import OutputError, WorkbookError
from server.commands.common import NO, json_option, today_option, write_json
from server.commands.many import absolute, check_usage, many_options, progress, tell_many

if TYPE_CHECKING:
    from server.checks.examine import Job
    from server.checks.lint_findings import FileReport

_SEVERITIES = ("info", "warning", "error")
_SHOWN = 60
"""Characters of a finding's addresses that a line shows."""
_FEW = 12
"""Files up to which no other process is worth its start."""

existing = click.Path(path_type=Path, exists=True)


@click.command()
@click.argument("paths", nargs=-1, required=True, type=existing, metavar="FILE|FOLDER…")
@click.option("--fix", is_flag=True, help="Write copies with what can safely be put right.")
@click.option("--output", type=click.Path(path_type=Path), help="Folder for the copies of --fix.")
@click.option("--least", type=click.Choice(_SEVERITIES), default="info", show_default=True)
@click.option("--jobs", default=0, type=click.IntRange(0), help="Processes.  [default: all cores]")
@many_options
@today_option
@json_option
def lint(
    paths: Sequence[Path],
    fix: bool,
    output: Path | None,
    least: str,
    jobs: int,
    folder: Path | None,
    resume: bool,
    cluster: str | None,
    timeout: float,
    memory: int,
    today: dt.date,
    as_json: bool,
) -> None:
    """Tell what is wrong or odd with the rules that workbooks have; exit status 1 if anything is.

    Folders are searched for .xlsx, .xlsm, .xltx and .xltm files.
    """
    from server.checks.examine import Job
    from server.checks.lint import workbooks_in

    check_usage(folder, resume, cluster)
    job = Job("lint", today, timeout=timeout, memory=memory)
    if folder is not None:
        if fix or output or least != "info":
            raise click.UsageError("--fix, --output and --least do not go with --parquet")
        tell_many(job, absolute(paths), folder, resume, jobs, cluster, as_json)
        return
    if fix != (output is not None):
        raise click.UsageError("--fix and --output DIR go together")
    files = list(dict.fromkeys(workbooks_in(paths)))
    reports = [_from(least, report) for report in _reports(job, files, jobs)]
    fixed = _fixed(paths, reports, output, today) if output else {}
    if as_json:
        write_json(_lint_json(reports, fixed))
    else:
        _show_lint(reports, fixed)
    if any(report.findings for report in reports):
        raise SystemExit(NO)


def _reports(job: Job, files: Sequence[Path], jobs: int) -> list[FileReport]:
    """The report of every file, in their order; of many files by several processes."""
    from server.checks.examiners import examine_here
    from server.checks.lint import lint_workbook
    from server.checks.lint_findings import FileReport

    if len(files) <= _FEW:
        return [lint_workbook(file, job.today) for file in files]
    found: dict[str, FileReport] = {}
    with progress() as watch:
        for one in examine_here(job, [str(file) for file in files], jobs):
            found[one.path] = FileReport.of(one)
            watch(len(found), len(files))
    return [found[str(file)] for file in files]


def _from(least: str, report: FileReport) -> FileReport:
    """The report without findings below a severity."""
    from dataclasses import replace

    wanted = _SEVERITIES[_SEVERITIES.index(least) :]
    kept = tuple(finding for finding in report.findings if finding.severity in wanted)
    return replace(report, findings=kept)


def _fixed(
    paths: Sequence[Path], reports: Sequence[FileReport], output: Path, today: dt.date
) -> dict[Path, Path]:
    """Every file that has a corrected copy now, with the copy."""
    from server.checks.lint_fix import fix_workbook

    copies: dict[Path, Path] = {}
    for report in reports:
        if not any(finding.fix for finding in report.findings):
            continue
        copy = output / _place(paths, report.path)
        try:
            copy.parent.mkdir(parents=True, exist_ok=True)
            fix_workbook(report.path, copy, today)
        except OutputError:
            raise
        except OSError as error:
            raise OutputError(f"{copy} cannot be written: {error.strerror}") from error
        except WorkbookError as error:
            click.echo(f"{report.path} is not fixed: {error}", err=True)
            continue
        copies[report.path] = copy
    return copies


def _place(paths: Sequence[Path], file: Path) -> Path:
    """Where the copy of a file lies: as in the folder that was named."""
    folder = next((path for path in paths if path.is_dir() and file.is_relative_to(path)), None)
    return file.relative_to(folder) if folder else Path(file.name)


def _lint_json(reports: Sequence[FileReport], fixed: dict[Path, Path]) -> dict[str, object]:
    from server.checks.lint_findings import counts_by_kind

    return {
        "files": [report.to_json() for report in reports],
        "counts": counts_by_kind(reports),
        "rules": sum(report.rule_count for report in reports),
        "fixed": {str(file): str(copy) for file, copy in fixed.items()},
    }


def _show_lint(reports: Sequence[FileReport], fixed: dict[Path, Path]) -> None:
    from server.checks.lint_findings import counts_by_kind

    for report in reports:
        for finding in report.findings:
            cells = finding.cells
            if len(cells) > _SHOWN:
                cells = cells[:_SHOWN].rsplit(" ", 1)[0] + " …"
            place = f"{finding.sheet}!{cells}" if finding.sheet and cells else finding.sheet
            rule = f" rule {finding.rules[0]}" if finding.rules else ""
            click.echo(
                f"{report.path}: {finding.severity} {finding.kind}: {place}{rule}: "
                f"{finding.message}" + (f" Fix: {finding.fix}." if finding.fix else "")
            )
    for file, copy in fixed.items():
        click.echo(f"{file}: corrected copy in {copy}")
    counts = ", ".join(f"{kind} {count}" for kind, count in counts_by_kind(reports).items())
    total = Counter(bool(report.findings) for report in reports)
    rules = sum(report.rule_count for report in reports)
    click.echo(
        f"{len(reports)} files, {rules} rules; {total[True]} files with findings"
        + (f": {counts}" if counts else "")
    )
