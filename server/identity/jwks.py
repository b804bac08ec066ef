"""The public keys that tokens are signed with: from an address, or from a file.

Source: RFC 7517.
"""

from __future__ import annotations

import json
import logging
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from server.errors import ConfigError, KeysUnavailableError

log = logging.getLogger("cellfusion.identity")
MOST_BYTES = 1 << 20
LIFE, MOST_LIFE, PAUSE = 3600.0, 86400.0, 60.0
"""Seconds after which keys are read again, up to which old ones serve where they cannot be, and
between two readings for ids that are not known."""
RETRY = 5.0
"""Seconds between two readings as long as there are no keys at all."""
LEAST_BITS = 2048


@dataclass(frozen=True)
class SigningKey:
    """An RSA key; ``issuer`` is the one whose tokens it may sign, where the source says so."""

    key: PyJWK
    issuer: str | None = None


Keys = Mapping[str, SigningKey]


class KeySource(Protocol):
    """Where signing keys come from."""

    def find(self, kid: str) -> SigningKey | None:
        """The key of an id.

        Raises:
            KeysUnavailableError: there are none yet, and they cannot be read.
        """
        ...


class FileKeys:
    """The keys of a file, for networks without a way out; read anew where it has changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: tuple[tuple[int, int], Keys] | None = None
        self._load()

    def find(self, kid: str) -> SigningKey | None:
        """The key of an id."""
        return self._load().get(kid)

    def _load(self) -> Keys:
        try:
            found = self.path.stat()
            stamp = (found.st_mtime_ns, found.st_size)
            if self._read is None or self._read[0] != stamp:
                self._read = (stamp, read_keys(self.path.read_bytes()))
        except (OSError, ValueError) as error:
            # a file that is half written does not put out those who were let in before
            if self._read is None:
                raise ConfigError(f"jwks_file {self.path} cannot be read: {error}") from error
            log.warning("the file of signing keys cannot be read; the ones before stay")
        return self._read[1]


class UrlKeys:
    """The keys of an address, kept for an hour; an id that is not known has them read once more."""

    def __init__(
        self,
        url: str,
        hosts: tuple[str, ...],
        ca: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        check_url(url, hosts)
        self.url = url
        self.clock = clock
        handlers = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca))
        self._opener = urllib.request.build_opener(handlers, _NoRedirect())
        self._lock = threading.Lock()
        self._keys: Keys = {}
        self._fresh = self._tried = float("-inf")

    def find(self, kid: str) -> SigningKey | None:
        """The key of an id."""
        now = self.clock()
        if kid in self._keys and now - self._fresh < LIFE:
            return self._keys[kid]
        # one thread reads, and whoever floods us with made-up ids causes one reading a minute
        with self._lock:
            pause = PAUSE if self._keys else RETRY
            if (kid not in self._keys or now - self._fresh >= LIFE) and now - self._tried >= pause:
                self._refresh(now)
        if now - self._fresh >= MOST_LIFE:
            raise KeysUnavailableError("the keys that tokens are signed with cannot be read")
        return self._keys.get(kid)

    def _refresh(self, now: float) -> None:
        self._tried = now
        try:
            with self._opener.open(self.url, timeout=5) as answer:
                data = answer.read(MOST_BYTES + 1)
            self._keys, self._fresh = read_keys(data), now
        except (OSError, ValueError, HTTPException) as error:
            log.warning("signing keys cannot be read", extra={"error": type(error).__name__})


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nothing: who could redirect us could hand us keys."""

    def redirect_request(self, *_: Any) -> None:  # noqa: ANN401 - the arguments of urllib
        return None


def check_url(url: str, hosts: tuple[str, ...]) -> None:
    """Refuse an address of keys that is not https or not of an allowed host.

    Raises:
        ConfigError: it is.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.username is not None or parts.password is not None:
        raise ConfigError(f"jwks_url {url!r} is no plain https address")
    if parts.hostname not in hosts:
        allowed = ", ".join(hosts)
        raise ConfigError(f"jwks_url is of {parts.hostname}, not of one of jwks_hosts: {allowed}")


def read_keys(data: bytes) -> Keys:
    """The RSA keys for signatures of a key set, by id.

    Raises:
        ValueError: it is no key set, or has no such key.
    """
    if len(data) > MOST_BYTES:
        raise ValueError(f"a key set has at most {MOST_BYTES:,} bytes")
    try:
        entries = json.loads(data)
    except RecursionError:
        raise ValueError("a key set is not nested so deep") from None
    entries = entries.get("keys") if isinstance(entries, dict) else None
    if not isinstance(entries, list):
        raise ValueError("a key set is an object with a list of keys")
    found = {str(each["kid"]): _key(each) for each in entries if _signs(each)}
    keys = {kid: key for kid, key in found.items() if key is not None}
    if not keys:
        raise ValueError("the key set has no RSA key for signatures")
    return keys


def _signs(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and entry.get("kty") == "RSA"
        and isinstance(entry.get("kid"), str)
        and entry.get("use", "sig") == "sig"
        and entry.get("alg", "RS256") == "RS256"
        and "d" not in entry  # a private key in a public place is one that others have too
    )


def _key(entry: dict[str, object]) -> SigningKey | None:
    issuer = entry.get("issuer")
    try:
        key = PyJWK(entry, algorithm="RS256")
    except PyJWTError:
        return None
    if key.key.key_size < LEAST_BITS:
        return None
    return SigningKey(key, issuer if isinstance(issuer, str) else None)
