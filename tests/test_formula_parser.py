"""Excel formulas: text to tree."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grammar.errors import GrammarError, ParseError, UnsafeFormulaError
from grammar.formula_parser import MAX_DEPTH, MAX_LENGTH, parse_formula
from grammar.formula_tree import (
    BinaryOperation,
    CellRef,
    Expression,
    FunctionCall,
    Missing,
    NameRef,
    NumberLiteral,
    RangeRef,
    TextLiteral,
    Unary,
    walk,
)
from grammar.ranges import MAX_COLUMN, MAX_ROW

FIXTURES = Path(__file__).parent / "fixtures"
BROKEN = (FIXTURES / "formulas_broken.txt").read_text(encoding="utf-8").splitlines()
TWO = NumberLiteral(2.0, "2")
A1 = CellRef(0, 1)
B2 = CellRef(1, 2)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("-2^2", BinaryOperation("^", Unary("-", TWO), TWO)),
        ("2^2^2", BinaryOperation("^", BinaryOperation("^", TWO, TWO), TWO)),
        ("-2%", Unary("-", Unary("%", TWO))),
        ("A1:B2", RangeRef(A1, B2)),
        ("'My sheet'!A1:B2", RangeRef(A1, B2, sheet="My sheet")),
        ("A:B", RangeRef(A1, CellRef(1, MAX_ROW), "columns")),
        ("1:2", RangeRef(A1, CellRef(MAX_COLUMN - 1, 2), "rows")),
        ("A1 B2", BinaryOperation(" ", A1, B2)),
        ("A1 > B2", BinaryOperation(">", A1, B2)),
        ("A1\n\t+B2", BinaryOperation("+", A1, B2)),
        ("F()", FunctionCall("F")),
        ("F(A1,)", FunctionCall("F", (A1, Missing()))),
        ("SUM (A1)", FunctionCall("SUM", (A1,))),
        ('"a""b"', TextLiteral('a"b')),
        ("trues", NameRef("trues")),
        ("xfe1", NameRef("xfe1")),
    ],
)
def test_trees(text: str, tree: Expression) -> None:
    """Precedence, references and white space give Excel's tree, with and without ``=``."""
    assert parse_formula(text) == tree
    assert parse_formula(" = " + text) == tree


@pytest.mark.parametrize("text", BROKEN)
def test_broken_text_is_refused_with_its_place(text: str) -> None:
    """Text that is no formula gives a parse error with a place inside the text."""
    with pytest.raises(ParseError) as caught:
        parse_formula(text)
    assert 1 <= caught.value.column <= len(text) + 1


def test_message_points_at_the_fault() -> None:
    """The message names the line and column, shows the caret and says what may stand there."""
    with pytest.raises(ParseError) as caught:
        parse_formula("IF(A1>1,\n   2 3)")
    assert (caught.value.line, caught.value.column) == (2, 6)
    assert str(caught.value).splitlines()[-1].index("^") == 7
    assert caught.value.expected == ("an operator", ")", "a comma")


def test_messages_use_no_names_of_the_grammar() -> None:
    """What was expected is in words, never a terminal's name in capitals."""
    for text in BROKEN:
        with pytest.raises(ParseError) as caught:
            parse_formula(text)
        assert all(word == word.lower() for word in caught.value.expected)


def test_dde_is_refused() -> None:
    """A DDE link, which starts a program, is no formula of a rule."""
    with pytest.raises(UnsafeFormulaError, match="another program"):
        parse_formula("1+cmd|'/c calc'!A0")


@pytest.mark.parametrize(
    "text",
    ["(" * 4000 + "1" + ")" * 4000, "-" * 5000 + "1", "1" + "+1" * 4000, "1" * (MAX_LENGTH + 1)],
)
def test_length_and_depth_are_bounded(text: str) -> None:
    """Very deep and very long formulas are refused without exhausting the stack."""
    with pytest.raises(ParseError, match=r"levels|characters"):
        parse_formula(text)


def test_depth_up_to_the_bound_is_read() -> None:
    """A chain of operators just inside the bound is read and can be walked."""
    tree = parse_formula("1" + "+1" * (MAX_DEPTH - 1))
    assert sum(1 for _ in walk(tree)) == 2 * MAX_DEPTH - 1


@settings(deadline=None)
@given(st.text(alphabet="AB1$:!'\"(),;{}[]#@%^&=<> -.\\éſK٣TRUEc", max_size=24))
def test_any_text_gives_a_tree_or_our_error(text: str) -> None:
    """No text makes the parser raise anything but an error of the grammar."""
    try:
        tree = parse_formula(text)
    except GrammarError:
        return
    assert isinstance(tree, Expression)
