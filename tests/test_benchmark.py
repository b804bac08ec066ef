"""Benchmark files: their layouts, their errors and what is measured on them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grammar.errors import RequestError
from grammar.parser import parse_condition
from grammar.values import Kind
from server.benchmark import load_cases, measure

ROWS = [["Id", "Weight", "Day"], ["a", 10, "2026-08-01"], ["b", "50", "2026-08-02"]]
CASE = {"ID": "k7", "NL Utterance": "above 40", "Code": "GreaterThan(c[1], 40)", "Data": ROWS}


def write(folder: Path, value: object) -> Path:
    """A JSON file."""
    path = folder / "cases.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def test_a_list_of_cases(tmp_path: Path) -> None:
    """Id, utterance, table and condition are read; texts that read as dates are dates."""
    [case] = load_cases(write(tmp_path, [CASE]), None)
    assert (case.id, case.utterance) == ("k7", "above 40")
    assert case.code == parse_condition("GreaterThan(c[1], 40)")
    kinds = [column.kind for column in case.table.columns]
    assert kinds == [Kind.TEXT, Kind.NUMBER, Kind.DATE]


def test_lists_by_split(tmp_path: Path) -> None:
    """A file with one list needs no split, one with several does."""
    two = {"train": [CASE], "test": [CASE, CASE]}
    assert len(load_cases(write(tmp_path, {"all": [CASE]}), None)) == 1
    assert len(load_cases(write(tmp_path, two), "test")) == 2
    with pytest.raises(RequestError, match=r"several lists \(train, test\); choose one"):
        load_cases(write(tmp_path, two), None)
    with pytest.raises(RequestError, match="no split 'dev'; there are train, test"):
        load_cases(write(tmp_path, two), "dev")


@pytest.mark.parametrize("rows", [[], [["Weight"]], None, "no list"])
def test_a_case_without_data_rows_has_one_column(tmp_path: Path, rows: object) -> None:
    """Without data there is one column of which nothing is known."""
    [case] = load_cases(write(tmp_path, [CASE | {"Data": rows}]), None)
    assert len(case.table.columns) == 1
    assert not case.table.has_header


@pytest.mark.parametrize("code", [None, "", "  ", "nonsense(", 5])
def test_code_that_is_no_condition_is_not_known(tmp_path: Path, code: object) -> None:
    """Such a case is answered and not measured."""
    [case] = load_cases(write(tmp_path, [CASE | {"Code": code}]), None)
    assert case.code is None


def test_a_case_needs_no_id(tmp_path: Path) -> None:
    """Its place in the list is its id, counted from 1."""
    entry = {"NL Utterance": "above 40"}
    assert [case.id for case in load_cases(write(tmp_path, [entry, entry]), None)] == ["1", "2"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("text", "no list of cases"),
        (5, "no list of cases"),
        ({"test": 5}, "no list of cases"),
        ({}, "several lists"),
        ([5], "case 1 has no"),
        ([{"ID": 1}], 'case 1 has no "NL Utterance"'),
        ([CASE | {"Data": [5]}], "case 1"),
        ([CASE | {"Data": [["A"], 5]}], "case 1"),
    ],
)
def test_what_is_no_benchmark_is_refused(tmp_path: Path, value: object, message: str) -> None:
    """The message says what was expected."""
    with pytest.raises(RequestError, match=message):
        load_cases(write(tmp_path, value), None)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """Missing files, folders and other formats are named."""
    garbled = tmp_path / "garbled.json"
    garbled.write_bytes(b"\xff\xfe{")
    for path in (tmp_path / "missing.json", tmp_path, garbled):
        with pytest.raises(RequestError, match="cannot be read as JSON"):
            load_cases(path, None)


def line(*conditions: str, abstained: bool = False, seconds: float = 0.1) -> dict[str, object]:
    """One answer with these candidates."""
    candidates = [{"condition": condition} for condition in conditions]
    return {"candidates": candidates, "abstained": abstained, "seconds": seconds}


def test_figures(tmp_path: Path) -> None:
    """Shares count the cases whose code is known; the same condition may be spelt otherwise."""
    cases = load_cases(write(tmp_path, [CASE, CASE, CASE, CASE | {"Code": None}]), None)
    lines = [
        line("GreaterThan(c[1], 40.0)", seconds=0.3),
        line("Blanks(c[1])", "GreaterThan(40)", seconds=0.2),
        line(abstained=True),
        line("Blanks(c[1])"),
    ]
    figures = measure(cases, lines)
    assert (figures["cases"], figures["with_code"], figures["abstained"]) == (4, 3, 1)
    assert (figures["top1"], figures["top3"]) == (0.3333, 0.6667)
    assert figures["p95_seconds"] == 0.3
    assert figures["median_seconds"] == 0.15


def test_candidates_of_several_rules_count_as_wrong(tmp_path: Path) -> None:
    """A candidate without a condition of its own answers no case of one condition."""
    cases = load_cases(write(tmp_path, [CASE]), None)
    several = {"candidates": [{"rules": []}], "abstained": False, "seconds": 0.0}
    assert measure(cases, [several])["top5"] == 0


def test_an_empty_file_has_figures(tmp_path: Path) -> None:
    """No cases, no shares, no time."""
    figures = measure(load_cases(write(tmp_path, []), None), [])
    assert figures["cases"] == figures["top5"] == figures["p95_seconds"] == 0
