"""Asks the service steadily and looks at memory, errors and latency, minute by minute.

    python tests/bench/steady.py [--minutes 60] [--people 4] [--rate 0.5] [--patience 30]
                                 [--picture steady.png]

One instance with two workers and the shipped model on SQLite. People ask for suggestions on tables
of their own, decide on them, and check rules: so many requests a second at even distances where
there is a rate, else one after the other without a pause. Memory is the sum over master and
workers of what is theirs alone and their part of what they share (PSS), at the end of a minute;
`processor` is what the service took of it for each request, which neighbours on the machine change
less than the times. Where they leave it little, more patience keeps the bench from measuring them.
Drift is that of the second half against the first. Exits 1 where a request failed.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import services
from loading import decide, validate
from rich.console import Console
from rich.table import Table
from running import Running, new_key
from sample_requests import REQUESTS, TABLE

from model.pipeline import WEIGHTS

MIB = 1 << 20


@dataclass(frozen=True)
class Minute:
    """What one minute was like."""

    asked: int
    failed: int
    median: float
    slow: float
    processor: float
    memory: float


def suggest(own: Running, turn: int) -> int:
    """The status of a suggestion for a table that nobody else has."""
    rows = [[*row] for row in TABLE["values"]]
    rows[1][0] = f"O-{turn}"
    body = {"utterance": REQUESTS[turn % len(REQUESTS)], "table": TABLE | {"values": rows}}
    return own.ask("/api/v1/suggest", body, seconds=300).status


def turn_of(own: Running, turn: int) -> tuple[str, int]:
    """What comes next of what people do, and its status."""
    if turn % 4 == 1:
        return "decide", decide(own)[0]
    if turn % 4 == 3:
        return "validate", validate(own)[0]
    return "suggest", suggest(own, turn)


def memory(own: Running) -> float:
    """MiB that the service takes, shared pages counted once."""
    total = 0
    for pid in (own.process.pid, *own.workers):
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        except (FileNotFoundError, ProcessLookupError):
            continue  # a worker that has just been replaced
        total += next(int(line.split()[1]) for line in text.splitlines() if "Pss:" in line)
    return total * 1024 / MIB


def processor(own: Running) -> float:
    """Seconds of processor that master and workers have taken, those that are gone included."""
    total = 0
    for pid in (own.process.pid, *own.workers):
        try:
            text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
        except (FileNotFoundError, ProcessLookupError):
            continue
        numbers = text.rpartition(")")[2].split()[11:15]
        total += sum(map(int, numbers if pid == own.process.pid else numbers[:2]))
    return total / os.sysconf("SC_CLK_TCK")


class People:
    """Threads that ask until they are told to end."""

    def __init__(self, own: Running, count: int, rate: float) -> None:
        self.own = own
        self.rate = rate
        self.begun = time.monotonic()
        self.taken = processor(own)
        self.turns = itertools.count()
        self.ended = threading.Event()
        self.lock = threading.Lock()
        self.seen: list[tuple[str, float, int]] = []
        self.failures: Counter[str] = Counter()
        self.threads = [threading.Thread(target=self._work) for _ in range(count)]

    def _work(self) -> None:
        while not self.ended.wait(self._left(turn := next(self.turns))):
            begun = time.monotonic()
            try:
                kind, status = turn_of(self.own, turn)
            except (OSError, http.client.HTTPException) as error:
                kind, status = type(error).__name__, 0
            with self.lock:
                self.seen.append((kind, time.monotonic() - begun, status))
                if status != 200:
                    self.failures[f"{kind} {status}"] += 1

    def _left(self, turn: int) -> float:
        """Seconds until a request is due."""
        due = self.begun + turn / self.rate if self.rate else 0.0
        return max(0.0, due - time.monotonic())

    def minute(self) -> Minute:
        """What the next minute is like."""
        self.ended.wait(60)
        with self.lock:
            seen, self.seen = self.seen, []
        failed = sum(status != 200 for _, _, status in seen)
        times = sorted(took for kind, took, _ in seen if kind == "suggest") or [float("nan")]
        slow = times[min(len(times) - 1, int(0.95 * len(times)))]
        before, self.taken = self.taken, processor(self.own)
        each = (self.taken - before) / max(1, len(seen))
        return Minute(len(seen), failed, statistics.median(times), slow, each, memory(self.own))


def draw(minutes: list[Minute], path: Path) -> None:
    """A picture of memory and latency."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), layout="constrained")
    above, below = figure.subplots(2, sharex=True)
    places = range(1, len(minutes) + 1)
    above.plot(places, [each.memory for each in minutes], color="tab:green")
    above.set(ylabel="memory (MiB)", ylim=(0, None))
    below.plot(places, [each.median for each in minutes], label="median")
    below.plot(places, [each.slow for each in minutes], label="95 %")
    below.set(xlabel="minute", ylabel="suggestion (s)", ylim=(0, None))
    below.legend()
    figure.savefig(path)


def drift(values: list[float]) -> str:
    """How much the second half lies above the first."""
    half = len(values) // 2
    if not half:
        return "-"
    first, second = statistics.mean(values[:half]), statistics.mean(values[-half:])
    return f"{100 * (second / first - 1):+.1f} %"


def show(minutes: list[Minute], people: People) -> None:
    """The table, with what has changed."""
    table = Table("minute", "requests", "failed", "median", "95 %", "processor", "memory")
    for place, each in enumerate(minutes, 1):
        times = (f"{each.median:.2f} s", f"{each.slow:.2f} s", f"{each.processor:.2f} s")
        table.add_row(
            str(place), str(each.asked), str(each.failed), *times, f"{each.memory:.0f} MiB"
        )
    medians, memories = [each.median for each in minutes], [each.memory for each in minutes]
    taken = drift([each.processor for each in minutes])
    asked, failed = sum(each.asked for each in minutes), sum(each.failed for each in minutes)
    table.add_row("drift", str(asked), str(failed), drift(medians), "", taken, drift(memories))
    console = Console(width=100)
    console.print(table)
    if people.failures:
        console.print(dict(people.failures))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--people", type=int, default=4)
    parser.add_argument("--rate", type=float, default=0.0, metavar="REQUESTS_A_SECOND")
    parser.add_argument("--patience", type=float, default=30.0, metavar="SECONDS")
    parser.add_argument("--picture", type=Path)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="cellfusion-steady-"))
    url = f"sqlite:///{folder}/store.db"
    rates = dict.fromkeys(("request_rate", "suggest_rate"), "1000000/minute")
    settings = {"api_keys": True, "workers": 2, "database_url": url, "weights": WEIGHTS, **rates}
    settings["answer_seconds"] = asked.patience
    try:
        with services.redis_server() as redis:
            settings["redis_url"] = redis.url
            with Running(folder, settings, new_key(url)) as own:
                minutes, people = watch(own, asked)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    show(minutes, people)
    if asked.picture:
        draw(minutes, asked.picture)
    return 1 if people.failures else 0


def watch(own: Running, asked: argparse.Namespace) -> tuple[list[Minute], People]:
    """What the minutes were like; a line for each as it ends."""
    people, minutes = People(own, asked.people, asked.rate), []
    for thread in people.threads:
        thread.start()
    try:
        for place in range(asked.minutes):
            minutes.append(people.minute())
            print(place + 1, minutes[-1], file=sys.stderr, flush=True)
    finally:
        people.ended.set()
        for thread in people.threads:
            thread.join()
    return minutes, people


if __name__ == "__main__":
    sys.exit(main())
