"""Formulas over whole areas: the arrays give what every cell gives by itself."""

from __future__ import annotations

import datetime as dt

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from grammar.calc import CellGrid, Context, matching_cells
from grammar.calc.evaluator import evaluate, first_cell
from grammar.calc.lane_functions import NotVectorisableError
from grammar.calc.lanes import Lanes
from grammar.calc.matching import matches_one_by_one
from grammar.formula_parser import parse_formula
from grammar.ranges import Area, bounding_box
from grammar.values import CellValue, ExcelError

TODAY = dt.datetime(2026, 11, 10)
NUMBERS = [0.0, 1.0, 2.5, -3.0, 100.0, 46336.0, 46300.5, 0.1 + 0.2, 0.3]
TEXTS = ["", " ", "late", "LATE one", "a*b", "5", "TRUE", "2026-11-10", "é", "ア"]
ERRORS = [ExcelError.NA, ExcelError.DIV0, ExcelError.VALUE]
VALUES = st.sampled_from([None, True, False, *NUMBERS, *TEXTS, *ERRORS])
GRIDS = st.lists(VALUES, min_size=24, max_size=24).map(
    lambda cells: CellGrid(
        {"Sheet1": {(i % 4, 1 + i // 4): cell for i, cell in enumerate(cells)}},
        names={"limit": parse_formula("=$A$1"), "beside": parse_formula("=B1")},
    )
)
AREAS = st.lists(
    st.sampled_from("A2:A5 B2:C4 A1:D6 C3 B2:D2 A3:B9 D5:D6".split()).map(Area.parse),
    min_size=1,
    max_size=2,
).map(tuple)
LEAVES = st.sampled_from(
    '$A2 B2 B$2 $A$1 C3 A1 D6 $D2 1 2.5 0 -1 100 TRUE FALSE "late" "a*" "" "5" TODAY() '
    "ROW() COLUMN() 46336 #N/A limit beside".split()
)
RANGES = st.sampled_from("$A$1:$A$6 $B$1:$C$6 A$1:A2 $A2:$D2 $B:$B 2:2 B2:C3 $A$1".split())
OPERATORS = st.sampled_from("+ - * / ^ & = <> < <= > >=".split())
ONE = (
    "NOT ISBLANK ISNUMBER ISTEXT ISERROR ISNA ISLOGICAL ISNONTEXT LEN UPPER LOWER TRIM ABS INT "
    "YEAR MONTH DAY WEEKDAY N T ISEVEN ISODD VALUE SIGN PROPER TYPE ISREF ERROR.TYPE ROW"
).split()
TWO = "LEFT RIGHT ROUND MOD FIND SEARCH EXACT IFERROR IFNA EDATE AND OR XOR CONCAT POWER".split()
OVER = "SUM MAX MIN AVERAGE COUNT COUNTA COUNTBLANK MEDIAN AND OR SUMPRODUCT ROWS CONCAT".split()
WITH_RANGE = (
    "COUNTIF({r},{x})", "SUMIF({r},{x})", "MATCH({x},{r},0)", "MATCH({x},{r})", "RANK({x},{r})",
    "VLOOKUP({x},{r},1,FALSE)", "LARGE({r},{x})", "COUNTIFS({r},{x},{r},{y})", "OR({r}={x})",
    "SUMPRODUCT(({r}={x})*1)", "MAX(IF({r}>{x},{r}))", "INDEX({r},{x})", "AND({r},{x})",
    "ISNUMBER(MATCH({x},{r},0))", "SUM({r})>{x}", "XLOOKUP({x},{r},{r})",
)  # fmt: skip


def extend(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Larger formulas of smaller ones."""
    return st.one_of(
        st.builds("({}{}{})".format, inner, OPERATORS, inner),
        st.builds("{}({})".format, st.sampled_from(ONE), inner),
        st.builds("{}({},{})".format, st.sampled_from(TWO), inner, inner),
        st.builds("IF({},{},{})".format, inner, inner, inner),
        st.builds("IF({},{})".format, inner, inner),
        st.builds("IFS({},{},TRUE,{})".format, inner, inner, inner),
        st.builds("CHOOSE({},{},{})".format, inner, inner, inner),
        st.builds("{}({})".format, st.sampled_from(OVER), RANGES),
        st.builds(
            lambda text, r, x, y: text.format(r=r, x=x, y=y),
            st.sampled_from(WITH_RANGE), RANGES, inner, inner,
        ),
        st.builds("-{}".format, inner),
        st.builds("{}%".format, inner),
        st.builds("LET(v,{},v={})".format, inner, inner),
    )  # fmt: skip


FORMULAS = st.recursive(LEAVES, extend, max_leaves=6)


@settings(max_examples=400, deadline=None)
@given(formula=FORMULAS, grid=GRIDS, areas=AREAS)
def test_whole_areas_match_as_their_cells_do(formula, grid, areas):
    """For any formula, grid and areas, both ways of evaluating select the same cells."""
    tree = parse_formula("=" + formula)
    box = bounding_box(areas)
    anchor = Context(grid, TODAY, box.first_row, box.first_column)
    for area, found in zip(areas, matching_cells(tree, areas, grid, TODAY), strict=True):
        assert found.tolist() == matches_one_by_one(tree, area, anchor).tolist()


@settings(max_examples=400, deadline=None)
@given(formula=FORMULAS, grid=GRIDS, area=AREAS.map(lambda areas: areas[0]))
def test_whole_areas_give_the_values_that_their_cells_do(formula, grid, area):
    """Where arrays are used, every single value is the one of the cell by itself."""
    tree = parse_formula("=" + formula)
    anchor = Context(grid, TODAY, area.first_row, area.first_column)
    lanes = Lanes(anchor, area)
    try:
        block = lanes.results(tree)
    except NotVectorisableError:
        return
    values = np.broadcast_to(block.values, (area.height, area.width))
    for column, row in area.cells():
        context = lanes.at(column, row)
        expected = first_cell(evaluate(tree, context), context)
        found = values[row - area.first_row, column - area.first_column]
        assert (type(found), found) == (type(expected), expected)


@settings(deadline=None, max_examples=60)
@given(st.lists(VALUES | st.sampled_from([">1", "<>5", "=late", "la?e", "-0"]), min_size=20))
def test_many_criteria_are_counted_as_one_by_one(cells: list[CellValue]) -> None:
    """A column's counts of its own cells are those of COUNTIF in every cell by itself."""
    grid = CellGrid({"Sheet1": {(0, 1 + row): cell for row, cell in enumerate(cells)}})
    area = Area(0, 1, 0, len(cells))
    tree = parse_formula(f"=COUNTIF($A$1:$A${len(cells)},$A1)>1")
    (found,) = matching_cells(tree, (area,), grid, TODAY)
    alone = matches_one_by_one(tree, area, Context(grid, TODAY))
    assert found.tolist() == alone.tolist()


def test_the_last_subtraction_of_many_cells_is_settled():
    """A difference that only binary fractions keep from 0 paints no cell, wherever it stands."""
    rows = [0.3, 0.1, 0.2], [0.5, 0.4, 0.1], [1.0, 0.9, 0.2], [818562.54, 778536.1, 40026.44]
    cells = {
        (column, row): value
        for row, line in enumerate(rows, 1)
        for column, value in enumerate(line)
    }
    grid, area = CellGrid({"Sheet1": cells}), Area.parse("E1:E4")
    (last,) = matching_cells(parse_formula("=A1-B1-C1"), (area,), grid)
    (inner,) = matching_cells(parse_formula("=(A1-B1-C1)"), (area,), grid)
    assert last[:, 0].tolist() == [False, False, True, True]
    assert inner[:, 0].tolist() == [True, True, True, True]
