"""Files of the corpus: shorthand, their faults, and published pairs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from grammar.errors import CellFusionError, ModelError, ParseError
from grammar.parser import parse_condition
from model.corpus.check import check, main
from model.corpus.generate import TODAY
from model.corpus.notation import parse_rules, print_rules, split_outside
from model.corpus.pairs import Pair, load_pairs, pair_sample, without_table


@pytest.mark.parametrize(
    "text",
    [
        "NONE",
        "Blanks(c[0])",
        "GreaterThan(c[3], 40) -> row : fill light orange, bold",
        "Blanks(c[0]) -> c[0], c[2] : font red",
        "TextEquals(c[1], 'a;b:c') : fill red ; Top(c[0], 3) : italic",
    ],
)
def test_shorthand_prints_as_it_was_written(text: str) -> None:
    """Shorthand is a fixed point of parsing and printing."""
    assert print_rules(parse_rules(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "Blanks(c[0]) : glow red",
        "Blanks(c[0]) : bold red",
        "Blanks(c[0]) : fill",
        "Blanks(c[0]) -> rows",
        "Blanks(c[0]) -> row -> row",
        "Blanks(c[0]) : bold : italic",
        "Blanks(c[0",
        "Blanks(c[0]) ;",
        "",
    ],
)
def test_wrong_shorthand_is_refused(text: str) -> None:
    """What is no shorthand raises an error of the grammar."""
    with pytest.raises((ParseError, CellFusionError)):
        parse_rules(text)


def test_separators_within_quotes_do_not_separate() -> None:
    """Only separators outside quotes and parentheses count."""
    assert split_outside("a;'b;c';f(d;e)", ";") == ["a", "'b;c'", "f(d;e)"]


SCHEMA = {
    "id": "x",
    "columns": [{"header": "A", "kind": "number", "low": 0, "high": 9}],
    "requests": [["above 5", "GreaterThan(c[0], 5)"]],
}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"requests": [["above 5", "GreaterThan(c[1], 5)"]]}, "column 1 of 1"),
        ({"requests": [["above 5", "GreaterThan(c[0]"]]}, "line 1"),
        ({"requests": [["above 5"]]}, "not a pair"),
        ({"requests": "none"}, "are lists"),
        ({"columns": [{"header": "A", "kind": "colour"}]}, "is none of"),
        ({"columns": [{"header": "A", "kind": "date", "low": "2026-01-01"}]}, "high is missing"),
    ],
)
def test_faults_of_a_schema_are_named(tmp_path: Path, change: dict, fault: str) -> None:
    """Each fault says what is wrong, and the command counts it."""
    path = tmp_path / "schemas_x.json"
    path.write_text(json.dumps([SCHEMA | change]), encoding="utf-8")
    assert any(fault in each for each in check(path))
    assert main([str(path)]) == 1


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("no tab", "not sentence"),
        ("{zz} above {v}\tGreaterThan({n}, {v})", "unknown placeholders ['zz']"),
        ("{n} above {v}\tGreaterThan({n}, {v}", "line 1"),
    ],
)
def test_faults_of_a_template_are_named(tmp_path: Path, line: str, fault: str) -> None:
    """Comments and blank lines are no faults, broken lines are."""
    path = tmp_path / "templates_x.tsv"
    path.write_text(f"# comment\n\n{line}\n", encoding="utf-8")
    [found] = check(path)
    assert fault in found
    assert found.startswith("line 3")


def test_a_file_without_faults_is_right(tmp_path: Path, capsys) -> None:
    """The command's exit status is 0 and it counts no faults."""
    path = tmp_path / "schemas_x.json"
    path.write_text(json.dumps([SCHEMA]), encoding="utf-8")
    assert main([str(path)]) == 0
    assert capsys.readouterr().out == "0 faults in 1 files\n"


PAIRS = [
    {
        "ID": "p5",
        "NL Utterance": "cells above 40",
        "Code": "GreaterThan(40)",
        "Data": [["Id", "Weight"], ["a", 10], ["b", 50]],
    },
    {"ID": "p1", "NL Utterance": "x", "Code": "nonsense(", "Data": [["A"], [1]]},
    {"ID": "p2", "NL Utterance": "text Ghent", "Code": "TextContains(Gent)", "Data": []},
]


def write(path: Path, value: object) -> Path:
    """A JSON file."""
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def test_published_pairs_are_read(tmp_path: Path) -> None:
    """Code that is no condition is left out; every fifth id is held out."""
    pairs = list(load_pairs(write(tmp_path / "pairs.json", PAIRS)))
    assert [pair.id for pair in pairs] == ["p5", "p2"]
    assert [pair.held_out for pair in pairs] == [True, False]
    assert pairs[0].condition == parse_condition("GreaterThan(40)")


def test_a_pair_looks_at_the_second_column(tmp_path: Path) -> None:
    """These tables keep their values there."""
    pairs = list(load_pairs(write(tmp_path / "pairs.json", PAIRS)))
    assert program_of(pairs[0]) == ("GreaterThan", "C1", "V0")


def test_a_pair_without_its_table_is_about_one_column(tmp_path: Path) -> None:
    """The request alone says what is compared."""
    pairs = list(load_pairs(write(tmp_path / "pairs.json", PAIRS)))
    assert program_of(without_table(pairs[0])) == ("GreaterThan", "C0", "V0")


def test_a_value_that_a_pair_never_names_is_left_open(tmp_path: Path) -> None:
    """The code of the second pair spells its text otherwise than the request."""
    pairs = list(load_pairs(write(tmp_path / "pairs.json", PAIRS)))
    assert program_of(pairs[1]) == ("TextContains", "C0", "HOLE")


def program_of(pair: Pair) -> tuple[str, ...] | None:
    """The program of a pair, if it is a sample."""
    sample = pair_sample(pair, TODAY)
    return sample and sample.program


def wrong_files(folder: Path) -> Iterator[Path]:
    """Files that hold no pairs."""
    yield folder / "missing.json"
    yield write(folder / "object.json", {"ID": 1})
    yield write(folder / "keys.json", [{"ID": 1}])


def test_a_file_that_holds_no_pairs_is_refused(tmp_path: Path) -> None:
    """The message names the file."""
    for path in wrong_files(tmp_path):
        with pytest.raises(ModelError, match=path.name):
            list(load_pairs(path))
