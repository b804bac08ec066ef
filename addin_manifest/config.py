"""What an organisation decides about its add-in: one frozen object, checked when it is made."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from urllib.parse import urlsplit

from grammar.errors import ManifestError

PRODUCTION = "production"
LONGEST_PROVIDER = 32
"""The unified manifest's bound; the XML one allows 125."""

_VERSION = re.compile(r"\d{1,5}(\.\d{1,5}){2,3}")
_ENVIRONMENT = re.compile(r"[a-z][a-z0-9-]{0,19}")


@dataclass(frozen=True)
class ManifestConfig:
    """Address, identity and version of one deployment.

    ``base_url`` is where the server is reached, without ``/taskpane``; ``id`` is a GUID of its own
    for every environment, made from the address where it is left empty. ``version`` has three or
    four parts and is to be raised with every change of a manifest.

    Raises:
        ManifestError: one of them is not what Office accepts.
    """

    base_url: str
    provider: str = "CellFusion"
    support_url: str = ""
    version: str = "1.0.0.0"
    environment: str = PRODUCTION
    id: str = ""

    def __post_init__(self) -> None:
        _refuse_url("base_url", self.base_url)
        if urlsplit(self.base_url).query or urlsplit(self.base_url).fragment:
            raise ManifestError(f"base_url {self.base_url!r} has a query or fragment; leave it out")
        self._fill("base_url", self.base_url.rstrip("/"))
        self._fill("support_url", self.support_url or f"{self.base_url}/taskpane/help.html")
        self._fill("id", self.id or _id_of(self.base_url, self.environment))
        _refuse_url("support_url", self.support_url)
        self._refuse()

    def _fill(self, name: str, value: str) -> None:
        object.__setattr__(self, name, value)

    def _refuse(self) -> None:
        if not _is_guid(self.id):
            raise ManifestError(f"id {self.id!r} is no GUID; write it as {uuid.UUID(int=1)}")
        if not 0 < len(self.provider.strip()) <= LONGEST_PROVIDER:
            raise ManifestError(f"provider {self.provider!r} is not 1 to 32 characters long")
        if not _VERSION.fullmatch(self.version):
            raise ManifestError(f"version {self.version!r} is not of the form 1.0.0 or 1.0.0.0")
        if not _ENVIRONMENT.fullmatch(self.environment):
            raise ManifestError(f"environment {self.environment!r} is no short lower-case name")

    @property
    def name(self) -> str:
        """The name that people see; every environment but production says which it is."""
        suffix = "" if self.environment == PRODUCTION else f" [{self.environment}]"
        return f"CellFusion{suffix}"

    @property
    def host(self) -> str:
        """The server's host, with its port where it has one."""
        return urlsplit(self.base_url).netloc

    @property
    def short_version(self) -> str:
        """The first three parts without leading zeros, as the unified manifest wants them."""
        return ".".join(str(int(part)) for part in self.version.split(".")[:3])


def _refuse_url(name: str, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.username or _has_space(url):
        raise ManifestError(f"{name} {url!r} is no https address; Office loads nothing else")


def _has_space(url: str) -> bool:
    return any(character.isspace() for character in url)


def _is_guid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _id_of(base_url: str, environment: str) -> str:
    """The same GUID for the same deployment, another for every other one."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{base_url}#cellfusion-{environment}"))
