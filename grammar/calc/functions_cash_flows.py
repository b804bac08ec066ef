"""Dated cash flows, cumulated payments and declining depreciation.

Source: Microsoft's help on each function; payments are signed as cash flows.
"""

from __future__ import annotations

import math

from grammar.calc.coercion import to_number
from grammar.calc.context import Context, Value
from grammar.calc.faults import CellError
from grammar.calc.functions_aggregate import numbers_of
from grammar.calc.functions_financial import ipmt, ppmt
from grammar.calc.functions_gamma import need
from grammar.calc.registry import as_block, excel
from grammar.calc.serials import check_serial
from grammar.values import ExcelError

STEPS = 100
CLOSE = 1e-8
_YEAR = 365.0
Flows = list[tuple[float, float]]


def _dated(context: Context, values: Value, dates: Value) -> Flows:
    """Amounts with the years since the first of them.

    Raises:
        CellError: other counts than dates, text among them, or a date before the first
            (``#NUM!``).
    """
    amounts, days = (_column(context, part) for part in (values, dates))
    need(len(amounts) == len(days) and len(days) > 0)
    first = check_serial(days[0])
    need(all(check_serial(day) >= first for day in days))
    return [
        (amount, (math.floor(day) - first) / _YEAR)
        for amount, day in zip(amounts, days, strict=True)
    ]


def _column(context: Context, value: Value) -> list[float]:
    """The cells as numbers, blanks as 0."""
    numbers = []
    for cell in as_block(context, value).flat():
        if isinstance(cell, ExcelError):
            raise CellError(cell)
        need(not isinstance(cell, str | bool))
        numbers.append(to_number(cell, context.locale))
    return numbers


def _worth(rate: float, flows: Flows) -> float:
    return math.fsum(amount / (1 + rate) ** years for amount, years in flows)


@excel("XNPV", "nrr", context=True)
def xnpv(context: Context, rate: float, values: Value, dates: Value) -> float:
    """What dated cash flows are worth on the first day."""
    need(rate > 0)
    return _worth(rate, _dated(context, values, dates))


@excel("XIRR", "rr", "n", context=True)
def xirr(context: Context, values: Value, dates: Value, guess: float = 0.1) -> float:
    """The yearly rate at which dated cash flows are worth nothing."""
    flows = _dated(context, values, dates)
    amounts = [amount for amount, _ in flows]
    need(guess > -1 and min(amounts) < 0 < max(amounts))
    rate = guess
    for _ in range(STEPS):
        slope = math.fsum(-years * x / (1 + rate) ** (years + 1) for x, years in flows)
        need(slope != 0)
        after = max(rate - _worth(rate, flows) / slope, (rate - 1) / 2)
        rate, before = after, rate
        if abs(rate - before) < CLOSE:
            return rate
    raise CellError(ExcelError.NUM)


def _periods(rate: float, periods: float, now: float, first: int, last: int, when: int) -> range:
    need(rate > 0 and periods > 0 and now > 0 and when in (0, 1))
    need(1 <= first <= last <= periods)
    return range(first, last + 1)


@excel("CUMIPMT", "nnniii")
def cumulated_interest(
    rate: float, periods: float, now: float, first: int, last: int, when: int
) -> float:
    """The interest within the payments of some periods."""
    some = _periods(rate, periods, now, first, last, when)
    return math.fsum(ipmt(rate, period, periods, now, 0.0, when) for period in some)


@excel("CUMPRINC", "nnniii")
def cumulated_repayment(
    rate: float, periods: float, now: float, first: int, last: int, when: int
) -> float:
    """The repayments within the payments of some periods."""
    some = _periods(rate, periods, now, first, last, when)
    return math.fsum(ppmt(rate, period, periods, now, 0.0, when) for period in some)


@excel("ISPMT", "nnnn")
def interest_of_equal_repayments(rate: float, period: float, periods: float, now: float) -> float:
    """The interest of a period where the same amount is repaid in each."""
    return now * rate * (period / periods - 1)


@excel("FVSCHEDULE", "nr", context=True)
def fv_schedule(context: Context, now: float, rates: Value) -> float:
    """What an amount grows to at rates that change."""
    for rate in as_block(context, rates).flat():
        now *= 1 + to_number(rate, context.locale)
    return now


@excel("MIRR", "rnn", context=True)
def mirr(context: Context, flows: Value, finance: float, invest: float) -> float:
    """The rate of return where debts cost one rate and gains earn another."""
    numbers = [float(number) for number in numbers_of(context, (flows,))]
    count = len(numbers)
    spent = math.fsum(x / (1 + finance) ** i for i, x in enumerate(numbers) if x < 0)
    earned = math.fsum(x * (1 + invest) ** (count - 1 - i) for i, x in enumerate(numbers) if x > 0)
    if not spent or count < 2:
        raise CellError(ExcelError.DIV0)
    return float((earned / -spent) ** (1 / (count - 1)) - 1)


def _fraction(fraction: float) -> tuple[int, int]:
    """The denominator and how many decimals it takes up."""
    need(fraction >= 0)
    whole = math.trunc(fraction)
    if whole == 0:
        raise CellError(ExcelError.DIV0)
    return whole, math.ceil(math.log10(whole))


@excel("DOLLARDE", "nn")
def dollar_decimal(price: float, fraction: float) -> float:
    """A price in fractions as a decimal number."""
    below, digits = _fraction(fraction)
    rest, whole = math.modf(price)
    return whole + rest * 10.0**digits / below


@excel("DOLLARFR", "nn")
def dollar_fraction(price: float, fraction: float) -> float:
    """A decimal price in fractions."""
    below, digits = _fraction(fraction)
    rest, whole = math.modf(price)
    return whole + rest * below / 10.0**digits


@excel("DB", "nnni", "i")
def fixed_declining(
    cost: float, salvage: float, life: float, period: int, months: int = 12
) -> float:
    """Fixed-declining depreciation of a period, at a rate of three decimals."""
    need(cost >= 0 and salvage >= 0 and life > 0 and 1 <= months <= 12)
    need(1 <= period <= life + (months < 12))
    if cost == 0:
        return 0.0
    share = float((salvage / cost) ** (1 / life))
    rate = math.floor((1 - share) * 1000 + 0.5) / 1000
    amount = written = cost * rate * months / 12
    for year in range(2, period + 1):
        amount = (cost - written) * rate
        if year > life:
            amount *= (12 - months) / 12
        written += amount
    return amount


@excel("DDB", "nnnn", "n")
def double_declining(
    cost: float, salvage: float, life: float, period: float, factor: float = 2.0
) -> float:
    """Double-declining depreciation of a period."""
    need(cost >= 0 and salvage >= 0 and factor > 0 and 0 < period <= life)
    if cost == 0:
        return 0.0
    rate = min(factor / life, 1.0)
    left = float(cost * (1 - rate) ** (max(period, 1.0) - 1))
    return max(left - max(left * (1 - rate), salvage), 0.0)
