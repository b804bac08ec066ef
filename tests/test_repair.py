"""Broken formulas and conditions and what they are repaired to."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grammar.conditions import PREDICATES
from grammar.errors import CellFusionError
from grammar.formula_check import check_calls
from grammar.formula_parser import MAX_LENGTH, parse_formula
from grammar.parser import parse_condition
from grammar.repair import Repair, repair_condition, repair_formula
from grammar.repair_costs import load_costs
from grammar.repair_fit import fit, hits, read_cases
from grammar.repair_rules import nearest_function

FIXTURES = Path(__file__).parent / "fixtures"
RIGHT = (FIXTURES / "formulas_identity.txt").read_text(encoding="utf-8").splitlines()
PLAIN = [line for line in RIGHT if "(" in line and not set(line) & set("#@[{")]


def _pairs(name: str) -> list[list[str]]:
    lines = (FIXTURES / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines]


def _texts(repairs: tuple[Repair, ...]) -> list[str]:
    return ["".join(one.text.split()) for one in repairs]


@pytest.mark.parametrize(("broken", "fixed"), _pairs("repairs_formulas.txt"))
def test_broken_formulas(broken: str, fixed: str) -> None:
    """The likeliest repair of a common mistake is what was meant."""
    assert _texts(repair_formula(broken))[:1] == ["".join(fixed.split())]


@pytest.mark.parametrize(("broken", "fixed"), _pairs("mistyped_formulas.txt"))
def test_habits_of_other_languages_in_formulas(broken: str, fixed: str) -> None:
    """What people type who think in another product or language is among the repairs."""
    assert "".join(fixed.split()) in _texts(repair_formula(broken))


@pytest.mark.parametrize(("broken", "fixed"), _pairs("mistyped_conditions.txt"))
def test_habits_of_other_languages_in_conditions(broken: str, fixed: str) -> None:
    """Conditions in words, with infix operators or in another notation are understood."""
    assert fixed in [one.text for one in repair_condition(broken)]


@pytest.mark.parametrize("text", ["=Rate>Limit", "=A1=B1=C1", "=-A1^2", "=MyMacro(A1,2)"])
def test_what_may_be_meant_is_left_alone(text: str) -> None:
    """Names, chains of equalities and functions of macros are not mended."""
    assert repair_formula(text)[0].cost == 0


@pytest.mark.parametrize(("broken", "fixed"), _pairs("repairs_conditions.txt"))
def test_broken_conditions(broken: str, fixed: str) -> None:
    """The likeliest repair of a condition is what was meant, in canonical form."""
    assert [one.text for one in repair_condition(broken, top=1)] == [fixed]


@pytest.mark.parametrize("text", PLAIN)
def test_right_formulas_are_left_alone(text: str) -> None:
    """A formula that is right is its own repair, for nothing."""
    if nearest_function(text.partition("(")[0]) is None:
        (repair,) = repair_formula("=" + text)
        assert (repair.text, repair.cost) == ("=" + text, 0)


@pytest.mark.parametrize(
    "text", ["GreaterThan(c[0], 1)", "top(10%)", "TextContains(High risk: none)", "Errors()"]
)
def test_right_conditions_are_left_alone(text: str) -> None:
    """A condition that is right, in the published spellings too, is its own repair."""
    (repair,) = repair_condition(text)
    assert (repair.text, repair.cost) == (text, 0)


@pytest.mark.parametrize("text", [line for line in PLAIN if line.endswith(")")])
def test_a_missing_last_parenthesis_is_put_back(text: str) -> None:
    """Whatever the formula, the parenthesis that its end lacks comes back among the first."""
    assert "".join(text.split()) in _texts(repair_formula(text[:-1]))


@settings(deadline=None, max_examples=30)
@given(st.sampled_from([name for name in PREDICATES if len(name) > 5]), st.data())
def test_misspelt_conditions_are_corrected(name: str, data: st.DataObject) -> None:
    """A name with one letter missing is still a condition of the language among the repairs."""
    place = data.draw(st.integers(1, len(name) - 1))
    repairs = repair_condition(f"{name[:place]}{name[place + 1 :]}(c[1], 5, 7)") or (
        repair_condition(f"{name[:place]}{name[place + 1 :]}(c[1])")
    )
    assert repairs
    assert all(parse_condition(one.text) for one in repairs)


@settings(deadline=None, max_examples=30)
@given(st.text(alphabet="AB1$:!'\"(),;{}[]<>=+-&.% SUMIFc", max_size=30))
def test_repairs_are_right(text: str) -> None:
    """Every repair of any text parses, is ordered by cost, and has a reason of one line."""
    for repair in (formulas := repair_formula(text)):
        check_calls(parse_formula(repair.text))
    for repair in (conditions := repair_condition(text)):
        parse_condition(repair.text)
    for repairs in (formulas, conditions):
        assert len(repairs) <= 3
        assert [one.cost for one in repairs] == sorted(one.cost for one in repairs)
        assert all(one.reason and "\n" not in one.reason for one in repairs)


@pytest.mark.parametrize("piece", ["(", '"', "'", "A1 ", "SUM(A1,", "=>", "c[0]", "$", "[", "é"])
def test_long_garbage_gets_no_repair_and_no_error(piece: str) -> None:
    """Text of any length is answered, if only with nothing."""
    for length in (250, MAX_LENGTH, MAX_LENGTH + 2_000):
        text = (piece * length)[:length]
        assert isinstance(repair_formula(text), tuple)
        assert isinstance(repair_condition(text), tuple)


def test_mutated_text_raises_our_errors_only() -> None:
    """Formulas with random damage make neither parsers nor repairs fail in a way of their own."""
    chance = random.Random(7)
    messages = []
    for text in RIGHT[::3]:
        place, sign = chance.randrange(len(text) + 1), chance.choice("()\"',;:[]{}$#!é\0")
        damaged = text[:place] + sign + text[place + chance.randrange(3) :]
        for parse in (parse_formula, parse_condition, repair_formula, repair_condition):
            try:
                parse(damaged)
            except CellFusionError as error:
                messages.append(str(error))
    assert all(messages)


def test_reasons_say_what_was_done() -> None:
    """The reason names each kind of edit once, with how often it was made."""
    (repair, *_) = repair_formula("=IF(A1>5;1;SUM(B1:B9")
    assert repair.text == "=IF(A1>5,1,SUM(B1:B9))"
    assert repair.reason == "Separate arguments with commas (2 times); add the missing ) (2 times)"


def test_fitting_prefers_what_was_meant() -> None:
    """Costs fitted to a pair put its fixed formula first, and leave the given costs as they are."""
    costs = load_costs()
    cases = read_cases([{"Buggy": "=MAX(A1,B1+1", "GroundTruth": "=MAX(A1,B1)+1"}])
    before = dict(costs)
    assert hits(cases, costs) == (0, 1)
    assert hits(cases, fit(cases * 3, costs)) == (1, 1)
    assert costs == before


def test_costs_are_positive() -> None:
    """No edit is free, or the search would have no end."""
    assert all(cost > 0 for cost in load_costs().values())


def test_a_range_of_two_columns_can_be_repaired() -> None:
    """A range that lacks a bound and whose subject is implied compares its columns."""
    assert repair_condition("NotBetween(c[1], c[2])")[0].text == "GreaterThanEqual(c[1], c[2])"
    assert repair_condition('NottEttEq"s(c[1], c[2])')
