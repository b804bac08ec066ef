"""Logical functions, and those that evaluate only some of their arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from grammar.calc.blocks import BOOL, NUMBER, Block, Operand, common_shape, object_array, spread
from grammar.calc.coercion import to_bool, to_number
from grammar.calc.comparison import compare
from grammar.calc.context import Context, Lambda, Value
from grammar.calc.evaluator import evaluate
from grammar.calc.faults import CellError
from grammar.calc.grid import Reference
from grammar.calc.registry import as_block, excel, lazy
from grammar.formula_tree import Expression, Missing, NameRef
from grammar.values import CellValue, ExcelError

Nodes = tuple[Expression, ...]


@excel("TRUE")
def true() -> bool:
    """TRUE."""
    return True


@excel("FALSE")
def false() -> bool:
    """FALSE."""
    return False


@excel("NOT", "b")
def not_(value: bool) -> bool:
    """The opposite."""
    return not value


def truths(context: Context, arguments: tuple[Value, ...]) -> list[bool]:
    """The truth values among arguments: text and blanks in cells do not count.

    Raises:
        CellError: an error, text given directly that is no truth, or nothing that counts.
    """
    found = [truth for argument in arguments for truth in argument_truths(context, argument)]
    if not found:
        raise CellError(ExcelError.VALUE)
    return found


def argument_truths(context: Context, argument: Value) -> list[bool]:
    """The truth values of one argument.

    Raises:
        CellError: it holds an error, or is text that is no truth.
    """
    if isinstance(argument, Reference | Block):
        return _truths_of_block(as_block(context, argument))
    return [to_bool(context.scalar(argument))]


def _truths_of_block(block: Block) -> list[bool]:
    if block.first_error is not None:
        raise CellError(block.first_error)
    counted = (block.codes == NUMBER) | (block.codes == BOOL)
    return [bool(number) for number in block.numbers[counted]]


@excel("AND", "r", repeat="r", context=True)
def and_(context: Context, *arguments: Value) -> bool:
    """Whether all are true."""
    return all(truths(context, arguments))


@excel("OR", "r", repeat="r", context=True)
def or_(context: Context, *arguments: Value) -> bool:
    """Whether one is true."""
    return any(truths(context, arguments))


@excel("XOR", "r", repeat="r", context=True)
def xor(context: Context, *arguments: Value) -> bool:
    """Whether an odd number of them is true."""
    return sum(truths(context, arguments)) % 2 == 1


def choose_elements(
    condition: Block, pick: Callable[[CellValue], Operand], others: list[Operand]
) -> Block:
    """For every element of a condition, the element there of the operand that it picks."""
    blocks = [value for value in others if isinstance(value, Block)]
    shape = common_shape([condition, *blocks])
    spreads = {id(block): spread(block, shape) for block in blocks}
    cells: list[CellValue] = []
    for index, truth in enumerate(spread(condition, shape).values.ravel()):
        chosen = pick(truth)
        if isinstance(chosen, Block):
            cells.append(spreads[id(chosen)].values[divmod(index, shape[1])])
        else:
            cells.append(chosen)
    return Block(object_array(cells, shape))


@lazy("IF", 2, 1)
def if_(context: Context, nodes: Nodes) -> Value:
    """The second argument where the first is true, else the third."""
    condition = context.plain(evaluate(nodes[0], context))
    if not isinstance(condition, Block):
        chosen = 1 if to_bool(condition) else 2
        if chosen == len(nodes):
            return False
        return 0.0 if isinstance(nodes[chosen], Missing) else evaluate(nodes[chosen], context)
    branches = [context.plain(evaluate(node, context)) for node in nodes[1:]] + [False]
    branches = [0.0 if branch is None else branch for branch in branches]

    def pick(truth: CellValue) -> Operand:
        try:
            return branches[0] if to_bool(truth) else branches[1]
        except CellError as fault:
            return fault.error

    return choose_elements(condition, pick, branches)


def _replace_errors(context: Context, nodes: Nodes, caught: Callable[[CellValue], bool]) -> Value:
    value = evaluate(nodes[0], context)
    plain = context.plain(value)
    if not isinstance(plain, Block):
        return evaluate(nodes[1], context) if caught(plain) else value
    other = context.plain(evaluate(nodes[1], context))
    return choose_elements(plain, lambda cell: other if caught(cell) else cell, [other])


@lazy("IFERROR", 2)
def iferror(context: Context, nodes: Nodes) -> Value:
    """The first argument, or the second where that is an error."""
    return _replace_errors(context, nodes, lambda value: isinstance(value, ExcelError))


@lazy("IFNA", 2)
def ifna(context: Context, nodes: Nodes) -> Value:
    """The first argument, or the second where that is ``#N/A``."""
    return _replace_errors(context, nodes, lambda value: value is ExcelError.NA)


@lazy("IFS", 2, repeat=2)
def ifs(context: Context, nodes: Nodes) -> Value:
    """The value beside the first condition that is true."""
    for index in range(0, len(nodes), 2):
        condition = context.plain(evaluate(nodes[index], context))
        if isinstance(condition, Block):
            rest = nodes[index + 2 :]
            later: Operand = context.plain(ifs(context, rest)) if rest else ExcelError.NA
            value = context.plain(evaluate(nodes[index + 1], context))
            return choose_elements(condition, _picker(value, later), [value, later])
        if to_bool(condition):
            return evaluate(nodes[index + 1], context)
    raise CellError(ExcelError.NA)


def _picker(value: Operand, later: Operand) -> Callable[[CellValue], Operand]:
    def pick(truth: CellValue) -> Operand:
        try:
            return value if to_bool(truth) else later
        except CellError as fault:
            return fault.error

    return pick


@lazy("SWITCH", 3, repeat=1)
def switch(context: Context, nodes: Nodes) -> Value:
    """The value beside the first case that equals the first argument, else the default."""
    subject = context.plain(evaluate(nodes[0], context))
    if isinstance(subject, Block):
        cells = [context.scalar(_switch_one(context, cell, nodes)) for cell in subject.flat()]
        return Block.of_list(cells, subject.shape)
    return _switch_one(context, subject, nodes)


def _switch_one(context: Context, subject: CellValue, nodes: Nodes) -> Value:
    if isinstance(subject, ExcelError):
        return subject
    for index in range(1, len(nodes) - 1, 2):
        case = context.scalar(evaluate(nodes[index], context))
        if isinstance(case, ExcelError):
            return case
        if compare(subject, case) == 0:
            return evaluate(nodes[index + 1], context)
    return evaluate(nodes[-1], context) if len(nodes) % 2 == 0 else ExcelError.NA


@lazy("CHOOSE", 2, repeat=1)
def choose(context: Context, nodes: Nodes) -> Value:
    """The argument at the place that the first one numbers."""
    index = context.plain(evaluate(nodes[0], context))
    if isinstance(index, Block):
        values = [context.plain(evaluate(node, context)) for node in nodes[1:]]

        def pick(cell: CellValue) -> Operand:
            try:
                return values[_choice(cell, context, len(values)) - 1]
            except CellError as fault:
                return fault.error

        return choose_elements(index, pick, values)
    return evaluate(nodes[_choice(index, context, len(nodes) - 1)], context)


def _choice(value: CellValue, context: Context, count: int) -> int:
    number = int(to_number(value, context.locale))
    if not 1 <= number <= count:
        raise CellError(ExcelError.VALUE)
    return number


@lazy("LET", 3, repeat=2)
def let(context: Context, nodes: Nodes) -> Value:
    """The last argument, with the names before it in force."""
    for name, node in _pairs(nodes[:-1]):
        context = context.with_names({name: evaluate(node, context)})
    return evaluate(nodes[-1], context)


def _pairs(nodes: Nodes) -> Iterator[tuple[str, Expression]]:
    for index in range(0, len(nodes), 2):
        yield variable_name(nodes[index]), nodes[index + 1]


def variable_name(node: Expression) -> str:
    """The lower-case name that ``LET`` or ``LAMBDA`` introduces.

    Raises:
        CellError: it is no name (``#NAME?``).
    """
    if not isinstance(node, NameRef):
        raise CellError(ExcelError.NAME)
    return node.name.lower()


@lazy("LAMBDA", 1, repeat=1)
def lambda_(context: Context, nodes: Nodes) -> Value:
    """A function value."""
    return Lambda(tuple(variable_name(node) for node in nodes[:-1]), nodes[-1], context.names)
