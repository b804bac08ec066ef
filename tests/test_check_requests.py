"""Suites end to end: requests by the shipped model, recorded rules, and pytest's own runner."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from server.checks.runner import collect, run_cases
from server.cli import main

pytest_plugins = ("pytester",)
TODAY = dt.date(2026, 11, 23)
REQUESTS = """table:
- [Order, Status, Amount]
- [A-1, Open, 120]
- [A-2, Sent, 700]
- [A-3, Open, 501]
- [A-4, Late, 500]
cases:
- {name: cells, request: amounts over 500 in green, rank: 3, matches: [C3, C4], not_matches: rest}
- {name: look, request: amounts over 500 in green, rank: 5, count: 2, style: {fill: green}}
- {name: rows, request: rows where Status is Open in orange, rank: {least: 1, most: 5},
   matches: ["A2:C2", "A4:C4"], not_matches: rest}
- {name: wrong, request: amounts over 500 in green, rank: 5, matches: [C2, C3], not_matches: rest}
- {name: silent, request: hello, abstains: true}
"""


def run(*arguments):
    return CliRunner().invoke(main, [*map(str, arguments), "--today", "2026-11-23"])


def test_requests_are_judged_by_what_the_shipped_model_suggests(tmp_path):
    """Cells, looks, whole rows and abstention; a case that is wrong fails within its bounds."""
    path = tmp_path / "requests.check.yaml"
    path.write_text(REQUESTS)
    found = {one.case.id.partition(": ")[2]: one for one in run_cases(collect([path], TODAY))}
    assert {name: one.problems for name, one in found.items() if name != "wrong"} == dict.fromkeys(
        ("cells", "look", "rows", "silent"), ()
    )
    assert not found["wrong"].passed
    assert found["cells"].reading.said == "GreaterThan(c[2], 500)"


def test_an_accepted_rule_is_recorded_and_holds(tmp_path):
    """Applied by the command, recorded from the workbook, checked, and again after a change."""
    book, done = tmp_path / "orders.xlsx", tmp_path / "done.xlsx"
    suite = tmp_path / "own.check.yaml"
    CliRunner().invoke(main, ["sample", str(book)])
    rule = ("--rule", "GreaterThan(c[6], 500)", "--fill", "light green")
    applied = CliRunner().invoke(
        main, ["apply", *rule, "--workbook", str(book), "--output", str(done)]
    )
    assert applied.exit_code == 0, applied.output
    assert run("check", "--record", suite, "--workbook", done).exit_code == 0
    cases = yaml.safe_load(suite.read_text())["cases"]
    given = tmp_path / "given.check.yaml"
    assert run("check", "--record", given, "--workbook", book, *rule[:2]).exit_code == 0
    (same,) = yaml.safe_load(given.read_text())["cases"]
    assert [case["matches"] for case in cases] == [same["matches"]]
    assert run("check", suite, given).exit_code == 0


SMALL = """table: [[Amount], [5], [10], [11]]
cases:
- {name: right, rule: "GreaterThan(c[0], 10)", matches: [A4], not_matches: rest}
- {name: wrong, rule: "GreaterThan(c[0], 10)", matches: [A3], not_matches: rest}
- {name: broken, rule: "GreaterThan(c[0] 10)", count: 1}
"""


@pytest.fixture
def suites(pytester, monkeypatch):
    """A folder with a suite, and what runs pytest there with the plugin alone."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    (pytester.path / "small.check.yaml").write_text(SMALL)

    def start(*arguments):
        return pytester.runpytest_subprocess("-p", "server.checks.pytest_plugin", *arguments)

    return start


def test_the_plugin_makes_a_test_of_every_case(suites):
    """Failures tell their cells, without a traceback of the plugin."""
    result = suites()
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["*selected, and should not be: A4*"])
    result.stdout.fnmatch_lines(["*not selected: A3*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_the_plugin_selects_and_lists_by_name(suites):
    """As pytest does for any test."""
    suites("-k", "right").assert_outcomes(passed=1, deselected=2)
    suites("--collect-only", "-q").stdout.fnmatch_lines(["small.check.yaml::wrong"])


def test_the_plugin_tells_a_file_outside_the_layout(suites, pytester):
    """It is an error of collection that names the file."""
    (pytester.path / "bad.check.yaml").write_text("cases: []")
    result = suites()
    assert result.ret != 0
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*bad.check.yaml*"])
