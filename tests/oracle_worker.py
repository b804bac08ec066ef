"""Answers with formulon's own conditional formatting: one JSON request a line, one reply a line.

Run as a process of its own, since formulon takes seconds to start and may hang.
"""

from __future__ import annotations

import json
import re
import sys

from formulon import ConditionalFormatInput, DifferentialFormat, ErrorCode, MergeRange, Workbook

TYPES = (
    "expression cellIs colorScale dataBar iconSet top10 aboveAverage containsText notContainsText "
    "beginsWith endsWith containsBlanks notContainsBlanks containsErrors notContainsErrors "
    "timePeriod duplicateValues uniqueValues"
).split()
OPERATORS = (
    "lessThan lessThanOrEqual equal notEqual greaterThanOrEqual greaterThan between notBetween"
).split()
PERIODS = (
    "today yesterday tomorrow last7Days thisWeek lastWeek nextWeek thisMonth lastMonth nextMonth"
).split()
ERRORS = {"#N/A": ErrorCode.NA, "#DIV/0!": ErrorCode.DIV0, "#VALUE!": ErrorCode.VALUE}


def write_cell(book, column, row, kind, value):
    """Put one cell into the first sheet; ``row`` counts from 1."""
    place = (0, row - 1, column)
    if kind == "error":
        book.set_error(*place, int(ERRORS[value]))
    elif kind == "bool":
        book.set_bool(*place, value)
    elif kind == "number":
        book.set_number(*place, value)
    elif kind == "text":
        book.set_text(*place, value)


def add_rule(book, priority, rule, today):
    """Add one rule; its fields are the attributes of a ``cfRule``.

    The day stands in formulas as a number: the engine's pinned day reaches cells, but not rules.
    """
    left, top, right, bottom = rule["area"]
    formulas = [re.sub(r"\b(?:TODAY|NOW)\(\)", f"{today:g}", f) for f in rule.get("formulas", ())]
    formulas += ["", ""]
    operator, period = rule.get("operator"), rule.get("time_period")
    kind = rule["type"]
    book.add_conditional_format(
        0,
        ConditionalFormatInput(
            sqref=[MergeRange(top - 1, left, bottom - 1, right)],
            type=TYPES.index(kind),
            priority=priority,
            dxf_id=0,
            formula1=formulas[0],
            formula2=formulas[1],
            op=OPERATORS.index(operator) if kind == "cellIs" else None,
            rank=rule.get("rank"),
            percent=rule.get("percent", False),
            bottom=rule.get("bottom", False),
            above_average=rule.get("above_average", True),
            std_dev=rule.get("std_dev"),
            text=rule.get("text") or "",
            time_period=None if period is None else PERIODS.index(period),
        ),
    )


def answer(request):
    """For every rule the 1-based sheet rows that it formats in the first column of its area."""
    book = Workbook.create_default()
    book.add_dxf(DifferentialFormat())
    book.set_pinned_now(*request["now"])
    for cell in request["cells"]:
        write_cell(book, *cell)
    for priority, rule in enumerate(request["rules"], 1):
        add_rule(book, priority, rule, request["today"])
    book.recalc()
    left = min(rule["area"][0] for rule in request["rules"])
    right = max(rule["area"][2] for rule in request["rules"])
    top, bottom = request["rules"][0]["area"][1], request["rules"][0]["area"][3]
    rows = [[] for _ in request["rules"]]
    results = book.evaluate_cf_range(0, top - 1, left, bottom - 1, right, request["today"])
    for cell in results:
        for match in cell.matches:
            rows[match.priority - 1].append(cell.row + 1)
    return rows


def main():
    """Serve until the input ends."""
    for line in sys.stdin:
        try:
            reply = {"rows": answer(json.loads(line))}
        except Exception as error:  # noqa: BLE001 - whatever the engine raises is its answer
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
