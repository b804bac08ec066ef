"""Conditions as Excel formulas that select the same cells, also when blanks come and go."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle_cases import TODAY, draw_condition, draw_table, refill

from grammar.conditions import Column, Comparison, Formula, Number, Text, TextTest
from grammar.errors import CellFusionError, InvalidRuleError, UnsupportedError
from grammar.evaluate import matches
from grammar.formula_check import check_formula
from grammar.formula_parser import parse_formula
from grammar.formulas import formula_of
from grammar.parser import parse_condition
from grammar.table import Table, TableColumn
from grammar.values import ExcelError


def sample_table():
    """Numbers, text, dates, numbers, everything, and numbers among dates."""
    return Table(
        (
            TableColumn.of("weight", [1, 2, None, 40]),
            TableColumn.of("status", ["late", "on time", "done", None]),
            TableColumn.of("due", [46000, 46100, None, 46200], is_date=True),
            TableColumn.of("limit", [5, 5, 6, 7]),
            TableColumn.of("misc", [1, "x", True, ExcelError.NA]),
            TableColumn("both", (3.0, 46200.0, None, 7.0), (False, True, False, False)),
        )
    )


def golden():
    """(condition, formula) of the fixture."""
    path = Path(__file__).with_name("fixtures") / "guarded_formulas.tsv"
    lines = path.read_text("utf-8").splitlines()
    return [line.split("\t")[:2] for line in lines if not line.startswith("#")]


@pytest.mark.parametrize(("text", "formula"), golden(), ids=lambda value: value[:60])
def test_golden(text, formula):
    """A formula has the guards that its columns need, and no others."""
    assert formula_of(parse_condition(text), sample_table()) == formula


@pytest.mark.parametrize("text", [text for text, _ in golden()], ids=lambda value: value[:60])
def test_golden_is_allowed(text):
    """A formula may stand in a conditional format."""
    check_formula(parse_formula(formula_of(parse_condition(text), sample_table())))


@given(st.randoms(use_true_random=False))
@settings(max_examples=250, deadline=None)
def test_formula_selects_what_matches_selects(rng):
    """Our calculator finds the same cells by formula, now and after blanks were filled."""
    table, condition = draw_table(rng), draw_condition(rng)
    try:
        formula = Formula(formula_of(condition, table, column=0))
    except UnsupportedError:
        return
    for cells in (table, refill(rng, table)):
        wanted = matches(condition, cells, column=0, today=TODAY).tolist()
        found = matches(formula, cells, column=0, today=TODAY).tolist()
        assert found == wanted, (condition, formula, [column.values for column in cells.columns])


PLAIN = st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])


@given(st.text(PLAIN, min_size=1, max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text_can_be_asked_for(text):
    """Quotes, wildcards and length do no harm to the formula."""
    table = Table((TableColumn.of("text", [text, text + "!", "x" + text, "", None]),))
    for name in ("TextContains", "TextStartsWith", "TextEndsWith"):
        condition = TextTest(name, Column(0), Text(text))
        formula = Formula(formula_of(condition, table))
        wanted = matches(condition, table, today=TODAY).tolist()
        assert matches(formula, table, today=TODAY).tolist() == wanted


def test_first_row_of_the_sheet_has_no_row_above():
    """PREV is written without a reference to row 0."""
    table = Table((TableColumn.of("x", [1, 2]),), first_row=1, has_header=False)
    condition = parse_condition("GreaterThan(c[0], PREV(c[0]))")
    formula = formula_of(condition, table)
    assert "INDEX($A$1:$A$2,MAX(1,ROW()-1))" in formula
    assert matches(Formula(formula), table, today=TODAY).tolist() == [False, True]


def test_dates_are_told_from_numbers_that_look_like_dates():
    """Where no span of years holds the dates alone, the cell's format decides."""
    values = (46000.0, 46001.0, 46002.0)
    table = Table((TableColumn("mixed", values, (True, False, True)),))
    assert 'CELL("format",$A2)' in formula_of(parse_condition("GreaterThan(c[0],5)"), table)
    apart = Table((TableColumn("mixed", (46000.0, 46500.0), (True, False)),))
    assert "CELL" not in formula_of(parse_condition("GreaterThan(c[0],5)"), apart)


def test_missing_column_is_refused():
    """A column that is not there has no formula."""
    with pytest.raises(InvalidRuleError):
        formula_of(Comparison("Equals", Column(9), Number(1)), sample_table())


@pytest.mark.parametrize("text", ["GreaterThan(c[0], ?)", "Top(PREV(c[0]), 2)"])
def test_what_has_no_formula_says_so(text):
    """Open values and ranks of neighbours are refused with a reason."""
    with pytest.raises(CellFusionError):
        formula_of(parse_condition(text), sample_table())
