"""Condition text to tree and back."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grammar.conditions import Cell, Column, Comparison, Hole, Number, has_holes, selects_cells
from grammar.errors import CellFusionError, ParseError
from grammar.parser import MAX_LENGTH, parse_condition
from grammar.printer import print_condition

FIXTURES = Path(__file__).parent / "fixtures"


def lines(name: str) -> list[list[str]]:
    text = (FIXTURES / name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()]


@pytest.mark.parametrize("text", [line[0] for line in lines("conditions_identity.txt")])
def test_identity(text):
    """Canonical text prints back unchanged."""
    assert print_condition(parse_condition(text)) == text


@pytest.mark.parametrize(("written", "canonical"), lines("conditions_dialect.tsv"))
def test_dialect(written, canonical):
    """Benchmark spellings become canonical text, which stays as it is."""
    assert print_condition(parse_condition(written)) == canonical
    assert print_condition(parse_condition(canonical)) == canonical


@pytest.mark.parametrize(("text", "line", "column", "reason"), lines("conditions_broken.tsv"))
def test_broken(text, line, column, reason):
    """A broken text is refused with its place, and a caret under it."""
    with pytest.raises(ParseError) as caught:
        parse_condition(text)
    error = caught.value
    assert (error.line, error.column, error.reason) == (int(line), int(column), reason)
    if text:
        assert str(error).splitlines()[-1].index("^") == int(column) + 1


def test_bounds():
    """Over-long and over-deep texts are refused before they are parsed."""
    with pytest.raises(ParseError, match="at most"):
        parse_condition("Blanks()" + " " * MAX_LENGTH)
    with pytest.raises(ParseError, match="nested"):
        parse_condition("NOT(" * 100 + "Blanks()" + ")" * 100)


def test_subject_may_be_left_out():
    """The value that a predicate looks at is the formatted cell unless it is named."""
    assert parse_condition("GreaterThan(5)") == Comparison("GreaterThan", Cell(), Number(5))
    named = Comparison("GreaterThan", Column(2), Number(5))
    assert parse_condition("greaterthan(c[2],5)") == named


def test_holes():
    """What a request leaves open stands as a hole."""
    condition = parse_condition("GreaterThan(c[?], 50)")
    assert condition == Comparison("GreaterThan", Hole(column=True), Number(50))
    assert has_holes(condition)
    assert selects_cells(condition)
    assert not selects_cells(parse_condition("DataBar(c[1])"))


@given(st.text(max_size=60))
def test_any_text(text):
    """Any text is a condition or is refused by our own error."""
    try:
        condition = parse_condition(text)
    except CellFusionError:
        return
    assert parse_condition(print_condition(condition)) == condition


@given(st.text(alphabet="'\"(),;c[]0? aé\n", min_size=1, max_size=20))
def test_any_literal(value):
    """Any text survives as a literal."""
    text = "TextEquals('" + value.replace("'", "''") + "')"
    assert print_condition(parse_condition(text)) == text
