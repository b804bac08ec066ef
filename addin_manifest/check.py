"""What Office would refuse in a manifest, each with one clear message.

The schemas miss most of it: addresses without https, names of resources that are not there, icons
of other sizes, domains. ``check_xml`` and ``check_json`` need neither network nor schema.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from addin_manifest.check_json import json_problems
from addin_manifest.check_xml import xml_problems
from addin_manifest.icons import FOLDER
from addin_manifest.problems import Problem

__all__ = ["Problem", "check_file", "check_json", "check_xml"]


def check_xml(text: str, icons: Path | None = FOLDER) -> list[Problem]:
    """Everything wrong with an add-in only manifest; ``icons`` has the files that it names."""
    try:
        root = fromstring(text)
    except (ParseError, DefusedXmlException, ValueError) as error:
        return [Problem("xml", f"this is no XML that Office reads: {error}")]
    return _distinct(xml_problems(root, icons))


def check_json(text: str, icons: Path | None = FOLDER) -> list[Problem]:
    """Everything wrong with a unified manifest; ``icons`` has the files that it names."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        return [Problem("json", f"this is no JSON: {error}")]
    if not isinstance(found, dict):
        return [Problem("json", "a unified manifest is a JSON object")]
    return _distinct(json_problems(found, icons))


def check_file(text: str, icons: Path | None = FOLDER) -> list[Problem]:
    """Everything wrong with a manifest of either kind, told apart by its first character."""
    return (check_json if text.lstrip("\ufeff \r\n\t").startswith("{") else check_xml)(text, icons)


def _distinct(problems: Iterable[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))
