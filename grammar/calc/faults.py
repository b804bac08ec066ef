"""The exception that carries an Excel error up to the cell that shows it."""

from __future__ import annotations

from grammar.values import ExcelError


class CellError(Exception):
    """An error value on its way through a formula; never leaves this package."""

    def __init__(self, error: ExcelError) -> None:
        self.error = error
        super().__init__(error.value)
