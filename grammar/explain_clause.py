"""Subject and verb, with the verb's plural and its opposite."""

from __future__ import annotations

from dataclasses import dataclass

from grammar.explain_words import Noun

_PLURALS = {"is": "are", "has": "have", "does": "do"}


@dataclass(frozen=True)
class Clause:
    """A subject and what holds for it, the verb in the singular."""

    subject: Noun
    verb: str

    def __str__(self) -> str:
        return f"{self.subject.text} {conjugated(self.verb, self.subject.plural)}"

    def negated(self) -> Clause:
        """The clause that says the opposite."""
        return Clause(self.subject, _negated(self.verb))


def _negated(verb: str) -> str:
    first, _, rest = verb.partition(" ")
    if rest.startswith(("a row ", "no row ")):
        article, row = rest.split(" ", 1)
        return f"is {'a' if article == 'no' else 'no'} {row}"
    if first in ("is", "does") and rest.startswith("not "):
        return _affirmed(first, rest.removeprefix("not "))
    if first == "differs":
        return "is the same as " + rest.removeprefix("from ")
    if first == "is":
        return f"is not {rest}"
    return f"does not {_stem(first)} {rest}"


def _affirmed(first: str, rest: str) -> str:
    if first == "is":
        return f"is {rest}"
    bare, _, tail = rest.partition(" ")
    return f"{'has' if bare == 'have' else bare + 's'} {tail}"


def _stem(verb: str) -> str:
    return _PLURALS.get(verb, verb.removesuffix("s"))


def conjugated(verb: str, plural: bool) -> str:
    first, _, rest = verb.partition(" ")
    return f"{_stem(first) if plural else first} {rest}"
