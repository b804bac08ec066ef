"""Requests of several users answered in one batch by one thread in front of the model.

The first request of a batch waits a few milliseconds for company. Only requests with the same day,
seed and number of candidates share a batch. They are read, and those that are drawn are denoised,
in one pass over all of them (:mod:`model.together`); each gets the answer that it would get alone.

Requests wait for their turn rather than fail. Turned away, with the time after which there will be
room, are only those beyond a long queue.
"""

from __future__ import annotations

import datetime as dt
import math
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from itertools import groupby
from typing import Protocol

from grammar.table import Table
from model.pipeline import Suggestion, check_request
from model.steps import Watch
from server.errors import BusyError, LateError

Shown = Callable[[int, str], None]
"""Told the number of a step, from 1, and how the rule reads after it."""


class Model(Protocol):
    """What answers requests: :class:`model.pipeline.Suggester`."""

    def suggest_many(
        self,
        requests: Sequence[tuple[str, Table]],
        *,
        today: dt.date,
        top: int,
        seed: int,
        watch: Watch | None = None,
    ) -> list[Suggestion]:
        """The suggestions of several requests, each as if it came alone."""
        ...


@dataclass(frozen=True, order=True)
class Key:
    """What requests of one batch have in common."""

    today: dt.date
    seed: int
    top: int


class Answer(Future[Suggestion]):
    """A suggestion to come; ``number`` counts the requests taken before it."""

    number = 0


@dataclass(frozen=True, eq=False)
class Job:
    """One request and where its answer goes."""

    utterance: str
    table: Table
    key: Key
    shown: Shown | None = None
    answer: Answer = field(default_factory=Answer)


@dataclass(frozen=True)
class Pace:
    """How requests are gathered."""

    size: int = 8
    wait: float = 0.004
    """Seconds that the first request of a batch waits for company."""
    queue: int = 64


RECENT = 0.2
"""Weight of the last batch in the time that a request takes."""
GRACE = 30.0
"""Seconds that a request may take on once the model has begun it."""


class Batcher:
    """A bounded queue and the thread that answers it."""

    def __init__(
        self,
        model: Model,
        pace: Pace | None = None,
        observe: Callable[[int], None] | None = None,
        wait: Callable[[int], None] | None = None,
    ) -> None:
        """``observe`` is told the size of every batch, ``wait`` how many more wait now."""
        self.model = model
        self.pace = pace or Pace()
        self.observe = observe or (lambda size: None)
        self.wait = wait or (lambda change: None)
        self.jobs: queue.Queue[Job | None] = queue.Queue(self.pace.queue)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._taken = 0
        self._settled = 0
        self._seconds = 0.0

    def ahead(self, answer: Answer) -> int:
        """How many requests that came before are not answered yet."""
        return max(0, answer.number - self._settled)

    def submit(
        self,
        utterance: str,
        table: Table,
        *,
        today: dt.date,
        top: int,
        seed: int,
        shown: Shown | None = None,
    ) -> Answer:
        """The suggestion to come; ``shown`` is told how the rule reads after each step.

        Raises:
            RequestError: the request is empty or over-long, or the table has no columns.
            BusyError: as many requests wait as may.
        """
        job = Job(check_request(utterance, table), table, Key(today, seed, top), shown)
        self._ensure_thread()
        with self._lock:
            self._take(job)
        self.wait(1)
        job.answer.add_done_callback(lambda _: self.wait(-1))
        return job.answer

    def _take(self, job: Job) -> None:
        job.answer.number = self._taken
        try:
            self.jobs.put_nowait(job)
        except queue.Full:
            waiting = self._taken - self._settled
            room = math.ceil(self.pace.size * self._seconds)
            raise BusyError(f"{waiting} requests come first", max(1, room)) from None
        self._taken += 1

    def close(self) -> None:
        """Answer what waits and end the thread."""
        with self._lock:
            if self._thread is not None:
                self.jobs.put(None)
                self._thread.join()
                self._thread = None

    def _ensure_thread(self) -> None:
        """Start the thread with the first request: after a fork, so in the process that serves."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="batches", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        open_ = True
        while open_:
            first = self.jobs.get()
            gathered, open_ = self._gather(first) if first else ([], False)
            for _, jobs in groupby(sorted(gathered, key=lambda job: job.key), lambda job: job.key):
                self._time([job for job in jobs if job.answer.set_running_or_notify_cancel()])
            self._settled += len(gathered)

    def _gather(self, first: Job) -> tuple[list[Job], bool]:
        """The jobs of one round, and whether more may come."""
        gathered = [first]
        until = time.monotonic() + self.pace.wait
        while len(gathered) < self.pace.size:
            try:
                job = self.jobs.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            if job is None:
                return gathered, False
            gathered.append(job)
        return gathered, True

    def _time(self, jobs: list[Job]) -> None:
        """Settle every job, and learn how long one takes."""
        if jobs:
            begun = time.monotonic()
            self._answer(jobs)
            each = (time.monotonic() - begun) / len(jobs)
            self._seconds += (RECENT if self._seconds else 1.0) * (each - self._seconds)

    def _answer(self, jobs: list[Job]) -> None:
        """Settle every job; where a batch fails, each alone, so that one spoils no other."""
        self.observe(len(jobs))
        try:
            found = self._suggest(jobs)
        except Exception as error:  # noqa: BLE001 - it reaches whoever asked
            if len(jobs) == 1:
                jobs[0].answer.set_exception(error)
                return
            for job in jobs:
                self._answer([job])
            return
        for job, suggestion in zip(jobs, found, strict=True):
            job.answer.set_result(suggestion)

    def _suggest(self, jobs: list[Job]) -> list[Suggestion]:
        key = jobs[0].key
        requests = [(job.utterance, job.table) for job in jobs]
        watch = _watch(jobs) if any(job.shown for job in jobs) else None
        return self.model.suggest_many(
            requests, today=key.today, top=key.top, seed=key.seed, watch=watch
        )


def _watch(jobs: Sequence[Job]) -> Watch:
    """Tells each job that looks on how its own rule reads."""

    def watch(place: int, step: int, text: str) -> None:
        if shown := jobs[place].shown:
            shown(step, text)

    return watch


def wait_for(answer: Future[Suggestion], seconds: float) -> Suggestion:
    """The suggestion once it is there; one that the model has begun is waited for a while more.

    Raises:
        LateError: it is not there in time; it is then given up.
    """
    try:
        return answer.result(seconds)
    except FutureTimeoutError:
        if answer.cancel():
            raise LateError(f"the model did not answer within {seconds:g} seconds") from None
    try:
        return answer.result(GRACE)
    except FutureTimeoutError:
        raise LateError(f"the model did not answer within {seconds + GRACE:g} seconds") from None
