"""Effective formats: precedence, stop-if-true, scales and the text of cells."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grammar.conditions import Cell, State
from grammar.ooxml_existing import ExistingRule
from grammar.ranges import Area
from grammar.rules import Style
from grammar.values import ExcelError, to_serial
from server.workbooks.cell_styles import Look
from server.workbooks.display import MOST_SIGNS, clean, shown
from server.workbooks.effective import Layer, effective_cell
from server.workbooks.preview_icons import icon_shapes
from server.workbooks.scales import (
    BarScale,
    ColourScale,
    Icon,
    IconScale,
    read_scale,
)

PLACE = (0, 1)
RED = Style(fill="#FF0000", font="#110000", bold=True)
BLUE = Style(fill="#0000FF", italic=True)
MONEY = Style(number_format='"€" 0.00', border="#00FF00")
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def layer(style, label="rule", stop=False, holds=True, is_new=False):
    """A rule that holds for the one cell of these tests, or does not."""
    rule = ExistingRule("expression", "A1", 1, State("Blanks", Cell()), style, stop)
    places = frozenset([PLACE]) if holds else frozenset()
    return Layer(label, f"{label} says so", rule, is_new, places)


def scale_layer(scale, label="scale"):
    """A scale over the one cell."""
    rule = ExistingRule("colorScale", "A1", 1, State("ColorScale", Cell()))
    return Layer(label, label, rule, areas=(Area(0, 1, 0, 9),), scale=scale)


WHITE_TO_BLACK = ColourScale((0.0, 10.0), ("#FFFFFF", "#000000"))


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([layer(RED), layer(BLUE)], {"fill": "#FF0000", "bold": True, "italic": True}),
        ([layer(BLUE), layer(RED)], {"fill": "#0000FF", "font": "#110000", "bold": True}),
        ([layer(RED, stop=True), layer(BLUE)], {"fill": "#FF0000", "italic": False}),
        ([layer(RED, stop=True, holds=False), layer(BLUE)], {"fill": "#0000FF", "bold": False}),
        ([layer(Style(), stop=True), layer(BLUE)], {"fill": "#EEEEEE", "italic": False}),
        ([layer(MONEY), layer(RED)], {"fill": "#FF0000", "borders": ("#00FF00",) * 4}),
        ([layer(Style(bold=False)), layer(RED)], {"bold": False, "fill": "#FF0000"}),
        ([scale_layer(WHITE_TO_BLACK), layer(RED)], {"fill": "#000000", "font": "#110000"}),
        ([layer(RED), scale_layer(WHITE_TO_BLACK)], {"fill": "#FF0000"}),
        ([layer(RED, stop=True), scale_layer(WHITE_TO_BLACK)], {"fill": "#FF0000"}),
        ([layer(MONEY, stop=True), scale_layer(WHITE_TO_BLACK)], {"fill": "#EEEEEE"}),
        ([], {"fill": "#EEEEEE", "font": "#000000", "bold": False}),
    ],
)
def test_the_first_rule_wins_each_property_and_stop_cuts_the_rest(layers, expected):
    """Properties merge by priority; a rule that stops hides those below even without conflict."""
    look = effective_cell(PLACE, 10.0, Look(fill="#EEEEEE"), layers).look
    assert {name: getattr(look, name) for name in expected} == expected


def test_reasons_say_which_rule_shows_and_which_does_not():
    """Every rule that holds is named, with why it does not show where it does not."""
    layers = [
        layer(RED, "rule 1", is_new=True),
        layer(Style(fill="#123456"), "existing rule 1"),
        layer(MONEY, "existing rule 2", stop=True),
        layer(BLUE, "existing rule 3"),
        layer(BLUE, "existing rule 4", holds=False),
    ]
    cell = effective_cell(PLACE, 1.0, Look(), layers)
    assert [str(reason) for reason in cell.reasons] == [
        "rule 1: rule 1 says so",
        "existing rule 1: existing rule 1 says so (a rule above it covers it)",
        "existing rule 2: existing rule 2 says so",
        "existing rule 3: existing rule 3 says so (not tried: existing rule 2 stops here)",
    ]
    assert cell.is_new
    assert cell.text == "€ 1.00"


def test_a_scale_leaves_text_and_blanks_alone():
    """Only numbers of the range are drawn on a scale."""
    for value in (None, "10", True, ExcelError.NA):
        assert effective_cell(PLACE, value, Look(), [scale_layer(WHITE_TO_BLACK)]).reasons == ()
    outside = effective_cell((1, 1), 5.0, Look(), [scale_layer(WHITE_TO_BLACK)])
    assert outside.reasons == ()


def rule_of(kind, body, extension=""):
    """A rule of a scale as it stands in a file."""
    xml = f'<cfRule xmlns="{NAMESPACE}" type="{kind}" priority="1">{body}</cfRule>'
    condition = State({"colorScale": "ColorScale"}.get(kind, "DataBar"), Cell())
    return ExistingRule(kind, "A1:A9", 1, condition, xml=xml, extension_xml=extension)


def scale_of(kind, body, numbers, extension="", evaluate=lambda text: None):
    """The scale of a rule over some numbers."""
    return read_scale(rule_of(kind, body, extension), np.array(numbers, float), evaluate)


THREE_COLOURS = (
    '<colorScale><cfvo type="min"/><cfvo type="percentile" val="50"/><cfvo type="max"/>'
    '<color rgb="FFF8696B"/><color rgb="FFFFEB84"/><color rgb="FF63BE7B"/></colorScale>'
)


def test_excels_own_colour_scale_gives_excels_colours():
    """The five colours that Excel draws for 1 to 5 on its red, yellow and green scale."""
    scale = scale_of("colorScale", THREE_COLOURS, [1, 2, 3, 4, 5])
    colours = [scale.colour(number) for number in (1, 2, 3, 4, 5)]
    assert colours == ["#F8696B", "#FBAA77", "#FFEB84", "#B1D580", "#63BE7B"]
    assert [scale.colour(-9), scale.colour(99)] == [colours[0], colours[-1]]


@pytest.mark.parametrize(
    ("limits", "numbers", "values"),
    [
        ('<cfvo type="min"/><cfvo type="max"/>', [4, 8, 20], (4, 20)),
        ('<cfvo type="num" val="0"/><cfvo type="num" val="100"/>', [4, 8], (0, 100)),
        ('<cfvo type="percent" val="25"/><cfvo type="percent" val="75"/>', [0, 10, 200], (50, 150)),
        (
            '<cfvo type="percentile" val="10"/><cfvo type="percentile" val="90"/>',
            [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
            (2, 10),
        ),
        ('<cfvo type="formula" val="$B$1"/><cfvo type="num" val="=7*2"/>', [1], (42, 42)),
    ],
)
def test_limits_of_a_scale(limits, numbers, values):
    """Lowest, highest, numbers, per cent of the way, percentiles and formulas."""
    body = f'<colorScale>{limits}<color rgb="FFFFFFFF"/><color rgb="FF000000"/></colorScale>'
    scale = scale_of("colorScale", body, numbers, evaluate=lambda text: 42.0)
    assert scale.values == pytest.approx(values)


def test_a_limit_that_is_no_number_leaves_the_range_unpainted():
    """A formula that fails gives no scale, and neither does a range without numbers."""
    body = THREE_COLOURS.replace('type="max"', 'type="formula" val="A1/0"')
    assert scale_of("colorScale", body, [1, 2]) is None
    assert scale_of("colorScale", THREE_COLOURS, []) is None


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2, unique=True).map(sorted),
    st.floats(-2e6, 2e6),
)
def test_blended_colours_lie_between_their_ends(ends, number):
    """No channel leaves the span between the two colours, whatever the number."""
    scale = ColourScale(tuple(ends), ("#10F080", "#F01080"))
    red, green, blue = (int(scale.colour(number)[i : i + 2], 16) for i in (1, 3, 5))
    assert 0x10 <= red <= 0xF0
    assert 0x10 <= green <= 0xF0
    assert blue == 0x80


PLAIN_BAR = '<dataBar><cfvo type="min"/><cfvo type="max"/><color rgb="FF638EC6"/></dataBar>'
X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
TWIN = (
    f'<x14:cfRule xmlns:x14="{X14}" type="dataBar"><x14:dataBar minLength="0" maxLength="100" {{}}>'
    '<x14:cfvo type="autoMin"/><x14:cfvo type="autoMax"/>'
    '<x14:negativeFillColor rgb="FFFF0000"/></x14:dataBar></x14:cfRule>'
)


@pytest.mark.parametrize(
    ("extension", "numbers", "number", "start", "end", "axis", "colour"),
    [
        ("", [10, 20, 30], 10, 0, 0.1, None, "#638EC6"),
        ("", [10, 20, 30], 20, 0, 0.5, None, "#638EC6"),
        ("", [10, 20, 30], 30, 0, 0.9, None, "#638EC6"),
        ("", [-10, 30], -10, 0, 0.1, None, "#638EC6"),
        (TWIN.format(""), [10, 20, 40], 10, 0, 0.25, None, "#638EC6"),
        (TWIN.format(""), [-10, 30], 30, 0.25, 1, 0.25, "#638EC6"),
        (TWIN.format(""), [-10, 30], -10, 0, 0.25, 0.25, "#FF0000"),
        (TWIN.format(""), [-10, 30], 0, 0.25, 0.25, 0.25, "#638EC6"),
        (TWIN.format(""), [-10, -40], -40, 0, 1, 1, "#FF0000"),
        (TWIN.format('axisPosition="middle"'), [-10, 40], 20, 0.5, 0.75, 0.5, "#638EC6"),
        (TWIN.format('direction="rightToLeft"'), [0, 40], 10, 0.75, 1, None, "#638EC6"),
        (
            TWIN.format('negativeBarColorSameAsPositive="1"'),
            *([-10, 30], -10, 0, 0.25, 0.25, "#638EC6"),
        ),
    ],
)
def test_data_bars(extension, numbers, number, start, end, axis, colour):
    """Bars of 2007 from a tenth to nine tenths, those of 2010 from zero and over an axis."""
    bar = scale_of("dataBar", PLAIN_BAR, numbers, extension).bar(number)
    assert (bar.start, bar.end) == pytest.approx((start, end))
    assert (bar.axis, bar.colour) == (axis, colour)


@given(st.floats(-1e5, 1e5), st.floats(-1e5, 0), st.floats(0.001, 1e5))
def test_bars_stay_inside_their_cell(number, low, high):
    """Whatever lies beyond the limits, a bar starts before it ends and fits the cell."""
    for axis in ("automatic", "middle", "none"):
        bar = BarScale(low, high, "#000000", "#FF0000", 0.1, 0.9, axis).bar(number)
        assert -1e-9 <= bar.start <= bar.end <= 1 + 1e-9


ICONS = (
    '<iconSet iconSet="3Arrows" {}><cfvo type="percent" val="0"/><cfvo type="percent" val="33"/>'
    '<cfvo type="percent" val="67" {}/></iconSet>'
)


def test_icons_start_at_their_thresholds():
    """Per cent of the way; a threshold with ``gte="0"`` has to be exceeded."""
    scale = scale_of("iconSet", ICONS.format("", ""), [0, 100])
    found = [scale.icon(number).index for number in (0, 32.9, 33, 66, 67, 100)]
    assert found == [0, 0, 1, 1, 2, 2]
    strict = scale_of("iconSet", ICONS.format("", 'gte="0"'), [0, 100])
    assert [strict.icon(67).index, strict.icon(67.1).index] == [1, 2]


def test_icons_can_be_turned_round_and_stand_alone():
    """A reversed set gives the best icon to the lowest number; values can be hidden."""
    scale = scale_of("iconSet", ICONS.format('reverse="1" showValue="0"', ""), [0, 100])
    assert scale.icon(0) == Icon("3Arrows", 2)
    cell = effective_cell(PLACE, 0.0, Look(), [scale_layer(scale)])
    assert (cell.text, cell.icon) == ("", Icon("3Arrows", 2))


def test_custom_icons_of_2010_replace_the_set():
    """Each threshold can name a set and a place of its own, or no icon."""
    twin = (
        f'<x14:cfRule xmlns:x14="{X14}" type="iconSet"><x14:iconSet custom="1">'
        '<x14:cfvo type="percent"/><x14:cfvo type="percent"/>'
        '<x14:cfIcon iconSet="NoIcons" iconId="0"/><x14:cfIcon iconSet="3Flags" iconId="2"/>'
        "</x14:iconSet></x14:cfRule>"
    )
    scale = scale_of("iconSet", ICONS.format("", ""), [0, 1], twin)
    assert isinstance(scale, IconScale)
    assert scale.icons == (None, Icon("3Flags", 2))


@pytest.mark.parametrize(
    "name",
    (
        "3Arrows 3ArrowsGray 3Flags 3TrafficLights1 3TrafficLights2 3Signs 3Symbols 3Symbols2 "
        "3Stars 3Triangles 4Arrows 4ArrowsGray 4RedToBlack 4Rating 4TrafficLights 5Arrows "
        "5ArrowsGray 5Rating 5Quarters 5Boxes Unknown"
    ).split(),
)
def test_every_icon_has_a_picture_of_its_own(name):
    """The icons of a set differ from each other and stay inside their square."""
    count = int(name[0]) if name[0].isdigit() else 3
    pictures = [icon_shapes(Icon(name, index)) for index in range(count)]
    assert len(set(pictures)) == count
    points = [point for shapes in pictures for shape in shapes for point in shape.points]
    assert all(-0.01 <= x <= 1.01 and -0.01 <= y <= 1.01 for x, y in points)


@pytest.mark.parametrize(
    ("value", "code", "text", "colour"),
    [
        (1234.5, "General", "1234.5", None),
        (1 / 3, "General", "0.333333333", None),
        (-1 / 3, "General", "-0.333333333", None),
        (123456789012.0, "General", "1.23457E+11", None),
        (1e-7 / 3, "General", "3.33333E-08", None),
        (1234.567, "#,##0", "1,235", None),
        (0.256, "0.0%", "25.6%", None),
        (-5.0, "0;[Red]-0", "-5", "#FF0000"),
        (5.0, "0;[Red]-0", "5", None),
        (to_serial(dt.date(2026, 11, 23)), "yyyy-mm-dd", "2026-11-23", None),
        (-5.0, "yyyy-mm-dd", "########", None),
        (9.9e9, "yyyy-mm-dd", "########", None),
        (5.0, '"unfinished', "5", None),
        (12.5, '"€" #,##0.00', "€ 12.50", None),
        (True, "0", "TRUE", None),
        (None, "0", "", None),
        (ExcelError.DIV0, "0", "#DIV/0!", None),
        ("late", '0;0;0;"is "@', "is late", None),
        ("a\tb\x00c\u202ed", "General", "a b cd", None),
        ("\ud800", "General", "\ufffd", None),
    ],
)
def test_the_text_of_a_cell(value, code, text, colour):
    """Values by number formats as Excel shows them, on one line and without tricks."""
    found = shown(value, code)
    assert (found.text, found.colour) == (text, colour)


@given(st.text(max_size=600))
def test_clean_text_is_one_short_line(text):
    """No control signs, no more than the limit, and plain text stays as it is."""
    cleaned = clean(text)
    assert len(cleaned) <= MOST_SIGNS
    assert all(sign.isprintable() or sign == " " or ord(sign) > 127 for sign in cleaned)
    assert clean(cleaned) == cleaned
    cleaned.encode()
