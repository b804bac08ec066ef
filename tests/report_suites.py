"""Suites that are not all as expected: what reports of failures are tried and pictured with."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from server.checks.mutation import mutate
from server.checks.outcomes import Outcome
from server.checks.report_page import to_html
from server.checks.runner import collect, run_cases

TODAY = dt.date(2026, 11, 23)
ORDERS = """name: orders
table:
- [Order, Customer, Status, Weight, Sent]
- [A-1001, Garden Lane, Open, 40, 2026-11-20]
- [A-1002, Miller & Sons, Sent, 41.5, 2026-11-22]
- [A-1003, "<b>Bold</b> Ltd", Open, 40.5, null]
- [A-1004, Harbour, Late, n/a, null]
- [A-1005, Garden Lane, Sent, 12, 2026-11-23]
cases:
- {name: heavier than 40 kg, rule: "GreaterThan(c[3], 40)", matches: [D3, D4], not_matches: rest}
- {name: not sent yet, rule: "Blanks(c[4])", matches: [E4:E5], count: 2}
- {name: up to 40 kg, rule: "LessThan(c[3], 40)", matches: [D2, D6], not_matches: rest, count: 2}
- name: open orders as whole rows
  rule: {condition: "TextEquals(c[2], 'Sent')", target: row, style: {fill: orange}}
  matches: ["A2:E2", "A4:E4"]
  not_matches: rest
  style: {fill: light green}
- {name: sent today, rule: "Today(c[4])", matches: [E6], not_matches: rest}
- {name: a slip of the pen, rule: "GreaterThan(c[3] 40)", count: 2}
- {name: a column that is not there, rule: "Blanks(c[9])", count: 2}
"""


def write_suite(folder: Path) -> Path:
    """The path of the suite."""
    path = folder / "orders.check.yaml"
    path.write_text(ORDERS, encoding="utf-8")
    return path


def outcomes(folder: Path) -> list[Outcome]:
    """What its cases give."""
    return list(run_cases(collect([write_suite(folder)], TODAY)))


def report(folder: Path) -> str:
    """The page of its failures."""
    found = outcomes(folder)
    return to_html(found, mutate(found))
