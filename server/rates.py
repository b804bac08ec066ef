"""How often something may be asked for, in words: ``60/minute``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from server.errors import ConfigError

UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_TEXT = re.compile(r"(\d{1,9})\s*(?:/|per)\s*(?:(\d{1,5})\s*)?(second|minute|hour|day)s?")


@dataclass(frozen=True)
class Rate:
    """So many in so many seconds."""

    count: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> Rate:
        """The rate of ``60/minute`` or ``10 per 5 minutes``.

        Raises:
            ConfigError: the text is none.
        """
        match = _TEXT.fullmatch(text.strip().lower())
        if match is None or not int(match[1]) or match[2] == "0":
            raise ConfigError(f"{text!r} is no rate; write it as 60/minute or 10 per 5 minutes")
        return cls(int(match[1]), int(match[2] or 1) * UNITS[match[3]])

    def __str__(self) -> str:
        return f"{self.count}/{self.seconds} seconds"
