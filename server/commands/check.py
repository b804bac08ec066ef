"""The command that runs suites of expectations."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.commands.common import NO, json_option, today_option, write_json

if TYPE_CHECKING:
    from server.checks.outcomes import Outcome
    from server.checks.suites import Case

_EXISTING = click.Path(path_type=Path, exists=True)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("suites", nargs=-1, type=_EXISTING, metavar="SUITE…")
@click.option("-k", "wanted", help="Only cases whose name holds this.")
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(0), help="0: all cores.")
@click.option("--junit", type=_FILE, help="Write a JUnit XML report.")
@click.option("--report", type=_FILE, help="Write a JSON report.")
@click.option("--html", "page", type=_FILE, help="Write a page with pictures of failures.")
@click.option("--mutate", is_flag=True, help="Change the tables by one step; tell what none sees.")
@click.option("--against", type=click.Choice(["libreoffice"]), help="Ask for a second opinion.")
@click.option("--record", type=_FILE, help="Write a suite of what rules select now.")
@click.option("--workbook", type=_EXISTING, help="With --record: whose rules, or on which cells.")
@click.option("--rule", "rules", multiple=True, help="With --record: a condition; repeatable.")
@click.option("--sheet", help="With --record: name of the sheet.")
@click.option("--range", "area", help="With --record: cells to look at.")
@today_option
@json_option
def check(
    suites: Sequence[Path],
    wanted: str | None,
    jobs: int,
    junit: Path | None,
    report: Path | None,
    page: Path | None,
    mutate: bool,
    against: str | None,
    record: Path | None,
    workbook: Path | None,
    rules: Sequence[str],
    sheet: str | None,
    area: str | None,
    today: dt.date,
    as_json: bool,
) -> None:
    """Run suites of expectations (*.check.yaml); exit status 1 if a case is not as expected.

    Folders are searched for suites. Suites with rules alone load no model.
    """
    if record is not None:
        _record(record, workbook, today, rules, sheet, area, suites)
        return
    if workbook or rules or sheet or area:
        raise click.UsageError("--workbook, --rule, --sheet and --range go with --record")
    from server.checks.reports import to_json

    outcomes = _run(_cases(suites, wanted, today), jobs or os.cpu_count() or 1)
    _write(outcomes, junit, report, page)
    answer, is_bad = to_json(outcomes), any(not outcome.passed for outcome in outcomes)
    lines = _lines(outcomes)
    if mutate:
        found, more, survived = _mutations(outcomes)
        answer, lines, is_bad = answer | found, lines + more, is_bad or survived
    if against:
        found, more, differs = _opinions(outcomes)
        answer, lines, is_bad = answer | found, lines + more, is_bad or differs
    if as_json:
        write_json(answer)
    else:
        click.echo("\n".join(lines))
    if is_bad:
        raise SystemExit(NO)


def _record(
    record: Path,
    workbook: Path | None,
    today: dt.date,
    rules: Sequence[str],
    sheet: str | None,
    area: str | None,
    suites: Sequence[Path],
) -> None:
    from server.checks.record import recorded
    from server.checks.reports import write_report
    from server.commands.workbook import check_output

    if workbook is None or suites:
        raise click.UsageError("--record takes a --workbook and no suite")
    check_output(record)
    write_report(record, recorded(workbook, record.parent, today, rules, sheet, area).encode())
    click.echo(f"wrote {record}")


def _cases(suites: Sequence[Path], wanted: str | None, today: dt.date) -> list[Case]:
    from server.checks.runner import collect

    if not suites:
        raise click.UsageError("name a suite, or a folder with *.check.yaml files")
    cases = collect(suites, today, wanted)
    if not cases:
        raise click.UsageError("there is no case" + (f" with {wanted!r}" if wanted else ""))
    return cases


def _run(cases: Sequence[Case], jobs: int) -> list[Outcome]:
    """The outcomes, with a progress bar where somebody looks on."""
    from server.checks.runner import run_cases

    outcomes: Iterable[Outcome] = run_cases(cases, jobs)
    if not sys.stderr.isatty():
        return list(outcomes)
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return list(track(outcomes, "checking", len(cases), console=console, transient=True))


def _write(
    outcomes: Sequence[Outcome], junit: Path | None, report: Path | None, page: Path | None
) -> None:
    import json

    from server.checks.report_page import to_html
    from server.checks.reports import to_json, to_junit, write_report

    if junit:
        write_report(junit, to_junit(outcomes))
    if report:
        write_report(report, json.dumps(to_json(outcomes), ensure_ascii=False, indent=1).encode())
    if page:
        write_report(page, to_html(outcomes).encode())


def _lines(outcomes: Sequence[Outcome]) -> list[str]:
    """The failures with their problems, and the counts."""
    from server.checks.reports import tally, verdict

    lines = []
    for outcome in outcomes:
        if not outcome.passed:
            lines.append(f"{verdict(outcome)}: {outcome.case.id}")
            lines += [f"    {problem}" for problem in outcome.problems]
    counts = tally(outcomes)
    return [*lines, ", ".join(f"{counts[name]} {name}" for name in counts)]


_Part = tuple[dict[str, object], list[str], bool]
"""What an extra check adds to the answer, its lines, and whether something is wrong."""


def _mutations(outcomes: Sequence[Outcome]) -> _Part:
    from server.checks.mutation import mutate, score

    found = mutate(outcomes)
    lost = [one for one in found if not one.caught]
    changed, noticed = sum(one.changed for one in found), sum(one.noticed for one in found)
    lines = [f"no case would have caught: {one.rule}" for one in lost]
    caught = f"{len(found) - len(lost)} of {len(found)} rules caught"
    lines.append(
        f"mutation score {score(found):.1%}: {caught}, "
        f"{noticed} of {changed} steps that change a selection noticed"
    )
    listing = [one.to_json() for one in found]
    return {"mutation": {"score": score(found), "rules": listing}}, lines, bool(lost)


def _opinions(outcomes: Sequence[Outcome]) -> _Part:
    from server.checks.against import opinions

    found = opinions(outcomes)
    differing = [one for one in found if not one.skipped and not one.agrees]
    skipped = sum(bool(one.skipped) for one in found)
    known = sum(bool(one.known) for one in differing)
    lines = [f"LibreOffice differs: {one}" for one in differing]
    lines.append(
        f"LibreOffice agrees on {len(found) - skipped - len(differing)} of {len(found) - skipped} "
        f"cases; {known} differ in what it is known to see otherwise; {skipped} not compared"
    )
    listing = [one.to_json() for one in found]
    return {"libreoffice": listing}, lines, len(differing) > known
