"""Text for pictures: fonts that have the signs, lengths, and drawing in bold and italics."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

_WIDER_FONTS = (
    *("Carlito-Regular.ttf", "calibri.ttf", "segoeui.ttf", "DejaVuSans.ttf"),
    *("LiberationSans-Regular.ttf", "NotoSans-Regular.ttf", "Arial Unicode.ttf", "arial.ttf"),
    *("NotoSansCJK-Regular.ttc", "msgothic.ttc", "wqy-microhei.ttc", "PingFang.ttc"),
)
"""Fonts that a system may have, for signs that Pillow's own font lacks."""
_NO_SIGN = "\uffff"
_SLANT = 0.2
_ELLIPSIS = "…"

Font = ImageFont.FreeTypeFont


@dataclass(frozen=True)
class TextStyle:
    """How a text is drawn; ``size`` is in pixels of the picture."""

    size: int
    colour: str = "#000000"
    bold: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False


@lru_cache(maxsize=256)
def _default_font(size: int) -> Font:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow is built without FreeType; install a usual build")
    return font


@lru_cache(maxsize=256)
def _named_font(name: str, size: int) -> Font | None:
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None


@lru_cache(maxsize=16384)
def _has(name: str | None, sign: str) -> bool:
    """Whether a font (``None`` is Pillow's own) has a picture for a sign."""
    font = _default_font(24) if name is None else _named_font(name, 24)
    if font is None:
        return False
    return sign.isspace() or bytes(font.getmask(sign)) != bytes(font.getmask(_NO_SIGN))


@lru_cache(maxsize=4096)
def _font_for(text: str, size: int) -> tuple[Font, str]:
    """The first font that has all signs, and the text as it can be drawn."""
    signs = set(text)
    for name in (None, *_WIDER_FONTS):
        if all(_has(name, sign) for sign in signs):
            return (_default_font(size) if name is None else _named_font(name, size)) or (
                _default_font(size)
            ), text
    best = max((None, *_WIDER_FONTS), key=lambda name: sum(_has(name, sign) for sign in signs))
    font = (_named_font(best, size) if best else None) or _default_font(size)
    return font, "".join(sign if _has(best, sign) else _plain(sign) for sign in text)


def _plain(sign: str) -> str:
    """The letter without its accents, or a question mark."""
    letters = [part for part in unicodedata.normalize("NFKD", sign) if part.isascii()]
    return "".join(letters) or "?"


def text_length(text: str, style: TextStyle) -> float:
    """Pixels from the start to the end of a text."""
    font, drawn = _font_for(text, style.size)
    return font.getlength(drawn) + (1 if style.bold else 0)


def fitted(text: str, width: float, style: TextStyle) -> str:
    """The text, or its start with an ellipsis where it is wider than ``width`` pixels."""
    if text_length(text, style) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_length(text[:middle] + _ELLIPSIS, style) <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + _ELLIPSIS if low else ""


def wrapped(text: str, width: float, style: TextStyle, lines: int = 3) -> list[str]:
    """The text in at most so many lines, the last one elided."""
    words, found = text.split(), [""]
    for place, word in enumerate(words):
        longer = f"{found[-1]} {word}".strip()
        if text_length(longer, style) <= width or not found[-1]:
            found[-1] = longer
        elif len(found) == lines:
            found[-1] = " ".join([found[-1], *words[place:]])
            break
        else:
            found.append(word)
    return [fitted(line, width, style) for line in found]


def draw_text(image: Image.Image, x: float, middle: float, text: str, style: TextStyle) -> None:
    """Draw a text from ``x`` on, its letters centred on the height ``middle``."""
    if not text:
        return
    font, drawn = _font_for(text, style.size)
    pen = ImageDraw.Draw(image)
    # letters stand on one line whatever they are, so the middle is that of a capital letter
    baseline = round(middle + style.size * 0.35)
    if style.italic:
        _draw_slanted(image, round(x), baseline, drawn, font, style)
    else:
        pen.text((round(x), baseline), drawn, fill=style.colour, font=font, anchor="ls")
        if style.bold:
            pen.text((round(x) + 1, baseline), drawn, fill=style.colour, font=font, anchor="ls")
    end = round(x + text_length(text, style))
    heights = [baseline + style.size // 8] * style.underline
    heights += [baseline - style.size // 4] * style.strike
    for height in heights:
        pen.line((round(x), height, end, height), fill=style.colour, width=max(1, style.size // 14))


def _draw_slanted(
    image: Image.Image, x: int, baseline: int, text: str, font: Font, style: TextStyle
) -> None:
    """Italics: the picture of the text, sheared, as a mask for its colour."""
    height, room = style.size * 2, style.size
    width = round(font.getlength(text)) + 2 * room
    mask = Image.new("L", (width, height))
    pen = ImageDraw.Draw(mask)
    line = round(style.size * 1.4)
    for shift in (0, 1) if style.bold else (0,):
        pen.text((room // 2 + shift, line), text, fill=255, font=font, anchor="ls")
    shear = (1, _SLANT, -_SLANT * line, 0, 1, 0)
    mask = mask.transform(
        mask.size, Image.Transform.AFFINE, shear, resample=Image.Resampling.BICUBIC
    )
    image.paste(style.colour, (x - room // 2, baseline - line), mask)
