"""The plugin that lets pytest run ``*.check.yaml`` files, one test a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from server.checks.suites import Case

_SUFFIX = ".check.yaml"


class CheckFailedError(AssertionError):
    """A case that is not as expected."""


class CheckFile(pytest.File):
    """A suite."""

    def collect(self) -> Iterator[CheckItem]:
        """Its cases.

        Raises:
            CollectError: it is not of the layout of a suite.
        """
        from grammar.errors import RequestError
        from server.checks.suites import load_suite

        try:
            cases = load_suite(self.path, dt.datetime.now().astimezone().date()).cases
        except RequestError as error:
            raise self.CollectError(str(error)) from error
        for case in cases:
            name = case.id.partition(": ")[2]
            yield CheckItem.from_parent(self, name=name, case=case)


class CheckItem(pytest.Item):
    """A case."""

    def __init__(self, *, case: Case, **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type] # pytest hands its own arguments through
        self.case = case

    def runtest(self) -> None:
        """Run the case.

        Raises:
            CheckFailedError: it is not as expected.
        """
        from server.checks.outcomes import run_case

        outcome = run_case(self.case)
        if not outcome.passed:
            said = f"{outcome.reading.said}\n" if outcome.reading else ""
            raise CheckFailedError(said + "\n".join(outcome.problems))

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None
    ) -> str:
        """The problems, without a traceback of the plugin."""
        if isinstance(excinfo.value, CheckFailedError):
            return f"{self.case.id}\n{excinfo.value}"
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The suite and the case."""
        return self.path, None, self.case.id


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> CheckFile | None:
    """A suite where the name of a file says that it is one."""
    if file_path.name.endswith(_SUFFIX):
        return CheckFile.from_parent(parent, path=file_path)
    return None
