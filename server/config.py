"""The service's settings: one frozen object, read once from arguments, environment and policy."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import get_type_hints
from urllib.parse import urlsplit

from server.errors import ConfigError
from server.rates import Rate
from server.settings import Pairs, as_environ, gather, read_value
from server.workbooks.bounds import MIB, Bounds

AUTHORITIES = (
    "https://login.microsoftonline.com",
    "https://login.microsoftonline.us",
    "https://login.partner.microsoftonline.cn",
)
"""Who signs people in: Microsoft's public cloud and its national ones."""
OFFICE_HOSTS = (
    "https://*.officeapps.live.com",
    "https://*.sharepoint.com",
    "https://*.cloud.microsoft",
    "https://*.office.com",
    "https://onedrive.live.com",
)
"""Where Excel on the web runs, so who may frame the task pane."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_REDIS = re.compile(r"(rediss?|unix)://\S")
_HEX = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True)
class Config:
    """Everything about the service that can be set.

    The variable of a setting is its name in capitals behind ``CELLFUSION_``; lists are separated by
    blanks or commas. ``docs/policy.md`` has a table of them all.
    """

    policy: Path | None = None
    """A TOML file with any of the other settings."""

    host: str = "127.0.0.1"
    port: int = 8765
    workers: int = 1
    threads: int = 80
    """Requests that one worker has in hand at a time; more than ``queue_size``, so that others are
    answered while suggestions wait."""
    weights: Path | None = None
    """Folder of the model; the shipped one by default."""
    base_url: str | None = None
    """Where people reach the service, as ``https://cellfusion.example.org``."""
    provider: str = "CellFusion"
    """Who offers the add-in, as its manifest says."""
    support_url: str = ""
    manifest_id: str = ""
    """The add-in's GUID; made from the address where it is empty."""
    trusted_hosts: tuple[str, ...] = ()
    """Names that a request may address; on loopback those of this machine where none is given."""
    trusted_proxies: int = 0
    """Proxies in front whose ``X-Forwarded-…`` headers count."""
    frame_ancestors: tuple[str, ...] = OFFICE_HOSTS
    script_sources: tuple[str, ...] = ("https://appsforoffice.microsoft.com",)
    connect_sources: tuple[str, ...] = ()
    """Other origins that the task pane may talk to, as the one that signs people in."""
    log_level: str = "INFO"

    database_url: str = ""
    """``postgresql://…`` or ``sqlite:///FILE``; by default a file in the person's data folder."""
    keep_requests: bool = False
    """Whether the store keeps what people ask; else only how long it was."""
    retention_days: int = 180
    """How long suggestions and decisions are kept."""
    audit_days: int = 730

    json_bytes: int = 8 * MIB
    upload_bytes: int = 32 * MIB
    table_rows: int = 50_000
    table_columns: int = 500
    table_cells: int = 500_000
    workbook_seconds: float = 30.0
    answer_seconds: float = 60.0
    """How long a request waits for the model before it is given up."""
    batch_size: int = 8
    batch_wait_ms: float = 4.0
    """How long the first request of a batch waits for company."""
    queue_size: int = 64
    batching: bool = True

    tenants: tuple[str, ...] = ()
    """Directories whose people are let in, by id; nobody signs in where there are none."""
    audiences: tuple[str, ...] = ()
    """For whom a token has to be meant; by default ``client_id``, plain and behind ``api://``."""
    client_id: str = ""
    """The app registration with which the task pane signs people in."""
    authority: str = AUTHORITIES[0]
    token_scope: str = "access_as_user"  # noqa: S105 - a name, no secret
    token_leeway: float = 60.0
    """Seconds by which clocks may differ."""
    admin_roles: tuple[str, ...] = ("CellFusion.Admin",)
    tester_roles: tuple[str, ...] = ("CellFusion.Tester",)
    user_roles: tuple[str, ...] = ()
    """App roles that make a user; where there are none, everybody of the tenants is one."""
    jwks_url: str = ""
    """Where the signing keys are; by default where the authority has them."""
    jwks_hosts: tuple[str, ...] = tuple(each.removeprefix("https://") for each in AUTHORITIES)
    """Hosts that ``jwks_url`` may name."""
    jwks_ca: Path | None = None
    """Certificates that vouch for ``jwks_url``, where the system's do not."""
    jwks_file: Path | None = None
    """A file with the signing keys, for networks without a way out."""
    msal_url: str = ""
    """MSAL.js for the task pane: a file that is served along, or an https address."""
    api_keys: bool = False
    """Keys of scripts are taken."""
    metrics_networks: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    """From where counts are read without signing in."""

    allowed_kinds: tuple[str, ...] = ()
    """Rules that may be made, as ``GreaterThan``; all where none is named."""
    forbidden_kinds: tuple[str, ...] = ()
    allowed_functions: tuple[str, ...] = ()
    """Excel functions that a rule may call, of those that CellFusion allows."""
    forbidden_functions: tuple[str, ...] = ()
    palette: Pairs = ()
    """The house's colours by name, to which those of requests are mapped."""
    default_fill: str = ""
    """The fill of rules whose request names no colour; a name of the palette or ``#RRGGBB``."""
    request_rate: str = "120/minute"
    """What one person or key may ask for."""
    suggest_rate: str = "30/minute"
    """How many of these may be suggestions."""
    address_rate: str = "600/minute"
    """What those at one address may ask for who are not let in."""
    redis_url: str = ""
    """``redis://…`` or ``rediss://…``, where all workers count requests together."""

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise ConfigError(f"port {self.port} is none; write 0 to 65535")
        for name in _POSITIVE:
            if not getattr(self, name) > 0:  # which NaN is not either
                raise ConfigError(f"{name} is {getattr(self, name)}; it has to be more than 0")
        if self.trusted_proxies < 0 or self.batch_wait_ms < 0:
            raise ConfigError("trusted_proxies and batch_wait_ms are 0 or more")
        if self.log_level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ConfigError(f"log_level {self.log_level!r} is none of DEBUG INFO WARNING ERROR")
        for source in (*self.frame_ancestors, *self.script_sources, *self.connect_sources):
            if not source.isprintable() or any(mark in source for mark in " ;,"):
                raise ConfigError(f"{source!r} is no source of a content security policy")
        for rate in (self.request_rate, self.suggest_rate, self.address_rate):
            Rate.parse(rate)
        self._check_sharing()
        self._check_identity()
        self._check_rules()

    def _check_sharing(self) -> None:
        """Refuse several workers that would each allow the whole rate."""
        if self.redis_url and not _REDIS.match(self.redis_url):
            # the text may hold a password, so it is not repeated
            raise ConfigError("redis_url is none of redis://HOST:6379/0, rediss://… and unix://…")
        if self.workers > 1 and not self.redis_url and not self.is_local:
            raise ConfigError(
                f"{self.workers} workers have to count requests together: "
                "set redis_url, as redis://127.0.0.1:6379/0, or workers = 1"
            )

    def _check_identity(self) -> None:
        """Refuse a sign-in that could let in others than were meant."""
        for guid in (*self.tenants, *filter(None, (self.client_id,))):
            if not _GUID.fullmatch(guid):
                raise ConfigError(
                    f"{guid!r} is no id; write it as 00000000-0000-0000-0000-…, small"
                )
        if self.tenants and not self.token_audiences:
            raise ConfigError("tenants needs audiences or client_id: for whom tokens are meant")
        if self.token_audiences and not self.tenants:
            raise ConfigError("audiences and client_id need tenants: whose people are let in")
        if self.authority not in AUTHORITIES:
            raise ConfigError(f"authority {self.authority!r} is none of {' '.join(AUTHORITIES)}")
        if not 0 <= self.token_leeway <= 300 or not self.token_scope:
            raise ConfigError("token_leeway is 0 to 300 seconds, and token_scope is a name")
        if self.jwks_url and self.jwks_file:
            raise ConfigError("jwks_url and jwks_file exclude each other")
        self._check_msal()
        for network in self.metrics_networks:
            try:
                ipaddress.ip_network(network)
            except ValueError as error:
                raise ConfigError(f"metrics_networks: {error}") from error

    def _check_msal(self) -> None:
        parts = urlsplit(self.msal_url)
        is_web = parts.scheme in ("http", "https")
        odd = not self.msal_url.isprintable() or any(mark in parts.netloc for mark in " ;,@")
        if is_web and (parts.scheme != "https" or not parts.hostname or odd):
            raise ConfigError(f"msal_url {self.msal_url!r} is neither a file nor an https address")
        if self.client_id and not self.msal_url:
            raise ConfigError(
                "client_id needs msal_url: the file lib/msal-browser.min.js of MSAL.js"
            )
        if self.msal_url and not is_web and not Path(self.msal_url).is_file():
            raise ConfigError(f"msal_url: there is no file {self.msal_url}")

    def _check_rules(self) -> None:
        """Refuse names that would forbid nothing."""
        from grammar.conditions import PREDICATES
        from grammar.functions import allowed_functions

        _check_known(
            "rules", (*self.allowed_kinds, *self.forbidden_kinds), (*PREDICATES, "Formula")
        )
        functions = (*self.allowed_functions, *self.forbidden_functions)
        _check_known("functions", functions, tuple(allowed_functions()))
        for name, colour in self.palette:
            if not name or name != name.lower() or not _HEX.fullmatch(colour):
                raise ConfigError(
                    f"palette: write {name!r} = {colour!r} as a small name and #RRGGBB"
                )
        names = dict(self.palette)
        if self.default_fill and not _HEX.fullmatch(
            names.get(self.default_fill, self.default_fill)
        ):
            raise ConfigError(
                f"default_fill {self.default_fill!r} is neither of the palette nor #RRGGBB"
            )

    @classmethod
    def load(cls, environ: Mapping[str, str], **arguments: object) -> Config:
        """The settings of an environment; arguments that are not ``None`` go before it.

        Raises:
            ConfigError: a variable or argument that is not known, or a value that does not fit.
        """
        return cls.load_some([field.name for field in fields(cls)], environ, **arguments)

    @classmethod
    def load_some(
        cls, wanted: Collection[str], environ: Mapping[str, str], **arguments: object
    ) -> Config:
        """Some settings of an environment; of the others only the names are looked at.

        Raises:
            ConfigError: as :meth:`load` does.
        """
        kinds = get_type_hints(cls)
        found = gather(environ, arguments, [field.name for field in fields(cls)])
        read = {
            name: read_value(name, each.value, kinds[name])
            for name, each in found.items()
            if name in wanted
        }
        return cls(**read)

    def to_environ(self) -> dict[str, str]:
        """The variables that :meth:`load` reads these settings from."""
        return as_environ({field.name: getattr(self, field.name) for field in fields(self)})

    @property
    def is_loopback(self) -> bool:
        return self.host in LOOPBACK

    @property
    def is_local(self) -> bool:
        """Whether the one who sits at this machine needs no sign-in."""
        return self.is_loopback and not self.tenants and not self.api_keys

    @property
    def token_audiences(self) -> tuple[str, ...]:
        """For whom a token has to be meant."""
        own = (self.client_id, f"api://{self.client_id}") if self.client_id else ()
        return self.audiences or own

    @property
    def msal_file(self) -> Path | None:
        """The file of MSAL.js that is served along."""
        is_web = self.msal_url.startswith("https:")
        return Path(self.msal_url).resolve() if self.msal_url and not is_web else None

    @property
    def hosts(self) -> list[str] | None:
        """Host names that are answered to; ``None`` answers to every one."""
        if self.trusted_hosts:
            return list(self.trusted_hosts)
        # a name that a foreign page resolves to this machine must not reach a local service
        return ["localhost", "127.0.0.1", "[::1]"] if self.is_loopback else None

    @property
    def bounds(self) -> Bounds:
        """What a workbook may cost."""
        return Bounds(archive_bytes=self.upload_bytes, seconds=self.workbook_seconds)


_POSITIVE = (
    *("workers", "threads", "json_bytes", "upload_bytes", "table_rows", "table_columns"),
    *("table_cells", "workbook_seconds", "answer_seconds", "batch_size", "queue_size"),
    *("retention_days", "audit_days"),
)


def _check_known(what: str, names: tuple[str, ...], known: tuple[str, ...]) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise ConfigError(f"no such {what}: {', '.join(unknown)}")
