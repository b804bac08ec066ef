"""From rule text to a workbook, judged by the cells that LibreOffice paints."""

import datetime as dt
import json

import pytest
from click.testing import CliRunner
from libreoffice import effective_fills

from server.cli import main
from server.sample import write_sample

FILL = "#12AB34"
RULES = [
    "LessThan(c[6], 100)",
    "Between(c[6], 100, 250)",
    "GreaterThanEqual(c[7], 10%)",
    "TextEquals(c[5], 'open')",
    "NOT(TextEquals(c[2], 'North'))",
    "TextContains(c[1], 'o')",
    "TextStartsWith(c[1], 'b')",
    "Blanks(c[4])",
    "NotBlanks(c[7])",
    "Duplicates(c[1])",
    "Top(c[6], 5)",
    "BottomPercent(c[6], 10)",
    "AboveAverage(c[6])",
    "AND(TextEquals(c[5], 'Delivered'), GreaterThan(c[6], 300))",
    "OR(TextEquals(c[5], 'Returned'), TextEquals(c[5], 'Cancelled'))",
    "GreaterThan(c[4] - c[3], 6)",
    "LessThan(c[6], AVERAGE(c[6]) / 2)",
    "GreaterThan(c[6], PREV(c[6]) * 2)",
]
TARGETS = [["cells"], ["row"], ["c[0],c[1]"]]


@pytest.fixture(scope="module")
def painted(tmp_path_factory):
    """Every rule applied to the sample workbook, with its matches and what LibreOffice paints."""
    folder = tmp_path_factory.mktemp("rules")
    source = folder / "orders.xlsx"
    today = dt.datetime.now().astimezone().date()
    write_sample(source, today)
    reported, outputs = {}, []
    for number, rule in enumerate(RULES):
        target = TARGETS[number % 3][0]
        output = folder / f"rule-{number}.xlsx"
        options = ["--fill", FILL, "--target", target, "--output", str(output), "--json"]
        answer = CliRunner().invoke(
            main, ["apply", "--rule", rule, "--workbook", str(source), *options]
        )
        assert answer.exit_code == 0, answer.output
        reported[rule] = json.loads(answer.output)["rules"][0]
        outputs.append(output)
    fills = effective_fills(outputs, folder)
    return {rule: (reported[rule], found) for rule, found in zip(RULES, fills, strict=True)}


@pytest.mark.parametrize("rule", RULES)
def test_painted_cells_are_the_matches(painted, rule):
    """LibreOffice paints exactly the cells that ``matches`` names."""
    reported, fills = painted[rule]
    shown = {cell for cell, colour in fills.items() if colour == FILL}
    assert 0 < reported["match_count"] == len(shown)
    assert shown == set(reported["matches"])
