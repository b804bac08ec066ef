"""Suites of expectations: the layout, the command, reports, recording, mutation and the plugin."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
import yaml
from click.testing import CliRunner
from lxml import etree
from openpyxl.formatting.rule import CellIsRule, DataBarRule, FormulaRule
from openpyxl.styles import PatternFill
from openpyxl.workbook.defined_name import DefinedName

from grammar.conditions import PREDICATES
from grammar.errors import RequestError
from grammar.parser import parse_condition
from grammar.ranges import Area
from grammar.rules import Rule, RuleSet
from grammar.values import to_serial
from server.checks.against import known_limit, opinions
from server.checks.mutation import left_out, mutate, score
from server.checks.outcomes import run_case
from server.checks.report_page import to_html
from server.checks.reports import to_junit
from server.checks.runner import collect, run_cases
from server.checks.suites import cells_of, compact, load_suite
from server.cli import main

TODAY = dt.date(2026, 11, 23)
SUITES = Path(__file__).parent / "suites"
TABLE = "table:\n- [Item, Amount]\n- [nut, 5]\n- [bolt, 10]\n- [screw, 11]\n- [x <b>, n/a]\n"
RIGHT = "- {rule: 'GreaterThan(c[1], 10)', matches: [B4], not_matches: rest, count: 1}\n"
WRONG = "- {rule: 'LessThan(c[1], 10)', matches: [B3], not_matches: [B2], count: 2, name: small}\n"
BROKEN = "- {rule: 'LessThan(c[1], ', count: 2, name: broken}\n"


@pytest.fixture
def suite(tmp_path):
    """A function that writes a suite of some cases on a small table."""

    def write(*cases, head=TABLE, name="small.check.yaml"):
        path = tmp_path / name
        path.write_text(head + "cases:\n" + "".join(cases), encoding="utf-8")
        return path

    return write


@pytest.fixture
def book(tmp_path):
    """A workbook with a rule of its own."""
    path = tmp_path / "book.xlsx"
    book = openpyxl.Workbook()
    for row in (["Item", "Amount"], ["nut", 5], ["bolt", 10], ["screw", 11]):
        book.active.append(row)
    fill = PatternFill(bgColor="FFFF0000")
    rule = CellIsRule(operator="greaterThan", formula=["9"], fill=fill)
    book.active.conditional_formatting.add("B2:B4", rule)
    book.save(path)
    return path


def outcomes_of(path):
    return list(run_cases(collect([path], TODAY)))


def run(*arguments):
    return CliRunner().invoke(main, ["check", *map(str, arguments), "--today", "2026-11-23"])


def test_the_project_s_suites_hold():
    """At least 120 cases, all as expected, over every predicate of the language."""
    outcomes = outcomes_of(SUITES)
    assert [one.case.id for one in outcomes if not one.passed] == []
    assert len(outcomes) >= 120
    said = " ".join(one.reading.said for one in outcomes)
    assert [name for name in PREDICATES if not re.search(rf"\b{name}\(", said)] == []


def test_the_project_s_suites_notice_a_step_at_the_boundary():
    """Every rule has a value at its boundary, and no step goes unnoticed."""
    found = mutate(outcomes_of(SUITES))
    assert [one.rule for one in found if not one.caught] == []
    assert all(one.noticed == one.changed for one in found)


def test_problems_name_the_cells(suite):
    """What is missing, what is too much and how many there are."""
    good, bad, broken = outcomes_of(suite(RIGHT, WRONG, BROKEN))
    assert good.passed
    assert bad.problems == (
        "not selected: B3",
        "selected, and should not be: B2",
        "1 cell is selected, 2 expected",
    )
    assert broken.is_error


@pytest.mark.parametrize(
    ("case", "problem"),
    [
        ("{rule: 'Top(c[1])', style: {fill: light red}}", None),
        ("{rule: 'Top(c[1])', style: {fill: blue}}", "the look is"),
        ("{rule: {condition: 'Top(c[1])', style: {fill: blue}}, style: {fill: blue}}", None),
        ("{rule: {condition: 'Top(c[1])', target: row}, matches: ['A4:B4'], count: 2}", None),
        ("{rule: {condition: 'Top(c[1])', target: ['c[0]']}, matches: [A4], count: 1}", None),
        ("{rule: {condition: 'Top(c[1])', target: ['c[9]']}, count: 1}", "beyond"),
        ("{rule: 'Top(c[7])', count: 1}", "column"),
        ("{rule: 'Top(c[1])', matches: [B0]}", "sheet"),
        ("{rule: {id: abc}, count: 1}", "workbook"),
        ("{rule: 'Today(c[0])', table: [[D], [2026-11-23]], matches: [A2], count: 1}", None),
        ("{rule: 'Today(c[0])', table: [[D], [2026-11-23]], today: 2026-11-24, count: 0}", None),
        ("{rule: 'Top(c[0])', table: {rows: [[D], [7]], address: C5}, matches: [C6]}", None),
    ],
)
def test_a_case_says_what_it_is_about(suite, case, problem):
    """Looks, targets, tables and days of a case by itself."""
    (outcome,) = outcomes_of(suite(f"- {case}\n"))
    assert outcome.passed == (problem is None), outcome.problems
    assert problem is None or problem in outcome.problems[0]


@pytest.mark.parametrize(
    "text",
    [
        "cases: [",
        "cases: []",
        "- just a list",
        TABLE + "cases: [{rule: 'Top(c[1])'}]",
        TABLE + "cases: [{rule: 'Top(c[1])', request: top, count: 1}]",
        TABLE + "cases: [{rule: 'Top(c[1])', count: 1, mathces: [A1]}]",
        TABLE + "cases: [{rule: 'Top(c[1])', rank: 1, count: 1}]",
        "cases: [{rule: 'Top(c[1])', count: 1}]",
        TABLE + "workbook: x.xlsx\ncases: [{rule: 'Top(c[1])', count: 1}]",
        TABLE + "cases: [{rule: 'Top(c[1])', count: 1}, {rule: 'Top(c[1])', count: 2}]",
    ],
)
def test_files_outside_the_layout_are_refused(tmp_path, text):
    """Nothing that is written by mistake is passed over in silence."""
    path = tmp_path / "bad.check.yaml"
    path.write_text(text)
    with pytest.raises(RequestError):
        load_suite(path, TODAY)
    assert run(path).exit_code == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "cases:\n- {rule: 'Top(c[1])', mathces: B3}",
            "line 8: case 1: there is no key mathces; is",
        ),
        ("cases:\n- {rule: a, colour: red}", "there is no key colour; there are table, workbook"),
        ("cases:\n- {rule: a, style: {fil: red}}", "there is no key fil; is fill meant?"),
        ("cases:\n- {rule: {conditoin: a}}", "there is no key conditoin; is condition meant?"),
        (
            "cases:\n- {rule: a,\n   count: many, name: n}",
            "line 9: case 1 (n): count must be a whole",
        ),
        ("cases:\n- {rule: a, count: {least: 2, most: 1}}", "nothing is at least 2 and at most 1"),
        ("cases:\n- {request: a, count: 1, rank: 0}", "rank must be a whole number from 1"),
        ("cases:\n- {rule: a, matches: {B: 1}}", "matches must be a list of cells"),
        ("cases:\n- {rule: a, matches: [B3, 4]}", "matches must be a list of cells"),
        ("cases:\n- {rule: a, not_matches: 4}", "not_matches must be a list of cells, as"),
        ("cases:\n- {rule: a, count: 1, today: tomorrow}", "today must be a date, as 2026"),
        ("cases:\n- {rule: a, count: 1, name: 4}", "name must be a text; put it in quotes"),
        ("cases:\n- {rule: a, count: 1, table: [[a], [[b]]]}", "a cell must be a number, a text"),
        ("cases:\n- {rule: a, count: 1, table: [[a]]}", "a table needs a row of headers"),
        ("cases:\n- {rule: a, count: 1, table: {rows: 5}}", "rows must be a list of rows"),
        ("cases:\n- {rule: a, count: 1}\n- {rule: a, count: 2}", "case 2 is called 'bad: a', as"),
        ("cases:\n- {rule: a, count: 1, count: 2}", "line 8, column 23: the key count is there"),
        ("cases:\n- rule", "case 1: a case has keys, as rule"),
        ("cases:\n- {rule: a", "that begins in line 8"),
        ("cases: []", "line 7: there is no case"),
        ("name: none", "the key cases is missing"),
    ],
)
def test_mistakes_are_told_with_their_line_and_what_is_meant(tmp_path, text, said):
    """In the words of the format, not in those of a library."""
    path = tmp_path / "bad.check.yaml"
    path.write_text(TABLE + text)
    with pytest.raises(RequestError) as caught:
        load_suite(path, TODAY)
    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_all_mistakes_of_all_suites_are_told(tmp_path):
    """So that nobody has to find them one by one; an empty file is one, too."""
    (tmp_path / "a.check.yaml").write_text("")
    (tmp_path / "b.check.yaml").write_text(TABLE + "cases:\n" + "- {rule: a}\n" * 25)
    (tmp_path / "c.check.yaml").write_bytes(b"\xff\xfe")
    result = run(tmp_path)
    assert result.exit_code == 2
    said = result.output.splitlines()
    assert "a.check.yaml: line 1: the file is empty" in said[0]
    assert len(said) == 1 + 20 + 1 + 1
    assert "and 5 more" in said[-2]
    assert "c.check.yaml: it is no text in UTF-8" in said[-1]


def test_a_table_reads_as_it_is_typed(tmp_path):
    """No is no boolean, 12:30 no number of seconds, and 007 keeps its zeros."""
    path = tmp_path / "a.check.yaml"
    row = "[No, on, 12:30, 007, 1_0, =, 1e3, 2026-11-23, 7, -1.5, true, '7', ~]"
    path.write_text(f"table:\n- {row}\n- {row}\ncases: [{{rule: 'Top(c[0])', matches: B3}}]\n")
    (case,) = load_suite(path, TODAY).cases
    values = [column.values[0] for column in case.table.columns]
    texts = ["No", "on", "12:30", "007", "1_0", "=", "1e3"]
    assert values == [*texts, to_serial(TODAY), 7.0, -1.5, True, "7", None]
    assert [column.header for column in case.table.columns][:7] == texts
    assert case.entry.matches == ["B3"]


def test_an_id_of_digits_needs_no_quotes(suite):
    """Ids are hexadecimal, so that some look like numbers."""
    (case,) = collect([suite("- {rule: {id: 12345678}, count: 1}\n")], TODAY)
    assert case.entry.rule.id == "12345678"


def test_several_processes_give_the_same_outcomes():
    """In the same order."""
    cases = collect([SUITES], TODAY, "sums")
    alone, together = run_cases(cases, 1), run_cases(cases, 2)
    assert [one.reading for one in alone] == [one.reading for one in together]


def test_the_command_says_yes_no_or_bad_usage_by_its_status(suite, tmp_path):
    """0 where all is as expected, 1 where a case is not, 2 where there is none."""
    path = suite(RIGHT, WRONG)
    assert run(path).exit_code == 1
    assert "selected, and should not be: B2" in run(path).output
    assert run(path, "-k", "greaterthan").exit_code == 0
    assert run(path, "-k", "nothing like it").exit_code == 2
    assert run(tmp_path / "none.check.yaml").exit_code == 2
    assert run().exit_code == 2
    assert run(path, "--rule", "Top(c[1])").exit_code == 2


def test_the_command_writes_its_reports(suite, tmp_path):
    """JSON, JUnit and a page of the same run."""
    path = suite(RIGHT, WRONG, BROKEN)
    files = [tmp_path / name for name in ("r.json", "r.xml", "r.html")]
    result = run(
        path, "--json", "--report", files[0], "--junit", files[1], "--html", files[2], "--mutate"
    )
    answer = json.loads(result.output)
    counts = {"cases": 3, "passed": 1, "failed": 1, "error": 1}
    assert answer["summary"] == counts == json.loads(files[0].read_text())["summary"]
    assert answer["mutation"]["score"] == 1
    suites = etree.parse(str(files[1])).getroot()
    assert [one.get("tests") for one in suites] == ["3"]
    assert [len(case) for case in suites.iter("testcase")] == [0, 1, 1]
    assert "1 of 3 cases passed" in files[2].read_text()
    assert "mutation score 100.0%" in files[2].read_text()
    assert "<code>LessThan(c[1], </code>" in files[2].read_text()
    assert answer["cases"][2]["rule"] == "LessThan(c[1], "
    assert json.loads(files[0].read_text())["mutation"]["score"] == 1


def test_junit_files_are_of_the_schema(suite, tmp_path):
    """Of this run, of the project's own suites and of one that is empty; a wrong one is refused."""
    schema = etree.XMLSchema(file=str(SUITES.parent / "fixtures" / "junit.xsd"))
    for outcomes in (outcomes_of(suite(RIGHT, WRONG, BROKEN)), outcomes_of(SUITES), []):
        schema.assertValid(etree.fromstring(to_junit(outcomes)))
    wrong = etree.fromstring(to_junit(outcomes_of(suite(WRONG))))
    wrong.find(".//testcase").append(etree.Element("skipped"))
    assert not schema.validate(wrong)


def test_bounds_of_a_count(suite):
    """At least, at most, or both."""
    rule = "rule: 'GreaterThan(c[1], 9)', name"
    path = suite(
        f"- {{{rule}: a, count: {{least: 2}}}}\n",
        f"- {{{rule}: b, count: {{most: 2}}}}\n",
        f"- {{{rule}: c, count: {{least: 3, most: 4}}}}\n",
        f"- {{{rule}: d, count: {{most: 0}}}}\n",
    )
    found = [one.problems for one in outcomes_of(path)]
    assert found[:2] == [(), ()]
    assert found[2] == ("2 cells are selected, at least 3 and at most 4 expected",)
    assert found[3] == ("2 cells are selected, at least 0 and at most 0 expected",)


def test_junit_takes_any_text(suite):
    """Control characters of a name cannot break the file."""
    path = suite('- {rule: "Top(c[1])", count: 9, name: "a\\x01<&\\u2028"}\n')
    case = etree.fromstring(to_junit(outcomes_of(path))).find(".//testcase")
    assert case.get("name").endswith("a�<&\u2028")


def test_the_page_shows_the_cells_of_a_failure(suite):
    """Cells are marked, and text of the table is never taken for markup."""
    page = to_html(outcomes_of(suite(WRONG)))
    marked = re.findall(r'class="(\w+)[ \w]*"\s*title="([A-Z]\d)"', page)
    assert ("extra", "B2") in marked
    assert ("lost", "B3") in marked
    assert "x &lt;b&gt;" in page
    assert "<b>" not in page.partition("</style>")[2]


def test_a_recorded_suite_holds(book, tmp_path):
    """Of the rules that the workbook has, and of rules that are given."""
    for name, rules in (("own", ()), ("given", ("--rule", "Top(c[1])", "--rule", "Blanks(c[0])"))):
        path = tmp_path / f"{name}.check.yaml"
        assert run("--record", path, "--workbook", book, *rules).exit_code == 0
        assert run(path).exit_code == 0
        assert run("--record", path, "--workbook", book, *rules).exit_code == 2
    own = yaml.safe_load((tmp_path / "own.check.yaml").read_text())
    assert own["workbook"] == "book.xlsx"
    assert own["cases"][0]["matches"] == ["B3:B4"]
    given = yaml.safe_load((tmp_path / "given.check.yaml").read_text())
    assert [case["count"] for case in given["cases"]] == [1, 0]


def test_a_changed_workbook_fails_its_recorded_suite(book, tmp_path):
    """The rule is found by its id, its cells by what Excel would paint."""
    path = tmp_path / "own.check.yaml"
    run("--record", path, "--workbook", book)
    changed = openpyxl.load_workbook(book)
    changed.active["B2"] = 50
    changed.save(book)
    (outcome,) = outcomes_of(path)
    assert outcome.problems[0] == "selected, and should not be: B2"


def test_compact_ranges_cover_the_same_cells():
    """A rectangle becomes one range."""
    places = {(column, row) for column in (1, 2) for row in (3, 4, 5)} | {(7, 9)}
    ranges = compact(places)
    assert ranges == ["B3:C5", "H9"]
    assert cells_of(ranges) == places
    assert Area.parse(ranges[0]).width == 2


def test_mutation_names_rules_without_a_value_at_the_boundary(suite):
    """A value right at the bound makes the difference."""
    path = suite(RIGHT, "- {rule: 'GreaterThan(c[1], 70)', count: 0}\n")
    found = mutate(outcomes_of(path))
    assert [one.caught for one in found] == [True, False]
    assert score(found) == 0.5
    assert run(path, "--mutate").exit_code == 1


def test_mutation_tells_expectations_that_are_too_weak(suite):
    """A case that only names one of the cells does not notice another one."""
    (weak,) = mutate(outcomes_of(suite("- {rule: 'GreaterThan(c[1], 9)', matches: [B4]}\n")))
    assert weak.noticed < weak.changed


def test_rules_of_a_workbook_are_tried_too(book, tmp_path):
    """By steps in the cells that their formulas look at, on other sheets as well."""
    changed = openpyxl.load_workbook(book)
    changed.create_sheet("Limits").append([10])
    sheet = changed.worksheets[0]
    red = PatternFill(bgColor="FFFF0000")
    for formula in ("$B2>Limits!$A$1", "SUM($B$2:$B$4)>25", "MOD(ROW(),2)=0"):
        sheet.conditional_formatting.add("A2:A4", FormulaRule(formula=[formula], fill=red))
    sheet.conditional_formatting.add("B2:B4", DataBarRule("min", None, "max", None, "FF638EC6"))
    sheet.conditional_formatting.add("A2:A4", CellIsRule("greaterThan", ['"z"'], fill=red))
    changed.save(book)
    path = tmp_path / "own.check.yaml"
    assert run("--record", path, "--workbook", book).exit_code == 0
    outcomes = outcomes_of(path)
    found = {one.rule.partition(" (rule")[0]: one for one in mutate(outcomes)}
    assert [one.caught for one in found.values()] == [True, True, True, False]
    assert all(one.noticed == one.changed for one in found.values())
    assert left_out(outcomes) == {"a rule that looks at no cell": 1, "a scale": 1}
    said = run(path, "--mutate").output
    assert "mutation score 75.0%: 3 of 4 rules caught" in said
    assert "2 cases left out (1 a rule that looks at no cell, 1 a scale)" in said


def test_no_score_is_given_where_no_rule_was_tried(suite):
    """None of none is not all."""
    path = suite("- {rule: 'Equals(MOD(ROW(), 2), 0)', count: 2}\n")
    result = run(path, "--mutate", "--json")
    answer = json.loads(result.output)["mutation"]
    assert answer == {"score": None, "rules": [], "left_out": {"a rule that looks at no cell": 1}}
    assert "no rule whose tables could be changed" in run(path, "--mutate").output


def test_a_failure_of_a_rule_of_a_workbook_has_its_picture(book, tmp_path):
    """Of the cells of its own sheet, wherever they lie; none where the workbook has gone."""
    changed = openpyxl.load_workbook(book)
    sheet = changed.create_sheet("Far")
    sheet["K20"] = 7
    sheet.conditional_formatting.add("K20:K21", CellIsRule("equal", ["7"]))
    changed.save(book)
    path = tmp_path / "own.check.yaml"
    run("--record", path, "--workbook", book)
    sheet["K21"], sheet["K20"] = 7, None
    changed.save(book)
    outcomes = outcomes_of(path)
    marked = re.findall(r'class="(\w+)[ \w]*"\s*title="([A-Z]+\d+)"', to_html(outcomes))
    assert {("lost", "K20"), ("extra", "K21")} <= set(marked)
    book.unlink()
    assert 'title="K20"' not in to_html(outcomes)


def test_libreoffice_is_asked_about_rules_of_a_workbook(book, tmp_path):
    """With names, other sheets and a first cell that is empty; text that Excel takes for more than
    a number is told, and known."""
    changed = openpyxl.load_workbook(book)
    changed.create_sheet("Limits").append([10])
    for name, text in (("Bound", "Limit+0"), ("Limit", "Limits!$A$1")):
        changed.defined_names[name] = DefinedName(name, attr_text=text)
    sheet, red = changed.create_sheet("Far"), PatternFill(bgColor="FFFF0000")
    for row, value in enumerate((9, 10, 11, None, 12), 7):
        sheet.cell(row, 4).value = value
    sheet.conditional_formatting.add("D7:D11", FormulaRule(formula=["D7>Bound"], fill=red))
    sheet.conditional_formatting.add("D7:D11", CellIsRule("greaterThan", ["Limits!$A$1"], fill=red))
    sheet.conditional_formatting.add("D7:D11", DataBarRule("min", None, "max", None, "FF638EC6"))
    sheet.conditional_formatting.add("D5:D20", FormulaRule(formula=["ISBLANK(D5)"], fill=red))
    changed.save(book)
    path = tmp_path / "own.check.yaml"
    run("--record", path, "--workbook", book)
    found = opinions(outcomes_of(path))
    assert [(one.agrees, one.skipped) for one in found] == [
        (True, ""),
        (True, ""),
        (True, ""),
        (True, "a scale"),
        (True, ""),
    ]


def test_libreoffice_agrees_or_says_where_not(suite):
    """Plain numbers agree; scales and other days are not compared."""
    path = suite(
        RIGHT,
        "- {rule: 'ColorScale(c[1])', count: 3}\n",
        "- {rule: 'LessThan(c[1], TODAY())', count: 0, today: 2020-01-01}\n",
    )
    number, scale, day = opinions(outcomes_of(path))
    assert number.agrees
    assert not number.skipped
    assert scale.skipped
    assert day.skipped


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Top(c[1])", "ranks"),
        ("NOT(Duplicates(c[0]))", "case"),
        ("GreaterThan(c[1], MEDIAN(c[1]))", "array"),
        ("GreaterThan(c[1], 3)", ""),
    ],
)
def test_known_limits_of_libreoffice_are_no_failures(suite, text, said):
    """Only rules of the kinds that were measured are excused."""
    (case,) = collect([suite(f"- {{rule: '{text}', count: 1}}\n")], TODAY)
    found = known_limit(parse_condition(text), case.table)
    assert said in found
    assert bool(found) == bool(said)


def test_rules_alone_load_no_model(suite):
    """Neither torch nor the model is imported."""
    program = (
        "import sys; from server.cli import main\n"
        f"try: main(['check', {str(suite(RIGHT))!r}])\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "assert not {'torch', 'model.pipeline', 'flask'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_pytest_runs_the_same_files(suite, tmp_path):
    """A case is a test; a failure shows its problems without a traceback."""
    suite(RIGHT, WRONG)
    command = [sys.executable, "-m", "pytest", "-p", "server.checks.pytest_plugin"]
    environment = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(SUITES.parents[1])}
    done = subprocess.run(
        [*command, "-q", str(tmp_path)], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 1
    assert "1 failed, 1 passed" in done.stdout
    assert "selected, and should not be: B2" in done.stdout
    assert "Traceback" not in done.stdout


def test_pytest_tells_mistakes_in_a_suite_without_a_traceback(tmp_path):
    """With the file and the line, as the command does."""
    (tmp_path / "bad.check.yaml").write_text(TABLE + "cases:\n- {rule: 'Top(c[1])', cout: 1}\n")
    command = [sys.executable, "-m", "pytest", "-p", "server.checks.pytest_plugin", "-q"]
    environment = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(SUITES.parents[1])}
    done = subprocess.run(
        [*command, str(tmp_path)], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 2
    assert "line 8: case 1: there is no key cout; is count meant?" in done.stdout
    assert "server/checks" not in done.stdout


def test_a_case_that_breaks_keeps_no_other_from_being_run(suite, monkeypatch):
    """It is an error with what was raised."""

    def broken(case):
        raise KeyError("style 7")

    monkeypatch.setattr("server.checks.outcomes.own_rule", broken)
    path = suite("- {rule: {id: '12345678'}, count: 1}\n", RIGHT)
    first, second = outcomes_of(path)
    assert first.is_error
    assert first.problems == ("KeyError: 'style 7'",)
    assert second.passed


def test_a_request_is_judged_by_its_candidates(suite, monkeypatch):
    """The first candidate within the bounds that is as expected counts."""
    rules = [RuleSet((Rule(parse_condition(text)),)) for text in ("Top(c[1])", "Bottom(c[1])")]
    proposals = [SimpleNamespace(rules=one) for one in rules]
    found = SimpleNamespace(proposals=proposals, abstained=False, question=None)
    monkeypatch.setattr("server.suggestions.propose", lambda *_, **__: found)
    path = suite(
        "- {request: the least, matches: [B2], not_matches: rest, name: first}\n",
        "- {request: the least, matches: [B2], not_matches: rest, rank: 2, name: second}\n",
        "- {request: the least, abstains: true, name: silent}\n",
        "- {request: the least, matches: [B3], rank: {least: 2, most: 3}, name: none}\n",
    )
    first, second, silent, none = map(run_case, collect([path], TODAY))
    assert first.problems == ("the right candidate has rank 2, not one of 1 to 1",)
    assert second.passed
    assert silent.problems == ("it does not abstain: no question",)
    assert none.problems[0] == "candidate 2 is Bottom(c[1], 1)"
