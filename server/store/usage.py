"""How much is asked, how quickly it is answered, and what people make of the answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from server.store.models import Asked, Decision, now


@dataclass(frozen=True)
class Day:
    """The counts of one day."""

    day: dt.date
    requests: int = 0
    people: int = 0
    abstained: int = 0
    mean_milliseconds: float = 0.0
    slowest_milliseconds: int = 0
    accepted: int = 0
    rejected: int = 0


def by_day(session: Session, days: int = 30) -> Sequence[Day]:
    """The last days up to today, each there even where nothing was asked."""
    today = now().date()
    first = today - dt.timedelta(days=days - 1)
    found = {each: Day(each) for each in (first + dt.timedelta(days=n) for n in range(days))}
    for day in (*_asked(session, first), *_decided(session, first)):
        found[day.day] = _merged(found.get(day.day, Day(day.day)), day)
    return [found[day] for day in sorted(found)]


def _merged(day: Day, more: Day) -> Day:
    """The counts of both; each is of one table, so nothing is counted twice."""
    names = (name for name in vars(more) if name != "day" and getattr(more, name))
    return replace(day, **{name: getattr(more, name) for name in names})


def _asked(session: Session, first: dt.date) -> Sequence[Day]:
    wanted = (
        select(
            Asked.day,
            func.count(),
            func.count(Asked.subject.distinct()),
            func.sum(case((Asked.abstained, 1), else_=0)),
            func.avg(Asked.milliseconds),
            func.max(Asked.milliseconds),
        )
        .where(Asked.day >= first)
        .group_by(Asked.day)
    )
    return [
        Day(day, count, people, int(abstained), round(float(mean), 1), slowest)
        for day, count, people, abstained, mean, slowest in session.execute(wanted)
    ]


def _decided(session: Session, first: dt.date) -> Sequence[Day]:
    accepted = func.sum(case((Decision.accepted, 1), else_=0))
    wanted = (
        select(Decision.day, accepted, func.count())
        .where(Decision.day >= first)
        .group_by(Decision.day)
    )
    return [
        Day(day, accepted=int(yes), rejected=count - int(yes))
        for day, yes, count in session.execute(wanted)
    ]
