"""The service's settings: one frozen object, read once from arguments and environment."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from server.errors import ConfigError
from server.workbooks.bounds import MIB, Bounds

PREFIX = "CELLFUSION_"
OFFICE_HOSTS = (
    "https://*.officeapps.live.com",
    "https://*.sharepoint.com",
    "https://*.cloud.microsoft",
    "https://*.office.com",
    "https://onedrive.live.com",
)
"""Where Excel on the web runs, so who may frame the task pane."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_BOOLS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


@dataclass(frozen=True)
class Config:
    """Everything about the service that can be set.

    The variable of a setting is its name in capitals behind ``CELLFUSION_``; lists are separated by
    blanks or commas.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    workers: int = 1
    threads: int = 16
    """Requests that one worker has in hand at a time."""
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
    answer_seconds: float = 30.0
    """How long a request waits for the model before it is turned away."""
    batch_size: int = 8
    batch_wait_ms: float = 4.0
    """How long the first request of a batch waits for company."""
    queue_size: int = 64
    batching: bool = True

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

    @classmethod
    def load(cls, environ: Mapping[str, str], **arguments: object) -> Config:
        """The settings of an environment; arguments that are not ``None`` go before it.

        Raises:
            ConfigError: a variable or argument that is not known, or a value that does not fit.
        """
        found: dict[str, object] = {
            name.removeprefix(PREFIX).lower(): text
            for name, text in environ.items()
            if name.startswith(PREFIX)
        }
        found |= {name: value for name, value in arguments.items() if value is not None}
        kinds = get_type_hints(cls)
        unknown = sorted(set(found) - {field.name for field in fields(cls)})
        if unknown:
            names = ", ".join(PREFIX + name.upper() for name in unknown)
            raise ConfigError(f"unknown settings: {names}")
        return cls(**{name: _read(name, value, kinds[name]) for name, value in found.items()})

    def to_environ(self) -> dict[str, str]:
        """The variables that :meth:`load` reads these settings from."""
        pairs = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {PREFIX + name.upper(): _write(value) for name, value in pairs if value is not None}

    @property
    def is_loopback(self) -> bool:
        return self.host in LOOPBACK

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


def _write(value: object) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(value)


def _read(name: str, value: Any, kind: Any) -> Any:  # noqa: ANN401 - as its setting is typed
    """A value as the kind of its setting."""
    if isinstance(kind, types.UnionType):
        kind = next(each for each in get_args(kind) if each is not type(None))
    if get_origin(kind) is tuple:
        parts = value.replace(",", " ").split() if isinstance(value, str) else value
        return tuple(str(part) for part in parts)
    if kind is bool and isinstance(value, str):
        if value.lower() in _BOOLS:
            return _BOOLS[value.lower()]
        raise ConfigError(f"{name} is {value!r}; write true or false")
    try:
        return kind(value)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{name} is {value!r}, which is no {kind.__name__}") from error
