"""What Locust's users do: ask for rules on the sample orders, and think before they ask again.

``THINK`` holds the fewest and the most seconds that they think; the first time they wait as well,
so that not all of them come in the same moment.
"""

from __future__ import annotations

import itertools
import os
import random
import sys
import time
from pathlib import Path

from locust import FastHttpUser, between, events, task

sys.path.insert(0, str(Path(__file__).parents[1]))

from sample_requests import REQUESTS, TABLE

TURNS = itertools.count()
LEAST, MOST = map(float, os.environ.get("THINK", "0 0").split())


class Person(FastHttpUser):
    """Somebody who asks for one rule after the other."""

    network_timeout = 120.0
    connection_timeout = 120.0
    wait_time = between(LEAST, MOST)

    def on_start(self) -> None:
        """Begin at some moment."""
        time.sleep(random.uniform(0, MOST))

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
