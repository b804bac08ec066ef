"""What an organisation allows: which rules, which functions, which colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING

from grammar.colours import colour_name, nearest_colour, parse_colour
from grammar.conditions import PREDICATES, Call, Condition, Formula, Node, selects_cells, walk
from grammar.formula_parser import parse_formula
from grammar.formula_tree import FunctionCall
from grammar.formula_tree import walk as walk_formula
from grammar.functions import allowed_functions, bare_name
from grammar.parser import parse_condition
from grammar.rules import DEFAULT_STYLE, Rule, RuleSet, Style
from grammar.scale_colours import BAR_COLOUR, SCALE_COLOURS, WHITE, names_colour
from server.config import Config
from server.errors import PolicyError
from server.rule_text import fault, validity

if TYPE_CHECKING:
    from model.pipeline import Suggestion

KINDS = (*PREDICATES, "Formula")
SETTINGS = (
    *("allowed_kinds", "forbidden_kinds", "allowed_functions", "forbidden_functions"),
    *("palette", "default_fill"),
)
"""The settings that a policy is made of."""
_COLOURED = ("fill", "font", "border")


@dataclass(frozen=True)
class Policy:
    """The rules of the settings, as sets."""

    kinds: frozenset[str]
    functions: frozenset[str]
    palette: tuple[tuple[str, str], ...] = ()
    default_fill: str | None = None

    @classmethod
    def of(cls, config: Config) -> Policy:
        """The policy of the settings."""
        kinds = frozenset(config.allowed_kinds or KINDS) - set(config.forbidden_kinds)
        functions = frozenset(config.allowed_functions or allowed_functions())
        palette = tuple((name, colour.upper()) for name, colour in config.palette)
        fill = dict(palette).get(config.default_fill, config.default_fill.upper()) or None
        return cls(kinds, functions - set(config.forbidden_functions), palette, fill)

    @classmethod
    def load(cls, environ: Mapping[str, str], **arguments: object) -> Policy:
        """The policy of an environment and of the file that it or an argument names.

        Other settings may be of another machine, so only their names are looked at.

        Raises:
            ConfigError: a name is not known, or a value does not fit.
        """
        return cls.of(Config.load_some(SETTINGS, environ, **arguments))

    def enforce(self, rules: RuleSet) -> RuleSet:
        """The rules in the house's colours.

        Raises:
            PolicyError: one of them is not allowed.
        """
        for rule in rules.rules:
            self.check(rule.condition)
        return RuleSet(tuple(self.coloured(rule) for rule in rules.rules))

    def check(self, condition: Condition) -> None:
        """Refuse a condition that is not allowed.

        Raises:
            PolicyError: it is not.
        """
        for node in walk(condition):
            self._check_kind(_kind(node))
            if isinstance(node, Formula):
                self.check_formula(node.text)
            elif isinstance(node, Call):
                self._check_function(node.name)

    def check_formula(self, text: str) -> None:
        """Refuse a formula that calls what is not allowed.

        Raises:
            PolicyError: it does.
        """
        for node in walk_formula(parse_formula(text)):
            if isinstance(node, FunctionCall):
                self._check_function(node.name)

    def check_text(self, text: str, is_formula: bool) -> None:
        """Refuse a right text that is not allowed.

        Raises:
            PolicyError: it is not.
        """
        if is_formula:
            self._check_kind("Formula")
            self.check_formula(text)
        else:
            self.check(parse_condition(text))

    def allows_text(self, text: str, is_formula: bool) -> bool:
        """Whether a right text is allowed."""
        try:
            self.check_text(text, is_formula)
        except PolicyError:
            return False
        return True

    def validity(self, text: str, is_formula: bool) -> dict[str, object]:
        """Whether a text is right and allowed, or why not."""
        found = validity(text, is_formula)
        if not found["valid"]:
            return found
        try:
            self.check_text(text, is_formula)
        except PolicyError as error:
            return {"valid": False, "canonical": None, "error": fault(error)}
        return found

    def select(self, found: Suggestion) -> Suggestion:
        """A suggestion without what is not allowed; where nothing is left, it says why."""
        kept, reasons = [], []
        for proposal in found.proposals:
            try:
                kept.append(replace(proposal, rules=self.enforce(proposal.rules)))
            except PolicyError as error:
                reasons.append(str(error))
        if kept or not reasons:
            return replace(found, proposals=tuple(kept))
        question = f"Here {reasons[0]}. How else could it be shown?"
        return replace(found, proposals=(), abstained=True, question=question)

    def coloured(self, rule: Rule) -> Rule:
        """A rule in the house's colours."""
        if not selects_cells(rule.condition) and not names_colour(rule.style):
            return replace(rule, scale=self._scale(rule.condition)) if self.palette else rule
        if rule.style == DEFAULT_STYLE and self.default_fill:
            return replace(rule, style=Style(fill=self.default_fill))
        if not self.palette:
            return rule
        found = {name: self._mapped(getattr(rule.style, name)) for name in _COLOURED}
        if found["fill"] == found["font"]:
            found["font"] = None  # text that nobody could read
        rest = {each.name: getattr(rule.style, each.name) for each in fields(Style)}
        return replace(rule, style=Style(**(rest | found)))

    def _mapped(self, colour: str | None) -> str | None:
        """The house's colour for a colour: itself, that of its name or hue, or the nearest."""
        if colour is None or colour.upper() in self._own:
            return colour.upper() if colour else None
        if colour.upper() in self._by_colour:
            return self._by_colour[colour.upper()]
        # a pale green that the house does not have is a green before it is a near yellow
        hue = colour_name(colour).split()[-1]
        of_hue = [house for name, house in self.palette if name.split()[-1] == hue]
        return nearest_colour(colour, of_hue or self._own)

    def _scale(self, condition: Condition) -> tuple[str, ...]:
        """Excel's colours of a scale in those of the house.

        Where it has no three of them, from white to its nearest to Excel's highest.
        """
        excels = (BAR_COLOUR,) if _kind(condition) == "DataBar" else SCALE_COLOURS
        found = tuple(filter(None, map(self._mapped, excels)))
        return found if len(set(found)) == len(excels) else (WHITE, found[-1])

    @cached_property
    def _own(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(colour for _, colour in self.palette))

    @cached_property
    def _by_colour(self) -> dict[str, str]:
        """The house's colours by what their names mean elsewhere."""
        pairs = ((parse_colour(name), colour) for name, colour in self.palette)
        return {meant.upper(): colour for meant, colour in pairs if meant}

    def _check_kind(self, kind: str | None) -> None:
        if kind in KINDS and kind not in self.kinds:
            raise PolicyError(f"rules of the kind {kind} are not allowed")

    def _check_function(self, name: str) -> None:
        if bare_name(name) in allowed_functions() and bare_name(name) not in self.functions:
            raise PolicyError(f"the function {bare_name(name)} is not allowed")


def _kind(node: Node) -> str | None:
    """The kind of a predicate; none of its scalars has one."""
    if isinstance(node, Formula):
        return "Formula"
    return getattr(node, "name", None) if isinstance(node, Condition) else None
