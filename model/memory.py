"""What the process keeps of the memory that a layer frees."""

from __future__ import annotations

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Source: ``mallopt(3)``."""
LARGEST = 32 << 20
KEPT = 128 << 20


def keep_freed() -> None:
    """Have glibc keep up to :data:`KEPT` bytes for the next layer instead of giving them back.

    It would take them again page by page, which can double the time of a batch of requests. Pieces
    over :data:`LARGEST` are given back all the same. Elsewhere nothing changes.
    """
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        if hasattr(library, "mallopt"):
            library.mallopt(_MMAP_THRESHOLD, LARGEST)
            library.mallopt(_TRIM_THRESHOLD, KEPT)
