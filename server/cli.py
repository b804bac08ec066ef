"""The command ``cellfusion``.

Commands import what they need when they run, so that those without a model answer at once.
Exit status: 0 success, 1 the answer is no, 2 bad usage or unreadable input.
"""

from __future__ import annotations

import importlib
import io
import os
import sys

import click

from grammar.errors import CellFusionError

COMMANDS = {
    "suggest": "server.commands.workbook",
    "apply": "server.commands.workbook",
    "preview": "server.commands.workbook",
    "sample": "server.commands.workbook",
    "rules": "server.commands.existing",
    "validate": "server.commands.rules",
    "repair": "server.commands.rules",
    "explain": "server.commands.rules",
    "calc": "server.commands.rules",
    "evaluate": "server.commands.model",
    "train": "server.commands.model",
    "lint": "server.commands.lint",
    "check": "server.commands.check",
    "serve": "server.commands.serve",
    "config": "server.commands.config",
    "manifest": "server.commands.manifest",
    "store": "server.commands.store",
    "keys": "server.commands.store",
}
"""Every command and the module that holds it."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(COMMANDS[cmd_name]), cmd_name)
        return command if isinstance(command, click.Command) else None

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; input that is refused ends it with one clear message and status 2."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):  # names of any script, terminals of one
                stream.reconfigure(errors="replace")
        try:
            return super().invoke(ctx)
        except CellFusionError as error:
            raise _Refused(str(error)) from error
        except BrokenPipeError:
            # whoever read our output has seen enough; keep Python from failing on exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(0) from None


class _Refused(click.ClickException):
    exit_code = 2


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cellfusion")
def main() -> None:
    """Say it, and Excel formats it: conditional formatting from plain English."""


if __name__ == "__main__":
    main()
