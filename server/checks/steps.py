"""The values that lie one step beside a value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grammar.values import CellValue

_MOST_DECIMALS = 6


def neighbours(
    value: CellValue, is_date: bool, numbers: Sequence[float], also_nothing: bool
) -> Iterator[CellValue]:
    """The values one step away, by the decimal places of the value and of the ``numbers`` that it
    is compared with; ``also_nothing`` where a rule heeds blanks."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, float):
        for step in {1.0} if is_date else _steps_of(value, numbers):
            yield from (round(value - step, 9), round(value + step, 9))
    elif isinstance(value, str):
        yield from (value[:-1] or None, value[1:] or None, value + "x", "x" + value)
    else:
        yield "x" if value is None else None
    if value is not None and also_nothing:
        yield None


def _steps_of(value: float, numbers: Sequence[float]) -> set[float]:
    """The last decimal place of the value, and that of the finest number."""
    own = _decimals(value)
    finest = max(own, *map(_decimals, [0.0, *numbers]))
    return {float(10.0**-places) for places in (own, finest)}


def _decimals(number: float) -> int:
    match = re.search(r"\.(\d*?)0*$", f"{number:.{_MOST_DECIMALS}f}")
    return len(match[1]) if match else 0
