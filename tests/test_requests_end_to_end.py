"""From an English sentence to a workbook, judged by the cells that LibreOffice paints."""

import datetime as dt
import json

import pytest
from click.testing import CliRunner
from libreoffice import effective_fills

from server.cli import main
from server.sample import write_sample

REQUESTS = [
    "highlight in red the orders below 100",
    "orders that are not delivered yet in orange",
    "amounts over 500 in green",
    "cancelled orders in yellow, whole row",
    "top 5 amounts in light blue",
    "discount of at least 10% in light green",
    "duplicate customers in pink",
    "status is Open or Packed in yellow",
    "amount between 100 and 200 orange",
    "bottom 10% of the amounts in purple",
    "customers that contain 'School' in teal",
    "amount above average in gold",
]


@pytest.fixture(scope="module")
def painted(tmp_path_factory):
    """Every request applied to the sample workbook: what is reported, and what is painted."""
    folder = tmp_path_factory.mktemp("requests")
    source = folder / "orders.xlsx"
    write_sample(source, dt.datetime.now().astimezone().date())
    reported, outputs = [], []
    for number, request in enumerate(REQUESTS):
        output = folder / f"request-{number}.xlsx"
        options = ["--workbook", str(source), "--output", str(output), "--json"]
        answer = CliRunner().invoke(main, ["apply", request, *options])
        assert answer.exit_code == 0, answer.output
        reported.append(json.loads(answer.stdout)["rules"][0])
        outputs.append(output)
    fills = effective_fills(outputs, folder)
    return dict(zip(REQUESTS, zip(reported, fills, strict=True), strict=True))


@pytest.mark.parametrize("request_text", REQUESTS)
def test_painted_cells_are_the_matches(painted, request_text):
    """LibreOffice paints exactly the cells that ``matches`` names, in the colour that was said."""
    rule, fills = painted[request_text]
    shown = {cell for cell, colour in fills.items() if colour == rule["style"]["fill"]}
    assert 0 < rule["match_count"] == len(shown), rule["condition"]
    assert shown == set(rule["matches"])
