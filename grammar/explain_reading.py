"""What a formula asks, read as a condition so that it can be put into words.

The reading is for people: it drops the guards and detours that formulas need and is no rule to be
evaluated. What the language cannot say is kept as :class:`Statement` and
:class:`~grammar.explain_words.Phrase`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grammar.conditions import (
    Bool,
    Comparison,
    Condition,
    Junction,
    Not,
    Number,
    Rank,
    Scalar,
    State,
    Text,
    TextTest,
)
from grammar.explain_choices import unfolded
from grammar.explain_functions import ROWS, TODAY, bare_name
from grammar.explain_references import Reader
from grammar.explain_shapes import (
    STATES,
    TESTS,
    asks,
    counts,
    gives_number,
    is_false,
    is_literal,
    is_plain_if,
    is_true,
    trimmed,
    without_case,
    without_days,
)
from grammar.explain_words import Phrase
from grammar.formula_tree import (
    BinaryOperation,
    CellRef,
    Expression,
    FunctionCall,
    NumberLiteral,
    Parenthesis,
    TextLiteral,
    Unary,
    walk,
)
from grammar.table import Table

_COMPARED = {
    ">": "GreaterThan",
    ">=": "GreaterThanEqual",
    "<": "LessThan",
    "<=": "LessThanEqual",
    "=": "Equals",
    "<>": "NotEquals",
}
_SWAPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "=": "=", "<>": "<>"}
_ROUNDED_DOWN = ("INT", "FLOOR", "ROUNDDOWN", "TRUNC")


@dataclass(frozen=True)
class Statement(Condition):
    """Words that hold for a value: ``x`` and ``is a number``."""

    x: Scalar
    verb: str


def read_formula(
    tree: Expression,
    table: Table | None = None,
    say: Callable[[Condition], str] = repr,
) -> Condition:
    """The condition that a formula asks, relative to the first data row of the table.

    ``say`` puts into words what a function asks in one of its arguments.
    """
    rows = {part.row for part in walk(tree) if isinstance(part, CellRef) and not part.absolute_row}

    def tell(part: Expression) -> str:
        return say(questions.condition(part))

    questions = _FormulaReader(Reader(table, len(rows) < 2, tell))
    return questions.condition(tree)


@dataclass(frozen=True, eq=False)
class _FormulaReader:
    reader: Reader

    def condition(self, tree: Expression) -> Condition:
        """What has to hold for the formula to be true."""
        tree = unfolded(tree)
        match tree:
            case Parenthesis(inner):
                return self.condition(inner)
            case FunctionCall():
                return self._call(tree)
            case BinaryOperation(operator, left, right) if operator in _COMPARED:
                return self._comparison(operator, left, right)
            case BinaryOperation("*" | "+" as operator, left, right) if asks(left) and asks(right):
                parts = self.condition(left), self.condition(right)
                return Junction("AND" if operator == "*" else "OR", parts)
        return self._true(tree)

    def _true(self, tree: Expression) -> Condition:
        value = self.scalar(tree)
        if isinstance(value, Bool | Number | Text):
            is_every = not isinstance(value, Text) and value.value
            return Statement(Phrase("every cell" if is_every else "no cell"), "is selected")
        if isinstance(tree, BinaryOperation) and tree.operator == "&":
            return Statement(Phrase("no cell"), "is selected")
        is_number = isinstance(tree, BinaryOperation | Unary) or gives_number(tree)
        return Statement(value, "is not 0" if is_number else "is TRUE or a number other than 0")

    def scalar(self, tree: Expression) -> Scalar:
        """A value of the formula."""
        return self.reader.scalar(tree)

    def _call(self, call: FunctionCall) -> Condition:
        match bare_name(call), call.arguments:
            case ("AND" | "OR") as name, arguments if len(arguments) > 1:
                return Junction(name, tuple(map(self.condition, arguments)))
            case (("AND" | "OR" | "IF" | "IFERROR" | "IFNA" | "N"), (only, *rest)) if is_plain_if(
                rest
            ):
                return self.condition(only)
            case "IF", (test, then, otherwise) if is_false(then) and is_true(otherwise):
                return Not(self.condition(test))
            case "NOT", (only,):
                return Not(self.condition(only))
            case "IF", (test, then, otherwise):
                return self._either(test, then, otherwise)
            case "IF", (test, then):
                return Junction("AND", (self.condition(test), self.condition(then)))
        return self._test(call) or self._true(call)

    def _either(self, test: Expression, then: Expression, otherwise: Expression) -> Condition:
        """``IF``: the one holds with the test, or the other without it."""
        asked = self.condition(test)
        if is_true(then):
            return Junction("OR", (asked, self.condition(otherwise)))
        second = Junction("AND", (Not(asked), self.condition(otherwise)))
        if is_false(then):
            return second
        first = Junction("AND", (asked, self.condition(then)))
        return first if is_false(otherwise) else Junction("OR", (first, second))

    def _test(self, call: FunctionCall) -> Condition | None:
        """A function that answers yes or no about a value."""
        match bare_name(call), call.arguments:
            case ("ISERROR" | "ISERR" | "ISNA" | "ISNUMBER") as name, (FunctionCall() as inner,):
                return self._found(name, inner)
            case name, (only,) if name in STATES:
                return State(STATES[name], self.scalar(only))
            case name, (only,) if name in TESTS:
                return Statement(self.scalar(only), TESTS[name])
            case "EXACT", (one, FunctionCall(("UPPER" | "LOWER") as case, (same,))) if one == same:
                return Statement(self.scalar(one), f"is all in {case.lower()} case")
            case "EXACT", (one, two):
                verb = f"is exactly {self.reader.wording.value(self.scalar(two))}"
                return Statement(self.scalar(one), verb)
            case (("SEARCH" | "FIND"), (text, within, *_)):
                return TextTest("TextContains", self.scalar(within), self.scalar(text))
            case "MOD", (_, NumberLiteral(2)):
                return Comparison("Equals", self.scalar(call), Number(1))
            case "COUNTIF", (_, _):
                return self._listed(call)
        return None

    def _found(self, test: str, call: FunctionCall) -> Condition:
        """``ISNUMBER(SEARCH(…))`` and its like: whether something is found."""
        inner = self._search(call)
        if inner is None:
            value = self.scalar(call)
            return Statement(value, TESTS[test]) if test in TESTS else State("Errors", value)
        return inner if test == "ISNUMBER" else Not(inner)

    def _search(self, call: FunctionCall) -> Condition | None:
        match bare_name(call), call.arguments:
            case (("SEARCH" | "FIND"), (text, within, *_)):
                if isinstance(text, FunctionCall) and isinstance(within, FunctionCall):
                    text, within = without_case(text), without_case(within)
                return TextTest("TextContains", self.scalar(within), self.scalar(text))
            case (("MATCH" | "XMATCH" | "VLOOKUP"), (value, where, *_)):
                place = self.reader.wording.value(self.scalar(where))
                return Statement(self.scalar(value), f"is in {place}")
        return None

    def _listed(self, call: FunctionCall) -> Condition:
        where, value = map(self.scalar, call.arguments)
        return Statement(value, f"is in {self.reader.wording.value(where)}")

    def _comparison(self, operator: str, left: Expression, right: Expression) -> Condition:
        if (is_literal(left) and not is_literal(right)) or (left == TODAY and right != TODAY):
            operator, left, right = _SWAPPED[operator], right, left
        left, right = without_days(left, right)
        if isinstance(left, FunctionCall) and isinstance(right, FunctionCall):
            left, right = without_case(left), without_case(right)
        return (
            self._idiom(operator, left, right)
            or self._ranked(operator, left, right)
            or self._compared(operator, left, right)
        )

    def _ranked(self, operator: str, left: Expression, right: Expression) -> Condition | None:
        """``x>=LARGE(column, 10)``, the count capped by that of the column or not."""
        match operator, right:
            case (">=", FunctionCall("LARGE", (where, place))) | (
                "<=",
                FunctionCall("SMALL", (where, place)),
            ) if self.scalar(where) == self.scalar(left) or self.reader.covers(where, left):
                side = "Top" if operator == ">=" else "Bottom"
                numbers = [part.value for part in walk(place) if isinstance(part, NumberLiteral)]
                return _rank(side, numbers, self.scalar(left))
        return None

    def _repeated(self, operator: str, call: FunctionCall, right: Expression) -> Condition | None:
        """``SUMPRODUCT(--(column=x))>1``, which counts without wildcards."""
        match call.arguments, right:
            case (Unary("-", Unary("-", Parenthesis(BinaryOperation("=", where, cell)))),), (
                NumberLiteral(1)
            ):
                is_own = self.scalar(where) == self.scalar(cell) or self.reader.covers(where, cell)
                name = {">": "Duplicates", "=": "Uniques"}.get(operator)
                return State(name, self.scalar(cell)) if is_own and name else None
        return None

    def _compared(self, operator: str, left: Expression, right: Expression) -> Condition:
        x, value = self.scalar(left), self.scalar(right)
        if isinstance(value, Bool) and asks(left):
            is_positive = value.value == (operator == "=")
            return self.condition(left) if is_positive else Not(self.condition(left))
        return Comparison(_COMPARED[operator], x, value)

    def _idiom(self, operator: str, left: Expression, right: Expression) -> Condition | None:
        """Comparisons that stand for something else, as ``LEN(TRIM(A1))=0`` for a blank."""
        match left, right:
            case FunctionCall(_, (_, *_)), _ if bare_name(left) in ("COUNTIF", "COUNTIFS"):
                return self._occurrence(operator, left, right)
            case FunctionCall("SUMPRODUCT", _), _:
                return self._repeated(operator, left, right) or self._rows(
                    operator, self.scalar(left), right
                )
            case FunctionCall(_, (x,)), NumberLiteral(0) if bare_name(left) == "LEN":
                return self._blank(operator, trimmed(x))
            case _, TextLiteral("") if operator in ("=", "<>"):
                return self._blank(operator, left)
            case FunctionCall(_, (_, _, *_)), NumberLiteral(0) if operator == ">":
                return self._place_found(left)
            case FunctionCall(_, (x, *rest)), TextLiteral(text) if operator in ("=", "<>"):
                return self._edge(operator, left, x, rest, text)
            case FunctionCall(_, (x, *_)), FunctionCall("TODAY") if operator == "=":
                return self._day(left, x)
        return None

    def _place_found(self, call: FunctionCall) -> Condition | None:
        """``SEARCH(…)>0``, an error made 0 or not."""
        match bare_name(call), call.arguments:
            case (("IFERROR" | "IFNA"), (FunctionCall() as inner, NumberLiteral(0))):
                return self._place_found(inner)
            case (("SEARCH" | "FIND" | "MATCH" | "XMATCH"), _):
                return self._search(call)
        return None

    def _blank(self, operator: str, x: Expression) -> Condition | None:
        if operator not in ("=", "<>", ">"):
            return None
        return State("Blanks" if operator == "=" else "NotBlanks", self.scalar(x))

    def _day(self, call: FunctionCall, x: Expression) -> Condition | None:
        return State("Today", self.scalar(x)) if bare_name(call) in _ROUNDED_DOWN else None

    def _edge(
        self, operator: str, call: FunctionCall, x: Expression, rest: list[Expression], text: str
    ) -> Condition | None:
        """``LEFT(x, 3)="abc"`` is a beginning; ``TRIM(x)="a"`` and ``UPPER`` change nothing."""
        name = bare_name(call)
        if name in ("LEFT", "RIGHT") and counts(rest, text):
            test = "TextStartsWith" if name == "LEFT" else "TextEndsWith"
        elif name in ("TRIM", "UPPER", "LOWER", "PROPER") and not rest:
            test = "TextEquals"
        else:
            return None
        found = TextTest(test, self.scalar(x), Text(text))
        return found if operator == "=" else Not(found)

    def _occurrence(self, operator: str, call: FunctionCall, right: Expression) -> Condition | None:
        if len(call.arguments) > 3 and self._pairs_own(call.arguments):
            return self._combined(operator, call, right)
        if len(call.arguments) > 3:
            return self._rows(operator, self.scalar(call), right)
        if len(call.arguments) != 2 or not isinstance(right, NumberLiteral):
            return None
        where, value = map(self.scalar, call.arguments)
        is_own = where == value or self.reader.covers(*call.arguments)
        match operator, right.value:
            case (">", 1) | (">=", 2) if is_own:
                return State("Duplicates", value)
            case ("=", 1) if is_own:
                return State("Uniques", value)
            case (">", 0) | (">=", 1) | ("<>", 0):
                return self._listed(call)
            case ("=", 0) | ("<", 1):
                return Not(self._listed(call))
        return None

    def _rows(self, operator: str, count: Scalar, right: Expression) -> Condition | None:
        """A number of rows against 0 or 1: there is a row, there is none."""
        if not isinstance(count, Phrase) or not count.text.startswith(ROWS):
            return None
        match operator, right:
            case ((">" | "<>"), NumberLiteral(0)):
                how = "is a row"
            case "=", NumberLiteral(0):
                how = "is no row"
            case ">", NumberLiteral(1):
                how = "is more than one row"
            case _:
                return None
        return Statement(Phrase("there"), how + count.text.removeprefix(ROWS))

    def _pairs_own(self, arguments: tuple[Expression, ...]) -> bool:
        """Whether every second argument is the row's value of the column before it."""
        pairs = zip(arguments[::2], arguments[1::2], strict=False)
        return all(
            self.scalar(area) == self.scalar(cell) or self.reader.covers(area, cell)
            for area, cell in pairs
        )

    def _combined(self, operator: str, call: FunctionCall, right: Expression) -> Condition | None:
        if operator != ">" or not (isinstance(right, NumberLiteral) and right.value == 1):
            return None
        *first, last = (self.reader.wording.value(self.scalar(x)) for x in call.arguments[1::2])
        both = f"the combination of {', '.join(first)} and {last}"
        return State("Duplicates", Phrase(both))


def _rank(side: str, numbers: list[float], x: Scalar) -> Rank | None:
    """The rank that the numbers in its place say: one, or ``MAX(1, … * 10/100)``."""
    match numbers:
        case [amount] if amount >= 1:
            return Rank(side, x, amount)
        case [1, share, 100]:
            return Rank(f"{side}Percent", x, share)
    return None
