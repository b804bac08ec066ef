"""The unified manifest's own rules, on the parsed JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from addin_manifest.problems import (
    Problem,
    check_icon,
    check_id,
    check_length,
    check_sizes,
    check_url,
    png_size,
)

Json = dict[str, Any]

_REQUIRED = (
    "manifestVersion id version name description developer icons accentColor "
    "authorization validDomains extensions"
).split()
_LENGTHS = (
    ("name", "short", 30),
    ("name", "full", 100),
    ("description", "short", 80),
    ("description", "full", 4000),
    ("developer", "name", 32),
)
_DEVELOPER_URLS = ("websiteUrl", "privacyUrl", "termsOfUseUrl")
_ICON_SIDES = (("color", 192), ("outline", 32))
_SEMANTIC = re.compile(r"(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_PERMISSION = "Document.ReadWrite.User"


def json_problems(manifest: Json, icons: Path | None) -> Iterator[Problem]:
    """Every problem, or the first where the form itself is wrong."""
    missing = [name for name in _REQUIRED if not manifest.get(name)]
    if missing:
        yield from (Problem("missing", f"{name} is missing from the manifest") for name in missing)
        return
    try:
        yield from _parts(manifest, icons)
    except (AttributeError, KeyError, TypeError) as error:
        yield Problem("form", f"a part is not of the form that the schema wants: {error!r}")


def _parts(manifest: Json, icons: Path | None) -> Iterator[Problem]:
    yield from _identity(manifest)
    yield from _package_icons(manifest["icons"], icons)
    permissions = manifest["authorization"]["permissions"]["resourceSpecific"]
    if _PERMISSION not in [each["name"] for each in permissions]:
        yield Problem("permissions", f"Excel's own API needs the permission {_PERMISSION}")
    for extension in manifest["extensions"]:
        yield from _extension(extension, manifest["validDomains"], icons)


def _identity(manifest: Json) -> Iterator[Problem]:
    yield from check_id(manifest["id"])
    if not _SEMANTIC.fullmatch(manifest["version"]):
        yield Problem("version", f"version {manifest['version']!r} is not three numbers as 1.0.0")
    for part, name, most in _LENGTHS:
        yield from check_length(f"{part}.{name}", manifest[part].get(name, ""), most)
    for name in _DEVELOPER_URLS:
        yield from check_url(f"developer.{name}", manifest["developer"].get(name, ""))
    if not _COLOUR.fullmatch(manifest["accentColor"]):
        yield Problem("colour", f"accentColor {manifest['accentColor']!r} is not #RRGGBB")
    for domain in manifest["validDomains"]:
        if "/" in domain or "*" in domain:
            yield Problem("domain", f"validDomains has {domain!r}; write the host alone")


def _package_icons(named: Json, icons: Path | None) -> Iterator[Problem]:
    for name, side in _ICON_SIDES:
        file = named.get(name, "")
        found = png_size(icons / file) if icons and file else (side, side) if file else None
        if found is None:
            yield Problem("icon-missing", f"icons.{name} names {file!r}, and there is no such PNG")
        elif found != (side, side):
            text = f"icons.{name}: {file} is {found[0]}x{found[1]}, not {side}x{side}"
            yield Problem("icon-size", text)


def _extension(extension: Json, domains: list[str], icons: Path | None) -> Iterator[Problem]:
    yield from _where(extension["requirements"])
    actions = set()
    for runtime in extension["runtimes"]:
        page = runtime["code"]["page"]
        yield from check_url("runtimes.code.page", page)
        if urlsplit(page).netloc not in domains:
            yield Problem("domain", f"{urlsplit(page).netloc!r} is not among validDomains")
        actions |= {action["id"] for action in runtime["actions"]}
    for message in extension.get("getStartedMessages", ()):
        yield from check_url("getStartedMessages.learnMoreUrl", message["learnMoreUrl"])
    for group in _groups(extension):
        yield from _icons_of(group, icons)
        for control in group["controls"]:
            yield from _icons_of(control, icons)
            if control["actionId"] not in actions:
                text = (
                    f"{control['id']} names the action {control['actionId']!r}, and there is none"
                )
                yield Problem("action", text)


def _where(requirements: Json) -> Iterator[Problem]:
    if requirements.get("scopes") != ["workbook"]:
        yield Problem("hosts", f"scopes are {requirements.get('scopes')}; they are workbook alone")
    if not any(each["name"] == "ExcelApi" for each in requirements.get("capabilities", ())):
        yield Problem("requirements", "no capability ExcelApi says where the add-in works")


def _groups(extension: Json) -> Iterator[Json]:
    for ribbon in extension["ribbons"]:
        for tab in ribbon["tabs"]:
            yield from tab["groups"]


def _icons_of(part: Json, icons: Path | None) -> Iterator[Problem]:
    yield from check_sizes(part["id"], [each["size"] for each in part["icons"]])
    for each in part["icons"]:
        yield from check_url(f"icon of {part['id']}", each["url"])
        yield from check_icon(f"icon of {part['id']}", each["url"], each["size"], icons)
