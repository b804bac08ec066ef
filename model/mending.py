"""Rules mended by what the table says."""

from __future__ import annotations

from dataclasses import replace

from grammar.conditions import (
    Bool,
    Call,
    Column,
    Comparison,
    Condition,
    Node,
    Not,
    State,
    Text,
    TextTest,
)
from grammar.rules import RuleSet
from grammar.table import Table
from grammar.values import Kind
from model.linking.cells import MAX_DISTINCT, distinct_texts, padded_texts
from model.trees import exchange

SHORT = 2
"""A text of so few letters is in many cells by chance; it has to stand at their beginning."""


_BOOLS = {
    **dict.fromkeys(("true", "yes", "y"), Bool(True)),
    **dict.fromkeys(("false", "no", "n"), Bool(False)),
}


_OPPOSITES = {"Blanks": "NotBlanks", "Errors": "NoErrors"}
_OPPOSITES |= {other: name for name, other in _OPPOSITES.items()}


def mended(rules: RuleSet, table: Table) -> RuleSet:
    """The rules said plainly, each text of no cell in the form in which its column has it.

    ``crown`` then means the cells with ``zirconia crown``, as nobody asks for what is not there,
    ``no`` is FALSE in a column of TRUE and FALSE, and spaces around a text, which nobody sees,
    make no difference.
    """

    def mend(node: Node) -> Node | None:
        match node:
            case TextTest("TextEquals", Column(index), Text(text)) | Comparison(
                "Equals", Column(index), Text(text)
            ):
                return _mended(index, text, table)
            case Not(State(name, x)) if name in _OPPOSITES:
                return State(_OPPOSITES[name], x)
        return None

    found = (replace(rule, condition=exchange(rule.condition, mend)) for rule in rules.rules)
    return RuleSet(tuple(found))


def _mended(index: int, text: str, table: Table) -> Condition | None:
    if index >= len(table.columns):
        return None
    column = table.columns[index]
    cells = [cell.lower() for cell in distinct_texts(column)]
    part = text.strip().lower()
    if column.kind is Kind.BOOL and part in _BOOLS:
        return Comparison("Equals", Column(index), _BOOLS[part])
    if part in padded_texts(column):
        return TextTest("TextEquals", Call("TRIM", (Column(index),)), Text(text.strip()))
    if not part or part in cells or len(cells) >= MAX_DISTINCT:
        return None
    if any(cell.startswith(part) for cell in cells) and len(part) <= SHORT:
        return TextTest("TextStartsWith", Column(index), Text(text))
    if any(part in cell for cell in cells) and len(part) > SHORT:
        return TextTest("TextContains", Column(index), Text(text))
    return None
