"""Fifty users at once on suggestions, with batching of their requests and without.

    python tests/bench/load.py [--users 50] [--minutes 5] [--think 5 10] [--rush-minutes 1]
                               [--workers 2] [--answer-seconds 60]

Starts gunicorn on loopback for each line of the table and has Locust's users ask: people, who read
an answer and write the next request for as many seconds as ``--think`` says, and a rush, in which
nobody pauses. Printed are requests a second, response times, errors and the memory of the workers,
and the processor's time that the service took of a request, which neighbours on the machine change
little. Limits of rate are lifted: they count by address, and here all users have one. Exits 1 where
a request fails.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
USERS = Path(__file__).with_name("load_users.py")
STARTING = 180
"""Seconds in which the model has to be loaded."""
WARMING = 3
"""Suggestions before it counts, so that no side pays for first calls."""


@dataclass(frozen=True)
class Load:
    """How many ask for how long, and how long each thinks before the next request."""

    users: int
    seconds: int
    think: tuple[float, float]
    workers: int
    patience: float


@dataclass(frozen=True)
class Outcome:
    """What one run measured; times in ms, memory in MiB, the largest seen."""

    requests: int
    errors: int
    rate: float
    median: float
    ninety_fifth: float
    slowest: float
    worker: float
    together: float
    processor: float


def free_port() -> int:
    """A port of loopback that nobody has."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def gunicorn(folder: Path, batching: bool, load: Load):
    """Address and process of the service with so many workers, once it can answer."""
    port = free_port()
    settings = {
        "PORT": str(port),
        "WORKERS": str(load.workers),
        "ANSWER_SECONDS": str(load.patience),
        "BATCHING": str(batching).lower(),
        "DATABASE_URL": f"sqlite:///{folder / f'store-{port}.db'}",
        "LOG_LEVEL": "WARNING",
        **dict.fromkeys(("SUGGEST_RATE", "REQUEST_RATE", "ADDRESS_RATE"), "1000000/minute"),
    }
    environ = os.environ | {f"CELLFUSION_{name}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "server/gunicorn.conf.py")]
    with (folder / f"gunicorn-{port}.txt").open("w+") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
        try:
            site = f"http://127.0.0.1:{port}"
            wait_for(f"{site}/readyz", server, log)
            yield site, server
        finally:
            server.terminate()
            server.wait(60)


def wait_for(address: str, server: subprocess.Popen, log) -> None:
    """Come back when the address answers."""
    end = time.monotonic() + STARTING
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own loopback
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    log.seek(0)
    raise SystemExit(f"the service does not start:\n{log.read()[-2000:]}")


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    try:
        return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except FileNotFoundError:
        return []


def memory(pid: int) -> tuple[float, float]:
    """Resident MiB of a process, and its share where pages are held by several."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except (FileNotFoundError, ProcessLookupError):
        return 0.0, 0.0
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines}
    return sizes["Rss"], sizes["Pss"]


def processor(pids: list[int]) -> float:
    """Seconds that processes have had of the processor."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def run(load: Load, batching: bool, folder: Path) -> Outcome:
    """Ask and measure."""
    prefix = folder / f"batching-{batching}-{load.think[1]:g}"
    command = [
        *(sys.executable, "-m", "locust", "-f", str(USERS), "--headless", "--only-summary"),
        *("-u", str(load.users), "-r", str(load.users), "-t", f"{load.seconds}s"),
        *("--csv", str(prefix), "--stop-timeout", "60", "--loglevel", "ERROR"),
    ]
    low, high = load.think
    environ = os.environ | {"PYTHONPATH": str(ROOT), "THINK": f"{low:g} {high:g}"}
    with gunicorn(folder, batching, load) as (site, server):
        warm = ["-u", "2", "-r", "2", "-t", f"{WARMING}s", "--stop-timeout", "60"]
        subprocess.run(
            [*command[:6], *warm, "--host", site],
            env=environ | {"THINK": "0 0"},
            capture_output=True,
            check=False,
        )
        before = processor(children(server.pid))
        asking = subprocess.Popen(
            [*command, "--host", site],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # Locust's own tables
            text=True,
        )
        worker = together = 0.0
        while asking.poll() is None:
            held = [memory(pid) for pid in (server.pid, *children(server.pid))]
            worker = max([worker, *(rss for rss, _ in held[1:])])
            together = max(together, sum(share for _, share in held))
            time.sleep(1)
        said = asking.stdout.read() if asking.stdout else ""
        took = processor(children(server.pid)) - before
    return outcome(Path(f"{prefix}_stats.csv"), worker, together, took, said)


def outcome(stats: Path, worker: float, together: float, took: float, said: str) -> Outcome:
    """What Locust has written."""
    if not stats.exists():
        raise SystemExit(f"Locust measured nothing:\n{said[-2000:]}")
    with stats.open() as stream:
        line = next(row for row in csv.DictReader(stream) if row["Name"] == "Aggregated")
    errors = int(line["Failure Count"])
    if errors:
        print(*re.findall(r"^error: .*", said, re.MULTILINE), sep="\n")
    return Outcome(
        int(line["Request Count"]),
        errors,
        float(line["Requests/s"]),
        float(line["50%"]),
        float(line["95%"]),
        float(line["Max Response Time"]),
        worker,
        together,
        1000 * took / max(1, int(line["Request Count"])),
    )


def show(load: Load, folder: Path) -> int:
    """Print a line with batching and one without, and answer how many requests failed."""
    who = "thinking {:g} to {:g} s".format(*load.think) if load.think[1] else "who never pause"
    print(f"{load.users} users {who}, {load.seconds} s")
    failed = 0
    for batching in (True, False):
        found = run(load, batching, folder)
        failed += found.errors
        label = "  with batching" if batching else "  without batching"
        print(
            f"{label:18}{found.requests:9}{found.errors:7}{found.rate:10.2f}"
            f"{found.median:7.0f} ms{found.ninety_fifth:7.0f} ms{found.slowest:7.0f} ms"
            f"{found.processor:7.0f} ms{found.worker:6.0f} MiB{found.together:6.0f} MiB",
            flush=True,
        )
    return failed


def main() -> int:
    """0 where no request failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=5, help="of people; 0 leaves them out")
    parser.add_argument("--think", type=float, nargs=2, default=(5.0, 10.0), metavar="SECONDS")
    parser.add_argument("--rush-minutes", type=float, default=1, help="0 leaves the rush out")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--answer-seconds", type=float, default=60, help="when it gives up")
    options = parser.parse_args()
    print(
        f"{options.workers} workers, {os.cpu_count()} processors, "
        f"load of the machine before {os.getloadavg()[0]:.1f}"
    )
    print(
        f"{'':18}{'requests':>9}{'errors':>7}{'a second':>10}{'median':>10}{'95 %':>10}"
        f"{'slowest':>10}{'processor':>10}{'a worker':>10}{'together':>10}"
    )
    failed = 0
    kinds = [(options.minutes, tuple(options.think)), (options.rush_minutes, (0.0, 0.0))]
    for minutes, think in kinds:
        seconds = round(minutes * 60)
        load = Load(options.users, seconds, think, options.workers, options.answer_seconds)
        with tempfile.TemporaryDirectory() as name:
            failed += show(load, Path(name)) if seconds else 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
