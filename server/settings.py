"""Settings where they are written: a policy file, the environment, the command line.

The file is TOML, and a setting has one name everywhere: ``tenants`` in the file is
``CELLFUSION_TENANTS`` in the environment.
"""

from __future__ import annotations

import re
import tomllib
import types
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

from rapidfuzz import process

from server.errors import ConfigError

PREFIX = "CELLFUSION_"
POLICY = "policy"
Pairs = tuple[tuple[str, str], ...]
"""Texts by name, as the colours of a palette, in order."""
_BOOLS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_CREDENTIALS = re.compile(r"(?<=//)([^/@:\s]*):[^/@\s]+@")
MOST_BYTES = 1 << 20


@dataclass(frozen=True)
class Setting:
    """A value as it was written, and where."""

    value: object
    origin: str


def gather(
    environ: Mapping[str, str], arguments: Mapping[str, object], known: Collection[str]
) -> dict[str, Setting]:
    """What is set, by name; the environment goes before the file, and arguments before both.

    Raises:
        ConfigError: a name is not known, or the file cannot be read.
    """
    variables = {
        name.removeprefix(PREFIX).lower(): Setting(text, name)
        for name, text in environ.items()
        if name.startswith(PREFIX)
    }
    _check_names(((PREFIX + name.upper(), name) for name in variables), known)
    said = {
        name: Setting(value, f"--{name.replace('_', '-')}")
        for name, value in arguments.items()
        if value is not None
    }
    _check_names(((name, name) for name in said), known)
    above = variables | said
    policy = above.get(POLICY)
    path = Path(str(policy.value)) if policy and str(policy.value) else None
    return (read_file(path, known) if path else {}) | above


def read_file(path: Path, known: Collection[str]) -> dict[str, Setting]:
    """The settings of a file.

    Raises:
        ConfigError: it cannot be read, or a name is not known.
    """
    try:
        data = path.read_bytes()
        if len(data) > MOST_BYTES:
            raise ConfigError(f"{path} has more than {MOST_BYTES:,} bytes")
        text = data.decode("utf-8")
        found = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise ConfigError(f"the policy {path} cannot be read: {error}") from error
    lines = text.splitlines()
    places = {name: f"{path}:{_line(name, lines)}" for name in found}
    _check_names(((f"{places[name]}: {name}", name) for name in found), known)
    if POLICY in found:
        raise ConfigError(f"{places[POLICY]}: a policy names no other policy")
    return {name: Setting(value, places[name]) for name, value in found.items()}


def _line(name: str, lines: list[str]) -> int:
    """The number of the line that sets a name, counted from 1."""
    quoted = re.escape(name)
    wanted = re.compile(rf"""\s*(?:["']?{quoted}["']?\s*[.=]|\[+\s*["']?{quoted}["']?\s*[.\]])""")
    return next((number for number, line in enumerate(lines, 1) if wanted.match(line)), 1)


def _check_names(names: Any, known: Collection[str]) -> None:  # noqa: ANN401 - pairs of texts
    unknown = [f"{shown}{_nearest(name, known)}" for shown, name in names if name not in known]
    if unknown:
        raise ConfigError(f"unknown settings: {', '.join(sorted(unknown))}")


def _nearest(name: str, known: Collection[str]) -> str:
    """A hint at the name that was meant."""
    found = process.extractOne(name, sorted(known), score_cutoff=60)
    return f" (did you mean {found[0]}?)" if found else ""


def read_value(name: str, value: Any, kind: Any) -> Any:  # noqa: ANN401 - as its setting is typed
    """A value as the kind of its setting.

    Raises:
        ConfigError: it does not fit.
    """
    if isinstance(kind, types.UnionType):
        kind = next(each for each in get_args(kind) if each is not type(None))
    if kind == Pairs:
        return _pairs(name, value)
    if get_origin(kind) is tuple:
        return _texts(name, value)
    if kind is bool:
        return _bool(name, value)
    whole = isinstance(value, float) and kind is int and not value.is_integer()
    if isinstance(value, bool | list | dict) or whole:
        raise ConfigError(f"{name} is {value!r}, which is no {kind.__name__}")
    try:
        return kind(value)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{name} is {value!r}, which is no {kind.__name__}") from error


def _bool(name: str, value: object) -> bool:
    found = value if isinstance(value, bool) else _BOOLS.get(str(value).lower())
    if found is None:
        raise ConfigError(f"{name} is {value!r}; write true or false")
    return found


def _texts(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(value.replace(",", " ").split())
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise ConfigError(f"{name} is {value!r}; write a list of texts")
    return tuple(value)


def _pairs(name: str, value: object) -> Pairs:
    if isinstance(value, str):
        parts = [part.partition("=") for part in value.split(",") if part.strip()]
        return tuple((key.strip(), text.strip()) for key, _, text in parts)
    if isinstance(value, tuple):
        return value
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise ConfigError(f"{name} is {value!r}; write a table of names and texts")
    return tuple(value.items())


def write_value(value: object) -> str:
    """A value as the environment has it."""
    if isinstance(value, tuple):
        pairs = any(isinstance(each, tuple) for each in value)
        return ", ".join("=".join(each) for each in value) if pairs else " ".join(value)
    return str(value)


def as_environ(values: Mapping[str, object]) -> dict[str, str]:
    """The variables of settings that are not ``None``."""
    pairs = ((name, value) for name, value in values.items() if value is not None)
    return {PREFIX + name.upper(): write_value(value) for name, value in pairs}


def masked(value: object) -> str:
    """A value as it may be shown: without the password of an address."""
    return _CREDENTIALS.sub(r"\1:***@", write_value(value))
