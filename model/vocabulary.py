"""The tokens that a rule is generated in: prefix notation over slots.

A program is ``CONDITION [target…] [style…]``, programs joined by ``THEN`` in priority order.
Columns, values and colours are symbols (``C3``, ``V0``, ``FILL1``); the linker knows what they are.
"""

from __future__ import annotations

from grammar.conditions import AVERAGES, FUNCTIONS, PREDICATES
from grammar.errors import ModelError

LENGTH = 24
"""Tokens of a program; shorter ones are padded."""
COLUMNS = 16
VALUES = 32
COLOURS = 6
CONSTANTS = ("0", "0.5", "1", "2", "3", "4", "5", "7", "10", "30", "100", "TRUE", "FALSE")
OPERATORS = ("+", "-", "*", "/", "^", "&")
FLAGS = ("bold", "italic", "underline", "strike")
COLOURED = ("fill", "font", "border")

PAD = 0


def _tokens() -> tuple[str, ...]:
    functions = [
        f"{name}/{count}"
        for name, (least, most) in FUNCTIONS.items()
        for count in range(least, most + 1)
    ]
    return (
        "PAD",
        "THEN",
        "NONE",
        "HOLE",
        "CHOLE",
        "AND",
        "OR",
        "NOT",
        *PREDICATES,
        *(f"{name}By" for name in AVERAGES),
        *OPERATORS,
        "NEGATIVE",
        "PREV",
        "NEXT",
        *functions,
        *(f"#{constant}" for constant in CONSTANTS),
        "ROWTARGET",
        *FLAGS,
        *(f"C{index}" for index in range(COLUMNS)),
        *(f"T{index}" for index in range(COLUMNS)),
        *(f"V{index}" for index in range(VALUES)),
        *(f"{name.upper()}{index}" for name in COLOURED for index in range(COLOURS)),
    )


TARGET_TOKENS = _tokens()
"""Every token of a program; the index is its id."""
TOKEN_IDS = {token: index for index, token in enumerate(TARGET_TOKENS)}


def to_ids(tokens: list[str]) -> list[int]:
    """Token ids padded to :data:`LENGTH`.

    Raises:
        ModelError: the program is longer than that.
    """
    if len(tokens) > LENGTH:
        raise ModelError(f"a program has at most {LENGTH} tokens; this one has {len(tokens)}")
    ids = [TOKEN_IDS[token] for token in tokens]
    return ids + [PAD] * (LENGTH - len(ids))


def to_tokens(ids: list[int]) -> list[str]:
    """Tokens of ids up to the first pad."""
    end = ids.index(PAD) if PAD in ids else len(ids)
    return [TARGET_TOKENS[index] for index in ids[:end]]
