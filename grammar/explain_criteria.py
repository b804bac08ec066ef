"""What criteria of COUNTIF and its kin ask of a cell: ``">5"`` asks whether it is more than 5."""

from __future__ import annotations

import re

COMPARED = {
    ">": "is more than {}",
    ">=": "is at least {}",
    "<": "is less than {}",
    "<=": "is at most {}",
    "=": "is {}",
    "<>": "is not {}",
}
_CRITERION = re.compile(r"(<=|>=|<>|<|>|=)?(.*)", re.DOTALL)


def criterion_verb(text: str) -> str:
    """A criterion as a verb in the singular."""
    found = _CRITERION.fullmatch(text)
    sign, rest = (found[1], found[2]) if found else (None, text)
    if not rest:
        return "is not blank" if sign == "<>" else "is blank"
    is_number = re.fullmatch(r"-?\d+(\.\d+)?%?", rest) is not None
    if sign in (None, "=", "<>") and not is_number and set(rest) & set("*?"):
        return _wildcards(rest, sign == "<>")
    return COMPARED[sign or "="].format(rest if is_number else f'"{rest}"')


def _wildcards(text: str, is_not: bool) -> str:
    core, verb = text.strip("*"), None
    if set(core) <= {"?"}:
        count = len(core) or 1
        verb = "is text" if count == 1 else f"has at least {count} characters"
        return f"{'is not text' if is_not else verb}"
    if not set(core) & set("*?~"):
        ends = text.startswith("*"), text.endswith("*")
        verb = {(1, 1): "contains", (0, 1): "starts with", (1, 0): "ends with"}.get(ends)
    if verb is None:
        return f'{"does not match" if is_not else "matches"} "{text}"'
    if is_not:
        first, _, rest = verb.partition(" ")
        verb = f"does not {first.removesuffix('s')} {rest}".rstrip()
    return f'{verb} "{core}"'


def plural(verb: str) -> str:
    """The verb in the plural."""
    first, _, rest = verb.partition(" ")
    plain = {"is": "are", "has": "have", "does": "do", "matches": "match"}
    return f"{plain.get(first, first.removesuffix('s'))} {rest}"
