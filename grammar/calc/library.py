"""All worksheet functions: importing this enters them into the registry."""

from __future__ import annotations

from grammar.calc import (
    functions_aggregate,
    functions_array,
    functions_beta,
    functions_bytes,
    functions_cash_flows,
    functions_criteria,
    functions_database,
    functions_dates,
    functions_display,
    functions_distributions,
    functions_financial,
    functions_format,
    functions_gamma,
    functions_hypothesis,
    functions_info,
    functions_logical,
    functions_lookup,
    functions_math,
    functions_numbers,
    functions_reference,
    functions_regression,
    functions_shape,
    functions_statistics,
    functions_text,
)
from grammar.calc.registry import FUNCTIONS

MODULES = (
    functions_aggregate,
    functions_array,
    functions_beta,
    functions_bytes,
    functions_cash_flows,
    functions_criteria,
    functions_database,
    functions_dates,
    functions_distributions,
    functions_display,
    functions_financial,
    functions_format,
    functions_gamma,
    functions_hypothesis,
    functions_info,
    functions_logical,
    functions_lookup,
    functions_math,
    functions_numbers,
    functions_reference,
    functions_regression,
    functions_shape,
    functions_statistics,
    functions_text,
)


def function_names() -> frozenset[str]:
    """The names of all functions that can be evaluated."""
    return frozenset(FUNCTIONS)
