"""The shipped model on the sample workbook: the mechanism end to end, and plain requests right."""

import datetime as dt

import pytest

from grammar.conditions import columns_of
from grammar.errors import RequestError
from grammar.parser import parse_condition
from grammar.rules import Rule, RuleSet
from grammar.table import Table, TableColumn
from model.equivalence import same_condition
from model.pipeline import MAX_UTTERANCE, WEIGHTS, Proposal, Suggester, varied
from model.ranking import Features
from server.sample import write_sample
from server.workbooks import read_table

TODAY = dt.date(2026, 11, 23)
PLAIN = [
    (
        "orders that are not delivered yet in orange",
        "Blanks(c[4])",
        "NOT(TextEquals(c[5], 'Delivered'))",
    ),
    ("highlight in red the orders below 100", "LessThan(c[6], 100)"),
    ("amounts over 500 in green", "GreaterThan(c[6], 500)"),
    ("cancelled orders in grey, whole row", "TextEquals(c[5], 'Cancelled')"),
    ("top 5 amounts bold", "Top(c[6], 5)"),
    ("discount of at least 10% light blue", "GreaterThanEqual(c[7], 10%)"),
    ("duplicate customers in pink", "Duplicates(c[1])"),
    ("data bars on the amount", "DataBar(c[6])"),
    (
        "status is Open or Packed in yellow",
        "OR(TextEquals(c[5], 'Open'), TextEquals(c[5], 'Packed'))",
    ),
]


@pytest.fixture(scope="module")
def suggester():
    return Suggester.load()


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    path = tmp_path_factory.mktemp("sample") / "orders.xlsx"
    write_sample(path, TODAY)
    return read_table(path)


@pytest.mark.parametrize("case", PLAIN, ids=lambda case: case[0])
def test_plain_requests(suggester, orders, case):
    """A plain request has its rule, in one of its forms, among the five that are offered."""
    utterance, *conditions = case
    found = suggester.suggest(utterance, orders, today=TODAY)
    wanted = [parse_condition(condition) for condition in conditions]
    offered = [proposal.rules.rules[0].condition for proposal in found.proposals]
    assert any(same_condition(each, right) for each in offered for right in wanted)
    assert [p.score for p in found.proposals] == sorted(p.score for p in found.proposals)[::-1]


def test_same_seed_same_answer(suggester, orders):
    """A seed fixes the answer, alone or among other requests."""
    alone = suggester.suggest(PLAIN[0][0], orders, today=TODAY, seed=7)
    together = suggester.suggest_many(
        [(PLAIN[1][0], orders), (PLAIN[0][0], orders)], today=TODAY, seed=7
    )[1]
    again = suggester.suggest(PLAIN[0][0], orders, today=TODAY, seed=7)
    assert alone == again == together


def test_what_is_no_format_is_asked_back(suggester, orders):
    """A request for something else than a format is answered with a question."""
    found = suggester.suggest("sort the table by date please", orders, today=TODAY)
    assert found.abstained
    assert found.question


def test_one_column_is_left_out(suggester):
    """With one column the conditions do not name it."""
    table = Table((TableColumn.of("Value", [1, 5, 30, 80]),))
    found = suggester.suggest("values greater than 25", table, today=TODAY)
    assert parse_condition("GreaterThan(25)") in [
        proposal.rules.rules[0].condition for proposal in found.proposals
    ]


def test_a_wide_table_is_answered_whole(suggester):
    """In a table of forty columns the one that is named is found, alone and as it takes shape."""
    columns = [TableColumn.of(f"Sensor {index:02}", [index, 90, 10]) for index in range(40)]
    columns[34] = TableColumn.of("Humidity", [20, 55, 80])
    table, told = Table(tuple(columns)), []
    requests = [("humidity above 50 in red", table), ("humidity over", table)]
    found, asked = suggester.suggest_many(
        requests,
        today=TODAY,
        watch=lambda place, _, text: told.append(text) if place == 0 else None,
    )
    wanted = parse_condition("GreaterThan(c[34], 50)")
    assert wanted in [proposal.rules.rules[0].condition for proposal in found.proposals]
    assert "c[34]" in told[-1]
    assert asked.question is None or "Humidity" in asked.question
    used = {c for p in asked.proposals for c in columns_of(p.rules.rules[0].condition)}
    assert used <= set(range(40))


def test_a_question_that_answers_itself_is_not_put(suggester):
    """A column that is left open is no question where but one can be meant; else it is."""
    columns = [
        TableColumn.of("Part", ["A-1", "A-2", "A-3"]),
        TableColumn.of("Sales", [5, 15, 30]),
        TableColumn.of("Returns", [1, 2, 13]),
    ]
    said = "values over 12 in orange"
    settled = suggester.suggest(said, Table(tuple(columns[:2])), today=TODAY)
    assert (settled.abstained, settled.question) == (False, None)
    assert settled.proposals[0].rules.rules[0].condition == parse_condition("GreaterThan(c[1], 12)")
    asked = suggester.suggest(said, Table(tuple(columns)), today=TODAY)
    assert (asked.abstained, asked.question) == (True, "Which column do you mean (Sales, Returns)?")


@pytest.mark.parametrize("utterance", ["", "   ", "x" * (MAX_UTTERANCE + 1)])
def test_requests_that_are_none(suggester, orders, utterance):
    """An empty or over-long request is refused with a clear error."""
    with pytest.raises(RequestError):
        suggester.suggest(utterance, orders, today=TODAY)


def test_what_colours_the_same_cells_is_offered_once(orders):
    """Of readings that look the same on the table the best is shown, while others are left."""
    said = ("Blanks(c[4])", "NOT(NotBlanks(c[4]))", "GreaterThan(c[6], 500)", "DataBar(c[6])")
    drawn = [
        Proposal(RuleSet((Rule(parse_condition(each)),)), score, Features())
        for each, score in zip(said, (0.5, 0.4, 0.3, 0.2), strict=True)
    ]
    assert [each.score for each in varied(drawn, orders, TODAY, 3)] == [0.5, 0.3, 0.2]
    assert [each.score for each in varied(drawn, orders, TODAY, 4)] == [0.5, 0.4, 0.3, 0.2]


def test_weights_keep_within_their_bounds():
    """The shipped files are at most 15 MB each and 60 MB in all."""
    sizes = [path.stat().st_size for path in WEIGHTS.iterdir()]
    assert max(sizes) <= 15_000_000
    assert sum(sizes) <= 60_000_000
