"""Every limit that protects the reader of a workbook, in one place."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from grammar.errors import HostileWorkbookError

MIB = 1024 * 1024


@dataclass(frozen=True)
class Bounds:
    """What a workbook may cost; a file past one of these is refused, not read slowly."""

    archive_bytes: int = 256 * MIB
    unpacked_bytes: int = 1024 * MIB
    part_bytes: int = 768 * MIB
    """One part that is streamed, as a sheet."""
    tree_bytes: int = 8 * MIB
    """One part that is held as a tree, as ``workbook.xml``."""
    styles_bytes: int = 32 * MIB
    strings_bytes: int = 128 * MIB
    tail_bytes: int = 16 * MIB
    """What follows the cells of a sheet and is held while it is edited."""
    ratio: int = 200
    """Unpacked over packed size of a part larger than ``ratio_free_bytes``."""
    ratio_free_bytes: int = 16 * MIB
    entries: int = 10_000
    directory_bytes: int = 4 * MIB
    sheets: int = 500
    xml_depth: int = 64
    row_bytes: int = 16 * MIB
    """Between the ends of two rows."""
    cells: int = 5_000_000
    rules: int = 100_000
    seconds: float = 60.0


DEFAULT_BOUNDS = Bounds()


@dataclass(frozen=True)
class Deadline:
    """The moment at which work on one workbook is given up."""

    bounds: Bounds
    started: float = field(default_factory=time.monotonic)

    def check(self) -> None:
        """Go on silently.

        Raises:
            HostileWorkbookError: the time is up.
        """
        if time.monotonic() - self.started > self.bounds.seconds:
            raise HostileWorkbookError(
                f"the workbook takes longer than {self.bounds.seconds:g} seconds to read"
            )
