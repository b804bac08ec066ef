"""The incomplete gamma and beta functions, which the distributions are made of.

Source: DLMF 8.11.4, 8.9.2 (gamma) and 8.17.22 (beta); continued fractions by Lentz's method.
"""

from __future__ import annotations

import math
from collections.abc import Callable

_STEPS = 100_000
_CLOSE = 1e-16
_TINY = 1e-300


def gamma_lower(shape: float, x: float) -> float:
    """The regularised lower incomplete gamma function P(shape, x)."""
    if x <= 0:
        return 0.0
    return _gamma_series(shape, x) if x < shape + 1 else 1.0 - _gamma_fraction(shape, x)


def gamma_upper(shape: float, x: float) -> float:
    """``1 - gamma_lower``, exact where it is small."""
    if x <= 0:
        return 1.0
    return 1.0 - _gamma_series(shape, x) if x < shape + 1 else _gamma_fraction(shape, x)


def _gamma_scale(shape: float, x: float) -> float:
    return math.exp(shape * math.log(x) - x - math.lgamma(shape))


def _gamma_series(shape: float, x: float) -> float:
    term = total = 1 / shape
    for step in range(1, _STEPS):
        term *= x / (shape + step)
        total += term
        if term < total * _CLOSE:
            break
    return total * _gamma_scale(shape, x)


def _gamma_fraction(shape: float, x: float) -> float:
    def terms(step: int) -> tuple[float, float]:
        return step * (shape - step), x + 2 * step + 1 - shape

    return _gamma_scale(shape, x) / _lentz(x + 1 - shape, terms)


def _lentz(first: float, terms: Callable[[int], tuple[float, float]]) -> float:
    """``first + a1/(b1 + a2/(b2 + …))`` with the pairs a, b of each step."""
    value = first or _TINY
    above, below = value, 0.0
    for step in range(1, _STEPS):
        a, b = terms(step)
        below = 1 / (b + a * below or _TINY)
        above = b + a / above or _TINY
        value *= above * below
        if abs(above * below - 1) < _CLOSE:
            break
    return value


def beta_lower(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b)."""
    if not 0 < x < 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1.0 - _beta_fraction(b, a, 1 - x)
    return _beta_fraction(a, b, x)


def beta_upper(a: float, b: float, x: float) -> float:
    """``1 - beta_lower``, exact where it is small."""
    return beta_lower(b, a, 1 - x)


def beta_log(a: float, b: float) -> float:
    """The logarithm of the beta function."""
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def _beta_fraction(a: float, b: float, x: float) -> float:
    def terms(step: int) -> tuple[float, float]:
        half = step // 2
        if step % 2:
            return -(a + half) * (a + b + half) * x / ((a + 2 * half) * (a + 2 * half + 1)), 1.0
        return half * (b - half) * x / ((a + 2 * half - 1) * (a + 2 * half)), 1.0

    scale = math.exp(a * math.log(x) + b * math.log1p(-x) - beta_log(a, b)) / a
    return scale / _lentz(1.0, terms)


def inverse(function: Callable[[float], float], wanted: float, low: float, high: float) -> float:
    """Where a rising function reaches a value, between ``low`` and ``high``.

    ``high`` may be infinite; the place is then looked for ever further out.
    """
    if math.isinf(high):
        high = max(low, 1.0)
        while function(high) < wanted and high < 1e300:
            low, high = high, high * 2
    for _ in range(400):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if function(middle) < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2
