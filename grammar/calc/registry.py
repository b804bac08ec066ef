"""The table of worksheet functions and how their arguments are read.

Every parameter has a letter: ``n`` number, ``i`` whole number (cut towards 0), ``t`` text, ``b``
truth, ``v`` any value but an error, ``e`` any value, errors included, ``r`` whatever the argument
is: a reference, an array or a value. A function that has array arguments for the first six is
evaluated element by element.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from grammar.calc.blocks import Block, Operand, common_shape, object_array, spread
from grammar.calc.coercion import to_bool, to_number, to_text
from grammar.calc.context import Context, Value
from grammar.calc.faults import CellError
from grammar.calc.locales import Locale
from grammar.errors import UnsupportedError
from grammar.formula_tree import Expression
from grammar.values import CellValue, ExcelError

Result = Value | int
AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Result])


@dataclass(frozen=True)
class Function:
    """A worksheet function: ``required`` letters, then ``optional`` ones, then groups of
    ``repeat`` that may come any number of times."""

    name: str
    call: Callable[..., Result]
    required: str
    optional: str = ""
    repeat: str = ""
    with_context: bool = False
    lazy: bool = False

    def letters(self, count: int) -> str:
        """The letters of so many arguments.

        Raises:
            UnsupportedError: the function does not take so many.
        """
        fixed = self.required + self.optional
        extra = count - len(fixed)
        if count < len(self.required) or (extra > 0 and not self.repeat):
            raise UnsupportedError(f"{self.name} does not take {count} arguments")
        if extra <= 0:
            return fixed[:count]
        groups = -(-extra // len(self.repeat))
        if groups * len(self.repeat) != extra:
            raise UnsupportedError(f"{self.name} does not take {count} arguments")
        return fixed + self.repeat * groups


FUNCTIONS: dict[str, Function] = {}


def excel(
    names: str, required: str = "", optional: str = "", repeat: str = "", context: bool = False
) -> Callable[[AnyFunction], AnyFunction]:
    """A decorator that enters a function under one or more names."""

    def enter(call: AnyFunction) -> AnyFunction:
        for name in names.split():
            FUNCTIONS[name] = Function(name, call, required, optional, repeat, context)
        return call

    return enter


LazyFunction = Callable[[Context, tuple[Expression, ...]], Value]


def lazy(
    name: str, required: int, optional: int = 0, repeat: int = 0
) -> Callable[[LazyFunction], LazyFunction]:
    """A decorator that enters a function that evaluates its arguments itself."""

    def enter(call: LazyFunction) -> LazyFunction:
        FUNCTIONS[name] = Function(
            name, call, "x" * required, "x" * optional, "x" * repeat, True, True
        )
        return call

    return enter


def read_argument(letter: str, value: CellValue, locale: Locale) -> object:
    """One argument as its letter asks for it.

    Raises:
        CellError: the value cannot be read so.
    """
    if letter == "n":
        return to_number(value, locale)
    if letter == "t":
        return to_text(value)
    if letter == "i":
        return math.trunc(to_number(value, locale))
    if letter == "b":
        return to_bool(value)
    if letter == "v" and isinstance(value, ExcelError):
        raise CellError(value)
    return value


def invoke(function: Function, context: Context, arguments: list[Value]) -> Value:
    """The result of a function for evaluated arguments."""
    letters = function.letters(len(arguments))
    try:
        read: list[Value] = [
            value if letter == "r" else context.plain(value)
            for letter, value in zip(letters, arguments, strict=True)
        ]
    except CellError as fault:
        return fault.error
    lifted = any(
        isinstance(value, Block) and letter != "r"
        for letter, value in zip(letters, read, strict=True)
    )
    if lifted:
        return element_by_element(function, context, letters, read)
    return invoke_once(function, context, letters, read)


def invoke_once(
    function: Function, context: Context, letters: str, arguments: list[Value]
) -> Value:
    """The result for arguments that need no spreading; faults become error values."""
    try:
        read = [
            value if letter == "r" else read_argument(letter, context.scalar(value), context.locale)
            for letter, value in zip(letters, arguments, strict=True)
        ]
        result = function.call(context, *read) if function.with_context else function.call(*read)
    except CellError as fault:
        return fault.error
    except ZeroDivisionError:
        return ExcelError.DIV0
    except OverflowError:
        return ExcelError.NUM
    return tidy(result)


def tidy(result: Result) -> Value:
    """A result with whole numbers as floats and impossible numbers as ``#NUM!``."""
    if isinstance(result, float):
        return result if math.isfinite(result) else ExcelError.NUM
    if isinstance(result, int) and not isinstance(result, bool):
        return float(result)
    return result


def element_by_element(
    function: Function, context: Context, letters: str, arguments: list[Value]
) -> Block:
    """The results for every element of the array arguments."""
    blocks = {
        index: value
        for index, (letter, value) in enumerate(zip(letters, arguments, strict=True))
        if isinstance(value, Block) and letter != "r"
    }
    shape = common_shape(blocks.values())
    if len(blocks) == 1:
        ((index, block),) = blocks.items()
        return _along_one(function, context, letters, arguments, index, block)
    lists: dict[int, Iterator[CellValue]] = {
        index: iter(spread(block, shape).values.ravel()) for index, block in blocks.items()
    }
    cells: list[CellValue] = []
    for _ in range(shape[0] * shape[1]):
        current = [
            next(lists[index]) if index in lists else value for index, value in enumerate(arguments)
        ]
        cells.append(context.scalar(invoke_once(function, context, letters, current)))
    return Block(object_array(cells, shape))


def _along_one(
    function: Function,
    context: Context,
    letters: str,
    arguments: list[Value],
    index: int,
    block: Block,
) -> Block:
    """The results along one array argument, each distinct element evaluated once."""
    known: dict[tuple[type, CellValue], CellValue] = {}
    cells: list[CellValue] = []
    current = list(arguments)
    for cell in block.values.ravel():
        key = (type(cell), cell)
        if key not in known:
            current[index] = cell
            known[key] = context.scalar(invoke_once(function, context, letters, current))
        cells.append(known[key])
    return Block(object_array(cells, block.shape))


def as_block(context: Context, value: Value) -> Block:
    """Any value as an array.

    Raises:
        CellError: a reference of several areas, or a function value.
    """
    plain: Operand = context.plain(value)
    return plain if isinstance(plain, Block) else Block.of_rows([[plain]])
