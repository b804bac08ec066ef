"""The function table and what it lets a rule use."""

from __future__ import annotations

from pathlib import Path

import pytest

from grammar import errors
from grammar.errors import InvalidRuleError
from grammar.formula_check import check_calls, check_formula, check_known
from grammar.formula_parser import parse_formula
from grammar.functions import (
    MAX_ARGUMENTS,
    allowed_functions,
    find_function,
    function_table,
)

FIXTURES = Path(__file__).parent / "fixtures"
REFUSED = [
    line.split("\t")
    for line in (FIXTURES / "formulas_refused.txt").read_text(encoding="utf-8").splitlines()
]
ALLOWED = (
    "AND($B2>100,ISNUMBER(SEARCH(\"late\",$C2)),$D2<TODAY())",
    "COUNTIF($A$2:$A$200,$A2)>1",
    "COUNTIFS(Sheet1!A:A,$A2,Sheet1!B:B,\">\"&$C2)=0",
    "_xlfn.MAXIFS(B:B,A:A,$A2)=$B2",
    "SUM(OFFSET(A1,0,0,3,1))>5",
    "LET(x,A1,x*2)>Rate",
    "$B$6",
    "A2",
    "#REF!=1",
)  # fmt: skip


def test_table_is_whole() -> None:
    """The table has Excel's functions, each named once, with arities that make sense."""
    table = function_table()
    assert len(table) > 500
    lines = (Path(errors.__file__).with_name("functions.txt")).read_text(encoding="utf-8")
    assert len(table) == sum("(" in line for line in lines.splitlines() if line[:1].isupper())
    assert all(0 <= entry.least <= entry.greatest <= MAX_ARGUMENTS for entry in table.values())
    assert all(entry.takes(entry.least) for entry in table.values())


def test_names_are_found_in_any_spelling() -> None:
    """Case and the prefixes of files make no difference; unknown names give nothing."""
    assert find_function("_xlfn._xlws.filter") is find_function("FILTER") is not None
    assert find_function("COLORSUM") is None


@pytest.mark.parametrize(
    ("name", "taken", "refused"),
    [
        ("TODAY", (0,), (1,)),
        ("IF", (2, 3), (1, 4)),
        ("SUMIFS", (3, 5, 7), (2, 4, 6)),
        ("COUNTIFS", (2, 4), (1, 3)),
        ("LET", (3, 5), (2, 4)),
        ("SWITCH", (3, 4, 5), (2,)),
        ("AND", (1, 255), (0, 256)),
    ],
)
def test_arity(name: str, taken: tuple[int, ...], refused: tuple[int, ...]) -> None:
    """Calls take the numbers of arguments that Excel documents."""
    signature = function_table()[name]
    assert all(signature.takes(count) for count in taken)
    assert not any(signature.takes(count) for count in refused)


def test_types_repeat_in_groups() -> None:
    """Types of repeated arguments follow their group."""
    signature = function_table()["SUMIFS"]
    assert [signature.type_of(index) for index in range(5)] == [
        "range", "range", "criterion", "range", "criterion",
    ]  # fmt: skip
    assert str(signature) == "SUMIFS(range, range, criterion, range, criterion, …)"


def test_allowed_functions_stay_in_the_workbook() -> None:
    """None of the functions that reach out, or ask a server, is on the list."""
    assert not {"WEBSERVICE", "RTD", "CALL", "CUBESET", "RAND", "LAMBDA"} & allowed_functions()
    assert {"AND", "SEARCH", "COUNTIF", "TODAY", "INDIRECT"} <= allowed_functions()


@pytest.mark.parametrize("text", ALLOWED)
def test_allowed_formulas(text: str) -> None:
    """Formulas as real conditional formats have them pass."""
    check_formula(parse_formula(text))


@pytest.mark.parametrize(("text", "error", "message"), REFUSED)
def test_refused_formulas(text: str, error: str, message: str) -> None:
    """What is unsafe, miscalled or barred from conditional formats is refused with the reason."""
    with pytest.raises(getattr(errors, error)) as caught:
        check_formula(parse_formula(text))
    assert message in str(caught.value)


def test_names_are_checked_where_the_workbook_is_known() -> None:
    """A word that is no name of the workbook was meant as text; variables of LET are known."""
    check_formula(parse_formula("LET(x,rate,x)>1"), names=["Rate"])
    with pytest.raises(InvalidRuleError, match='put text in quotes, as "no"'):
        check_formula(parse_formula("$B$19=no"), names=["Rate"])


def test_nesting_is_bounded() -> None:
    """Functions nest 64 levels deep, as in Excel."""
    check_formula(parse_formula("ABS(" * 64 + "1" + ")" * 64))
    with pytest.raises(InvalidRuleError, match="64 levels"):
        check_formula(parse_formula("ABS(" * 65 + "1" + ")" * 65))


def test_long_text_is_refused() -> None:
    """A text longer than Excel takes is refused."""
    with pytest.raises(InvalidRuleError, match="255 characters"):
        check_formula(parse_formula(f'A1="{"x" * 256}"'))


def test_calls_of_unknown_functions_are_left_alone() -> None:
    """Arity is checked of Excel's own functions; whether a name is one is asked apart."""
    tree = parse_formula("COLORSUM(A1:A9,1)")
    check_calls(tree)
    with pytest.raises(InvalidRuleError, match="no function COLORSUM"):
        check_known(tree)
