"""What Locust's users do: ask for rules on the sample orders, and again once they are answered."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from locust import FastHttpUser, events, task

sys.path.insert(0, str(Path(__file__).parents[1]))

from sample_requests import REQUESTS, TABLE

TURNS = itertools.count()


class Person(FastHttpUser):
    """Somebody who never pauses."""

    network_timeout = 60.0
    connection_timeout = 60.0

    @task
    def suggest(self) -> None:
        """One request, each person another one."""
        asked = {"utterance": REQUESTS[next(TURNS) % len(REQUESTS)], "table": TABLE, "top": 5}
        with self.rest("POST", "/api/v1/suggest", json=asked) as answer:
            found = answer.js or {}
            if not {"candidates", "question"} <= found.keys():
                answer.failure(f"{answer.status_code} {found.get('code', 'without an answer')}")


@events.quitting.add_listener
def report_failures(environment, **_: object) -> None:
    """Every kind of error with its number, for the table."""
    for error in environment.stats.errors.values():
        print(f"error: {error.occurrences} x {error.error}")
