"""Loans, annuities, rates of return and depreciation.

Source: Microsoft's help on each function; payments are signed as cash flows.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from grammar.calc.context import Context, Value
from grammar.calc.faults import CellError
from grammar.calc.functions_aggregate import numbers_of
from grammar.calc.registry import excel
from grammar.values import ExcelError

STEPS = 100
CLOSE = 1e-10


def _growth(rate: float, periods: float) -> float:
    if rate <= -1:
        raise CellError(ExcelError.NUM)
    return float((1 + rate) ** periods)


def _annuity(rate: float, periods: float, when: float) -> float:
    """What payments of 1 grow to."""
    if rate == 0:
        return periods
    return (1 + rate * (when != 0)) * (_growth(rate, periods) - 1) / rate


@excel("PMT", "nnn", "nn")
def pmt(rate: float, periods: float, now: float, later: float = 0.0, when: float = 0.0) -> float:
    """The payment of each period."""
    if periods == 0:
        raise CellError(ExcelError.NUM)
    return -(now * _growth(rate, periods) + later) / _annuity(rate, periods, when)


@excel("FV", "nnn", "nn")
def fv(rate: float, periods: float, payment: float, now: float = 0.0, when: float = 0.0) -> float:
    """What is there after the last period."""
    return -(now * _growth(rate, periods) + payment * _annuity(rate, periods, when))


@excel("PV", "nnn", "nn")
def pv(rate: float, periods: float, payment: float, later: float = 0.0, when: float = 0.0) -> float:
    """What the payments are worth now."""
    return -(later + payment * _annuity(rate, periods, when)) / _growth(rate, periods)


@excel("NPER", "nnn", "nn")
def nper(rate: float, payment: float, now: float, later: float = 0.0, when: float = 0.0) -> float:
    """How many periods it takes."""
    if rate == 0:
        return -(now + later) / payment
    flow = payment * (1 + rate * (when != 0))
    share = (flow - later * rate) / (now * rate + flow)
    if rate <= -1 or share <= 0:
        raise CellError(ExcelError.NUM)
    return math.log(share) / math.log1p(rate)


def _interest(
    rate: float, period: float, periods: float, now: float, later: float, when: float
) -> float:
    if not 1 <= period < periods + 1:
        raise CellError(ExcelError.NUM)
    if when and period == 1:
        return 0.0
    payment = pmt(rate, periods, now, later, when)
    owed = fv(rate, period - 1, payment, now, when) * rate
    return owed / (1 + rate) if when else owed


@excel("IPMT", "nnnn", "nn")
def ipmt(
    rate: float, period: float, periods: float, now: float, later: float = 0.0, when: float = 0.0
) -> float:
    """The interest within the payment of a period."""
    return _interest(rate, period, periods, now, later, when)


@excel("PPMT", "nnnn", "nn")
def ppmt(
    rate: float, period: float, periods: float, now: float, later: float = 0.0, when: float = 0.0
) -> float:
    """The repayment within the payment of a period."""
    interest = _interest(rate, period, periods, now, later, when)
    return pmt(rate, periods, now, later, when) - interest


def _root(function: Callable[[float], float], guess: float) -> float:
    """Where a function is 0, by secants from a guess.

    Raises:
        CellError: it does not settle (``#NUM!``).
    """
    before, x = guess, guess + 1e-3
    try:
        last, value = function(before), function(x)
        for _ in range(STEPS):
            if value == last:
                break
            before, x, last = x, x - value * (x - before) / (value - last), value
            value = function(x)
            if abs(x - before) < CLOSE:
                return x
    except (OverflowError, ZeroDivisionError):
        pass
    raise CellError(ExcelError.NUM)


@excel("RATE", "nnn", "nnn")
def rate_of(
    periods: float,
    payment: float,
    now: float,
    later: float = 0.0,
    when: float = 0.0,
    guess: float = 0.1,
) -> float:
    """The interest rate of each period."""
    if periods <= 0:
        raise CellError(ExcelError.NUM)
    return _root(lambda r: fv(r, periods, payment, now, when) - later, guess)


def _worth(rate: float, flows: list[float]) -> float:
    return sum(flow / _growth(rate, place) for place, flow in enumerate(flows))


@excel("NPV", "nr", repeat="r", context=True)
def npv(context: Context, rate: float, *flows: Value) -> float:
    """What cash flows at the ends of periods are worth now."""
    if rate == -1:
        raise CellError(ExcelError.DIV0)
    numbers = [float(number) for number in numbers_of(context, flows)]
    return _worth(rate, numbers) / (1 + rate)


@excel("IRR", "r", "n", context=True)
def irr(context: Context, flows: Value, guess: float = 0.1) -> float:
    """The rate at which cash flows are worth nothing now."""
    numbers = [float(number) for number in numbers_of(context, (flows,))]
    if not numbers or min(numbers) >= 0 or max(numbers) <= 0:
        raise CellError(ExcelError.NUM)
    return _root(lambda r: _worth(r, numbers), guess)


@excel("SLN", "nnn")
def sln(cost: float, salvage: float, life: float) -> float:
    """Straight-line depreciation of a period."""
    return (cost - salvage) / life


@excel("SYD", "nnnn")
def syd(cost: float, salvage: float, life: float, period: float) -> float:
    """Sum-of-years' digits depreciation of a period."""
    if salvage < 0 or life < 1 or not 1 <= period <= life:
        raise CellError(ExcelError.NUM)
    return (cost - salvage) * (life - period + 1) * 2 / (life * (life + 1))


@excel("EFFECT", "ni")
def effect(nominal: float, periods: int) -> float:
    """The effective yearly rate."""
    if nominal <= 0 or periods < 1:
        raise CellError(ExcelError.NUM)
    return float((1 + nominal / periods) ** periods - 1)


@excel("NOMINAL", "ni")
def nominal_rate(effective: float, periods: int) -> float:
    """The nominal yearly rate."""
    if effective <= 0 or periods < 1:
        raise CellError(ExcelError.NUM)
    return float(((1 + effective) ** (1 / periods) - 1) * periods)


@excel("RRI", "nnn")
def rri(periods: float, now: float, later: float) -> float:
    """The rate at which an amount grows to another."""
    if periods <= 0 or now == 0 or later / now < 0:
        raise CellError(ExcelError.NUM)
    return float((later / now) ** (1 / periods) - 1)


@excel("PDURATION", "nnn")
def pduration(rate: float, now: float, later: float) -> float:
    """How many periods an amount needs to grow to another."""
    if rate <= 0 or now <= 0 or later <= 0:
        raise CellError(ExcelError.NUM)
    return math.log(later / now) / math.log1p(rate)
