"""Draws twelve kinds of rule with our preview and with LibreOffice, and compares the cells.

    python tests/bench/side_by_side.py --output docs/preview

Writes ``contact_sheet.png``, ours on the left, with ``--all`` one picture a kind too. Exits 1
where a cell is painted in one of them and not in the other. Needs ``soffice`` and ``pdftoppm``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from PIL import Image, ImageDraw

from grammar.parser import parse_condition
from grammar.rules import ROW, Rule, RuleSet, Style, Target
from server.workbooks import read_table
from server.workbooks.preview import preview_picture, write_preview
from server.workbooks.preview_picture import Picture, PictureRow
from server.workbooks.preview_png import SCALE, draw_png, frame_of
from server.workbooks.preview_text import TextStyle, draw_text

TODAY = dt.date.today()
FILL = "#FFA500"
HEADERS = ("Item", "Owner", "Amount", "Due", "Change")
ROWS = 14
_DPI = 110
_PALER = 40
"""How far a channel may lie from the colour asked for: edges are blended."""


@dataclass(frozen=True)
class Case:
    """One kind of rule; ``painted`` columns are compared for their fill or their drawing."""

    name: str
    condition: str
    target: Target | None = None


CASES = (
    Case("number", "GreaterThan(c[2], 400)"),
    Case("between", "Between(c[2], 200, 500)"),
    Case("text", "TextContains(c[1], 'an')"),
    Case("blanks", "Blanks(c[1])"),
    Case("dates", "ThisWeek(c[3])"),
    Case("top", "Top(c[2], 3)"),
    Case("average", "AboveAverage(c[2])"),
    Case("duplicates", "Duplicates(c[1])"),
    Case("row", "AND(LessThan(c[2], 300), TextStartsWith(c[0], 'P'))", ROW),
    Case("colour_scale", "ColorScale(c[4])"),
    Case("data_bar", "DataBar(c[4])"),
    Case("icon_set", "IconSet(c[4])"),
)
NAMES = "Anna,Bernd,Jan,,Clara,Anna,Dieter,Hanno,Eva,,Frank,Gerd,Jan,Ines".split(",")
ITEMS = "Pen,Cap,Mug,Pad,Box,Pot,Tin,Jar,Pin,Cup,Bag,Peg,Lid,Rug".split(",")


def rule_of(case: Case) -> RuleSet:
    """The rule of a case, orange where it selects cells."""
    condition = parse_condition(case.condition)
    if case.name in ("colour_scale", "data_bar", "icon_set"):
        return RuleSet((Rule(condition),))
    style = Style(fill=FILL)
    return RuleSet(
        (Rule(condition, case.target, style) if case.target else Rule(condition, style=style),)
    )


def write_book(path: Path) -> None:
    """The sheet of all cases: text, blanks, numbers, dates and changes of both signs."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADERS)
    for row in range(ROWS):
        sheet.append(
            [
                ITEMS[row],
                NAMES[row] or None,
                (row * 137 + 60) % 700 + row,
                TODAY + dt.timedelta(days=row * 3 - 20),
                (row * 53) % 120 - 30,
            ]
        )
    _decorate(sheet)
    book.save(path)


def _decorate(sheet) -> None:
    thin = Side(style="thin", color="FFBBBBBB")
    for line in sheet.iter_rows():
        for cell in line:
            cell.border = Border(left=thin, right=thin, top=thin, bottom=thin)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="FFE7E6E6")
        cell.alignment = Alignment(horizontal="center")
    for letter, width in zip("ABCDE", (9, 11, 10, 13, 12), strict=True):
        sheet.column_dimensions[letter].width = width
    for cell in sheet["D"]:
        cell.number_format = "yyyy-mm-dd"
    sheet.print_options.headings = False
    sheet.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(
        fitToPage=True
    )


def convert(books: list[Path], folder: Path) -> None:
    """Write a PDF beside every workbook, in one run of LibreOffice."""
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run([*command, *map(str, books)], check=True, capture_output=True, timeout=500)


def office_picture(stem: Path) -> Image.Image:
    """LibreOffice's rendering of a workbook, without the paper around the cells."""
    draw = ["pdftoppm", "-r", str(_DPI), "-png", "-singlefile", f"{stem}.pdf", str(stem)]
    subprocess.run(draw, check=True, capture_output=True, timeout=60)
    image = Image.open(f"{stem}.png").convert("RGB")
    inverted = image.point(lambda level: 255 - level)
    return image.crop(inverted.getbbox())


def office_cells(image: Image.Image) -> dict[tuple[int, int], set[str]]:
    """What is painted in each cell of the rendering, by column and row from 0.

    The cells have borders, so their places follow from the widths of the columns.
    """
    widths = (9, 11, 10, 13, 12)
    edges = [image.width * sum(widths[:place]) / sum(widths) for place in range(6)]
    height = image.height / (ROWS + 1)
    found = {}
    for row in range(1, ROWS + 1):
        for column in range(5):
            box = (
                edges[column] + 3,
                height * row + 3,
                edges[column + 1] - 3,
                height * (row + 1) - 3,
            )
            found[column, row - 1] = paints(image.crop(tuple(map(round, box))))
    return found


def our_cells(picture: Picture, image: Image.Image) -> dict[tuple[int, int], set[str]]:
    """What is painted in each cell of our own picture."""
    head = image.height - (len(picture.rows) + 1) * 21 * SCALE - 16 * SCALE
    frame = frame_of(picture, head)
    found = {}
    for place, row in enumerate(picture.rows):
        for column in range(5) if isinstance(row, PictureRow) and place else ():
            left, top, right, bottom = frame.box(column, place)
            found[column, place - 1] = paints(
                image.crop((left + 6, top + 6, right - 6, bottom - 6))
            )
    return found


def paints(cell: Image.Image) -> set[str]:
    """The families of colour that cover more than a hundredth of a cell."""
    families: dict[str, int] = {}
    for count, colour in cell.getcolors(cell.width * cell.height) or ():
        name = family(colour)
        families[name] = families.get(name, 0) + count
    least = cell.width * cell.height / 100
    return {name for name, count in families.items() if name and count > least}


def family(colour: tuple[int, int, int]) -> str:
    """The nearest of a few names of colours, empty for white, grey and black."""
    red, green, blue = colour
    if max(colour) - min(colour) < _PALER:
        return ""
    if blue == max(colour):
        return "blue"
    if green == max(colour) or (green > 0.9 * red and green > blue + _PALER):
        return "green" if red < 0.85 * green else "yellow"
    return "orange" if green > 0.45 * red and blue < 0.75 * red else "red"


def compare(case: Case, ours: dict, theirs: dict) -> list[str]:
    """The cells whose paints differ, as text."""
    if case.name == "icon_set":
        ours, theirs = ({place: _warm(found) for place, found in x.items()} for x in (ours, theirs))
    if case.name == "colour_scale":
        ours, theirs = ({place: bool(found) for place, found in x.items()} for x in (ours, theirs))
    return [
        f"{'ABCDE'[place[0]]}{place[1] + 2}: ours {ours[place]}, LibreOffice {theirs[place]}"
        for place in sorted(ours)
        if ours[place] != theirs[place]
    ]


def _warm(found: set[str]) -> str:
    """Green, yellow or red as traffic lights have it, whatever the exact tone."""
    if "green" in found:
        return "green"
    return "yellow" if found & {"yellow", "orange"} else "red" if "red" in found else ""


def joined(name: str, left: Image.Image, right: Image.Image) -> Image.Image:
    """Both pictures beside each other under a title, their rows on one height."""
    line = left.height // (ROWS + 2)
    right = right.resize((right.width * (ROWS + 1) * line // right.height, (ROWS + 1) * line))
    image = Image.new("RGB", (left.width + right.width + 60, left.height + 80), "#FFFFFF")
    title = f"{name}: CellFusion (left), LibreOffice (right)"
    draw_text(image, 20, 36, title, TextStyle(34, bold=True))
    image.paste(left, (20, 70))
    image.paste(right, (left.width + 40, 70 + left.height - right.height))
    return image


def contact_sheet(pictures: list[Image.Image], columns: int = 3, width: int = 560) -> Image.Image:
    """All pictures small, in rows."""
    small = [
        p.resize((width, p.height * width // p.width), Image.Resampling.LANCZOS) for p in pictures
    ]
    height = max(picture.height for picture in small)
    lines = -(-len(small) // columns)
    sheet = Image.new("RGB", (columns * (width + 10), lines * (height + 10)), "#FFFFFF")
    pen = ImageDraw.Draw(sheet)
    for place, picture in enumerate(small):
        x, y = place % columns * (width + 10), place // columns * (height + 10)
        sheet.paste(picture, (x, y))
        pen.rectangle((x, y, x + width, y + height), outline="#CCCCCC")
    return sheet.quantize(224, Image.Quantize.MAXCOVERAGE)


def run(case: Case, folder: Path) -> tuple[Image.Image, list[str]]:
    """The two pictures of a case side by side, and the cells that differ."""
    book = folder / "book.xlsx"
    picture = preview_picture(book, rule_of(case), read_table(book), TODAY)
    ours, theirs = draw_png(picture), office_picture(folder / case.name)
    faults = compare(case, our_cells(picture, ours), office_cells(theirs))
    box = (16 * SCALE, _above(picture, ours), ours.width - 16 * SCALE, ours.height - 16 * SCALE)
    return joined(case.name.replace("_", " "), ours.crop(box), theirs), faults


def _above(picture: Picture, image: Image.Image) -> int:
    return image.height - (len(picture.rows) + 1) * 21 * SCALE - 16 * SCALE


def main() -> int:
    """0 where all cells agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("docs/preview"))
    parser.add_argument("--all", action="store_true", help="also write one picture a kind")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    pictures, count = [], 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_book(folder / "book.xlsx")
        books = [folder / f"{case.name}.xlsx" for case in CASES]
        table = read_table(folder / "book.xlsx")
        for case, ruled in zip(CASES, books, strict=True):
            write_preview(folder / "book.xlsx", rule_of(case), table, ruled, TODAY)
        convert(books, folder)
        for case in CASES:
            both, faults = run(case, folder)
            pictures.append(both)
            count += len(faults)
            agreed = f"{5 * ROWS - len(faults)} of {5 * ROWS} cells agree"
            print(f"{case.name}: {agreed}", *faults, sep="\n  ")
            if options.all:
                both.save(options.output / f"{case.name}.png")
    contact_sheet(pictures).save(options.output / "contact_sheet.png", optimize=True)
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
