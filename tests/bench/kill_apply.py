"""Kills applications of rules with SIGKILL and looks at what they leave.

    python tests/bench/kill_apply.py [--count 200] [--seed 1]

The first twelve kills hit chosen moments: in the middle of writing, before the flush, before and
after the file gets its name, for each of three ways to write. The others hit a random moment
within the time that an application takes; one that is done before does not count. The target has
to be the old file or the new one byte for byte, or not there where it was not; and the next
application has to clear away what was left. Exits 1 where that fails.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from rich_workbooks import ALL, RED, rich_book

from server.workbooks import apply_rules, output, repack

MODES = ("replace", "new file", "in place")


class Moments:
    """Where a process may be told to kill itself."""

    directory = (repack, "_write_directory", True)
    flush = (output, "_finish", True)
    before_name = (output, "_move", True)
    after_name = (output, "_move", False)
    all = (directory, flush, before_name, after_name)


def die_at(moment) -> None:
    """Let this process kill itself before or after a function runs."""
    module, name, before = moment
    work = getattr(module, name)

    def killed(*args):
        if not before:
            work(*args)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, name, killed)


def killed_run(source: Path, target: Path, overwrite: bool, delay: float, moment) -> bool:
    """Whether a process that applies rules was killed, after a delay or at a moment."""
    child = os.fork()
    if child == 0:
        try:
            if moment:
                die_at(moment)
            apply_rules(source, "Orders", ALL, target, overwrite)
        except BaseException:  # noqa: BLE001 - a child must not go on with its parent's work
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if not moment:
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if status and not os.WIFSIGNALED(status):
        raise SystemExit("an application failed by itself")
    return bool(status)


def timed(source: Path, folder: Path) -> float:
    """Seconds that an application takes here, the fork included."""
    started = time.perf_counter()
    killed_run(source, folder / "timed.xlsx", True, 0, Moments.after_name)
    return time.perf_counter() - started


def main() -> int:
    """0 where every target is whole and nothing is left."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng, counts = random.Random(options.seed), Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = rich_book(folder / "source.xlsx")
        apply_rules(source, "Orders", [RED], folder / "red.xlsx")
        apply_rules(source, "Orders", ALL, folder / "all.xlsx")
        longest = sorted(timed(source, folder) for _ in range(5))[2]
        while (killed := counts["killed"]) < options.count:
            moment = Moments.all[killed % 4] if killed < 12 else None
            outcome(folder, MODES[killed % 3], rng.random() * longest, moment, counts)
    print(f"an application takes {longest * 1000:.0f} ms")
    for label, count in sorted(counts.items()):
        print(f"{count:6} {label}")
    return 1 if counts["neither the old nor the new file"] or counts["not cleared"] else 0


def outcome(folder: Path, mode: str, delay: float, moment, counts: Counter) -> None:
    """Count what one killed application leaves."""
    beside = folder / "beside"
    beside.mkdir(exist_ok=True)
    source, target = folder / "source.xlsx", beside / "target.xlsx"
    old, new = folder / "red.xlsx", (folder / "all.xlsx").read_bytes()
    target.unlink(missing_ok=True)
    if mode == "in place":
        old = source
        source = target
    if mode != "new file":
        target.write_bytes(old.read_bytes())
    dead = killed_run(source, target, mode != "new file", delay, moment)
    counts["killed" if dead else "done before the kill"] += 1
    counts[judged(target, None if mode == "new file" else old.read_bytes(), new)] += 1
    counts["a temporary file left"] += any(path != target for path in beside.iterdir())
    apply_rules(folder / "source.xlsx", "Orders", ALL, target, overwrite=True)
    if list(beside.iterdir()) != [target] or target.read_bytes() != new:
        counts["not cleared"] += 1


def judged(target: Path, old: bytes | None, new: bytes) -> str:
    """Which file a target is."""
    found = target.read_bytes() if target.exists() else None
    if found == new:
        return "the new file"
    if found == old:
        return "the old file" if old is not None else "no file, as before"
    return "neither the old nor the new file"


if __name__ == "__main__":
    sys.exit(main())
