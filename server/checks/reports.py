"""Outcomes as JUnit XML, JSON and lines for the terminal."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from lxml import etree

from grammar.errors import OutputError
from grammar.ranges import address
from server.checks.outcomes import Outcome

_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document may hold."""


def verdict(outcome: Outcome) -> str:
    """``passed``, ``failed`` or ``error``."""
    if outcome.passed:
        return "passed"
    return "error" if outcome.is_error else "failed"


def tally(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """How many cases there are, and how many have each verdict."""
    found = [verdict(outcome) for outcome in outcomes]
    counts = {name: found.count(name) for name in ("passed", "failed", "error")}
    return {"cases": len(found), **counts}


def to_json(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """All outcomes as JSON."""
    return {"summary": tally(outcomes), "cases": [_case_json(outcome) for outcome in outcomes]}


def _case_json(outcome: Outcome) -> dict[str, object]:
    reading = outcome.reading
    return {
        "id": outcome.case.id,
        "suite": str(outcome.case.suite),
        "verdict": verdict(outcome),
        "problems": list(outcome.problems),
        "rule": outcome.said or None,
        "matches": [address(*place) for place in sorted(reading.cells)] if reading else [],
        "seconds": round(outcome.seconds, 4),
    }


def to_junit(outcomes: Sequence[Outcome], moment: dt.datetime | None = None) -> bytes:
    """The outcomes as JUnit XML, one ``testsuite`` a file; ``moment`` is when they were found.

    It is what the schemas of Ant's and of Jenkins' reports allow both: the first takes no totals
    of all suites, and wants more of each of them than the second does.
    """
    at = (moment or dt.datetime.now()).replace(microsecond=0, tzinfo=None).isoformat()
    by_suite: dict[Path, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_suite[outcome.case.suite].append(outcome)
    root = etree.Element("testsuites")
    for number, (path, some) in enumerate(by_suite.items()):
        about = {"package": "cellfusion", "id": str(number), "timestamp": at}
        head = _counts(_plain(str(path)), some) | about | {"hostname": "localhost"}
        suite = etree.SubElement(root, "testsuite", head)
        etree.SubElement(suite, "properties")
        for outcome in some:
            _add_case(suite, outcome)
        etree.SubElement(suite, "system-out")
        etree.SubElement(suite, "system-err")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _counts(name: str, outcomes: Sequence[Outcome]) -> dict[str, str]:
    counts = tally(outcomes)
    return {
        "name": name,
        "tests": str(counts["cases"]),
        "failures": str(counts["failed"]),
        "errors": str(counts["error"]),
        "time": f"{sum(outcome.seconds for outcome in outcomes):.3f}",
    }


def _add_case(suite: etree._Element, outcome: Outcome) -> None:
    stem = outcome.case.suite.name.removesuffix(".check.yaml")
    case = etree.SubElement(
        suite,
        "testcase",
        classname=_plain(stem),
        name=_plain(outcome.case.id),
        time=f"{outcome.seconds:.3f}",
    )
    if not outcome.passed:
        kind = "error" if outcome.is_error else "failure"
        text = _plain("\n".join(outcome.problems))
        problem = etree.SubElement(case, kind, message=text.split("\n")[0], type=kind)
        problem.text = text


def _plain(text: str) -> str:
    return _UNWRITABLE.sub("�", text)


def write_report(path: Path, content: bytes) -> None:
    """Write a report, in place of an older one.

    Raises:
        OutputError: it cannot be written.
    """
    from server.workbooks.output import whole_output

    if not path.parent.is_dir():
        raise OutputError(f"there is no folder {path.parent}")
    with whole_output(path, overwrite=True) as stream:
        stream.write(content)
