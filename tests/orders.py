"""A table of orders, and requests about it."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from grammar.table import Table, TableColumn
from grammar.values import to_serial
from model.linking import Linked, link

TODAY = dt.date(2026, 11, 23)
DUE = [to_serial(dt.date(2026, month, 1)) for month in (8, 9, 10, 11)]
ORDERS = Table(
    (
        TableColumn.of("Order No", ["A-17", "A-18", "B-20", "B-21"]),
        TableColumn.of("Status", ["Delivered", "Open", "Returned", "Open"]),
        TableColumn.of("Amount", [120.5, 90, 40000, 12]),
        TableColumn("Discount", (0.05, 0.1, None, 0.2), (False,) * 4, "0%"),
        TableColumn.of("Due", DUE, is_date=True),
        TableColumn.of("Score", [15, 25, 40, 99]),
    )
)
REQUESTS = (
    "amounts above 40 in light green, those below 12.5 in red with bold",
    "open or returned orders in orange; order A-17 too, font white",
    "top 3 and bottom 10% of the scores in blue",
    "due after 2026-08-01 and before 1 May 2026, discount over 15%",
    "status 'Open' and amount between 1,000 and 2k, order starts with B- in yellow",
    "amount more than twice the score, or above half of it, due in March",
)


@lru_cache
def linked_of(request: str, table: Table = ORDERS) -> Linked:
    """A request linked on a fixed day."""
    return link(request, table, TODAY)
