"""Requests about the sample orders, as the benches of the service send them."""

from __future__ import annotations

import datetime as dt

from server.sample import HEADERS, order_rows

REQUESTS = (
    "amounts over 500 in green",
    "rows where Status is Open in orange",
    "orders that are not delivered yet in red",
    "top 10 amounts in bold",
    "duplicate customers in yellow",
    "colour scale on Amount",
    "customers that contain Garden in blue",
    "amounts between 100 and 200 in light green",
    "orders from last month in yellow",
    "amount above average in green and below 100 in red",
)


def table() -> dict[str, object]:
    """The sample orders as Office.js would send them."""
    origin = dt.date(1899, 12, 30)
    rows = [
        [(value - origin).days if isinstance(value, dt.date) else value for value in row]
        for row in order_rows(dt.date(2026, 8, 1))
    ]
    codes = ["General"] * 3 + ["yyyy-mm-dd"] * 2 + ["General", "#,##0.00", "0%"]
    return {
        "address": f"Orders!A1:H{len(rows) + 1}",
        "values": [list(HEADERS), *rows],
        "number_formats": [codes for _ in range(len(rows) + 1)],
    }


TABLE = table()
