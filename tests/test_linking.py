"""What linking offers for a request: values, columns and colours."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grammar.conditions import Binary, Date, Number, Text
from grammar.printer import print_scalar
from grammar.table import Table, TableColumn
from grammar.values import to_serial
from model.linking import Linked, link
from model.linking.cells import distinct_texts
from model.linking.linker import MAX_COLOURS, MAX_LISTED, MAX_MENTIONED, MAX_SLOTS
from model.linking.mentions import STOPWORDS, header_words, stem, words_of
from model.linking.numbers import numbers_in, parse_number

TODAY = dt.date(2026, 11, 23)
DUE = [to_serial(dt.date(2026, month, 1)) for month in (8, 9, 10, 11)]
CUSTOMERS = ["Bright Bakery", "Cove Hotels", "Garden & Sons", "Hotel Adlon Berlin"]
ORDERS = Table(
    (
        TableColumn.of("Order No", ["A-17", "A-18", "B-20", "B-21"]),
        TableColumn.of("Customer", CUSTOMERS),
        TableColumn.of("Region", ["North", "South", "North", "East"]),
        TableColumn.of("Status", ["Delivered", "Open", "Returned", "Open"]),
        TableColumn.of("Amount", [120.5, 90, 40000, 12]),
        TableColumn("Discount", (0.05, 0.1, None, 0.2), (False,) * 4, "0%"),
        TableColumn.of("dueDate", DUE, is_date=True),
        TableColumn.of("unit_price", [1.5, 2.5, 3, 4]),
        TableColumn.of("Qty", [1, 2, 3, 4]),
    )
)
LINES = (Path(__file__).parent / "fixtures" / "linking.tsv").read_text(encoding="utf-8")
CASES = [
    (line + "\t\t\t").split("\t")[:4]
    for line in LINES.splitlines()
    if line and not line.startswith("# ")
]


def of(request: str, table: Table = ORDERS) -> Linked:
    """A request linked on the day of the fixtures."""
    return link(request, table, TODAY)


def offered(linked: Linked) -> set[str]:
    """The mentioned literals, both with and without the column that knows them."""
    said = [slot for slot in linked.slots if slot.start is not None]
    plain = {print_scalar(slot.literal) for slot in said}
    return plain | {f"{print_scalar(s.literal)}@{s.column}" for s in said if s.column is not None}


def parts(text: str) -> set[str]:
    """The entries of one field of a fixture."""
    return {part.strip() for part in text.split("|") if part.strip()}


@pytest.mark.parametrize(("request_text", "literals", "columns", "colours"), CASES)
def test_what_a_request_says_is_offered(
    request_text: str, literals: str, columns: str, colours: str
) -> None:
    """Every literal, column and colour of the fixture has a slot."""
    linked = of(request_text)
    assert parts(literals) <= offered(linked)
    assert set(map(int, parts(columns))) <= {mention.column for mention in linked.columns}
    assert parts(colours) == {f"{colour.words} {colour.hex}" for colour in linked.colours}


def test_the_fixture_is_as_broad_as_it_claims() -> None:
    """Numbers, percents, fractions, dates and texts all occur, in more than eighty requests."""
    kinds = {type(slot.literal) for case in CASES for slot in of(case[0]).slots}
    assert kinds == {Number, Binary, Date, Text}
    assert len(CASES) > 80
    assert len({case[0] for case in CASES}) == len(CASES)


@pytest.mark.parametrize(
    ("spelling", "value"),
    [("1,250", 1250), ("1,25", 1.25), ("1.250.000", 1.25e6), ("1’000", 1000), ("1.5", 1.5)],
)
def test_separators_tell_thousands_from_decimals(spelling: str, value: float) -> None:
    """Groups of three digits are thousands, anything else is decimals."""
    assert parse_number(spelling) == value


@pytest.mark.parametrize(("largest", "first"), [(900.0, 120.0), (40e6, 120e6)])
def test_metres_are_no_millions(largest: float, first: float) -> None:
    """Of ``120 m`` the reading that the table's numbers reach comes first, and both are offered."""
    table = Table((TableColumn.of("Height", [3.0, largest]),))
    numbers = [slot.literal for slot in of("higher than 120 m", table).slots]
    assert numbers[0] == Number(first)
    assert {Number(120.0), Number(120e6)} <= set(numbers)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_a_number_reads_the_same_with_and_without_separators(value: int) -> None:
    """Thousands separators change nothing."""
    for spelling in (f"{value}", f"{value:,}", f"{value:,}".replace(",", "'")):
        literals = [mention.literal for mention in numbers_in(f"amount over {spelling} please")]
        assert Number(float(value)) in literals


@settings(max_examples=40, deadline=None)
@given(st.dates(dt.date(1990, 1, 1), dt.date(2049, 12, 31)))
def test_a_day_reads_the_same_in_every_notation(day: dt.date) -> None:
    """ISO, German, spelt-out and American notations name the same day."""
    notations = [f"{day:%Y-%m-%d}", f"{day:%d.%m.%Y}", f"{day:%d %B %Y}", f"{day:%b %d, %Y}"]
    for notation in notations:
        assert Date(day) in [slot.literal for slot in of(f"due after {notation}").slots]


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=120))
def test_any_text_can_be_linked(text: str) -> None:
    """No request breaks linking; its mentions lie within it and fit the limits."""
    linked = of(text)
    said = [slot for slot in linked.slots if slot.start is not None]
    spans = [(s.start, s.end) for s in said] + [(c.start, c.end) for c in linked.columns]
    spans += [(colour.start, colour.end) for colour in linked.colours]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert len(said) <= MAX_MENTIONED
    assert len(linked.slots) <= MAX_MENTIONED + MAX_LISTED
    assert len(linked.colours) <= MAX_COLOURS


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([case[0] for case in CASES]), min_size=1, max_size=4))
def test_linking_is_deterministic(requests: list[str]) -> None:
    """The same request gives the same slots in the same order."""
    text = " and ".join(requests)
    first, second = of(text), of(text)
    assert (first.slots, first.columns, first.colours) == (
        second.slots,
        second.columns,
        second.colours,
    )


def test_short_text_columns_are_listed_whole() -> None:
    """Values that the request does not say are offered too, once each, without a place."""
    linked = of("the delivered ones")
    listed = {print_scalar(s.literal) for s in linked.slots if s.start is None and s.column == 3}
    assert listed == {"'Open'", "'Returned'"}


def test_long_and_unique_columns_are_not_listed() -> None:
    """A column of names, each once, offers only what is said."""
    assert not [slot for slot in of("the delivered ones").slots if slot.column == 1]


def test_years_stay_numbers_without_a_date_column() -> None:
    """Where a table has no dates, 2025 is a number and nothing else."""
    table = Table((TableColumn.of("Year", [2024, 2025]),))
    assert [slot.literal for slot in of("year 2025", table).slots] == [Number(2025.0)]


def test_a_header_word_that_many_columns_share_offers_them_all() -> None:
    """Linking decides nothing: every column with the word is a mention."""
    names = ("Net price", "Gross price", "Weight")
    table = Table(tuple(TableColumn.of(name, [1.0, 2.0]) for name in names))
    assert {mention.column for mention in of("price above 1", table).columns} == {0, 1}
    assert {mention.column for mention in of("gross price above 1", table).columns} == {1}


def test_letters_count_from_the_place_of_the_table() -> None:
    """``column D`` is the second column of a table that begins in C."""
    columns = (TableColumn.of("x", [1.0]), TableColumn.of("y", [2.0]))
    assert [c.column for c in of("column D", Table(columns, first_column=2)).columns] == [1]
    assert not of("column A", Table(columns, first_column=2)).columns


@pytest.mark.parametrize(
    ("said", "columns"),
    [
        ("error values in H, red", [7]),
        ("H > 5 in red", [7]),
        ("D=H", [3, 7]),
        ("red where H is over 5", [7]),
        ("more than 5 h of labour", [1, 2]),
        ("everything in B", []),
        ("codes ending in H", [1, 2]),
        ("R&D > 5, P/D > 5, °D > 5, 9 D > 5", []),
        ("D = red", []),
        ("over 5 in D", []),
        ("Size C > 5", [5]),
        ("in C, over 5", [5]),
        ("G > 5", [8]),
        ("in E, over 5", []),
    ],
)
def test_a_capital_is_a_column_where_no_word_of_the_table_is(said: str, columns: list[int]) -> None:
    """*in H* is the eighth column, not one of hours; *B* is a cell here, *C* in a header."""
    names = ["Bike", "Labour h", "Est. h", "Cost", "Paid", "Size C", "Part", "Faults", "g"]
    cells = [["shift A", "shift b", "E12"] if name == "Part" else [1.0, 2.0] for name in names]
    table = Table(tuple(TableColumn.of(*pair) for pair in zip(names, cells, strict=True)))
    assert sorted({mention.column for mention in of(said, table).columns}) == columns


def test_headers_that_look_like_addresses_are_mentions_still() -> None:
    """*B12* is the vitamin, and may be the cell."""
    names = ["Patient", "Age", "B12", "D3", "Folate"]
    table = Table(tuple(TableColumn.of(name, [1.0, 2.0]) for name in names))
    assert [mention.column for mention in of("B12 below D3", table).columns] == [2, 3, 1, 3]


def test_a_range_of_cells_may_be_said_in_words() -> None:
    """*D2 down to D90* is one mention."""
    table = Table(tuple(TableColumn.of(name, [1.0]) for name in ("v", "w", "x", "y")))
    assert [(m.start, m.end) for m in of("D2 down to D90: blanks", table).columns] == [(0, 14)]


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ("Test 1 above 50", [50.0]),
        ("Test 1 below 1", [1.0]),
        ("test > 2, age over 5", [2.0, 5.0]),
        ("age 65 or older red, test 2 under 5", [65.0, 5.0]),
        ("hours over 40, test 2 under 5", [40.0, 5.0]),
        ("top 10, top 20", [10.0, 20.0]),
        ("test 1 and up", [1.0]),
    ],
)
def test_the_number_of_a_series_gives_way_to_others(said: str, values: list[float]) -> None:
    """*Test 1* is the column where another number is said; *Age 65* beside ``Age`` need not be."""
    names = ["Test 1", "Test 2", "Age", "Age 65", "Age 80", "Hours over 40", "Top 10", "Top 20"]
    table = Table(tuple(TableColumn.of(name, [1.0, 2.0]) for name in names))
    found = [slot.literal for slot in of(said, table).slots]
    assert [each.value for each in found if isinstance(each, Number)] == values


def test_an_empty_table_links_what_the_request_says() -> None:
    """No columns, no cells: literals and colours are still found."""
    linked = of("above 5 in red", Table(()))
    assert [slot.literal for slot in linked.slots] == [Number(5.0)]
    assert [colour.words for colour in linked.colours] == ["red"]


def test_no_more_slots_than_the_model_has_names_for() -> None:
    """A request full of numbers and colours keeps the first ones."""
    linked = of(" ".join(f"{number}" for number in range(60)) + " red green blue" * 5)
    assert len([slot for slot in linked.slots if slot.start is not None]) == MAX_MENTIONED
    assert len(linked.colours) == MAX_COLOURS


def test_distinct_texts_come_commonest_first() -> None:
    """The texts of a column without blanks around them, each once."""
    column = TableColumn.of("x", ["a", "b ", "b", None, 3, ""])
    assert distinct_texts(column) == ["b", "a"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("deliveries", "delivery"), ("open", "opened"), ("shipping", "shipped"), ("it's", "it")],
)
def test_stems_join_the_forms_of_a_word(one: str, other: str) -> None:
    """Plural, tense and possessive endings do not matter."""
    assert stem(one) == stem(other)


def test_headers_are_split_into_words() -> None:
    """camelCase, snake_case and spaces all separate words."""
    for header in ("dueDate", "due_date", "Due Date", "due-date"):
        assert [word.text for word in header_words(header)] == ["due", "date"]


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_words_keep_their_places(text: str) -> None:
    """A word's span is its spelling."""
    assert all(text[word.start : word.end] == word.spelt for word in words_of(text))


def test_stopwords_are_lower_case_words() -> None:
    """Words are compared in lower case, so the list is too."""
    assert all(word == word.lower() and word.isalpha() for word in STOPWORDS)


UNITS = Table(
    (
        TableColumn.of("Runtime (min)", [90.0, 120.0]),
        TableColumn.of("Weight g", [500.0, 2500.0]),
        TableColumn.of("Budget k$", [500.0, 900.0]),
        TableColumn.of("Built", DUE[:2], is_date=True),
        TableColumn.of("Model", ["R2-17 Chq", "R3-09 Std"]),
    )
)


@pytest.mark.parametrize(
    ("said", "literals"),
    [
        ("longer than two and a half hours", {"150"}),
        ("an hour or more", {"60"}),
        ("lasts 2-3 h", {"120", "180"}),
        ("over 2 kg", {"2", "2000"}),
        ("heavier than three kilos", {"3000"}),
        ("over half a million", {"500", "500000"}),
        ("fifty grand or more", {"50000"}),
        ("over two and a half thousand", {"2500"}),
        ("above zero point eight five", {"0.85"}),
        ("thirty seven point five", {"37.5"}),
        ("two point five million", {"2500000"}),
        ("more than one eighty", {"180"}),
        ("over a hundred and fifty thousand", {"150000"}),
        ("between five hundred and two thousand", {"500", "2000"}),
        ("the weakest fifth", {"20%"}),
        ("built in January 2027", {"1", "2027", "DATE(2027,1,31)"}),
        ("starting with a p", {"'p'"}),
        ("half a dozen", {"6"}),
        ("from eighty to a hundred and fifty", {"80", "150"}),
        ("between one hundred and two hundred", {"100", "200"}),
        ("in two thousand and eighteen", {"2018", "DATE(2018,1,1)"}),
        ("since twenty twenty-four", {"2024"}),
        ("5k-10k", {"5000", "10000"}),
        ("30-40 k", {"30000", "40000"}),
        ("90-100 %", {"90%", "100%"}),
        ("nine tenths of it", {"9 / 10"}),
        ("fell by five points", {"5%"}),
        ("below forty cents", {"0.4"}),
        ("minors", {"18"}),
        ("built in the nineties", {"1990", "1999", "DATE(1990,1,1)"}),
        ("2015 or earlier", {"DATE(2016,1,1)"}),
        ("built before '24", {"DATE(2024,1,1)"}),
        ("built after 1 jan 27, bold", {"DATE(2027,1,1)"}),
        ("truck T-07 please", {"'T-07'"}),
        ("starting with R2-1, blue", {"'R2-1'"}),
        ("nov 16 to 22", {"DATE(2026,11,16)", "DATE(2026,11,22)"}),
        ("9 to 15 August", {"DATE(2026,8,9)", "DATE(2026,8,15)"}),
        ("the fifth of November", {"DATE(2026,11,5)"}),
        ("since the end of June", {"DATE(2026,7,1)"}),
        ("in the first half of 2025", {"DATE(2025,1,1)", "DATE(2025,6,30)"}),
        ("due in H2", {"DATE(2026,7,1)", "DATE(2026,12,31)"}),
        ("due after 1 May 21:30", {"DATE(2026,5,1)"}),
        ("christmas eve", {"DATE(2026,12,24)"}),
        ("before the 25th", {"DATE(2026,11,25)"}),
        ("built dec 27", {"DATE(2027,12,1)", "DATE(2027,12,31)"}),
        ("on a weekend", {"6"}),
        ("on a saturday", {"6", "7"}),
        ("rack 2", {"'R2'"}),
        ("cheques", {"'Chq'"}),
        ("standards", {"'Std'"}),
        ("the .net ones", {"'.net'"}),
        ("the load_ jobs", {"'load_'"}),
        ("from jo.ab-c@mail.example.com", {"'jo.ab-c@mail.example.com'"}),
        ("those that are +", {"'+'"}),
        ("models with an & in their name", {"'&'"}),
        ("either p or ul", {"'p'", "'ul'"}),
        ("paint the town Halle and Bad Ems", {"'Halle'", "'Bad Ems'"}),
    ],
)
def test_what_is_said_in_another_form_is_offered(said: str, literals: set[str]) -> None:
    """Numbers in words, other units, periods and shortened texts have a slot too."""
    assert literals <= offered(of(said, UNITS))


def test_names_of_sheets_are_no_texts() -> None:
    """Words with capitals beside *sheet* or *column* say where, not what."""
    assert not offered(of("the Staff sheet, column Grade", UNITS)) & {"'Staff'", "'Grade'"}


def test_values_of_named_columns_are_listed_first() -> None:
    """Where not all short columns fit, that which the request names is listed."""
    columns = [TableColumn.of(f"Kind {i}", [f"{c}{i}" for c in "abcdef"] * 2) for i in range(5)]
    linked = of("kind 4", Table(tuple(columns)))
    assert "f4" in {slot.literal.value for slot in linked.slots if isinstance(slot.literal, Text)}
    assert len(linked.slots) <= MAX_SLOTS


def test_what_is_said_never_gives_way_to_other_readings() -> None:
    """With more readings than slots, every amount that is said keeps its own."""
    amounts = range(11, 23)
    text = ", ".join(f"{amount} h" for amount in amounts)
    assert {f"{amount}" for amount in amounts} <= offered(of(text, UNITS))


def test_what_is_quoted_is_one_text() -> None:
    """Cells that share a word with a quoted text are not meant, unless they are that very text."""
    table = Table((TableColumn.of("Fund", ["Direct Plan-G", "Direct Plan-Annual", "Other Plan"]),))
    slots = of('funds containing "Direct Plan-G"', table).slots
    assert {slot.literal for slot in slots if slot.start is not None} == {Text("Direct Plan-G")}


def test_a_cell_said_whole_hides_what_shares_a_word_with_it() -> None:
    """Of "LA Liga" only the league is meant, not the town in another column."""
    league = TableColumn.of("League", ["LA Liga", "Serie A", "LA Liga"])
    team = TableColumn.of("Team", ["La Coruna", "Roma", "Sevilla"])
    mentioned = [s for s in of("LA Liga games", Table((team, league))).slots if s.start is not None]
    assert [(slot.literal, slot.column) for slot in mentioned] == [(Text("LA Liga"), 1)]


WEEK = Table(
    (
        TableColumn.of("Date", DUE[:2], is_date=True),
        TableColumn.of("Day", ["Sat", "Thu", "Sun", "Sat"]),
        TableColumn.of("Month", ["January", "May", "Sept.", "May"]),
    )
)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("grey rows for Saturdays and thursday", {"Sat", "Thu"}),
        ("jan and september", {"January", "Sept."}),
        ("may", {"May"}),
        ("weekend shifts", {"Sat", "Sun"}),
    ],
)
def test_days_and_months_are_known_by_every_name(said: str, found: set[str]) -> None:
    """The cells' own spelling is offered where the request says it longer or shorter."""
    mentioned = [
        slot for slot in of(said, WEEK).slots if slot.column is not None and slot.start is not None
    ]
    assert {slot.literal.value for slot in mentioned if isinstance(slot.literal, Text)} == found


def test_people_stand_for_their_country() -> None:
    """*Polish* is the cell ``Poland`` and *Germans* is ``DE``; no cell is made up."""
    table = Table((TableColumn.of("Land", ["Poland", "DE", "UK", "Polish sausage"]),))
    words = Table((TableColumn.of("Paid", ["No", "Yes", "In"]),))
    said = [slot for slot in of("Norwegian or Indian", words).slots if slot.start is not None]
    assert not [slot for slot in said if slot.column is not None]
    for said, cell in (("polish ones", "Poland"), ("the Germans", "DE"), ("British", "UK")):
        assert Text(cell) in {
            slot.literal for slot in of(said, table).slots if slot.start is not None
        }
    assert not [slot for slot in of("the Dutch", table).slots if slot.column == 0 and slot.start]


def test_a_weekday_that_cells_name_is_no_number() -> None:
    """Where cells say *Sat*, no number of the day competes with it; on other days it is there."""
    said = {slot.literal for slot in of("saturday or friday", WEEK).slots if slot.start is not None}
    assert {Text("Sat"), Number(5.0), Number(6.0)} == said


@pytest.mark.parametrize(
    ("said", "headers"),
    [
        ("Q2 lower than Q1", ["Qtr 1", "Qtr 2"]),
        ("the fourth-quarter figures", ["Qtr 4"]),
        ("more than 3 in July", ["Jul"]),
        ("over 3 from October to december", ["Oct-Dec"]),
        ("Q3 sales over 3", ["Q3 Sales"]),
    ],
)
def test_columns_of_periods_are_known_by_every_name(said: str, headers: list[str]) -> None:
    """Such a column is meant, not a date, where the table has none; *3* alone names no column."""
    names = ["Shop", "Qtr 1", "Qtr 2", "Q3 Sales", "Q3 Costs", "Qtr 4", "Jul", "Oct-Dec"]
    linked = of(said, Table(tuple(TableColumn.of(name, [1.0, 2.0]) for name in names)))
    assert sorted({names[found.column] for found in linked.columns}) == headers
    assert {slot.literal for slot in linked.slots} <= {Number(3.0)}


def test_addresses_are_no_halves_of_a_year() -> None:
    """*H2* in a range, and beside the word cell, is a place."""
    for said in (
        "colour H2:H20 where built is past",
        "cell H2 if built is past",
        "H1 to H20 blank",
    ):
        assert not [slot for slot in of(said, UNITS).slots if isinstance(slot.literal, Date)]


def test_numbered_headers_are_told_apart() -> None:
    """*Column12* is that column alone, however little the other names differ."""
    table = Table(tuple(TableColumn.of(f"Column{i}", [1.0, 2.0]) for i in range(1, 14)))
    found = of("column12 above Column3", table).columns
    assert {mention.column for mention in found} == {11, 2}
    assert len(found) == 2
