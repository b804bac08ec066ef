"""A suggestion as server-sent events: the rule taking shape, then the candidates.

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
from server.errors import problem_of, status_of

EVENTS = "text/event-stream"
Step = tuple[int, str]


class Steps:
    """The steps of one request on their way from the model's thread to the answer's."""

    def __init__(self) -> None:
        self.queue: queue.SimpleQueue[Step | None] = queue.SimpleQueue()

    def show(self, step: int, text: str) -> None:
        """Take one step."""
        self.queue.put((step, text))

    def until(self, answer: Future[Suggestion], seconds: float) -> Iterator[Step]:
        """The steps as they come, until the answer is there or the time is up."""
        end = time.monotonic() + seconds
        answer.add_done_callback(lambda _: self.queue.put(None))
        try:
            while found := self.queue.get(timeout=max(0.0, end - time.monotonic())):
                yield found
        except queue.Empty:
            return


def streamed(
    answer: Future[Suggestion],
    steps: Steps,
    finish: Callable[[Suggestion], dict[str, object]],
    seconds: float,
) -> Response:
    """An answer of events ``step``, then one ``candidates``, or ``problem`` where it fails."""

    def events() -> Iterator[str]:
        for step, text in steps.until(answer, seconds):
            yield event("step", {"step": step, "rule": text})
        try:
            yield event("candidates", finish(wait_for(answer, 0)))
        except CellFusionError as error:
            yield event("problem", {"status": status_of(error), **problem_of(error)})

    headers = {"X-Accel-Buffering": "no"}  # a proxy would keep the steps back
    return Response(stream_with_context(events()), headers=headers, mimetype=EVENTS)


def event(name: str, value: object) -> str:
    """One event; JSON has no line break that could end it."""
    return f"event: {name}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n"
