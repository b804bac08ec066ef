"""Excel formulas: tree to text and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grammar.errors import InvalidRuleError
from grammar.formula_parser import parse_formula
from grammar.formula_printer import print_formula
from grammar.formula_tree import (
    ArrayLiteral,
    BinaryOperation,
    BoolLiteral,
    CellRef,
    ErrorLiteral,
    Expression,
    FunctionCall,
    Missing,
    NameRef,
    NumberLiteral,
    Parenthesis,
    RangeRef,
    StructuredRef,
    TextLiteral,
    Unary,
)
from grammar.ranges import MAX_COLUMN, MAX_ROW
from grammar.values import ExcelError

FIXTURES = Path(__file__).parent / "fixtures"
IDENTITY = (FIXTURES / "formulas_identity.txt").read_text(encoding="utf-8").splitlines()

numbers = st.from_regex(r"[0-9]{1,9}(\.[0-9]{0,4})?(E-?[0-9]{1,2})?", fullmatch=True).map(
    lambda spelling: NumberLiteral(float(spelling), spelling)
)
constants = (
    numbers
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8).map(TextLiteral)
    | st.booleans().map(BoolLiteral)
    | st.sampled_from(ExcelError).map(ErrorLiteral)
)
sheets = st.none() | st.from_regex(
    r"[^\[\]:*?/\\'!\x00-\x1f]([^\[\]:*?/\\!\x00-\x1f]{0,8}x)?", fullmatch=True
)
columns = st.integers(0, MAX_COLUMN - 1)
rows = st.integers(1, MAX_ROW)
cells = st.builds(CellRef, columns, rows, st.booleans(), st.booleans())


def _whole_columns(first: int, last: int, fixed: bool, sheet: str | None) -> RangeRef:
    return RangeRef(CellRef(first, 1, fixed), CellRef(last, MAX_ROW), "columns", sheet)


def _whole_rows(first: int, last: int, fixed: bool, sheet: str | None) -> RangeRef:
    end = CellRef(MAX_COLUMN - 1, last, absolute_row=fixed)
    return RangeRef(CellRef(0, first), end, "rows", sheet)


references = (
    cells
    | st.builds(CellRef, columns, rows, st.booleans(), st.booleans(), sheets)
    | st.builds(RangeRef, cells, cells, st.just(""), sheets)
    | st.builds(_whole_columns, columns, columns, st.booleans(), sheets)
    | st.builds(_whole_rows, rows, rows, st.booleans(), sheets)
    | st.builds(NameRef, st.sampled_from(["Rate", "größe", "_x.1", "XFE1"]), sheets)
    | st.builds(StructuredRef, st.sampled_from(["", "T"]), st.sampled_from(["@", "a b", "[#All]"]))
)
arrays = st.integers(1, 3).flatmap(
    lambda width: st.lists(st.tuples(*[constants] * width), min_size=1, max_size=3).map(
        lambda lines: ArrayLiteral(tuple(lines))
    )
)


def _grown(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    """Trees in which every compound operand has parentheses, so that none regroups."""
    operand = inner.map(
        lambda node: Parenthesis(node) if isinstance(node, BinaryOperation | Unary) else node
    )
    arguments = st.lists(inner | st.just(Missing()), max_size=4).map(tuple)
    calls = arguments.filter(lambda found: found != (Missing(),))
    return (
        st.builds(BinaryOperation, st.sampled_from("^*/+-&=<>"), operand, operand)
        | st.builds(Unary, st.sampled_from("+-%"), operand)
        | st.builds(FunctionCall, st.sampled_from(["SUM", "_xlfn.CONCAT", "Größe"]), calls)
        | st.builds(BinaryOperation, st.just(" "), references, references)
        | st.builds(BinaryOperation, st.just(","), references, references).map(Parenthesis)
        | inner.map(Parenthesis)
    )


trees = st.recursive(constants | references | arrays, _grown, max_leaves=12)


@pytest.mark.parametrize("text", IDENTITY)
def test_parse_then_print_is_the_identity(text: str) -> None:
    """A formula without needless white space prints as it was written."""
    assert print_formula(parse_formula(text)) == text


@settings(deadline=None)
@given(trees)
def test_print_then_parse_is_the_identity(tree: Expression) -> None:
    """Whatever tree is printed is read back as it was."""
    assert parse_formula(print_formula(tree)) == tree


def test_white_space_and_needless_quotes_are_dropped() -> None:
    """The canonical text has no white space and quotes only sheets that need it."""
    text = "= IF( 'Parcels'!A1 >= 5 , \"a b\" , c4 : d9 )"
    assert print_formula(parse_formula(text)) == 'IF(Parcels!A1>=5,"a b",C4:D9)'


def test_a_node_that_is_no_formula_is_refused() -> None:
    """The bare base class has no text."""
    with pytest.raises(InvalidRuleError, match="no part of a formula"):
        print_formula(Expression())
