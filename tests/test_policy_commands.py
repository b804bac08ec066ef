"""The policy on the command line: rules are asked for, checked and written as it says."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from taskpane_site import BookModel

from server.cli import main
from server.sample import write_sample


def by_the_book(utterance, table, **asked):
    """What the book of answers says."""
    del asked["seed"]
    return BookModel().suggest_many([(utterance, table)], seed=0, **asked)[0]


def commanded(*arguments: object, **environ: str) -> subprocess.CompletedProcess[str]:
    """What comes of the command ``cellfusion``."""
    command = [sys.executable, "-m", "server.cli", *map(str, arguments)]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


@pytest.fixture
def laptop(tmp_path):
    """The organisation's policy on a machine that has no other file of the service."""
    text = 'forbidden_kinds = ["IconSet"]\nforbidden_functions = ["TODAY"]\n'
    text += 'msal_url = "/nowhere/msal-browser.min.js"\nworkers = 4\napi_keys = true\n'
    write_sample(tmp_path / "a.xlsx", dt.date(2026, 8, 1))
    path = tmp_path / "policy.toml"
    path.write_text(text + '[palette]\nred = "#C8102E"\ngreen = "#43B02A"\n', encoding="utf-8")
    return path


@pytest.mark.parametrize("by_variable", [False, True])
def test_commands_keep_to_the_policy(laptop, by_variable):
    """By argument or by the variable that the service reads; a rule is written as allowed."""
    said = () if by_variable else ("--policy", laptop)
    environ = {"CELLFUSION_POLICY": str(laptop)} if by_variable else {}
    for text in ("IconSet(c[6])", "LessThan(c[4], TODAY())"):
        refused = commanded("validate", text, *said, **environ)
        assert (refused.returncode, "not allowed" in refused.stderr) == (1, True)
        told = commanded("validate", text, "--json", *said, **environ)
        assert (told.returncode, json.loads(told.stdout)["error"]["code"]) == (1, "policy")
        assert commanded("validate", text).returncode == 0
        output = laptop.with_name("b.xlsx")
        files = ("--workbook", laptop.with_name("a.xlsx"), "--output", output)
        refused = commanded("apply", "--rule", text, *files, *said, **environ)
        assert (refused.returncode, output.exists()) == (2, False)
        assert "not allowed" in refused.stderr
    near = json.loads(commanded("repair", "IconSet(c[2]", "--json", *said, **environ).stdout)
    assert "IconSet(c[2])" not in [each["text"] for each in near["repairs"]]


def test_commands_write_the_house_s_colours(laptop):
    """A rule that is applied has them in the file."""
    output = laptop.with_name("b.xlsx")
    files = ("--workbook", laptop.with_name("a.xlsx"), "--output", output, "--policy", laptop)
    ended = commanded("apply", "--rule", "Blanks(c[4])", "--fill", "light green", *files)
    assert ended.returncode == 0, ended.stderr
    sheet = load_workbook(output).active
    (found,) = (each for area in sheet.conditional_formatting for each in area.rules)
    assert found.dxf.fill.bgColor.rgb == "FF43B02A"


def test_suggestions_of_the_command_are_of_what_is_allowed(laptop, monkeypatch):
    """Readings that are not allowed are left out, and the answer says why."""
    monkeypatch.setattr("server.suggestions.propose", by_the_book)
    said = ["--workbook", str(laptop.with_name("a.xlsx")), "--policy", str(laptop), "--json"]
    ended = CliRunner().invoke(main, ["suggest", "icons on Amount", *said])
    found = json.loads(ended.stdout)
    assert (ended.exit_code, found["candidates"], found["abstained"]) == (1, [], True)
    assert "IconSet" in found["question"]


def test_commands_refuse_a_policy_that_is_wrong(laptop):
    """A name that is not known, or a file that is not there, is status 2 and one line."""
    laptop.write_text("forbiden_kinds = []", encoding="utf-8")
    for path in (laptop, laptop.with_name("none.toml")):
        ended = commanded("validate", "Blanks(c[1])", "--policy", path)
        assert (ended.returncode, "Traceback" in ended.stderr) == (2, False)
