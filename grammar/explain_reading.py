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
from grammar.explain_references import Reader
from grammar.explain_words import Phrase
from grammar.formula_tree import (
    BinaryOperation,
    BoolLiteral,
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
_TESTS = {
    "ISNUMBER": "is a number",
    "ISTEXT": "is text",
    "ISNONTEXT": "is not text",
    "ISLOGICAL": "is TRUE or FALSE",
    "ISFORMULA": "contains a formula",
    "ISODD": "is odd",
    "ISEVEN": "is even",
    "ISREF": "is a reference",
}
_STATES = {
    "ISBLANK": "Blanks",
    "ISERROR": "Errors",
    "ISERR": "Errors",
    "ISNA": "Errors",
}
_SEARCHES = ("SEARCH", "FIND")
_ROUNDED_DOWN = ("INT", "FLOOR", "ROUNDDOWN", "TRUNC")


@dataclass(frozen=True)
class Statement(Condition):
    """Words that hold for a value: ``x`` and ``is a number``."""

    x: Scalar
    verb: str


def read_formula(tree: Expression, table: Table | None = None) -> Condition:
    """The condition that a formula asks, relative to the first data row of the table."""
    rows = {part.row for part in walk(tree) if isinstance(part, CellRef) and not part.absolute_row}
    return _FormulaReader(Reader(table, is_one_row=len(rows) < 2)).condition(tree)


def bare_name(call: FunctionCall) -> str:
    """The function's name in upper case without the prefix of later versions."""
    return call.name.upper().removeprefix("_XLFN.").removeprefix("_XLWS.")


@dataclass(frozen=True, eq=False)
class _FormulaReader:
    reader: Reader

    def condition(self, tree: Expression) -> Condition:
        """What has to hold for the formula to be true."""
        match tree:
            case Parenthesis(inner):
                return self.condition(inner)
            case FunctionCall():
                return self._call(tree)
            case BinaryOperation(operator, left, right) if operator in _COMPARED:
                return self._comparison(operator, left, right)
            case BinaryOperation("*" | "+" as operator, left, right) if _asks(left) and _asks(
                right
            ):
                parts = self.condition(left), self.condition(right)
                return Junction("AND" if operator == "*" else "OR", parts)
        return self._true(tree)

    def _true(self, tree: Expression) -> Condition:
        value = self.scalar(tree)
        if isinstance(value, Bool | Number):
            return Statement(Phrase("every cell" if value.value else "no cell"), "is selected")
        return Statement(value, "is true or a number other than 0")

    def scalar(self, tree: Expression) -> Scalar:
        """A value of the formula."""
        return self.reader.scalar(tree)

    def _call(self, call: FunctionCall) -> Condition:
        match bare_name(call), call.arguments:
            case ("AND" | "OR") as name, arguments if len(arguments) > 1:
                return Junction(name, tuple(map(self.condition, arguments)))
            case (("AND" | "OR" | "IF" | "IFERROR" | "N"), (only, *rest)) if _is_plain_if(rest):
                return self.condition(only)
            case "IF", (test, then, otherwise) if _is_false(then) and _is_true(otherwise):
                return Not(self.condition(test))
            case "NOT", (only,):
                return Not(self.condition(only))
            case "IF", (test, then, otherwise):
                return self._either(test, then, otherwise) or self._true(call)
        return self._test(call) or self._true(call)

    def _either(
        self, test: Expression, then: Expression, otherwise: Expression
    ) -> Condition | None:
        """``IF`` with a certain outcome on one side."""
        if _is_true(then):
            return Junction("OR", (self.condition(test), self.condition(otherwise)))
        if _is_false(then):
            return Junction("AND", (Not(self.condition(test)), self.condition(otherwise)))
        if _is_false(otherwise):
            return Junction("AND", (self.condition(test), self.condition(then)))
        return None

    def _test(self, call: FunctionCall) -> Condition | None:
        """A function that answers yes or no about a value."""
        match bare_name(call), call.arguments:
            case ("ISERROR" | "ISERR" | "ISNA" | "ISNUMBER") as name, (FunctionCall() as inner,):
                return self._found(name, inner)
            case name, (only,) if name in _STATES:
                return State(_STATES[name], self.scalar(only))
            case name, (only,) if name in _TESTS:
                return Statement(self.scalar(only), _TESTS[name])
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
            return Statement(value, _TESTS[test]) if test in _TESTS else State("Errors", value)
        return inner if test == "ISNUMBER" else Not(inner)

    def _search(self, call: FunctionCall) -> Condition | None:
        match bare_name(call), call.arguments:
            case (("SEARCH" | "FIND"), (text, within, *_)):
                return TextTest("TextContains", self.scalar(within), self.scalar(text))
            case (("MATCH" | "XMATCH" | "VLOOKUP"), (value, where, *_)):
                place = self.reader.wording.value(self.scalar(where))
                return Statement(self.scalar(value), f"is in {place}")
        return None

    def _listed(self, call: FunctionCall) -> Condition:
        where, value = map(self.scalar, call.arguments)
        return Statement(value, f"is in {self.reader.wording.value(where)}")

    def _comparison(self, operator: str, left: Expression, right: Expression) -> Condition:
        if _is_literal(left) and not _is_literal(right):
            operator, left, right = _SWAPPED[operator], right, left
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
        match call.arguments[0], right:
            case Unary("-", Unary("-", Parenthesis(BinaryOperation("=", where, cell)))), (
                NumberLiteral(1)
            ):
                is_own = self.scalar(where) == self.scalar(cell) or self.reader.covers(where, cell)
                name = {">": "Duplicates", "=": "Uniques"}.get(operator)
                return State(name, self.scalar(cell)) if is_own and name else None
        return None

    def _compared(self, operator: str, left: Expression, right: Expression) -> Condition:
        x, value = self.scalar(left), self.scalar(right)
        if isinstance(value, Bool) and _asks(left):
            is_positive = value.value == (operator == "=")
            return self.condition(left) if is_positive else Not(self.condition(left))
        return Comparison(_COMPARED[operator], x, value)

    def _idiom(self, operator: str, left: Expression, right: Expression) -> Condition | None:
        """Comparisons that stand for something else, as ``LEN(TRIM(A1))=0`` for a blank."""
        match left, right:
            case FunctionCall(_, (_, *_)), _ if bare_name(left) in ("COUNTIF", "COUNTIFS"):
                return self._occurrence(operator, left, right)
            case FunctionCall("SUMPRODUCT", (_,)), _:
                return self._repeated(operator, left, right)
            case FunctionCall(_, (x,)), NumberLiteral(0) if bare_name(left) == "LEN":
                return self._blank(operator, _trimmed(x))
            case _, TextLiteral("") if operator in ("=", "<>"):
                return self._blank(operator, left)
            case FunctionCall(_, (_, _, *_)), NumberLiteral(0) if bare_name(left) in _SEARCHES:
                return self._search(left) if operator == ">" else None
            case FunctionCall(_, (x, *rest)), TextLiteral(text) if operator in ("=", "<>"):
                return self._edge(operator, left, x, rest, text)
            case FunctionCall(_, (x, *_)), FunctionCall("TODAY") if operator == "=":
                return self._day(left, x)
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
        if name in ("LEFT", "RIGHT") and _counts(rest, text):
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


def _asks(tree: Expression) -> bool:
    """Whether an operand is itself a question, as in ``(A1>5)*(B1="x")``."""
    match tree:
        case Parenthesis(inner):
            return _asks(inner)
        case BinaryOperation(operator):
            return operator in _COMPARED
        case FunctionCall():
            name = bare_name(tree)
            return name in ("AND", "OR", "NOT") or name in _TESTS or name in _STATES
    return False


def _is_literal(tree: Expression) -> bool:
    return isinstance(tree, NumberLiteral | TextLiteral | BoolLiteral)


def _is_true(tree: Expression) -> bool:
    return tree == BoolLiteral(True) or (isinstance(tree, NumberLiteral) and tree.value == 1)


def _is_false(tree: Expression) -> bool:
    if isinstance(tree, TextLiteral):
        return not tree.value
    return tree == BoolLiteral(False) or (isinstance(tree, NumberLiteral) and tree.value == 0)


def _is_plain_if(rest: list[Expression]) -> bool:
    """Whether the arguments after the test only spell out what it says."""
    checks: tuple[Callable[[Expression], bool], ...] = (_is_true, _is_false)
    if len(rest) == 1:
        return _is_true(rest[0]) or _is_false(rest[0])
    return all(check(tree) for check, tree in zip(checks, rest, strict=False)) and len(rest) < 3


def _trimmed(tree: Expression) -> Expression:
    is_trim = isinstance(tree, FunctionCall) and bare_name(tree) == "TRIM"
    return tree.arguments[0] if is_trim and isinstance(tree, FunctionCall) else tree


def _counts(rest: list[Expression], text: str) -> bool:
    """Whether the length asked for is that of the text."""
    match rest:
        case []:
            return len(text) == 1
        case [NumberLiteral(number)]:
            return number == len(text)
        case [FunctionCall(name, (TextLiteral(measured),))] if name.upper() == "LEN":
            return measured == text
    return False
