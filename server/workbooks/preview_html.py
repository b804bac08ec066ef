"""A preview as one page of HTML: the sheet as a table, reasons on hover, no scripts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from server.workbooks.cell_styles import Look
from server.workbooks.effective import EffectiveCell
from server.workbooks.preview_icons import Shape, icon_shapes
from server.workbooks.preview_picture import Picture, PictureRow
from server.workbooks.preview_rows import Gap

_PLAIN_INK = "#000000"
_SIDES = ("left", "top", "right", "bottom")


def render_html(picture: Picture) -> str:
    """The page of a preview; its one style sheet is allowed by its hash and nothing else is."""
    looks = {look: f"l{place}" for place, look in enumerate(_looks(picture))}
    bars = sorted({cell.bar for cell in _cells(picture) if cell.bar}, key=repr)
    icons = sorted({cell.icon for cell in _cells(picture) if cell.icon}, key=repr)
    style = (
        _environment()
        .get_template("preview.css")
        .render(
            rules=[(name, _declarations(look)) for look, name in looks.items()],
            widths=[(column.letters, column.pixels) for column in picture.columns],
        )
    )
    return (
        _environment()
        .get_template("preview.html")
        .render(
            picture=picture,
            style=Markup(style),  # noqa: S704 - made of numbers and checked colours only
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            look_of=looks,
            bars={bar: f"b{place}" for place, bar in enumerate(bars)},
            icons={icon: f"i{place}" for place, icon in enumerate(icons)},
            shapes=icon_shapes,
            points=_points,
            reasons=_reasons,
            described_by=_described_by,
            is_gap=lambda row: isinstance(row, Gap),
            rule_ids=_rule_ids(picture),
        )
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("server.workbooks"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _cells(picture: Picture) -> Iterable[EffectiveCell]:
    for row in picture.rows:
        if isinstance(row, PictureRow):
            yield from (cell for cell in row.cells if cell is not None)


def _looks(picture: Picture) -> Sequence[Look]:
    found = [cell.look for cell in _cells(picture)]
    return list(dict.fromkeys([*found, *(caption.look for caption in picture.captions)]))


def _declarations(look: Look) -> str:
    """The CSS of a look; a plain cell follows the light or dark scheme of the reader."""
    pairs = [("background", look.fill)] if look.fill else []
    if look.fill or look.font != _PLAIN_INK:
        pairs.append(("color", look.font))
    pairs += [("font-weight", "700")] * look.bold + [("font-style", "italic")] * look.italic
    lines = " ".join(["underline"] * look.underline + ["line-through"] * look.strike)
    pairs += [("text-decoration", lines)] if lines else []
    if look.size != 11:
        pairs.append(("font-size", f"{min(look.size, 18.0) / 11:.2f}em"))
    sides = zip(_SIDES, look.borders, strict=True)
    pairs += [(f"border-{side}", f"1px solid {colour}") for side, colour in sides if colour]
    return ";".join(f"{name}:{value}" for name, value in pairs)


def _points(shape: Shape) -> str:
    return " ".join(f"{x * 16:.2f},{y * 16:.2f}" for x, y in shape.points)


def _reasons(cell: EffectiveCell) -> str:
    return "\n".join(map(str, cell.reasons))


def _rule_ids(picture: Picture) -> dict[str, str]:
    labels = [caption.label for caption in picture.captions]
    labels += [rule.label for rule in picture.existing]
    return {label: f"r{place}" for place, label in enumerate(dict.fromkeys(labels), 1)}


def _described_by(cell: EffectiveCell, ids: dict[str, str]) -> str:
    """The ids of the rules in the legend that hold for a cell."""
    found = (ids.get(reason.label) for reason in cell.reasons)
    return " ".join(dict.fromkeys(name for name in found if name))
