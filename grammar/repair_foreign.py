"""Names of functions in other products and other languages of Excel, and what Excel calls them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

from grammar.formula_tree import (
    BinaryOperation,
    Expression,
    FunctionCall,
    NumberLiteral,
    TextLiteral,
)

_SAME = """
LEN LENGTH STRLEN LÄNGE NBCAR LARGO
MID SUBSTR SUBSTRING TEIL STXT EXTRAE
ISBLANK ISNULL ISEMPTY EMPTY ISTLEER ESTVIDE ESBLANCO
UPPER UCASE TOUPPER UPPERCASE
LOWER LCASE TOLOWER LOWERCASE
AVERAGE AVG MEAN MITTELWERT MOYENNE PROMEDIO
AVERAGEIF AVGIF AVERAGE.IF
STDEV STDDEV STD
IF IIF WENN SI
AND UND
OR ODER
NOT NICHT NON
SUM SUMME SOMME SUMA SOMMA
SUMIF SUMMEWENN SOMME.SI SUMAR.SI SUM.IF
SUMIFS SUMMEWENNS SOMME.SI.ENS SUM.IFS
COUNT ANZAHL NB CONTAR
COUNTA ANZAHL2 NBVAL CONTARA
COUNTIF ZÄHLENWENN NB.SI CONTAR.SI CONTA.SE COUNT.IF
COUNTIFS ZÄHLENWENNS NB.SI.ENS CONTAR.SI.CONJUNTO COUNT.IFS
VLOOKUP SVERWEIS RECHERCHEV BUSCARV CERCA.VERT
HLOOKUP WVERWEIS RECHERCHEH BUSCARH
XLOOKUP XVERWEIS RECHERCHEX BUSCARX
MATCH VERGLEICH EQUIV COINCIDIR
TODAY HEUTE AUJOURDHUI HOY OGGI GETDATE CURRENTDATE CURDATE
NOW JETZT MAINTENANT AHORA CURRENT_TIMESTAMP
YEAR JAHR ANNEE AÑO
MONTH MONAT MOIS MES
DAY TAG JOUR
WEEKDAY WOCHENTAG JOURSEM DIASEM DAYOFWEEK
DATE DATUM FECHA
DATEDIF DATEDIFF
LEFT LINKS GAUCHE IZQUIERDA LEFTSTR
RIGHT RECHTS DROITE DERECHA RIGHTSTR
FIND FINDEN TROUVE ENCONTRAR
SEARCH SUCHEN CHERCHE HALLAR
ISNUMBER ISTZAHL ESTNUM ESNUMERO ISNUMERIC
ISTEXT ISTTEXT ESTTEXTE ESTEXTO ISSTRING
ISERROR ISTFEHLER ESTERREUR ESERROR
IFERROR WENNFEHLER SIERREUR SI.ERROR
ROUND RUNDEN ARRONDI REDONDEAR
MOD REST RESIDUO MODULO
ROW ZEILE LIGNE FILA ROWNUM
COLUMN SPALTE COLONNE COLUMNA
TRIM GLÄTTEN SUPPRESPACE ESPACIOS STRIP
CONCATENATE VERKETTEN CONCATENER CONCATENAR
MAX MAXIMUM
MIN MINIMUM
POWER POW
SUBSTITUTE STRREPLACE WECHSELN
CEILING CEIL
"""
RENAMED = {
    foreign: name for line in _SAME.split("\n") if line for name, *rest in [line.split()]
    for foreign in rest
}  # fmt: skip
"""What Excel calls a function that has another name elsewhere."""

Arguments = tuple[Expression, ...]


def _holds(sign: str, left: Expression, right: Expression) -> Expression:
    return BinaryOperation(sign, left, right)


def _length(text: Expression) -> Expression:
    if isinstance(text, TextLiteral):
        return NumberLiteral(float(len(text.value)), str(len(text.value)))
    return FunctionCall("LEN", (text,))


def _found(where: Expression, what: Expression) -> Expression:
    return FunctionCall("ISNUMBER", (FunctionCall("SEARCH", (what, where)),))


def _not(inner: Expression) -> Expression:
    return FunctionCall("NOT", (inner,))


def _between(x: Expression, low: Expression, high: Expression) -> Expression:
    return FunctionCall("AND", (_holds(">=", x, low), _holds("<=", x, high)))


def _edge(function: str) -> Callable[..., Expression]:
    def at_edge(x: Expression, text: Expression) -> Expression:
        return _holds("=", FunctionCall(function, (x, _length(text))), text)

    return at_edge


def _sign(sign: str) -> Callable[..., Expression]:
    return lambda left, right: _holds(sign, left, right)


def _filled(x: Expression) -> Expression:
    return _not(FunctionCall("ISBLANK", (x,)))


def _first_filled(x: Expression, other: Expression) -> Expression:
    return FunctionCall("IF", (FunctionCall("ISBLANK", (x,)), other, x))


_REBUILT: dict[str, tuple[int, Callable[..., Expression]]] = {
    "CONTAINS": (2, _found),
    "CONTAIN": (2, _found),
    "INCLUDES": (2, _found),
    "TEXTCONTAINS": (2, _found),
    "NOTCONTAINS": (2, lambda x, text: _not(_found(x, text))),
    "STARTSWITH": (2, _edge("LEFT")),
    "STARTWITH": (2, _edge("LEFT")),
    "BEGINSWITH": (2, _edge("LEFT")),
    "ENDSWITH": (2, _edge("RIGHT")),
    "ENDWITH": (2, _edge("RIGHT")),
    "INSTR": (2, lambda x, text: FunctionCall("SEARCH", (text, x))),
    "BETWEEN": (3, _between),
    "ISBETWEEN": (3, _between),
    "ISNOTBLANK": (1, _filled),
    "ISNOTEMPTY": (1, _filled),
    "ISNOTNULL": (1, _filled),
    "NOTBLANK": (1, _filled),
    "NVL": (2, _first_filled),
    "IFNULL": (2, _first_filled),
    "COALESCE": (2, _first_filled),
    "ISTODAY": (1, lambda x: _holds("=", x, FunctionCall("TODAY", ()))),
    "EQUALS": (2, _sign("=")),
    "EQ": (2, _sign("=")),
    "NOTEQUALS": (2, _sign("<>")),
    "NE": (2, _sign("<>")),
    "GREATERTHAN": (2, _sign(">")),
    "GT": (2, _sign(">")),
    "GTE": (2, _sign(">=")),
    "LESSTHAN": (2, _sign("<")),
    "LT": (2, _sign("<")),
    "LTE": (2, _sign("<=")),
}


def is_foreign(name: str, count: int | None = None) -> bool:
    """Whether another product has a function of that name (with so many arguments)."""
    found = _REBUILT.get(name.upper())
    return name.upper() in RENAMED or (found is not None and count in (None, found[0]))


def rebuilt(tree: Expression) -> Expression:
    """The tree with the functions of other products said in Excel's."""
    changed = {}
    for field in fields(tree):
        value = getattr(tree, field.name)
        after = _rebuilt_value(value)
        if after is not value:
            changed[field.name] = after
    tree = replace(tree, **changed) if changed else tree
    if isinstance(tree, FunctionCall):
        found = _REBUILT.get(tree.name.upper())
        if found is not None and len(tree.arguments) == found[0]:
            return found[1](*tree.arguments)
    return tree


def _rebuilt_value(value: object) -> object:
    if isinstance(value, Expression):
        return rebuilt(value)
    if isinstance(value, tuple):
        parts = tuple(_rebuilt_value(part) for part in value)
        return parts if any(a is not b for a, b in zip(parts, value, strict=True)) else value
    return value
