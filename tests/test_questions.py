"""Questions for what a request leaves open, and the readings it could have."""

from __future__ import annotations

import pytest

from grammar.conditions import has_holes
from grammar.parser import parse_condition
from grammar.printer import print_condition
from grammar.rules import ROW, Rule, RuleSet, Style
from grammar.table import Table, TableColumn
from grammar.table_json import NO_COLUMN
from model.questions import NO_FORMAT, UNSURE, question_for, readings, with_only_column

TABLE = Table(
    (
        TableColumn.of("Item", ["a", "b", "c"]),
        TableColumn.of("Price", [5, 20, 7.5]),
        TableColumn.of("Sold", [46000, 46100, 46200], is_date=True),
    )
)


def rules(*conditions: str) -> RuleSet:
    """One rule for each condition."""
    return RuleSet(tuple(Rule(parse_condition(condition)) for condition in conditions))


@pytest.mark.parametrize(
    ("condition", "question"),
    [
        (
            "GreaterThan(c[1], ?)",
            "Above which value should Price stand out (it runs from 5 to 20)?",
        ),
        (
            "LessThanEqual(c[1], ?)",
            "Below which value should Price stand out (it runs from 5 to 20)?",
        ),
        ("Equals(c[1], ?)", "Which value of Price should stand out (it runs from 5 to 20)?"),
        ("GreaterThan(c[2], ?)", "Above which value should Sold stand out?"),
        ("Between(c[1], ?, ?)", "Between which two values of Price (it runs from 5 to 20)?"),
        ("TextContains(c[0], ?)", "Which text should Item have?"),
        ("GreaterThan(c[?], 5)", "Which column do you mean (Price, Sold)?"),
        ("Top(c[?], 3)", "Which column do you mean (Price, Sold)?"),
        ("AND(Blanks(c[0]), GreaterThan(c[1], ?))", "Above which value should Price stand out"),
        ("Blanks(c[0])", "Which cells of Item should stand out, or do you mean another column?"),
        ("Equals(ROW(), 2)", UNSURE),
        ("Blanks(c[9])", UNSURE),
    ],
)
def test_the_question_asks_for_what_is_open(condition: str, question: str) -> None:
    """One sentence names the column, and what its values are like."""
    found = question_for(rules(condition), TABLE)
    assert found.startswith(question)
    assert found.endswith("?")
    assert "\n" not in found


@pytest.mark.parametrize(
    ("condition", "question"),
    [
        (
            "GreaterThan(c[?], ?)",
            "Above which value should Price stand out (it runs from 5 to 20)?",
        ),
        ("Top(c[?], 3)", "Which cells of Price should stand out, or do you mean another column?"),
        ("TextContains(c[?], ?)", "Which text should Price have (it runs from 5 to 20)?"),
    ],
)
def test_a_column_that_can_be_but_one_is_not_asked_for(condition: str, question: str) -> None:
    """What else is open is asked for in its place."""
    assert question_for(rules(condition), Table(TABLE.columns[:2])) == question


def test_the_first_open_rule_is_asked_about() -> None:
    """Of several rules, the one that is open is asked about."""
    found = question_for(rules("Blanks(c[0])", "LessThan(c[1], ?)"), TABLE)
    assert found.startswith("Below which value should Price")


def test_what_is_no_format_is_told_so() -> None:
    """No rules at all is a request for something else."""
    assert question_for(None, TABLE) == NO_FORMAT


def test_questions_without_names() -> None:
    """A table without columns, numbers or headers still gets a question."""
    open_column = rules("GreaterThan(c[?], 5)")
    assert "none has a name" in question_for(open_column, Table(()))
    texts = Table((TableColumn.of("", ["a"]), TableColumn.of("Kind", ["b"])))
    assert question_for(open_column, texts) == "Which column do you mean (column A, Kind)?"
    blank = Table((TableColumn.of("Price", [None, "x"]),))
    wanted = "Above which value should Price stand out?"
    assert question_for(rules("GreaterThan(c[0], ?)"), blank) == wanted


@pytest.mark.parametrize(
    ("condition", "complete"),
    [
        ("GreaterThan(c[1], ?)", ["AboveAverage(c[1])", "TopPercent(c[1], 10)", "Top(c[1], 10)"]),
        (
            "LessThan(c[1], ?)",
            ["BelowAverage(c[1])", "BottomPercent(c[1], 10)", "Bottom(c[1], 10)"],
        ),
        ("GreaterThan(c[?], 5)", ["GreaterThan(c[1], 5)"]),
        ("GreaterThan(c[?], DATE(2026,1,5))", ["GreaterThan(c[2], DATE(2026,1,5))"]),
        ("TextContains(c[?], 'a')", ["TextContains(c[0], 'a')"]),
        ("GreaterThan(c[?], ?)", []),
        ("Equals(c[1], ?)", []),
        ("NOT(GreaterThan(c[1], ?))", []),
    ],
)
def test_open_requests_have_readings(condition: str, complete: list[str]) -> None:
    """A missing threshold is an extreme, a missing column any that fits."""
    found = [print_condition(each.rules[0].condition) for each in readings(rules(condition), TABLE)]
    assert found == complete


def test_readings_keep_target_and_style() -> None:
    """Only the condition is filled in."""
    rule = Rule(parse_condition("GreaterThan(c[1], ?)"), ROW, Style(bold=True), True)
    for each in readings(RuleSet((rule,)), TABLE):
        [found] = each.rules
        assert (found.target, found.style, found.stop_if_true) == (ROW, Style(bold=True), True)
        assert not has_holes(found.condition)


def test_there_are_few_readings() -> None:
    """Of many fitting columns four are offered; several rules have none."""
    wide = Table(tuple(TableColumn.of(f"n{i}", [1.0, 2.0]) for i in range(9)))
    assert len(list(readings(rules("Top(c[?], 3)"), wide))) == 4
    assert not list(readings(rules("Top(c[?], 3)", "Blanks(c[0])"), wide))


def test_a_text_left_open_has_the_columns_texts_as_readings() -> None:
    """The commonest come first; a column of many texts offers none."""
    answers = TableColumn.of("Answer", ["no", "yes", "yes", None, "late"])
    names = TableColumn.of("Name", [f"n{index}" for index in range(40)])
    table = Table((answers, names))
    found = list(readings(rules("TextContains(c[0], ?)"), table))
    assert [print_condition(each.rules[0].condition) for each in found] == [
        "TextContains(c[0], 'yes')",
        "TextContains(c[0], 'no')",
        "TextContains(c[0], 'late')",
    ]
    assert not list(readings(rules("TextContains(c[1], ?)"), table))


def test_the_only_column_is_not_asked_for() -> None:
    """An open column is the one that there is; of several, none is chosen."""
    closed = with_only_column(rules("Equals(c[?], 0)"), NO_COLUMN)
    assert print_condition(closed.rules[0].condition) == "Equals(c[0], 0)"
    assert has_holes(with_only_column(rules("Equals(c[?], 0)"), TABLE).rules[0].condition)


def test_the_column_that_reaches_the_number_comes_first() -> None:
    """Of the columns that fit, those whose numbers lie around what is said are offered first."""
    table = Table((TableColumn.of("Code", [1, 2, 3]), TableColumn.of("Orders", [90, 310])))
    found = readings(rules("GreaterThan(c[?], 200)"), table)
    columns = [print_condition(each.rules[0].condition) for each in found]
    assert columns == ["GreaterThan(c[1], 200)", "GreaterThan(c[0], 200)"]
