"""When a condition may be one of Excel's own rules."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle_cases import TODAY, draw_condition, draw_table, refill
from test_formulas import sample_table

from grammar.conditions import Formula
from grammar.evaluate import matches
from grammar.native import CELL_IS, NativeRule, native_rule
from grammar.parser import parse_condition
from grammar.rules import ROW, Target
from grammar.table import Table, TableColumn

SIGNS = {
    "greaterThan": ">",
    "greaterThanOrEqual": ">=",
    "lessThan": "<",
    "lessThanOrEqual": "<=",
    "equal": "=",
    "notEqual": "<>",
}


def golden():
    """(condition, type) of the fixture."""
    path = Path(__file__).with_name("fixtures") / "guarded_formulas.tsv"
    lines = path.read_text("utf-8").splitlines()
    return [line.split("\t")[::2] for line in lines if not line.startswith("#")]


def rule_for(text, table=None, **options):
    """The native rule of a condition."""
    return native_rule(parse_condition(text), table or sample_table(), **options)


@pytest.mark.parametrize(("text", "kind"), golden(), ids=lambda value: value[:60])
def test_type(text, kind):
    """A native rule is chosen exactly where the bare comparison is right."""
    rule = rule_for(text)
    assert (rule.type if rule else "-") == kind


def excel_formula(rule, area):
    """What Excel itself evaluates for a native rule, as it writes it for versions without it."""
    cell, cells = str(area).split(":")[0], f"${str(area)[0]}${area.first_row}:"
    cells += f"${str(area)[0]}${area.last_row}"
    if rule.type == "cellIs":
        return _cell_is(rule, cell)
    if rule.type == "top10":
        return _top(rule, cell, cells)
    if rule.type == "aboveAverage":
        sign = ">" if rule.above_average else "<"
        side = "+" if rule.above_average else "-"
        limit = f"AVERAGE({cells}){side}{rule.std_dev or 0}*STDEV({cells})"
        return (
            f"AND(ISNUMBER({cell}),{cell}{sign}{limit if rule.std_dev else limit.split(side)[0]})"
        )
    if rule.type in ("duplicateValues", "uniqueValues"):
        sign = ">1" if rule.type == "duplicateValues" else "=1"
        return f"AND(COUNTIF({cells},{cell}){sign},NOT(ISBLANK({cell})))"
    return rule.formulas[0]


def _cell_is(rule, cell):
    if rule.operator in SIGNS:
        return f"{cell}{SIGNS[rule.operator]}{rule.formulas[0]}"
    inside = f"AND({cell}>={rule.formulas[0]},{cell}<={rule.formulas[1]})"
    return inside if rule.operator == "between" else f"NOT({inside})"


def _top(rule, cell, cells):
    count = (
        f"MAX(1,INT(COUNT({cells})*{rule.rank}/100))"
        if rule.percent
        else (f"MIN({rule.rank},COUNT({cells}))")
    )
    name, sign = ("SMALL", "<=") if rule.bottom else ("LARGE", ">=")
    return f"AND(ISNUMBER({cell}),{cell}{sign}{name}({cells},{count}))"


@given(st.randoms(use_true_random=False))
@settings(max_examples=400, deadline=None)
def test_native_rule_selects_what_matches_selects(rng):
    """What Excel makes of a native rule is what the condition means, now and later."""
    table, condition = draw_table(rng), draw_condition(rng)
    rule = native_rule(condition, table, column=0)
    if rule is None:
        return
    formula = Formula("=" + excel_formula(rule, table.area))
    for cells in (table, refill(rng, table)):
        wanted = matches(condition, cells, column=0, today=TODAY).tolist()
        assert matches(formula, cells, column=0, today=TODAY).tolist() == wanted


def test_attributes():
    """The fields of a rule are the attributes that Excel writes."""
    assert rule_for("GreaterThanEqual(c[0], 40)") == NativeRule(
        "cellIs", "greaterThanOrEqual", ("40",)
    )
    assert rule_for("Between(c[0], 5, 1)").formulas == ("1", "5")
    assert rule_for("TextContains(c[1], 'late')") == NativeRule(
        "containsText", "containsText", ('NOT(ISERROR(SEARCH("late",B2)))',), text="late"
    )
    assert rule_for("BottomPercent(c[0], 10)") == NativeRule(
        "top10", rank=10, percent=True, bottom=True
    )
    assert rule_for("BelowAverage(c[0], 2)") == NativeRule(
        "aboveAverage", std_dev=2, above_average=False
    )
    assert rule_for("Last7Days(c[2])").time_period == "last7Days"


@pytest.mark.parametrize("target", [ROW, Target("columns", (1,)), Target("columns", (0, 1))])
def test_other_targets_have_no_native_rule(target):
    """A rule that formats other cells than it tests is a formula."""
    assert rule_for("GreaterThanEqual(c[0], 40)", target=target) is None


def test_target_of_the_column_itself():
    """A list of columns with the tested one alone is the same as its cells."""
    assert rule_for("GreaterThanEqual(c[0], 40)", target=Target("columns", (0,))) is not None


def test_cells_of_another_column():
    """Where the formatted cells are not the tested ones, only a formula will do."""
    assert rule_for("GreaterThanEqual(c[0], 40)", column=1) is None


@pytest.mark.parametrize("values", [["5", "6"], ["a*", "b"], [">5", "b"], ["a", " "], [True, True]])
def test_doubtful_duplicates_are_counted_by_formula(values):
    """Text that reads as a number or a pattern is not left to Excel's counting."""
    table = Table((TableColumn.of("code", values),))
    assert rule_for("Duplicates()", table) is None


def test_average_rule_only_where_its_readings_agree():
    """By deviations of a sample or of all, with or without the limit: the same cells, or none."""
    assert rule_for("AboveAverage(c[0], 1)", Table((TableColumn.of("x", [1, 2, 30]),))) is not None
    assert rule_for("AboveAverage(c[0], 1)", Table((TableColumn.of("x", [5, 5, 5]),))) is None
    assert rule_for("AboveAverage(c[0], 1.5)", Table((TableColumn.of("x", [1, 2, 30]),))) is None


def test_ranks_that_excel_does_not_take():
    """More than a thousand cells are ranked by formula."""
    assert rule_for("Top(c[0], 1000)").rank == 1000
    assert rule_for("Top(c[0], 1001)") is None


def test_every_operator_is_spelled_as_in_the_standard():
    """The operators are those of ECMA-376 part 1, 18.18.15."""
    assert set(CELL_IS.values()) == {*SIGNS, "between", "notBetween"}
