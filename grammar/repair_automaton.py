"""The states of an LALR parser without its values: what may follow, at the price of a look-up."""

from __future__ import annotations

from typing import Any

from lark import Lark
from lark.parsers.lalr_analysis import Shift

Stack = tuple[int, ...]


class Automaton:
    """Shifts terminals over immutable stacks, so that a search may branch anywhere."""

    def __init__(self, lark: Lark) -> None:
        state = lark.parse_interactive("").parser_state
        table: Any = state.parse_conf.parse_table
        self._states: dict[int, dict[str, tuple[Any, Any]]] = table.states
        self._end = table.end_states["start"]
        self.start: Stack = tuple(state.state_stack)
        self._seen: dict[tuple[Stack, str], Stack | None] = {}

    def shift(self, stack: Stack, terminal: str) -> Stack | None:
        """The stack after a terminal, or ``None`` where it cannot stand."""
        key = (stack, terminal)
        if key not in self._seen:
            if len(self._seen) > 20_000:
                self._seen.clear()
            self._seen[key] = self._shift(stack, terminal)
        return self._seen[key]

    def _shift(self, stack: Stack, terminal: str) -> Stack | None:
        while True:
            found = self._states[stack[-1]].get(terminal)
            if found is None:
                return None
            action, target = found
            if action is Shift:
                return (*stack, target)
            size = len(target.expansion)
            stack = stack[:-size] if size else stack
            stack = (*stack, self._states[stack[-1]][target.origin.name][1])
            if terminal == "$END" and stack[-1] == self._end:
                return stack

    def accepts(self, stack: Stack, terminal: str) -> bool:
        """Whether a terminal may stand next."""
        return self.shift(stack, terminal) is not None
