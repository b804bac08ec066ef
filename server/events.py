"""A suggestion as server-sent events: who comes first, the rule taking shape, the candidates.

While a request waits, an event says how many are ahead of it: now, when that changes and every few
seconds. It keeps the connection, and shows when nobody listens any more, who is then not answered.

Source: HTML Living Standard, 9.2 (server-sent events).
"""

from __future__ import annotations

import json
import queue
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future

from flask import Response, stream_with_context

from grammar.errors import CellFusionError
from model.pipeline import Suggestion
from server.batching import wait_for
from server.problems import problem_of, status_of

EVENTS = "text/event-stream"
BEAT = 5.0
"""Seconds after which something is said in any case."""
GLANCE = 0.5
"""Seconds after which the number of those ahead is read again."""
Event = tuple[str, dict[str, object]]


class Steps:
    """The steps of one request on their way from the model's thread to the answer's."""

    def __init__(self) -> None:
        self.queue: queue.SimpleQueue[Event | None] = queue.SimpleQueue()

    def show(self, step: int, text: str) -> None:
        """Take one step."""
        self.queue.put(("step", {"step": step, "rule": text}))

    def until(
        self, answer: Future[Suggestion], seconds: float, ahead: Callable[[], int]
    ) -> Iterator[Event]:
        """What there is to say, until the answer is there or the time is up."""
        end = time.monotonic() + seconds
        answer.add_done_callback(lambda _: self.queue.put(None))
        told, again = -1, 0.0
        while (now := time.monotonic()) < end:
            if not answer.done() and (now >= again or ahead() != told):
                told, again = ahead(), now + BEAT
                yield "waiting", {"ahead": told}
            try:
                found = self.queue.get(timeout=max(0.0, min(GLANCE, end - time.monotonic())))
            except queue.Empty:
                continue
            if found is None:
                return
            yield found


def streamed(
    answer: Future[Suggestion],
    steps: Steps,
    finish: Callable[[Suggestion], dict[str, object]],
    seconds: float,
    ahead: Callable[[], int],
) -> Response:
    """An answer of events ``waiting`` and ``step``, then ``candidates``, or ``problem``."""

    def events() -> Iterator[str]:
        try:
            for name, value in steps.until(answer, seconds, ahead):
                yield event(name, value)
            yield event("candidates", finish(wait_for(answer, 0)))
        except CellFusionError as error:
            yield event("problem", {"status": status_of(error), **problem_of(error)})
        finally:
            answer.cancel()  # where nobody listens any more, and it has not begun

    headers = {"X-Accel-Buffering": "no"}  # a proxy would keep the steps back
    return Response(stream_with_context(events()), headers=headers, mimetype=EVENTS)


def event(name: str, value: object) -> str:
    """One event; JSON has no line break that could end it."""
    return f"event: {name}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n"
