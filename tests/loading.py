"""Steady requests from several threads, and what came of them: what was lost, and for how long."""

from __future__ import annotations

import http.client
import itertools
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from running import DECISION, Running
from sqlalchemy import select

from server.store import Store
from server.store.models import Decision

RULE = {"text": "GreaterThan(c[2],100)"}
BREATH = 0.02
"""Seconds between the requests of a thread."""


@dataclass(frozen=True)
class Sent:
    """One request: when it was sent and settled, what it was for, and its status, 0 for none."""

    begun: float
    ended: float
    kind: str
    status: int
    id: str = ""


def decide(target: Running) -> tuple[int, str]:
    """The status of a decision that is to be stored, and its id."""
    found = str(uuid4())
    return target.ask("/api/v1/decisions", {"id": found, **DECISION}, seconds=15).status, found


def validate(target: Running) -> tuple[int, str]:
    """The status of a request that needs no store."""
    return target.ask("/api/v1/validate", RULE, seconds=15).status, ""


KINDS = {"store": decide, "rules": validate}


@dataclass
class Load:
    """Threads that ask, each for one kind of thing and all instances in turn."""

    targets: Sequence[Running]
    kinds: dict[str, Callable[[Running], tuple[int, str]]] = field(
        default_factory=lambda: dict(KINDS)
    )
    each: int = 2
    """Threads of each kind."""
    sent: list[Sent] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self):
        """While the block runs, requests do."""
        work = [(name, ask) for name, ask in self.kinds.items() for _ in range(self.each)]
        threads = [threading.Thread(target=self._work, args=pair) for pair in work]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self.ended.set()
            for thread in threads:
                thread.join()

    def _work(self, name, ask):
        turn = 0
        while not self.ended.wait(BREATH):
            begun = time.monotonic()
            try:
                status, found = ask(self.targets[turn % len(self.targets)])
            except (OSError, http.client.HTTPException):
                status, found = 0, ""
            self.sent.append(Sent(begun, time.monotonic(), name, status, found))
            turn += 1

    def gone(self, kind: str) -> float:
        """The longest time in which no request of a kind was answered well."""
        last = max(each.ended for each in self.sent)
        ends = sorted(each.ended for each in self.sent if each.kind == kind and each.status == 200)
        return max(b - a for a, b in itertools.pairwise([*ends, last])) if ends else float("inf")

    def failed(self) -> dict[str, int]:
        """How many had no answer, or which other than 200."""
        found: dict[str, int] = {}
        for each in self.sent:
            if each.status != 200:
                name = str(each.status) if each.status else "no answer"
                found[name] = found.get(name, 0) + 1
        return found

    @property
    def acknowledged(self) -> set[str]:
        """The ids of what the service said it has stored."""
        return {each.id for each in self.sent if each.id and each.status == 200}

    def lost(self, url: str) -> set[str]:
        """What it said it has stored and that is not there."""
        return self.acknowledged - kept(url)


def kept(url: str) -> set[str]:
    """The ids of the decisions in a store."""
    store = Store(url)
    with store.read() as session:
        found = set(session.scalars(select(Decision.id)))
    store.engine.dispose()
    return found
