"""Excel's functions by name: their arguments, and which of them a rule may use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from grammar.errors import InvalidRuleError

MAX_ARGUMENTS = 255
"""Arguments of any call. Source: Excel specifications and limits."""

_PREFIXES = ("_XLFN.", "_XLWS.")
_HEADER = re.compile(r"\[([a-z ]+)(?:: (.*))?\]")
_SIGNATURE = re.compile(r"([A-Z][A-Z0-9.]*)\((.*)\)")
_ARGUMENT = re.compile(r"\[([a-z]+)\]|\{([a-z, ]+)\}|([a-z]+)")


@dataclass(frozen=True)
class Signature:
    """A function's arguments by type; ``repeated`` ones may follow in whole groups.

    Types are ``number text logical any criterion name range``; only a ``range`` has to be a
    reference, Excel converts the others. ``refused`` says why a rule may not use the function.
    """

    name: str
    category: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    refused: str | None = None

    @property
    def least(self) -> int:
        return len(self.required)

    @property
    def greatest(self) -> int:
        return MAX_ARGUMENTS if self.repeated else len(self.required) + len(self.optional)

    def takes(self, count: int) -> bool:
        """Whether a call may have so many arguments."""
        if self.name == "LET" and count % 2 == 0:
            return False
        if not self.least <= count <= self.greatest:
            return False
        surplus = count - self.least - len(self.optional)
        return surplus <= 0 or surplus % len(self.repeated) == 0

    def type_of(self, index: int) -> str:
        """The type of the argument at a 0-based position."""
        fixed = self.required + self.optional
        if index < len(fixed) or not self.repeated:
            return fixed[index] if index < len(fixed) else "any"
        return self.repeated[(index - len(fixed)) % len(self.repeated)]

    def counts(self) -> str:
        """How many arguments it takes, in words."""
        if self.greatest == 0:
            return "no argument"
        if self.repeated:
            groups = f", then in groups of {len(self.repeated)}" if len(self.repeated) > 1 else ""
            return f"at least {_arguments(self.least)}{groups}"
        if self.least == self.greatest:
            return _arguments(self.least)
        return f"{self.least} to {_arguments(self.greatest)}"

    def __str__(self) -> str:
        parts = [*self.required, *(f"[{kind}]" for kind in self.optional)]
        if self.repeated:
            parts += [*self.repeated, "…"]
        return f"{self.name}({', '.join(parts)})"


def _arguments(count: int) -> str:
    return f"{count} argument" if count == 1 else f"{count} arguments"


def bare_name(name: str) -> str:
    """A function's name in upper case without the prefixes that files put before new ones."""
    bare = name.upper()
    while bare.startswith(_PREFIXES):
        bare = bare.split(".", 1)[1]
    return bare


def find_function(name: str) -> Signature | None:
    """The signature of a function by name, in any case, or ``None`` if Excel has none such."""
    return function_table().get(bare_name(name))


@lru_cache(maxsize=1)
def function_table() -> MappingProxyType[str, Signature]:
    """All of Excel's functions by upper-case name."""
    text = Path(__file__).with_name("functions.txt").read_text(encoding="utf-8")
    return MappingProxyType(_read_table(text))


def _read_table(text: str) -> dict[str, Signature]:
    table: dict[str, Signature] = {}
    category, refused = "", None
    for line in text.splitlines():
        if header := _HEADER.fullmatch(line):
            category, refused = header[1], header[2]
        elif line and not line.startswith("#"):
            signature = _read_signature(line, category, refused)
            table[signature.name] = signature
    return table


def _read_signature(line: str, category: str, refused: str | None) -> Signature:
    match = _SIGNATURE.fullmatch(line)
    if match is None:
        raise InvalidRuleError(
            f"{line!r} is no signature; write it as NAME(type, [type], {{type}})"
        )
    found = [part.groups() for part in _ARGUMENT.finditer(match[2])]
    return Signature(
        name=match[1],
        category=category,
        required=tuple(fixed for _, _, fixed in found if fixed),
        optional=tuple(optional for optional, _, _ in found if optional),
        repeated=tuple(kind for _, group, _ in found if group for kind in group.split(", ")),
        refused=refused,
    )


@lru_cache(maxsize=1)
def allowed_functions() -> frozenset[str]:
    """The functions that a rule may use: those whose result rests on the workbook alone."""
    return frozenset(name for name, entry in function_table().items() if entry.refused is None)
