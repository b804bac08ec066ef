"""Which number format a cell has, and whether it shows a date. Source: ECMA-376 part 1, 18.8.30."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from openpyxl.styles.numbers import BUILTIN_FORMATS

from server.workbooks.package import Package
from server.workbooks.safe_xml import local_name, stream_elements, whole_number

GENERAL = "General"
_EAST_ASIAN_DATES = frozenset((*range(27, 32), 36, *range(50, 55), 57, 58))
"""Built-in ids that show a date and whose code depends on the language of Excel."""
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|AM/PM|A/P|General', re.IGNORECASE | re.DOTALL)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_BRACKETS = re.compile(r"\[[^\]]*\]")


@lru_cache(maxsize=4096)
def shows_date(code: str) -> bool:
    """Whether a format code shows a year, month or day; a time of day alone is a number."""
    plain = _LITERAL.sub("", code.partition(";")[0])
    plain = _BRACKETS.sub("", _ELAPSED.sub("h", plain)).lower()
    if "y" in plain or "d" in plain:
        return True
    return "m" in plain and not ("h" in plain or "s" in plain)


@dataclass(frozen=True)
class CellFormats:
    """Format codes and whether they show dates, by the style index of a cell."""

    codes: tuple[str, ...] = ()
    dates: tuple[bool, ...] = ()

    def code(self, style: int) -> str:
        """The format code of a style index, General for one that is not there."""
        return self.codes[style] if 0 <= style < len(self.codes) else GENERAL

    def is_date(self, style: int) -> bool:
        """Whether numbers of a style index show as dates."""
        return 0 <= style < len(self.dates) and self.dates[style]


def read_formats(package: Package) -> CellFormats:
    """The cell formats of a workbook, none where it has no styles."""
    part = package.styles_part
    if part is None or package.member(part).unpacked == 0:
        return CellFormats()
    custom: dict[int, str] = {}
    codes: list[str] = []
    dates: list[bool] = []
    wanted = ("numFmt", "cellXfs", "xf")
    pending: list[int] = []
    chunks = package.chunks(part, package.bounds.styles_bytes)
    for node in stream_elements(chunks, part, wanted, package.bounds):
        name = local_name(node)
        if name == "numFmt":
            custom.setdefault(whole_number(node.get("numFmtId")), node.get("formatCode", GENERAL))
        elif name == "xf":
            parent = node.getparent()
            if parent is not None and local_name(parent) == "cellXfs":
                pending.append(whole_number(node.get("numFmtId")))
    for format_id in pending:
        code = custom.get(format_id, BUILTIN_FORMATS.get(format_id, GENERAL))
        is_local_date = format_id not in custom and format_id in _EAST_ASIAN_DATES
        codes.append("yyyy-mm-dd" if is_local_date else code)
        dates.append(is_local_date or shows_date(code))
    return CellFormats(tuple(codes), tuple(dates))
