"""Colours in the words that people use, and words for the colours that a style holds.

"Red", "orange" or "light green" are what Excel's own palette of standard colours shows under
those names; "light red" and the cell styles "good", "bad" and "neutral" are the fills of Excel's
highlighting dialogue. Other names are those of CSS and of everyday language.
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import webcolors

from grammar.rules import Style

PALETTE: dict[str, str] = {
    "red": "#FF0000",
    "dark red": "#C00000",
    "light red": "#FFC7CE",
    "orange": "#FFC000",
    "dark orange": "#C65911",
    "light orange": "#F8CBAD",
    "yellow": "#FFFF00",
    "dark yellow": "#9C5700",
    "light yellow": "#FFEB9C",
    "green": "#00B050",
    "dark green": "#006100",
    "light green": "#92D050",
    "pale green": "#C6EFCE",
    "blue": "#0070C0",
    "dark blue": "#002060",
    "light blue": "#00B0F0",
    "pale blue": "#DDEBF7",
    "purple": "#7030A0",
    "light purple": "#CCC0DA",
    "pink": "#FFC0CB",
    "dark pink": "#E75480",
    "brown": "#964B00",
    "light brown": "#C4A484",
    "grey": "#A6A6A6",
    "light grey": "#D9D9D9",
    "dark grey": "#595959",
    "black": "#000000",
    "white": "#FFFFFF",
}
"""The plain names, which :func:`colour_name` answers with."""

_SYNONYMS: dict[str, str] = {
    "amber": "#FFBF00",
    "apricot": "#FBCEB1",
    "aqua": "#00FFFF",
    "baby blue": "#89CFF0",
    "beige": "#F5F5DC",
    "bronze": "#CD7F32",
    "burgundy": "#800020",
    "charcoal": "#36454F",
    "copper": "#B87333",
    "coral": "#FF7F50",
    "cream": "#FFFDD0",
    "crimson": "#DC143C",
    "cyan": "#00FFFF",
    "emerald": "#50C878",
    "fuchsia": "#FF00FF",
    "gold": "#FFD700",
    "golden": "#FFD700",
    "indigo": "#4B0082",
    "ivory": "#FFFFF0",
    "jade": "#00A86B",
    "khaki": "#F0E68C",
    "lavender": "#E6E6FA",
    "lemon": "#FFF44F",
    "lilac": "#C8A2C8",
    "lime": "#00FF00",
    "magenta": "#FF00FF",
    "maroon": "#800000",
    "mauve": "#E0B0FF",
    "mint": "#98FF98",
    "mustard": "#FFDB58",
    "navy": "#000080",
    "ochre": "#CC7722",
    "olive": "#808000",
    "peach": "#FFDAB9",
    "plum": "#8E4585",
    "rose": "#FF66A3",
    "ruby": "#E0115F",
    "rust": "#B7410E",
    "salmon": "#FA8072",
    "scarlet": "#FF2400",
    "silver": "#C0C0C0",
    "slate": "#708090",
    "tan": "#D2B48C",
    "taupe": "#8B8589",
    "teal": "#008080",
    "terracotta": "#E2725B",
    "turquoise": "#40E0D0",
    "violet": "#7F00FF",
}

COLOUR_WORDS: dict[str, str] = PALETTE | _SYNONYMS
"""Names of one or two words, ``grey`` spelt with an e, and what they mean as ``#RRGGBB``."""

_PALE = ("pale", "pastel", "soft", "faint", "very light", "lightest", "subtle", "washed out")
_SHADES: dict[str, str] = {
    "light": "light",
    "lighter": "light",
    "bright light": "light",
    **dict.fromkeys(_PALE, "pale"),
    "dark": "dark",
    "darker": "dark",
    "very dark": "darkest",
    "deep": "dark",
    "darkest": "dark",
    "bright": "bright",
    "vivid": "bright",
    "neon": "bright",
    "strong": "bright",
    "medium": "plain",
    "mid": "plain",
    "plain": "plain",
    "normal": "plain",
    "regular": "plain",
    "pure": "plain",
    "solid": "plain",
    "standard": "plain",
    "dull": "dull",
    "muted": "dull",
}
SHADE_WORDS = frozenset(word for shade in _SHADES for word in shade.split())
"""Words that turn a colour into one of its shades when they stand before it."""

CELL_STYLES: dict[str, Style] = {
    "good": Style(fill="#C6EFCE", font="#006100"),
    "bad": Style(fill="#FFC7CE", font="#9C0006"),
    "neutral": Style(fill="#FFEB9C", font="#9C5700"),
}
"""Excel's built-in cell styles that its highlighting dialogue offers too."""

_FILLER = re.compile(
    "an?|the|in|with|of|to|as|some|colou?r|colou?red|fill|filled|background|text|font|shade|tone"
    "|hue|cells?|excels?|highlight|highlighted|highlighting"
)
_STEMS = {"redd": "red", "gre": "grey", "purpl": "purple", "whit": "white", "blu": "blue"}
_VERBS = {"greyed": "grey", "greying": "grey", "blackened": "black", "reddened": "red"}
_WORD = re.compile(r"#[0-9A-Fa-f]{3,6}\b|[A-Za-z][A-Za-z']*")
_HEX = re.compile(r"#?(?:[0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})")
_RGB = re.compile(r"rgb\((\d{1,3}),(\d{1,3}),(\d{1,3})\)")
_NEUTRALS = ("black", "dark grey", "grey", "light grey", "white")
_NEUTRAL_SPREAD = 12
"""Difference of the strongest and weakest part up to which a colour looks grey."""
_LONGEST = 4
"""Words of the longest name of a colour, its shades included."""


@dataclass(frozen=True)
class ColourSpan:
    """A colour that a text names in ``text[start:end]``."""

    start: int
    end: int
    colour: str


def parse_colour(words: str) -> str | None:
    """``#RRGGBB`` of a name, shade or hex string, or ``None`` where the words name no colour."""
    written = _parse_digits("".join(words.split()))
    if written:
        return written
    plain = [word for word in _split(words) if not _FILLER.fullmatch(word)]
    return _resolve(tuple(plain)) or _style_fill(plain)


def parse_cell_style(words: str) -> Style | None:
    """The built-in style that ``Excel's bad style`` or ``good`` names, or ``None``."""
    plain = [word for word in _split(words) if not _FILLER.fullmatch(word) and word != "style"]
    return CELL_STYLES.get(plain[0]) if len(plain) == 1 else None


def find_colours(text: str) -> list[ColourSpan]:
    """Every colour that a text names, longest names first, without overlap and in order."""
    found = [(match.start(), match.end(), match.group()) for match in _WORD.finditer(text)]
    return list(_spans(text, found))


def colour_name(colour: str) -> str:
    """The plain name that is nearest to ``#RRGGBB`` to the eye."""
    exact = _NAME_OF.get(colour.upper())
    if exact:
        return exact
    names = _NEUTRALS if _spread(colour) <= _NEUTRAL_SPREAD else tuple(PALETTE)
    return min(names, key=lambda name: _distance(PALETTE[name], colour))


def nearest_colour(colour: str, among: Iterable[str]) -> str:
    """That of some colours (``#RRGGBB``, at least one) which is nearest to the eye."""
    return min(among, key=lambda each: _distance(each, colour))


def _split(words: str) -> list[str]:
    """Lower-case words, grey spelt one way and the ending of ``greenish`` taken off."""
    return [_canonical(match.group().lower()) for match in _WORD.finditer(words)]


def _canonical(word: str) -> str:
    word = word.replace("gray", "grey").removesuffix("'s")
    stem = word.removesuffix("ish")
    if stem == word:
        return _VERBS.get(word, word)
    return _STEMS.get(stem, stem) if _STEMS.get(stem, stem) in COLOUR_WORDS else word


def _style_fill(words: list[str]) -> str | None:
    """The fill of a cell style, named with the word ``style`` so that ``bad`` alone is none."""
    if len(words) != 2 or words[1] != "style" or words[0] not in CELL_STYLES:
        return None
    return CELL_STYLES[words[0]].fill


def _parse_digits(text: str) -> str | None:
    rgb = _RGB.fullmatch(text.lower())
    if rgb and all(int(part) < 256 for part in rgb.groups()):
        return "#{:02X}{:02X}{:02X}".format(*(int(part) for part in rgb.groups()))
    if not _HEX.fullmatch(text) or ("#" not in text and text.isalpha()):
        return None
    digits = text.lstrip("#").upper()
    if len(digits) == 3:
        # three figures alone are a number of the request, not a colour
        return "#" + "".join(2 * digit for digit in digits) if "#" in text else None
    return f"#{digits}" if "#" in text or not digits.isdigit() else None


@lru_cache(maxsize=4096)
def _resolve(words: tuple[str, ...]) -> str | None:
    """The colour that exactly these words name."""
    if not words:
        return None
    name = " ".join(words)
    if name in COLOUR_WORDS:
        return COLOUR_WORDS[name]
    if len(words) == 1 and name.startswith("#"):
        return _parse_digits(name)
    return _css(words) or _shaded(words) or _blended(words)


def _css(words: tuple[str, ...]) -> str | None:
    name = "".join(words)
    is_known = name in webcolors.names(webcolors.CSS3) and name.replace("grey", "gray") != "gray"
    return str(webcolors.name_to_hex(name)).upper() if is_known else None


def _shaded(words: tuple[str, ...]) -> str | None:
    """A shade of a colour that has no entry of its own; shades may be written twice."""
    for length in (2, 1):
        shade = _SHADES.get(" ".join(words[:length]))
        base = _resolve(words[length:]) if shade else None
        if shade and base:
            return _shade(base, shade)
    return None


def _blended(words: tuple[str, ...]) -> str | None:
    """Half of each of two plain colours: ``blue green``, ``reddish brown``."""
    if len(words) != 2 or not all(word in COLOUR_WORDS for word in words):
        return None
    return _mix(COLOUR_WORDS[words[0]], COLOUR_WORDS[words[1]], 0.5)


def _shade(base: str, shade: str) -> str:
    if shade in ("light", "pale"):
        return _mix(base, "#FFFFFF", 0.5 if shade == "light" else 0.75)
    if shade in ("dark", "darkest"):
        return _mix(base, "#000000", 0.4 if shade == "dark" else 0.6)
    if shade == "dull":
        return _mix(base, "#A6A6A6", 0.4)
    return _saturated(base) if shade == "bright" else base


def _saturated(colour: str) -> str:
    """The colour at full strength, for ``bright`` and ``neon``; greys stay as they are."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in _rgb(colour)))
    if saturation == 0:
        return colour
    return _hex(
        *(part * 255 for part in colorsys.hls_to_rgb(hue, min(max(lightness, 0.5), 0.65), 1.0))
    )


def _mix(colour: str, other: str, share: float) -> str:
    """``share`` of ``other`` in the colour."""
    pairs = zip(_rgb(colour), _rgb(other), strict=True)
    return _hex(*((1 - share) * one + share * two for one, two in pairs))


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(red: float, green: float, blue: float) -> str:
    return f"#{round(red):02X}{round(green):02X}{round(blue):02X}"


def _spread(colour: str) -> int:
    return max(_rgb(colour)) - min(_rgb(colour))


def _distance(one: str, two: str) -> float:
    """Squared distance weighted as the eye weighs it (the "redmean" approximation)."""
    pairs = list(zip(_rgb(one), _rgb(two), strict=True))
    red, green, blue = ((a - b) ** 2 for a, b in pairs)
    mean = sum(pairs[0]) / 2
    return (2 + mean / 256) * red + 4 * green + (2 + (255 - mean) / 256) * blue


def _spans(text: str, found: list[tuple[int, int, str]]) -> Iterator[ColourSpan]:
    index = 0
    while index < len(found):
        for length in range(min(_LONGEST, len(found) - index), 0, -1):
            run = found[index : index + length]
            colour = _named(text, run)
            if colour:
                yield ColourSpan(run[0][0], run[-1][1], colour)
                index += length - 1
                break
        index += 1


def _named(text: str, run: list[tuple[int, int, str]]) -> str | None:
    """The colour of a run of words that only blanks and hyphens part."""
    if any(text[left[1] : right[0]].strip(" -_\u00a0") for left, right in pairwise(run)):
        return None
    return _resolve(tuple(_canonical(word.lower()) for _, _, word in run))


_NAME_OF = {value: name for name, value in (_SYNONYMS | PALETTE).items()} | {
    "#9C0006": "dark red",
    "#9C6500": "dark yellow",
    "#FFA500": "orange",
    "#FF8C00": "orange",
    "#0000FF": "blue",
    "#008000": "green",
    "#00FF00": "bright green",
    "#800080": "purple",
    "#00FFFF": "cyan",
    "#FF00FF": "magenta",
    "#808080": "grey",
    "#7F7F7F": "grey",
}
