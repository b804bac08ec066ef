"""Suggestions are written down behind the back of the answer: a store that is down delays none."""

from __future__ import annotations

import atexit
import datetime as dt
import logging
import os
import queue
import threading
import time
from dataclasses import dataclass, field

from sqlalchemy import insert

from server.errors import StoreError
from server.identity.who import Identity
from server.store.engine import Store
from server.store.models import Asked, now
from server.store.retention import purge
from server.store.rows import clean

log = logging.getLogger("cellfusion.store")
MOST = 1000
"""Suggestions that wait; what comes while a database is away longer than that is not counted."""
BATCH = 100
PAUSE = 2.0
"""Seconds between tries while the database is away."""


@dataclass(frozen=True)
class Shape:
    """What is remembered of a suggestion; ``request`` is its text where that is to be kept."""

    who: Identity
    request_id: str
    length: int
    candidates: int
    abstained: bool
    milliseconds: int
    request: str | None = None
    at: dt.datetime = field(default_factory=now)

    def row(self) -> dict[str, object]:
        """The columns of its row."""
        return {
            "at": self.at,
            "day": self.at.date(),
            "tenant": self.who.tenant,
            "subject": self.who.subject,
            "request_id": self.request_id,
            "length": self.length,
            "candidates": self.candidates,
            "abstained": self.abstained,
            "milliseconds": self.milliseconds,
            "request": None if self.request is None else clean(self.request),
        }


class Journal:
    """A queue and a thread that empties it, in each process its own.

    Once a day what is past its time is purged, too.
    """

    def __init__(self, store: Store, days: int, audit_days: int) -> None:
        self._store = store
        self._ages = (days, audit_days)
        self._purged: dt.date | None = None
        self._start()
        os.register_at_fork(after_in_child=self._start)
        atexit.register(self.flush)

    def _start(self) -> None:
        """A fork has neither the thread nor what its parent has waiting."""
        self._waiting: queue.Queue[Shape] = queue.Queue(MOST)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, shape: Shape) -> None:
        """Have a suggestion written down soon; never waits, never fails."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, daemon=True)
                self._thread.start()
        try:
            self._waiting.put_nowait(shape)
        except queue.Full:
            log.warning("a suggestion is not counted: the store is too slow or away")

    def flush(self, seconds: float = 2.0) -> bool:
        """Wait until all that was added is written; whether it is."""
        waiting = self._waiting
        with waiting.all_tasks_done:
            return waiting.all_tasks_done.wait_for(lambda: not waiting.unfinished_tasks, seconds)

    def _work(self) -> None:
        while True:
            shapes = [self._waiting.get()]
            while len(shapes) < BATCH and not self._waiting.empty():
                shapes.append(self._waiting.get_nowait())
            try:
                while not self._is_written(shapes):
                    time.sleep(PAUSE)
            except Exception as error:  # the thread has to live on
                log.warning("suggestions are not counted", exc_info=error)
            for _ in shapes:
                self._waiting.task_done()

    def _is_written(self, shapes: list[Shape]) -> bool:
        try:
            with self._store.begin() as session:
                session.execute(insert(Asked), [shape.row() for shape in shapes])
        except StoreError:
            return False
        self._purge_daily()
        return True

    def _purge_daily(self) -> None:
        today = now().date()
        if self._purged == today:
            return
        self._purged = today
        try:
            purge(self._store, *self._ages)
        except StoreError:
            log.warning("the purge did not end; it goes on tomorrow")
