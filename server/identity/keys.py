"""API keys for scripts: ``cf_<id>_<secret>``, of which only a hash is kept.

A secret is 256 random bits, so there is no list of likely ones that a slow hash would have to hold
up: to try them all is out of reach at any speed. One SHA-256 is enough, and what an attacker who
sends wrong keys could make the service spend stays small.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from server.errors import UnauthenticatedError
from server.identity.who import Identity, Role

PREFIX = "cf_"
_TEXT = re.compile(r"cf_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")
_NOBODY = "0" * 64
"""Compared where there is no such key, so that a wrong id takes as long as a wrong secret."""
REFUSED = "the API key is not known, was revoked, or has ended"


@dataclass(frozen=True)
class StoredKey:
    """What is kept of a key; ``hash`` is the SHA-256 of its secret in hexadecimal."""

    id: str
    hash: str = field(repr=False)
    role: Role
    scopes: frozenset[str]
    name: str = ""
    revoked: bool = False
    expires: dt.datetime | None = None
    """With its time zone; never where it is ``None``."""
    tenant: str = ""

    def is_open(self, now: dt.datetime) -> bool:
        """Whether the key may still be used."""
        return not self.revoked and (self.expires is None or now < self.expires)


class KeyFinder(Protocol):
    """Where keys are kept."""

    def find(self, key_id: str) -> StoredKey | None:
        """The key of an id, revoked ones included."""
        ...


class NoKeys:
    """Keeps no keys."""

    def find(self, key_id: str) -> StoredKey | None:
        """None."""
        return None


def new_key(
    role: Role = Role.USER,
    scopes: frozenset[str] = frozenset(),
    name: str = "",
    expires: dt.datetime | None = None,
    tenant: str = "",
) -> tuple[str, StoredKey]:
    """The text of a new key, which is shown once, and what is kept of it."""
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    kept = StoredKey(key_id, hash_of(secret), role, scopes, name, expires=expires, tenant=tenant)
    return f"{PREFIX}{key_id}_{secret}", kept


def hash_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class KeyChecker:
    """Says whose an API key is."""

    def __init__(self, finder: KeyFinder, now: Callable[[], dt.datetime] = _now) -> None:
        self.finder = finder
        self.now = now

    def check(self, text: str) -> Identity:
        """The identity of a key's text.

        Raises:
            UnauthenticatedError: it is no key, or none that may be used.
        """
        match = _TEXT.fullmatch(text)
        if match is None:
            raise UnauthenticatedError("the API key is not of the form cf_<id>_<secret>", "key")
        kept = self.finder.find(match[1])
        fits = hmac.compare_digest(kept.hash if kept else _NOBODY, hash_of(match[2]))
        # one answer for all, so that nobody learns which ids there are
        if kept is None or not fits or not kept.is_open(self.now()):
            raise UnauthenticatedError(REFUSED, "key")
        return Identity(kept.id, kept.tenant, kept.role, kept.scopes, "key", kept.name)
