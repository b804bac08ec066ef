"""The command that runs suites of expectations."""

from __future__ import annotations

import datetime as dt
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.commands.common import NO, json_option, today_option, write_json
from server.commands.many import absolute, check_usage, many_options, tell_many

if TYPE_CHECKING:
    from server.checks.examine import Job
    from server.checks.mutation import Mutation
    from server.checks.outcomes import Outcome
    from server.checks.suites import Case

_EXISTING = click.Path(path_type=Path, exists=True)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("suites", nargs=-1, type=_EXISTING, metavar="SUITE…")
@click.option("-k", "wanted", help="Only cases whose name holds this.")
@click.option("--jobs", type=click.IntRange(0), help="Processes; 0 for all cores.  [default: 1]")
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
@click.option(
    "--workbooks", multiple=True, type=_EXISTING, help="Cases for every workbook of this folder."
)
@many_options
@today_option
@json_option
def check(
    suites: Sequence[Path],
    wanted: str | None,
    jobs: int | None,
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
    workbooks: Sequence[Path],
    folder: Path | None,
    resume: bool,
    cluster: str | None,
    timeout: float,
    memory: int,
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
    check_usage(folder, resume, cluster)
    if bool(workbooks) != (folder is not None):
        raise click.UsageError("--workbooks FOLDER and --parquet DIR go together")
    if folder is not None:
        _no_reports(junit, report, page, mutate, against)
        job = _job(suites, wanted, today, timeout, memory)
        tell_many(job, absolute(workbooks), folder, resume, jobs or 0, cluster, as_json)
        return
    outcomes = _run(_cases(suites, wanted, today), jobs)
    mutations = _mutants(outcomes) if mutate else None
    answer, lines, is_bad = _answer(outcomes, mutations, against)
    _write(outcomes, junit, page, mutations)
    if report:
        _write_json(report, answer)
    if as_json:
        write_json(answer)
    else:
        click.echo("\n".join(lines))
    if is_bad:
        raise SystemExit(NO)


def _no_reports(*asked: object) -> None:
    if any(asked):
        raise click.UsageError("--workbooks takes no report but --parquet DIR")


def _answer(
    outcomes: Sequence[Outcome], mutations: Sequence[Mutation] | None, against: str | None
) -> _Part:
    """All that is to be told of a run."""
    from server.checks.reports import to_json

    answer, is_bad = to_json(outcomes), any(not outcome.passed for outcome in outcomes)
    lines = _lines(outcomes)
    parts = [] if mutations is None else [_mutations(mutations, outcomes)]
    if against:
        parts.append(_opinions(outcomes))
    for found, more, is_wrong in parts:
        answer, lines, is_bad = answer | found, lines + more, is_bad or is_wrong
    return answer, lines, is_bad


def _job(
    suites: Sequence[Path], wanted: str | None, today: dt.date, timeout: float, memory: int
) -> Job:
    from server.checks.examine import Job, job_suites

    if not suites:
        raise click.UsageError("name a suite, or a folder with *.check.yaml files")
    return Job("check", today, job_suites(suites), wanted, timeout, memory)


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
        raise click.UsageError(
            f"no case has {wanted!r} in its name" if wanted else "there is no *.check.yaml file"
        )
    return cases


def _run(cases: Sequence[Case], jobs: int | None) -> list[Outcome]:
    """The outcomes, with a progress bar where somebody looks on."""
    from server.checks.examiners import cores
    from server.checks.runner import run_cases

    outcomes: Iterable[Outcome] = run_cases(cases, 1 if jobs is None else jobs or cores())
    if not sys.stderr.isatty():
        return list(outcomes)
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return list(track(outcomes, "checking", len(cases), console=console, transient=True))


def _write(
    outcomes: Sequence[Outcome],
    junit: Path | None,
    page: Path | None,
    mutations: Sequence[Mutation] | None,
) -> None:
    from server.checks.report_page import to_html
    from server.checks.reports import to_junit, write_report

    if junit:
        write_report(junit, to_junit(outcomes))
    if page:
        write_report(page, to_html(outcomes, mutations).encode())


def _write_json(path: Path, answer: dict[str, object]) -> None:
    import json

    from server.checks.reports import write_report

    write_report(path, json.dumps(answer, ensure_ascii=False, indent=1).encode())


def _lines(outcomes: Sequence[Outcome]) -> list[str]:
    """The failures with their problems, and the counts."""
    from server.checks.lint_findings import counted
    from server.checks.reports import tally, verdict

    lines = []
    for outcome in outcomes:
        if not outcome.passed:
            lines.append(f"{verdict(outcome)}: {outcome.case.id}")
            lines += [f"    {problem}" for problem in outcome.problems]
    counts = tally(outcomes)
    total = counted(counts.pop("cases"), "case")
    return [*lines, ", ".join((total, *(f"{counts[name]} {name}" for name in counts)))]


_Part = tuple[dict[str, object], list[str], bool]
"""What an extra check adds to the answer, its lines, and whether something is wrong."""


def _mutants(outcomes: Sequence[Outcome]) -> list[Mutation]:
    from server.checks.mutation import mutate

    return mutate(outcomes)


def _mutations(found: Sequence[Mutation], outcomes: Sequence[Outcome]) -> _Part:
    from server.checks.mutation import left_out, said_score, score

    lost, reasons = [one for one in found if not one.caught], left_out(outcomes)
    changed, noticed = sum(one.changed for one in found), sum(one.noticed for one in found)
    lines = [f"no case would have caught: {one.rule}" for one in lost]
    said = said_score(found)
    if found:
        said += (
            f": {len(found) - len(lost)} of {len(found)} rules caught, "
            f"{noticed} of {changed} steps that change a selection noticed"
        )
    lines.append(said + _left(reasons, "left out"))
    listing = [one.to_json() for one in found]
    answer = {"score": score(found), "rules": listing, "left_out": reasons}
    return {"mutation": answer}, lines, bool(lost)


def _left(reasons: Mapping[str, int], said: str) -> str:
    """How many cases took no part, and why."""
    from server.checks.lint_findings import counted

    if not reasons:
        return ""
    each = ", ".join(f"{number} {reason}" for reason, number in reasons.items())
    return f"; {counted(sum(reasons.values()), 'case')} {said} ({each})"


def _opinions(outcomes: Sequence[Outcome]) -> _Part:
    from server.checks.against import opinions

    found = opinions(outcomes)
    differing = [one for one in found if not one.skipped and not one.agrees]
    skipped = Counter(one.skipped for one in found if one.skipped)
    asked = len(found) - skipped.total()
    known = sum(bool(one.known) for one in differing)
    lines = [f"LibreOffice differs: {one}" for one in differing]
    lines.append(
        f"LibreOffice agrees on {asked - len(differing)} of {asked} "
        f"cases; {known} differ in what it is known to see otherwise"
        + _left(skipped, "not compared")
    )
    listing = [one.to_json() for one in found]
    return {"libreoffice": listing}, lines, len(differing) > known
