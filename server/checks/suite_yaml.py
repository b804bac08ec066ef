"""The text of a suite as YAML: what it says, and where in the text each part of it stands.

Of YAML 1.1 only what people mean when they type a table: ``No`` and ``On`` stay text as ``Yes``
does, and so do ``12:30``, ``007``, ``1_000`` and ``=``. A key that is there twice is an error.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, SequenceNode

_TAG = "tag:yaml.org,2002:"
_READ_OTHERWISE = frozenset(_TAG + name for name in ("bool", "int", "float", "value"))

Path = Sequence[int | str]
"""The keys and places in lists that lead to a part."""


class _Loader(yaml.SafeLoader):
    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {name} is there twice", problem_mark=key.start_mark
                )
            seen.add(name)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag not in _READ_OTHERWISE]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    _TAG + "bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), list("tTfF")
)
_Loader.add_implicit_resolver(
    _TAG + "int", re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z"), list("-+0123456789")
)
_Loader.add_implicit_resolver(
    _TAG + "float",
    # an exponent needs a point and a sign, as where suites are written: 1e3 may be a name
    re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]+)?\Z"),
    list("-+.0123456789"),
)


def parse_yaml(text: str) -> object:
    """What the text says.

    Raises:
        ValueError: it is no YAML, or has a key twice; the message starts with the line.
    """
    try:
        found: object = yaml.load(text, _Loader)  # noqa: S506 - it is a SafeLoader
        return found
    except yaml.MarkedYAMLError as error:
        raise ValueError(_said(error)) from error
    except yaml.YAMLError as error:
        raise ValueError(_first_line(error)) from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _said(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    problem = (error.problem or str(error)).replace("<stream end>", "end of the file")
    if not error.context:
        return place + problem
    began = f" that begins in line {error.context_mark.line + 1}" if error.context_mark else ""
    return f"{place}{problem} {error.context}{began}"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["it cannot be read"])[0]


def line_of(text: str, path: Path) -> int:
    """The line, from 1, of the part that a path leads to, or of the last part of it that is there.

    A key counts as the part that it names.
    """
    node = yaml.compose(text, _Loader)
    line = node.start_mark.line if node else 0
    for part in path:
        found = _child(node, part)
        if found is None:
            break
        line, node = found
    return line + 1


def _child(node: Node | None, part: int | str) -> tuple[int, Node] | None:
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        child = node.value[part]
        return child.start_mark.line, child
    if isinstance(node, MappingNode):
        pairs = ((key, child) for key, child in node.value if str(key.value) == str(part))
        return next(((key.start_mark.line, child) for key, child in pairs), None)
    return None
