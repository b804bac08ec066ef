"""Colours: names to hex and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grammar.colours import (
    CELL_STYLES,
    COLOUR_WORDS,
    PALETTE,
    SHADE_WORDS,
    colour_name,
    find_colours,
    parse_cell_style,
    parse_colour,
)
from grammar.rules import Style

HEXES = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06X}")


@pytest.mark.parametrize(
    ("words", "colour"),
    [
        ("red", "#FF0000"),
        ("Orange", "#FFC000"),
        ("yellow", "#FFFF00"),
        ("light green", "#92D050"),
        ("green", "#00B050"),
        ("light blue", "#00B0F0"),
        ("blue", "#0070C0"),
        ("dark blue", "#002060"),
        ("purple", "#7030A0"),
        ("dark red", "#C00000"),
        ("light red", "#FFC7CE"),
        ("light red fill", "#FFC7CE"),
        ("light-red", "#FFC7CE"),
        ("in a light yellow", "#FFEB9C"),
        ("pale green", "#C6EFCE"),
        ("gray", "#A6A6A6"),
        ("grey", "#A6A6A6"),
        ("light gray background", "#D9D9D9"),
        ("the colour navy", "#000080"),
        ("crimson", "#DC143C"),
        ("Dark Orchid", "#9932CC"),
        ("darkorchid", "#9932CC"),
        ("greenish", "#00B050"),
        ("reddish", "#FF0000"),
        ("greyed", "#A6A6A6"),
        ("#abc", "#AABBCC"),
        ("#ffc7ce", "#FFC7CE"),
        ("FFC7CE", "#FFC7CE"),
        ("rgb(255, 199, 206)", "#FFC7CE"),
        ("Excel's bad style", "#FFC7CE"),
        ("Excel's good style", "#C6EFCE"),
        ("medium blue", "#0000CD"),
        ("bright pink", "#FF4D6C"),
    ],
)
def test_a_name_means_its_colour(words: str, colour: str) -> None:
    """Names, shades and digits give the hex that people expect."""
    assert parse_colour(words) == colour


@pytest.mark.parametrize(
    "words", ["", "parcel", "bad", "light", "100", "123456", "facade", "rgb(300,0,0)", "red parcel"]
)
def test_other_words_are_no_colour(words: str) -> None:
    """What names no colour gives None rather than a guess."""
    assert parse_colour(words) is None


@pytest.mark.parametrize("name", sorted(COLOUR_WORDS))
@pytest.mark.parametrize("shade", ["light", "pale", "pastel", "dark", "bright", "very dark"])
def test_every_colour_has_shades(name: str, shade: str) -> None:
    """Every shade of every named colour is a colour."""
    assert parse_colour(f"{shade} {name}") is not None


def test_shades_go_the_way_they_say() -> None:
    """A pale teal is lighter and a dark teal darker than teal."""
    brightness = [
        sum(bytes.fromhex((parse_colour(words) or "")[1:]))
        for words in ("very dark teal", "dark teal", "teal", "light teal", "pale teal")
    ]
    assert brightness == sorted(brightness)
    assert len(set(brightness)) == 5


@pytest.mark.parametrize("name", sorted(PALETTE))
def test_a_plain_name_comes_back(name: str) -> None:
    """The name of a palette colour is the name that it was parsed from."""
    assert colour_name(parse_colour(name) or "") == name


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ("#FE0101", "red"),
        ("#9c0006", "dark red"),
        ("#FFA500", "orange"),
        ("#FFD966", "light yellow"),
        ("#F4F4F4", "white"),
        ("#101010", "black"),
        ("#1F77B4", "blue"),
        ("#7F7F7F", "grey"),
        ("#008080", "teal"),
    ],
)
def test_a_hex_has_a_plain_name(colour: str, name: str) -> None:
    """Colours without an entry are called by the nearest plain name."""
    assert colour_name(colour) == name


@given(HEXES)
def test_a_colour_is_its_own_name(colour: str) -> None:
    """Hex digits parse to themselves, and their name names a colour."""
    assert parse_colour(colour) == colour
    assert parse_colour(colour_name(colour)) is not None


def test_colours_are_found_in_a_sentence() -> None:
    """Spans cover shade and base, and leave the other words alone."""
    text = "late parcels in light-green, paid ones dark red, rest #ABC or bluish; Bluetooth is not"
    spans = [(text[span.start : span.end], span.colour) for span in find_colours(text)]
    assert spans == [
        ("light-green", "#92D050"),
        ("dark red", "#C00000"),
        ("#ABC", "#AABBCC"),
        ("bluish", "#0070C0"),
    ]


def test_a_comma_parts_two_colours() -> None:
    """Two names with a comma between them are two colours."""
    assert [span.colour for span in find_colours("red, green and blue")] == [
        "#FF0000",
        "#00B050",
        "#0070C0",
    ]


@given(st.text(max_size=60))
def test_spans_lie_in_order_inside_the_text(text: str) -> None:
    """Any text gives spans that do not overlap and that parse to their colour."""
    end = 0
    for span in find_colours(text):
        assert end <= span.start < span.end <= len(text)
        assert parse_colour(text[span.start : span.end]) == span.colour
        end = span.end


def test_a_cell_style_has_fill_and_font() -> None:
    """The built-in styles are known by name, with or without Excel before it."""
    assert parse_cell_style("Excel's bad style") == CELL_STYLES["bad"]
    assert parse_cell_style("good") == Style(fill="#C6EFCE", font="#006100")
    assert parse_cell_style("light red") is None


def test_shade_words_are_single_words() -> None:
    """A linker may look shade words up one by one."""
    assert {"light", "dark", "pale", "bright", "neon", "very"} <= SHADE_WORDS
    assert all(" " not in word for word in SHADE_WORDS)
