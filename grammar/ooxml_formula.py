"""Formulas as a file holds them: no ``=``, and a prefix before functions later than Excel 2007."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TypeVar

from grammar.formula_parser import parse_formula
from grammar.formula_printer import print_formula
from grammar.formula_tree import Expression, FunctionCall

_UNPREFIXED = frozenset(
    ("ECMA.CEILING", "ISO.CEILING", "NETWORKDAYS.INTL", "WORKDAY.INTL", "ERROR.TYPE")
)
"""The functions with a dot in their name that every version knows."""

_LATER = frozenset(
    (
        *("ACOT", "ACOTH", "AGGREGATE", "ARABIC", "ARRAYTOTEXT", "BASE", "BITAND", "BITLSHIFT"),
        *("BITOR", "BITRSHIFT", "BITXOR", "CHOOSECOLS", "CHOOSEROWS", "COMBINA", "CONCAT", "COT"),
        *("COTH", "CSC", "CSCH", "DAYS", "DECIMAL", "DROP", "EXPAND", "FILTERXML", "FORMULATEXT"),
        *("GAMMA", "GAUSS", "GROUPBY", "HSTACK", "IFNA", "IFS", "IMCOSH", "IMCOT", "IMCSC"),
        *("IMCSCH", "IMSEC", "IMSECH", "IMSINH", "IMTAN", "ISFORMULA", "ISOMITTED", "ISOWEEKNUM"),
        *("LET", "MAXIFS", "MINIFS", "MUNIT", "NUMBERVALUE", "PDURATION", "PERCENTOF"),
        *("PERMUTATIONA", "PHI", "PIVOTBY", "RANDARRAY", "REGEXEXTRACT", "REGEXREPLACE"),
        *("REGEXTEST", "RRI", "SEC", "SECH", "SEQUENCE", "SHEET", "SHEETS", "SORTBY", "SWITCH"),
        *("TAKE", "TEXTAFTER", "TEXTBEFORE", "TEXTJOIN", "TEXTSPLIT", "TOCOL", "TOROW"),
        *("TRIMRANGE", "UNICHAR", "UNICODE", "UNIQUE", "VALUETOTEXT", "VSTACK", "WRAPCOLS"),
        *("WRAPROWS", "XLOOKUP", "XMATCH", "XOR"),
    )
)
_WORKSHEET_LATER = frozenset(("FILTER", "SORT"))
"""Two names that were taken; a file calls them ``_xlfn._xlws.FILTER``."""

Tree = TypeVar("Tree", bound=Expression)


def file_formula(formula: str) -> str:
    """The text of a ``<formula>`` element. Source: MS-XLSX 2.2.2, future functions.

    Raises:
        ParseError: the text is no formula.
    """
    return print_formula(_prefixed(parse_formula(formula)))


def _prefixed(tree: Tree) -> Tree:
    """The tree with every later function under its name in files."""
    changes = {field.name: _mapped(getattr(tree, field.name)) for field in fields(tree)}
    if isinstance(tree, FunctionCall):
        changes["name"] = _file_name(tree.name.upper())
    return replace(tree, **changes)


def _mapped(value: object) -> object:
    if isinstance(value, Expression):
        return _prefixed(value)
    return tuple(map(_mapped, value)) if isinstance(value, tuple) else value


def _file_name(name: str) -> str:
    if name.startswith("_XLFN."):
        return "_xlfn." + name.removeprefix("_XLFN.").replace("_XLWS.", "_xlws.")
    if name in _WORKSHEET_LATER:
        return f"_xlfn._xlws.{name}"
    is_later = name in _LATER or ("." in name and name not in _UNPREFIXED)
    return f"_xlfn.{name}" if is_later else name
