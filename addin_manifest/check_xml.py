"""The add-in only manifest's own rules, on the parsed tree.

Source: Microsoft's reference of the manifest's elements, their order and bounds.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from addin_manifest.problems import (
    Problem,
    check_icon,
    check_id,
    check_length,
    check_sizes,
    check_url,
    check_version,
)

_APP = "{http://schemas.microsoft.com/office/appforoffice/1.1}"
_OVER = "{http://schemas.microsoft.com/office/taskpaneappversionoverrides}"
_BT = "{http://schemas.microsoft.com/office/officeappbasictypes/1.0}"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"

ORDER = (
    "Id AlternateId Version ProviderName DefaultLocale DisplayName Description IconUrl "
    "HighResolutionIconUrl SupportUrl AppDomains Hosts Requirements DefaultSettings Permissions "
    "VersionOverrides ExtendedOverrides"
).split()
_OPTIONAL = {
    *("AlternateId", "AppDomains", "Requirements"),
    *("VersionOverrides", "ExtendedOverrides"),
}
_OVERRIDES = ("Description", "Requirements", "Hosts", "Resources", "WebApplicationInfo")
_BUTTON = ("Label", "Supertip", "Icon", "Action")
_LENGTHS = {"ProviderName": 125, "DisplayName": 125, "Description": 250}
_PERMISSION = "ReadWriteDocument"
_DOMAIN = re.compile(r"https://[^/*\s]+")
_SET_VERSION = re.compile(r"\d+\.\d+")
_LONGEST_ID = 32


def xml_problems(root: Element, icons: Path | None) -> Iterator[Problem]:
    """Every problem, from the outside in."""
    if root.tag != f"{_APP}OfficeApp" or root.get(_TYPE) != "TaskPaneApp":
        yield Problem("root", "the root is no OfficeApp of type TaskPaneApp")
        return
    yield from _order(root)
    yield from _base(root, icons)
    yield from _requirements(root)
    yield from _domains(root)
    overrides = root.find(f"{_OVER}VersionOverrides")
    if overrides is None:
        yield Problem("missing", "VersionOverrides is missing, so there is no ribbon button")
    else:
        yield from _overrides(overrides, icons)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _in_order(
    names: list[str], order: tuple[str, ...] | list[str], where: str
) -> Iterator[Problem]:
    unknown = [name for name in names if name not in order]
    yield from (Problem("unknown", f"{where} may not hold {name}") for name in unknown)
    places = [order.index(name) for name in names if name in order]
    for before, after in itertools.pairwise(places):
        if after < before:
            text = f"in {where}, {order[after]} has to stand before {order[before]}"
            yield Problem("order", text)
        if after == before:
            yield Problem("order", f"in {where}, {order[after]} stands twice")


def _order(root: Element) -> Iterator[Problem]:
    names = [_name(child) for child in root]
    yield from _in_order(names, ORDER, "OfficeApp")
    missing = [name for name in ORDER if name not in names and name not in _OPTIONAL]
    yield from (Problem("missing", f"{name} is missing from OfficeApp") for name in missing)


def _text(root: Element, name: str) -> str | None:
    """An element's text or its ``DefaultValue``; ``None`` where it is not there."""
    element = root.find(_APP + name)
    if element is None:
        return None
    return element.get("DefaultValue") or (element.text or "").strip()


def _base(root: Element, icons: Path | None) -> Iterator[Problem]:
    yield from check_id(_text(root, "Id") or "")
    yield from check_version(_text(root, "Version") or "")
    for name, most in _LENGTHS.items():
        yield from check_length(name, _text(root, name) or "", most)
    source = _text(root, f"DefaultSettings/{_APP}SourceLocation") or ""
    yield from check_url("SourceLocation", source)
    yield from check_url("SupportUrl", _text(root, "SupportUrl") or "")
    for name, size in (("IconUrl", 32), ("HighResolutionIconUrl", 64)):
        url = _text(root, name) or ""
        yield from check_url(name, url)
        yield from check_icon(name, url, size, icons)
    permission = _text(root, "Permissions")
    if permission != _PERMISSION:
        text = f"Permissions is {permission!r}; Excel's own API needs {_PERMISSION}"
        yield Problem("permissions", text)
    hosts = [host.get("Name") for host in root.iterfind(f"{_APP}Hosts/{_APP}Host")]
    if hosts != ["Workbook"]:
        yield Problem("hosts", f"Hosts are {hosts}; the add-in is for Workbook alone")


def _requirements(root: Element) -> Iterator[Problem]:
    sets = list(root.iter(f"{_APP}Set"))
    for each in sets:
        version = each.get("MinVersion", "")
        if not _SET_VERSION.fullmatch(version):
            text = f"requirement set {each.get('Name')!r} has no version as 1.9: {version!r}"
            yield Problem("requirements", text)
    if not any(each.get("Name") == "ExcelApi" for each in sets):
        yield Problem("requirements", "no requirement set ExcelApi says where the add-in works")
    if root.find(f"{_OVER}VersionOverrides/{_OVER}Requirements") is not None:
        text = "Requirements in VersionOverrides hide every button where one is unmet; remove them"
        yield Problem("requirements", text)


def _domains(root: Element) -> Iterator[Problem]:
    source = urlsplit(_text(root, f"DefaultSettings/{_APP}SourceLocation") or "").netloc
    allowed = {source}
    for element in root.iterfind(f"{_APP}AppDomains/{_APP}AppDomain"):
        text = (element.text or "").strip()
        if not _DOMAIN.fullmatch(text):
            yield Problem("domain", f"AppDomain {text!r} is not https:// and a host alone")
        elif urlsplit(text).netloc in allowed:
            yield Problem("domain", f"AppDomain {text!r} is known already; leave it out")
        allowed.add(urlsplit(text).netloc)
    pages = {element.get("resid") for element in root.iter(f"{_OVER}SourceLocation")}
    for element in root.iter(f"{_BT}Url"):
        host = urlsplit(element.get("DefaultValue", "")).netloc
        if element.get("id") in pages and host not in allowed:
            yield Problem("domain", f"{host!r} is neither the source's host nor an AppDomain")


def _overrides(overrides: Element, icons: Path | None) -> Iterator[Problem]:
    names = [_name(child) for child in overrides]
    yield from _in_order(names, _OVERRIDES, "VersionOverrides")
    yield from _ids(overrides)
    yield from _resources(overrides)
    yield from _buttons(overrides)
    yield from _images(overrides, icons)


def _ids(overrides: Element) -> Iterator[Problem]:
    found = [element.get("id", "") for element in overrides.iter() if "id" in element.attrib]
    for name, count in Counter(found).items():
        if count > 1:
            yield Problem("duplicate", f"the id {name!r} is given {count} times")
        if len(name) > _LONGEST_ID:
            yield Problem("length", f"the id {name!r} is longer than {_LONGEST_ID} characters")


def _resources(overrides: Element) -> Iterator[Problem]:
    resources = overrides.find(f"{_OVER}Resources")
    entries = [] if resources is None else [each for group in resources for each in group]
    known = {entry.get("id", "") for entry in entries}
    for element in overrides.iter():
        resid = element.get("resid")
        if resid is not None and resid not in known:
            text = f"{_name(element)} names the resource {resid!r}, and there is none"
            yield Problem("resid", text)
    for group in () if resources is None else resources:
        yield from _entries(group)


def _entries(group: Element) -> Iterator[Problem]:
    """A group's entries are addresses, or texts within its bound."""
    most = {"ShortStrings": 125, "LongStrings": 250}.get(_name(group))
    for entry in group:
        name, value = f"{_name(entry)} {entry.get('id')!r}", entry.get("DefaultValue", "")
        yield from check_length(name, value, most) if most else check_url(name, value)


def _buttons(overrides: Element) -> Iterator[Problem]:
    controls = list(overrides.iter(f"{_OVER}Control"))
    if not controls:
        yield Problem("missing", "there is no Control, so no ribbon button")
    for control in controls:
        name = control.get("id", "Control")
        children = [_name(child) for child in control]
        yield from _in_order(children, _BUTTON, name)
        missing = [part for part in _BUTTON if part not in children]
        yield from (Problem("missing", f"{part} is missing from {name}") for part in missing)


def _size(image: Element) -> int:
    """The pixels that an image is said to have; 0 where that is no number."""
    text = image.get("size", "")
    return int(text) if text.isdecimal() and len(text) < 5 else 0


def _images(overrides: Element, icons: Path | None) -> Iterator[Problem]:
    urls = {each.get("id"): each.get("DefaultValue", "") for each in overrides.iter(f"{_BT}Image")}
    for parent in overrides.iter():
        icon = parent.find(f"{_OVER}Icon")
        if icon is None:
            continue
        sizes = [_size(each) for each in icon]
        yield from check_sizes(parent.get("id", _name(parent)), sizes)
        for each, size in zip(icon, sizes, strict=True):
            url = urls.get(each.get("resid"))
            if url:
                yield from check_icon(f"Image {each.get('resid')!r}", url, size, icons)
