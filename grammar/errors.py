"""Every error that CellFusion raises for a caller's input.

::

    CellFusionError
    ├── GrammarError
    │   ├── ParseError            text is not a condition or formula (line, column, caret)
    │   ├── InvalidRuleError      a tree that breaks a rule of the language
    │   ├── UnsafeFormulaError    a function or reference that a rule may not use
    │   └── UnsupportedError      right, but it cannot be evaluated or written that way
    ├── WorkbookError             a file or range that cannot be used
    │   ├── UnreadableWorkbookError
    │   ├── HostileWorkbookError  a file outside the bounds of time, memory or form
    │   ├── RangeError            a sheet or range that is not there
    │   └── OutputError           a result that cannot be written
    ├── RequestError              an utterance that cannot be answered
    ├── ManifestError             settings that no manifest can be made of
    └── ModelError                weights or training data that cannot be used
"""

from __future__ import annotations


class CellFusionError(Exception):
    """A caller's input was refused; the message says why and what to do."""

    code = "error"


class GrammarError(CellFusionError):
    """Rule text or a rule tree was refused."""

    code = "grammar"


class ParseError(GrammarError):
    """Text that is not in the language.

    ``line`` and ``column`` count from 1; ``expected`` names what could have stood there.
    """

    code = "parse"

    def __init__(
        self,
        reason: str,
        text: str = "",
        line: int = 1,
        column: int = 1,
        expected: tuple[str, ...] = (),
    ) -> None:
        self.reason = reason
        self.text = text
        self.line = line
        self.column = column
        self.expected = expected
        super().__init__(self.render())

    def render(self) -> str:
        """The message with the offending line and a caret under the fault."""
        head = f"line {self.line}, column {self.column}: {self.reason}"
        if self.expected:
            head += f"; expected {', '.join(self.expected)}"
        lines = self.text.splitlines()
        if not 0 < self.line <= len(lines):
            return head
        start = max(0, self.column - 60)
        shown = lines[self.line - 1][start : self.column + 40]
        return f"{head}\n  {shown}\n  {' ' * (self.column - 1 - start)}^"


class InvalidRuleError(GrammarError):
    """A condition, target or style that the language does not allow."""

    code = "invalid_rule"


class UnsafeFormulaError(GrammarError):
    """A formula that uses what a rule may not use."""

    code = "unsafe_formula"


class UnsupportedError(GrammarError):
    """A rule that is right but cannot be evaluated or written in the form asked for."""

    code = "unsupported"


class WorkbookError(CellFusionError):
    """A workbook, sheet or range that cannot be used."""

    code = "workbook"


class UnreadableWorkbookError(WorkbookError):
    """A file that is no workbook, is encrypted or is damaged."""

    code = "unreadable_workbook"


class HostileWorkbookError(WorkbookError):
    """A file outside the bounds that protect the reader."""

    code = "hostile_workbook"


class RangeError(WorkbookError):
    """A sheet or range that the workbook does not have."""

    code = "range"


class OutputError(WorkbookError):
    """An output that exists already or cannot be written."""

    code = "output"


class RequestError(CellFusionError):
    """An utterance that cannot be answered as it stands."""

    code = "request"


class ManifestError(CellFusionError):
    """Settings of the add-in, or a manifest, that Office would refuse."""

    code = "manifest"


class ModelError(CellFusionError):
    """Weights, configuration or training data that cannot be used."""

    code = "model"
