"""Who asks, which role and scopes they have, and what an endpoint asks for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from flask import g

SCOPES = ("suggest", "rules", "workbooks", "library", "metrics", "admin")
"""What a key can be limited to; people have them all, and their role decides."""


class Role(StrEnum):
    """What somebody may, each role all that the ones before it may: user, tester, admin."""

    USER = "user"
    TESTER = "tester"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """0 for the role that may least."""
        return tuple(Role).index(self)

    # as texts they would be ordered by the alphabet, where a user is above an admin
    def __lt__(self, other: str) -> bool:
        return self.rank < Role(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Role(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Role(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Role(other).rank


@dataclass(frozen=True)
class Identity:
    """Who asks: a person by the object id of their directory, a key by its id, or this machine.

    ``method`` is how that is known: ``local``, ``entra`` or ``key``.
    """

    subject: str
    tenant: str
    role: Role
    scopes: frozenset[str]
    method: str
    name: str = ""


@dataclass(frozen=True)
class Access:
    """What an endpoint asks for: at least a role, and for keys a scope; no role is everybody.

    ``nearby`` lets those of the setting ``metrics_networks`` in without an identity.
    """

    role: Role | None
    scope: str = ""
    nearby: bool = False

    def __post_init__(self) -> None:
        if self.scope and self.scope not in SCOPES:
            raise ValueError(f"scope {self.scope!r} is none of {', '.join(SCOPES)}")


PUBLIC = Access(None)
"""Open to everybody who reaches the service."""


def identity() -> Identity:
    """Who asks the request that is answered.

    Raises:
        AttributeError: the endpoint is public, so nobody was asked.
    """
    return cast(Identity, g.identity)
