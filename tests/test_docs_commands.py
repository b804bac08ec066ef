"""Commands that the pages tell people to type: every one exists, with the options it is given."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from server.cli import main

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"(?:^|[\s/(])cellfusion(?:-admin)? (?!cellfusion)((?:\"[^\"]*\"|[^\n|>#)\"])+)")


def calls(page):
    """The arguments of each call on a page."""
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in block.replace("\\\n", " ").replace('\\"', "'").splitlines():
            for found in CALL.finditer(line):
                if found[1].lstrip()[0].islower():
                    yield found[1]


def parsed(arguments):
    """The context of a command that takes the arguments; it is not run."""
    command, context = main, main.make_context("cellfusion", [], resilient_parsing=True)
    while isinstance(command, click.Group):
        name, command, arguments = command.resolve_command(context, arguments)
        if command is None:
            raise click.UsageError("there is no such command")
        is_group = isinstance(command, click.Group)
        context = command.make_context(
            name, [] if is_group else arguments, parent=context, resilient_parsing=is_group
        )
    return context


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_of_the_pages_exist(page, monkeypatch, tmp_path):
    """Names and options are those of the command line; nothing is run."""
    monkeypatch.chdir(tmp_path)
    for call in calls(page):
        try:
            parsed(shlex.split(call))
        except click.UsageError as error:
            is_file = isinstance(error, click.BadParameter) and isinstance(
                error.param and error.param.type, click.Path
            )
            if not is_file:  # that a named file is missing here says nothing about the page
                pytest.fail(f"{call}: {error.format_message()}")


def test_pages_have_commands():
    """The pages are looked at in a form that finds them."""
    found = {page.name: len(list(calls(page))) for page in PAGES}
    assert found["README.md"] >= 10
    assert found["rollout.md"] >= 8
    assert found["store.md"] >= 8
