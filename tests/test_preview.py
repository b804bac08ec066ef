"""Previews: the picture, the page and the copy, checked on workbooks made here."""

from __future__ import annotations

import base64
import hashlib
import re
import zipfile

import openpyxl
import pytest
from lxml import html as lxml_html
from openpyxl.formatting.rule import CellIsRule, ColorScaleRule, FormulaRule
from openpyxl.styles import Color, Font, PatternFill
from PIL import Image
from stock_books import TODAY, book, picture_of, rules

from grammar.conditions import SCALES
from grammar.errors import CellFusionError, OutputError
from grammar.ranges import Area
from grammar.rules import ROW, Style
from server.workbooks.preview import preview_picture, write_preview
from server.workbooks.preview_picture import PictureRow, Span
from server.workbooks.preview_png import MARGIN, SCALE, frame_of
from server.workbooks.preview_text import TextStyle, fitted, text_length, wrapped


def fills(picture):
    """The fill of every cell shown, by address."""
    return {
        f"{column.letters}{row.number}": cell.look.fill
        for row in picture.rows
        if isinstance(row, PictureRow)
        for column, cell in zip(picture.columns, row.cells, strict=True)
        if cell is not None
    }


def corner_colours(path, picture):
    """The colour just inside the top right corner of every cell of a PNG, by address."""
    image = Image.open(path).convert("RGB")
    frame = frame_of(picture, image.height - _foot(picture, image))
    found = {}
    for place, row in enumerate(picture.rows):
        for index, column in enumerate(picture.columns):
            if isinstance(row, PictureRow) and row.cells[index] is not None:
                box = frame.box(index, place)
                red, green, blue = image.getpixel((box[2] - 3, box[1] + 3))
                found[f"{column.letters}{row.number}"] = f"#{red:02X}{green:02X}{blue:02X}"
    return found


def _foot(picture, image):
    """Pixels from the column letters down, for a preview without notes."""
    return MARGIN + (len(picture.rows) + 1) * 21 * SCALE


@pytest.mark.parametrize(
    ("text", "target", "cells"),
    [
        ("GreaterThan(c[1], 150)", None, {f"B{row}" for row in range(17, 22)}),
        ("LessThan(c[2], TODAY())", ROW, {f"{c}{row}" for c in "ABC" for row in range(2, 6)}),
        ("TextEndsWith(c[0], '9')", None, {"A10", "A20"}),
        ("Top(c[1], 2)", None, {"B20", "B21"}),
    ],
)
def test_the_picture_paints_the_matched_cells_and_no_other(tmp_path, text, target, cells):
    """Pixels of every cell in the PNG have the fill of the rule where it holds, else white."""
    found = rules(text, target=target)
    path, table = book(tmp_path)
    output = tmp_path / "preview.png"
    write_preview(path, found, table, output, TODAY)
    colours = corner_colours(output, preview_picture(path, found, table, TODAY))
    assert {place for place, colour in colours.items() if colour == "#FFA500"} == cells
    assert {colours[place] for place in colours.keys() - cells} == {"#FFFFFF"}


def test_new_rules_stand_above_the_rules_of_the_sheet(tmp_path):
    """A new fill wins; what it does not set comes from the old rule below it."""

    def change(sheet):
        blue = PatternFill(bgColor="FF0000FF")
        old = CellIsRule(operator="greaterThan", formula=["100"], fill=blue, font=Font(b=True))
        sheet.conditional_formatting.add("B2:B21", old)

    picture = picture_of(tmp_path, rules("GreaterThan(c[1], 150)"), change=change)
    found = fills(picture)
    assert (found["B21"], found["B12"], found["B3"]) == ("#FFA500", "#0000FF", None)
    last = picture.rows[-1].cells[1]
    assert last.look.bold
    assert [str(reason) for reason in last.reasons] == [
        "rule 1: Amount is more than 150",
        "existing rule 1: Amount is more than 100 (Excel selects text too)",
    ]


def test_a_rule_that_is_there_already_keeps_its_place(tmp_path):
    """Previewing what was applied shows the same and says that nothing is new."""
    path, table = book(tmp_path)
    found = rules("GreaterThan(c[1], 150)")
    write_preview(path, found, table, tmp_path / "copy.xlsx", TODAY)
    again = preview_picture(tmp_path / "copy.xlsx", found, table, TODAY)
    assert again.notes == ("the rule is there already",)
    assert fills(again) == fills(preview_picture(path, found, table, TODAY))


def test_old_rules_that_cannot_be_evaluated_are_named(tmp_path):
    """A function that is not implemented leaves its rule out and says so."""

    def change(sheet):
        old = FormulaRule(formula=["NOSUCH($A2)"], fill=PatternFill(bgColor="FF0000FF"))
        sheet.conditional_formatting.add("A2:A9", old)

    picture = picture_of(tmp_path, rules("GreaterThan(c[1], 150)"), change=change)
    assert len(picture.notes) == 1
    assert "NOSUCH" in picture.notes[0]


def test_cells_look_as_the_sheet_styles_them(tmp_path):
    """Fonts, fills, themes and alignment of the sheet itself are kept under the rules."""

    def change(sheet):
        sheet["A1"].fill = PatternFill("solid", fgColor="FF112233")
        sheet["A1"].font = Font(bold=True, italic=True, color=Color(theme=4))
        sheet["B3"].number_format = '"$"#,##0.00'
        sheet["D4"].fill = PatternFill("solid", fgColor="FF445566")
        sheet.column_dimensions["B"].width = 30

    picture = picture_of(tmp_path, rules("GreaterThan(c[1], 150)"), change=change)
    head, third = picture.rows[0].cells[0], picture.rows[2].cells[1]
    assert (head.look.fill, head.look.font) == ("#112233", "#4F81BD")
    assert (head.look.bold, head.look.italic, head.align) == (True, True, "left")
    assert (third.text, third.align) == ("$20.00", "right")
    assert picture.columns[1].pixels == 210


def test_merged_cells_are_drawn_once(tmp_path):
    """The first cell spans the others, which are not drawn."""
    picture = picture_of(
        tmp_path, rules("GreaterThan(c[1], 150)"), change=lambda sheet: sheet.merge_cells("A3:B4")
    )
    row, below = picture.rows[2], picture.rows[3]
    assert row.spans[0] == Span(2, 2)
    assert (row.cells[1], below.cells[0], below.cells[1]) == (None, None, None)
    assert below.cells[2] is not None


def test_scales_are_drawn_beside_rules(tmp_path):
    """Colour scale, data bar and icon set of one request show together."""
    found = rules("ColorScale(c[1])", "DataBar(c[2])", "IconSet(c[1])")
    picture = picture_of(tmp_path, found)
    first, last = picture.rows[1], picture.rows[-1]
    assert (first.cells[1].look.fill, last.cells[1].look.fill) == ("#FFFFFF", "#FFA500")
    assert (first.cells[1].icon.index, last.cells[1].icon.index) == (0, 2)
    assert last.cells[2].bar.end == 1
    assert [caption.count for caption in picture.captions] == [20, 20, 20]


HOSTILE = '<script>alert("x")</script><img src=x onerror=y> &amp; {{ 7*7 }} \u202eevil'


def page_of(tmp_path, found, change=None):
    """The parsed page of a preview, and its text."""
    path, table = book(tmp_path, change=change)
    output = tmp_path / "preview.html"
    write_preview(path, found, table, output, TODAY)
    text = output.read_text(encoding="utf-8")
    return lxml_html.document_fromstring(text), text


def test_the_page_says_why_a_cell_is_formatted(tmp_path):
    """The reason is a title, and names the rule in the legend for readers without a mouse."""
    page, _ = page_of(tmp_path, rules("GreaterThan(c[1], 150)"))
    cells = page.xpath("//td[@title]")
    assert {cell.get("title") for cell in cells} == {"rule 1: Amount is more than 150"}
    assert [cell.text_content() for cell in cells] == ["160", "170", "180", "190", "200"]
    (legend,) = page.xpath(f"//li[@id='{cells[0].get('aria-describedby')}']")
    assert "Amount is more than 150" in legend.text_content()
    assert len(page.xpath("//tbody/tr")) == 21


def test_the_page_paints_the_matched_cells(tmp_path):
    """Cells of the rule, and no others, have a class with its fill."""
    page, text = page_of(tmp_path, rules("GreaterThan(c[1], 150)"))
    (name,) = set(re.findall(r"\.(l\d+){background:#FFA500", text))
    cells = page.xpath(f"//td[contains(concat(' ', @class, ' '), ' {name} ')]")
    assert [cell.text_content() for cell in cells] == ["160", "170", "180", "190", "200"]


def test_the_page_runs_nothing_and_loads_nothing(tmp_path):
    """A hostile cell stays text; no scripts, handlers, inline styles or addresses; strict CSP."""

    def change(sheet):
        sheet["A3"] = HOSTILE
        sheet["A1"] = '"><b onclick=1>Item'

    found = rules("TextContains(c[0], 'script')", "IconSet(c[1])", "DataBar(c[2])")
    page, text = page_of(tmp_path, found, change)
    assert not page.xpath("//script | //img | //iframe | //link | //object | //b | //@style")
    assert not [name for name in page.xpath("//@*") if name.attrname.startswith("on")]
    assert not [link for link in page.xpath("//@href | //@src") if not link.startswith("#")]
    assert "\u202e" not in text
    assert HOSTILE.replace("\u202e", "") in [cell.text_content() for cell in page.xpath("//td")]
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    style = page.xpath("//style")[0].text
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'")


def test_the_page_draws_scales_as_shapes(tmp_path):
    """Bars and icons are drawings whose names resolve inside the page."""
    page, _ = page_of(tmp_path, rules("DataBar(c[1])", "IconSet(c[2])"))
    names = set(page.xpath("//@id"))
    used = [link.removeprefix("#") for link in page.xpath("//use/@href")]
    used += [fill[5:-1] for fill in page.xpath("//rect/@fill") if fill.startswith("url(")]
    assert len(used) == 40
    assert set(used) <= names
    assert len(names) == len(page.xpath("//@id"))


def test_the_copy_carries_the_rules(tmp_path):
    """The workbook of a preview has the rule, and every cell that it had before."""
    path, table = book(tmp_path)
    output = tmp_path / "copy.xlsx"
    write_preview(path, rules("GreaterThan(c[1], 150)"), table, output, TODAY)
    sheet = openpyxl.load_workbook(output)["Stock"]
    (formatting,) = sheet.conditional_formatting
    assert str(formatting.sqref) == "B2:B21"
    assert sheet["B21"].value == 200


@pytest.mark.parametrize("suffix", [".png", ".html", ".xlsx"])
def test_a_preview_never_replaces_a_file(tmp_path, suffix):
    """An output that exists is left as it is, with an error of one line."""
    path, table = book(tmp_path)
    output = tmp_path / f"kept{suffix}"
    output.write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        write_preview(path, rules("GreaterThan(c[1], 150)"), table, output, TODAY)
    assert output.read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("out.pdf", "GreaterThan(c[1], 150)"),
        ("missing/out.png", "GreaterThan(c[1], 150)"),
        ("out.png", "GreaterThan(c[9], 150)"),
        ("out.html", "GreaterThan(c[1], ?)"),
        ("out.html", "AND(ColorScale(c[1]), GreaterThan(c[1], 5))"),
    ],
)
def test_what_cannot_be_previewed_is_refused_and_leaves_nothing(tmp_path, name, text):
    """Other suffixes, folders that are not there and rules that cannot be written."""
    path, table = book(tmp_path)
    with pytest.raises(CellFusionError):
        write_preview(path, rules(text), table, tmp_path / name, TODAY)
    assert [entry.name for entry in tmp_path.iterdir()] == ["book.xlsx"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('rank="3"', 'rank="nan"'),
        ('rank="3"', 'rank="many"'),
        ('rgb="FFF8696B"', 'rgb="1_2x3"'),
        ('rgb="FFF8696B"', 'rgb="FF1_2_34"'),
        ('rgb="FFF8696B"', f'theme="{"9" * 5000}"'),
        ('rgb="FFF8696B"', 'theme="4" tint="no"'),
        ('type="min"', 'type="percent" val="inf"'),
    ],
)
def test_damaged_rules_of_a_sheet_do_no_harm(tmp_path, before, after):
    """Numbers and colours that are none give a note, an error of ours or plain cells."""

    def change(sheet):
        top = openpyxl.formatting.rule.Rule(type="top10", rank=3)
        sheet.conditional_formatting.add("B2:B21", top)
        scale = ColorScaleRule(
            start_type="min", start_color="FFF8696B", end_type="max", end_color="FF63BE7B"
        )
        sheet.conditional_formatting.add("B2:B21", scale)

    path, table = book(tmp_path, change=change)
    damaged = tmp_path / "damaged.xlsx"
    _rewrite(path, damaged, "xl/worksheets/sheet1.xml", before.encode(), after.encode())
    try:
        picture = preview_picture(damaged, rules("GreaterThan(c[1], 150)"), table, TODAY)
    except CellFusionError as error:
        message = str(error)
    else:
        message = ""
        assert fills(picture)["B21"] == "#FFA500"
    assert "\n" not in message


@pytest.mark.parametrize("size", ["nan", "inf", "-1e308", "x", ""])
def test_a_size_that_is_none_is_that_of_plain_text(tmp_path, size):
    """A font may name any size; the picture is drawn all the same."""
    path, table = book(tmp_path)
    damaged = tmp_path / "damaged.xlsx"
    after = f'<sz val="{size}"'.encode()
    _rewrite(path, damaged, "xl/styles.xml", b'<sz val="11"', after)
    picture = preview_picture(damaged, rules("GreaterThan(c[1], 150)"), table, TODAY)
    assert {cell.look.size for row in picture.rows for cell in row.cells} <= {6.0, 11.0}


def _rewrite(source, target, part, before, after):
    """A copy of a package with some bytes of a part replaced."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            assert name != part or before in data
            new.writestr(name, data.replace(before, after) if name == part else data)


def test_texts_are_cut_to_their_room():
    """An elided text fits; a text that fits is not touched; long captions are wrapped."""
    style = TextStyle(24, bold=True)
    long = "a rather long header of a column " * 5
    cut = fitted(long, 200, style)
    assert cut.endswith("…")
    assert text_length(cut, style) <= 200
    assert fitted("short", 200, style) == "short"
    lines = wrapped(long, 300, style)
    assert len(lines) == 3
    assert all(text_length(line, style) <= 300 for line in lines)


def test_every_scale_makes_a_picture(tmp_path):
    """Bars, icons, colours and long foreign texts are drawn without a fault."""

    def change(sheet):
        sheet["A2"] = "Žluťoučký kůň € 漢字 \U0001f600" * 30
        sheet["B3"] = -75

    path, table = book(tmp_path, change=change)
    found = rules(*(f"{name}(c[1])" for name in SCALES), style=Style(italic=True, underline=True))
    write_preview(path, found, table, tmp_path / "out.png", TODAY)
    image = Image.open(tmp_path / "out.png")
    assert len(image.convert("RGB").getcolors(1 << 20)) > 100
    assert Area.parse("A2:C21") == table.area
