"""A preview as a picture: the sheet as Excel draws it, under the rules in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw

from server.workbooks.effective import EffectiveCell
from server.workbooks.preview_icons import icon_shapes
from server.workbooks.preview_picture import Caption, Picture, PictureRow, Span
from server.workbooks.preview_rows import Gap
from server.workbooks.preview_text import TextStyle, draw_text, fitted, text_length, wrapped
from server.workbooks.scales import Bar, BarScale, Icon, IconScale, Scale

SCALE = 2
"""Pixels of the picture for one of a plain screen, so that it is sharp on fine ones."""
MARGIN = 16 * SCALE
ROW = 21 * SCALE
NUMBERS = 46 * SCALE
"""Width of the row numbers."""
BREAK = 14 * SCALE
"""Width of the mark for columns left out."""
_LEAST_WIDTH = 420 * SCALE
_PAD = 5 * SCALE
_ICON = 14 * SCALE
_FINE = 4
"""Icons are drawn so much larger first, for smooth edges."""

PAPER, GRID, HEAD, HEAD_LINE, INK, FAINT = (
    *("#FFFFFF", "#DADCE0", "#F3F4F6", "#C4C7CC", "#1F2328", "#667085"),
)
_MARK, _MARK_INK, _WARNING = "#D9EBDF", "#1B6B3A", "#9A5B00"

_SMALL = TextStyle(11 * SCALE, FAINT)
_CAPTION = TextStyle(14 * SCALE, INK, bold=True)
_DETAIL = TextStyle(12 * SCALE, FAINT)

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels of the picture."""


@dataclass(frozen=True)
class Frame:
    """Where rows and columns lie: left edges of columns and top edges of rows, ends included."""

    lefts: tuple[int, ...]
    rights: tuple[int, ...]
    tops: tuple[int, ...]
    head: int

    def box(self, column: int, row: int, span: Span = Span()) -> Box:  # noqa: B008 - frozen
        """The cell of a shown column and row, counted from 0."""
        last = min(column + span.columns, len(self.rights)) - 1
        below = min(row + span.rows, len(self.tops) - 1)
        return self.lefts[column], self.tops[row], self.rights[last], self.tops[below]


def draw_png(picture: Picture) -> Image.Image:
    """The picture of a preview."""
    width = _width(picture)
    above = list(_caption_lines(picture, width - 2 * MARGIN))
    below = list(_foot_lines(picture, width - 2 * MARGIN))
    head = MARGIN + sum(height for height, *_ in above)
    frame = frame_of(picture, head)
    height = frame.tops[-1] + MARGIN + sum(size.size * 3 // 2 for _, size in below)
    image = Image.new("RGB", (width, height + (MARGIN // 2 if below else 0)), PAPER)
    _draw_captions(image, above)
    _draw_heads(image, picture, frame)
    for place, row in enumerate(picture.rows):
        if isinstance(row, Gap):
            _draw_gap(image, row, frame, place)
        else:
            _draw_row(image, picture, row, frame, place)
    _draw_foot(image, below, frame.tops[-1] + MARGIN // 2)
    return image


def frame_of(picture: Picture, head: int) -> Frame:
    """Where the cells lie when the column letters start at the height ``head``."""
    lefts, rights, x = [], [], MARGIN + NUMBERS
    for column in picture.columns:
        x += BREAK if column.skipped else 0
        lefts.append(x)
        x += column.pixels * SCALE
        rights.append(x)
    tops = tuple(head + ROW * (place + 1) for place in range(len(picture.rows) + 1))
    return Frame(tuple(lefts), tuple(rights), tops, head)


def _width(picture: Picture) -> int:
    breaks = sum(BREAK for column in picture.columns if column.skipped)
    columns = sum(column.pixels for column in picture.columns) * SCALE
    return max(2 * MARGIN + NUMBERS + breaks + columns, _LEAST_WIDTH) + 1


def _caption_lines(
    picture: Picture, width: int
) -> Iterator[tuple[int, Caption | None, str, TextStyle]]:
    """Height, swatch, text and style of every line above the sheet."""
    for caption in picture.captions:
        lines = wrapped(caption.explanation, width - 44 * SCALE, _CAPTION)
        for place, line in enumerate(lines):
            yield 20 * SCALE, None if place else caption, line, _CAPTION
        cells = f"{caption.count:,} cell{'' if caption.count == 1 else 's'} of {caption.area}"
        detail = f"{cells}, sheet {picture.sheet}"
        yield 24 * SCALE, None, fitted(detail, width - 44 * SCALE, _DETAIL), _DETAIL


def _draw_captions(
    image: Image.Image, lines: list[tuple[int, Caption | None, str, TextStyle]]
) -> None:
    y = MARGIN - 4 * SCALE
    for height, swatch, text, style in lines:
        middle = y + 9 * SCALE
        if swatch is not None:
            _draw_swatch(image, swatch, middle)
        draw_text(image, MARGIN + 44 * SCALE, middle, text, style)
        y += height


def _draw_swatch(image: Image.Image, caption: Caption, middle: int) -> None:
    box = (MARGIN, middle - 9 * SCALE, MARGIN + 34 * SCALE, middle + 9 * SCALE)
    pen = ImageDraw.Draw(image)
    edge = caption.look.borders[0] or HEAD_LINE
    pen.rectangle(box, fill=caption.look.fill or PAPER, outline=edge, width=SCALE)
    if caption.scale is not None:
        _draw_scale_swatch(image, caption.scale, box)
        return
    style = _text_style(caption.look.font, 11.0, EffectiveCell(look=caption.look))
    start = (box[0] + box[2] - text_length("Ab", style)) / 2
    draw_text(image, start, middle, "Ab", style)


def _draw_scale_swatch(image: Image.Image, scale: Scale, box: Box) -> None:
    """What a scale draws, small: its colours, a bar or its icons."""
    pen = ImageDraw.Draw(image)
    if isinstance(scale, IconScale):
        icons = [icon for icon in (scale.icons[0], scale.icons[-1]) if icon]
        for place, icon in enumerate(icons):
            _draw_icon(image, icon, box[0] + (3 + place * 15) * SCALE, box[1] + 2 * SCALE)
        return
    if isinstance(scale, BarScale):
        pen.rectangle(
            (box[0] + 3 * SCALE, box[1] + 4 * SCALE, box[0] + 24 * SCALE, box[3] - 4 * SCALE),
            fill=scale.colour,
        )
        return
    low, high = scale.values[0], scale.values[-1]
    for x in range(box[0] + SCALE, box[2]):
        share = (x - box[0]) / (box[2] - box[0])
        colour = scale.colour(low + (high - low) * share)
        pen.line((x, box[1] + SCALE, x, box[3] - SCALE), fill=colour)


def _draw_heads(image: Image.Image, picture: Picture, frame: Frame) -> None:
    """Column letters and the corner."""
    pen = ImageDraw.Draw(image)
    right = frame.rights[-1]
    pen.rectangle((MARGIN, frame.head, right, frame.tops[0]), fill=HEAD)
    for place, column in enumerate(picture.columns):
        left, end = frame.lefts[place], frame.rights[place]
        middle = frame.head + ROW // 2
        _centre(image, column.letters, (left, frame.head, end, frame.tops[0]), _SMALL)
        pen.line((end, frame.head, end, frame.tops[0]), fill=HEAD_LINE)
        if column.skipped:
            draw_text(image, left - BREAK + 2 * SCALE, middle, "…", _SMALL)
            pen.line((left, frame.head, left, frame.tops[0]), fill=HEAD_LINE)
    pen.line((MARGIN, frame.tops[0], right, frame.tops[0]), fill=HEAD_LINE)
    pen.line((MARGIN + NUMBERS, frame.head, MARGIN + NUMBERS, frame.tops[-1]), fill=HEAD_LINE)
    pen.line((MARGIN, frame.head, right, frame.head), fill=HEAD_LINE)
    pen.line((MARGIN, frame.head, MARGIN, frame.tops[-1]), fill=HEAD_LINE)


def _draw_gap(image: Image.Image, gap: Gap, frame: Frame, place: int) -> None:
    box = (MARGIN + 1, frame.tops[place] + 1, frame.rights[-1], frame.tops[place + 1])
    pen = ImageDraw.Draw(image)
    pen.rectangle(box, fill="#FAFAFB")
    pen.line((box[0], box[3], box[2], box[3]), fill=GRID)
    text = fitted(str(gap), box[2] - box[0], _SMALL)
    _centre(image, text, box, _SMALL)


def _draw_row(
    image: Image.Image, picture: Picture, row: PictureRow, frame: Frame, place: int
) -> None:
    is_new = any(cell is not None and cell.is_new for cell in row.cells)
    _draw_number(image, row.number, is_new, frame, place)
    for column, cell in enumerate(row.cells):
        if cell is not None:
            _draw_ground(image, cell, frame.box(column, place, row.spans[column]))
    for column, cell in enumerate(row.cells):
        if cell is not None and cell.text:
            box = frame.box(column, place, row.spans[column])
            _draw_value(image, cell, box, _room(row, column, frame))


def _draw_number(image: Image.Image, number: int, is_new: bool, frame: Frame, place: int) -> None:
    box = (MARGIN + 1, frame.tops[place] + 1, MARGIN + NUMBERS - 1, frame.tops[place + 1] - 1)
    pen = ImageDraw.Draw(image)
    pen.rectangle(box, fill=_MARK if is_new else HEAD)
    pen.line((box[0], box[3] + 1, box[2], box[3] + 1), fill=GRID)
    style = TextStyle(11 * SCALE, _MARK_INK, bold=True) if is_new else _SMALL
    _centre(image, str(number), box, style)


def _draw_ground(image: Image.Image, cell: EffectiveCell, box: Box) -> None:
    """Fill, grid, border, bar and icon."""
    left, top, right, bottom = box
    pen = ImageDraw.Draw(image)
    pen.rectangle((left + 1, top + 1, right - 1, bottom - 1), fill=cell.look.fill or PAPER)
    edge = cell.look.fill or GRID
    pen.line((left + 1, bottom, right, bottom), fill=edge)
    pen.line((right, top + 1, right, bottom), fill=edge)
    if cell.bar is not None:
        _draw_bar(image, cell.bar, box)
    if cell.icon is not None:
        _draw_icon(image, cell.icon, left + _PAD, (top + bottom - _ICON) // 2)
    sides = (
        (left, top, left, bottom),
        (left, top, right, top),
        (right, top, right, bottom),
        (left, bottom, right, bottom),
    )
    for colour, line in zip(cell.look.borders, sides, strict=True):
        if colour:
            pen.line(line, fill=colour, width=SCALE)


def _draw_bar(image: Image.Image, bar: Bar, box: Box) -> None:
    left, top, right, bottom = box[0] + 2 * SCALE, box[1] + 2 * SCALE, box[2] - 2 * SCALE, box[3]
    width = right - left
    start, end = (left + round(width * share) for share in (bar.start, bar.end))
    pen = ImageDraw.Draw(image)
    is_left = bar.axis is not None and bar.end <= bar.axis
    for x in range(start, end):
        share = (x - start) / max(end - start, 1)
        share = (1 - share if is_left else share) * (0.75 if bar.is_gradient else 0)
        pen.line((x, top, x, bottom - 2 * SCALE), fill=_lighter(bar.colour, share))
    if bar.axis is not None:
        middle = left + round(width * bar.axis)
        for y in range(box[1] + 1, bottom, 3 * SCALE):
            pen.line((middle, y, middle, min(y + SCALE, bottom)), fill="#000000")


def _lighter(colour: str, share: float) -> tuple[int, int, int]:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    mixed = [round(part + (255 - part) * share) for part in (red, green, blue)]
    return mixed[0], mixed[1], mixed[2]


@lru_cache(maxsize=128)
def _icon_image(icon: Icon) -> Image.Image:
    side = _ICON * _FINE
    image = Image.new("RGBA", (side, side), (255, 255, 255, 0))
    pen = ImageDraw.Draw(image)
    for shape in icon_shapes(icon):
        pen.polygon([(x * side, y * side) for x, y in shape.points], fill=shape.colour)
    return image.resize((_ICON, _ICON), Image.Resampling.LANCZOS)


def _draw_icon(image: Image.Image, icon: Icon, x: int, y: int) -> None:
    drawn = _icon_image(icon)
    image.paste(drawn, (x, y), drawn)


def _room(row: PictureRow, column: int, frame: Frame) -> int:
    """How far to the right a text may run: over the empty cells that follow."""
    last = column + row.spans[column].columns - 1
    while last + 1 < len(row.cells):
        after = row.cells[last + 1]
        if after is None or after.text or after.icon or frame.lefts[last + 1] > frame.rights[last]:
            break
        last += 1
    return frame.rights[min(last, len(frame.rights) - 1)]


def _draw_value(image: Image.Image, cell: EffectiveCell, box: Box, room: int) -> None:
    style = _text_style(cell.look.font, cell.look.size, cell)
    left = box[0] + _PAD + (_ICON + _PAD if cell.icon is not None else 0)
    right = (room if cell.align == "left" else box[2]) - _PAD
    text = fitted(cell.text, right - left, style)
    spare = right - left - text_length(text, style)
    x = left + {"right": spare, "center": spare / 2}.get(cell.align, 0)
    draw_text(image, x, (box[1] + box[3]) / 2, text, style)


def _text_style(colour: str, points: float, cell: EffectiveCell) -> TextStyle:
    look = cell.look
    size = round(min(points, 13.0) * 1.15 * SCALE)
    return TextStyle(size, colour, look.bold, look.italic, look.underline, look.strike)


def _centre(image: Image.Image, text: str, box: Box, style: TextStyle) -> None:
    x = (box[0] + box[2] - text_length(text, style)) / 2
    draw_text(image, x, (box[1] + box[3]) / 2, text, style)


def _foot_lines(picture: Picture, width: int) -> Iterator[tuple[str, TextStyle]]:
    for rule in picture.existing:
        yield fitted(f"Already there: {rule.explanation}", width, _DETAIL), _DETAIL
    warning = TextStyle(_DETAIL.size, _WARNING)
    for note in picture.notes:
        yield fitted(note, width, warning), warning


def _draw_foot(image: Image.Image, lines: list[tuple[str, TextStyle]], y: int) -> None:
    for text, style in lines:
        draw_text(image, MARGIN, y + style.size * 0.75, text, style)
        y += style.size * 3 // 2
