"""The add-in's icons, drawn at every size that Office asks for.

``python -m addin_manifest.icons`` writes them anew: a sheet of six cells, two of them formatted,
in eight-fold resolution and scaled down.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

SIZES = (16, 20, 24, 32, 40, 48, 64, 80, 128)
FOLDER = Path(__file__).parent.parent / "server" / "taskpane" / "icons"
COLOUR, OUTLINE = "color.png", "outline.png"
"""The two icons of the unified manifest's package: 192 and 32 pixels."""

_SCALE = 8
_GREEN, _WHITE, _ORANGE, _PALE = "#107C41", "#FFFFFF", "#FFB900", "#C8E6D4"
_CELLS = ((_PALE, _WHITE), (_WHITE, _ORANGE), (_ORANGE, _WHITE))


def draw_icon(size: int) -> Image.Image:
    """The icon in colour, ``size`` pixels square, RGBA."""
    image, draw, unit = _canvas(size)
    draw.rounded_rectangle((0, 0, 16 * unit - 1, 16 * unit - 1), 3 * unit, fill=_GREEN)
    for row, colours in enumerate(_CELLS):
        for column, colour in enumerate(colours):
            draw.rectangle(_cell(row, column, unit), fill=colour)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def draw_outline(size: int = 32) -> Image.Image:
    """The icon as white lines on nothing, as the unified manifest wants it."""
    image, draw, unit = _canvas(size)
    for row, colours in enumerate(_CELLS):
        for column, colour in enumerate(colours):
            fill = _WHITE if colour == _ORANGE else None
            draw.rectangle(_cell(row, column, unit), fill=fill, outline=_WHITE, width=int(unit))
    return image.resize((size, size), Image.Resampling.LANCZOS)


def write_icons(folder: Path = FOLDER) -> None:
    """Write every icon into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for size in SIZES:
        draw_icon(size).save(folder / f"icon-{size}.png", optimize=True)
    draw_icon(192).save(folder / COLOUR, optimize=True)
    draw_outline().save(folder / OUTLINE, optimize=True)


def _canvas(size: int) -> tuple[Image.Image, ImageDraw.ImageDraw, float]:
    """An empty picture, its pen, and the sixteenth of its side in pixels."""
    image = Image.new("RGBA", (size * _SCALE, size * _SCALE))
    return image, ImageDraw.Draw(image), size * _SCALE / 16


def _cell(row: int, column: int, unit: float) -> tuple[float, float, float, float]:
    """The box of a cell; the sheet spans 3 to 13 of 16 units each way."""
    left, top = 2.5 + column * 5.75, 2.5 + row * 3.875
    return (left * unit, top * unit, (left + 5.25) * unit - 1, (top + 3.25) * unit - 1)


if __name__ == "__main__":
    write_icons()
