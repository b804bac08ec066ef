"""An independent engine agrees about formulas and native rules."""

import random

import pytest
from bench.second_opinion import draw_cases, judge
from oracle import Oracle


@pytest.fixture(scope="module")
def oracle():
    """One engine process for all tests of this file."""
    with Oracle() as engine:
        yield engine


@pytest.mark.parametrize("seed", range(15))
def test_formulon_agrees(oracle, seed):
    """Ten drawn conditions select the same cells in formulon, now and after blanks were filled."""
    table, later, cases = draw_cases(random.Random(seed), 10)
    for cells in (table, later):
        for kind, engine, case, wanted, given in judge(oracle, cells, cases):
            assert given == wanted, (kind, engine, case)
