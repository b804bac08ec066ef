"""Thousands of workbooks linted by one core, by two, and by a Dask cluster that loses a worker.

    python tests/bench/many_workbooks.py [--count 5000] [--seed 1] [--folder DIR]

The cluster is a scheduler and two workers started here; one is killed half-way. Prints times,
ratios and counts, and what other processes took meanwhile: where that is more than nothing, the
second ratio says what the first would have been by what was left of the machine. Exits 1 where a
file is missing or there twice, or where the findings differ.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))

from dask_cluster import dask_cluster
from generated_workbooks import write_workbooks

from server.checks.examine import Job
from server.checks.many import Where, run_many

JOB = Job("lint", dt.date(2026, 11, 23))


def busy():
    """Processor seconds since the start of the machine, of all processes, and those stolen."""
    try:
        line = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    except OSError:
        return 0.0
    user, nice, system, _idle, _wait, irq, soft, steal = map(int, line[:8])
    return (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")


def run(name, paths, folder, where, watch=lambda done, total: None):
    """The seconds, those that others left, the files and the findings of a run, printed."""
    started, spent, before = time.perf_counter(), os.times(), busy()
    totals = run_many(JOB, paths, folder / name, False, where, watch)
    seconds, now = time.perf_counter() - started, os.times()
    used = sum(now[:4]) - sum(spent[:4])
    others = max(0.0, busy() - before - used)
    files = pq.read_table(folder / name / "files.parquet").to_pylist()
    findings = pq.read_table(folder / name / "findings.parquet").to_pylist()
    lines = (folder / name / "journal.jsonl").read_bytes().count(b"\n") - 1
    print(
        f"{name:<16} {seconds:7.1f} s {len(files) / seconds:7.1f} files/s;"
        f" cpu {used:6.1f} s here, {others:6.1f} s elsewhere;"
        f" {len(files):6} files {lines:6} journal lines {len(findings):6} findings"
        f" {dict(totals.statuses)}",
        flush=True,
    )
    left = len(os.sched_getaffinity(0)) * seconds - others
    return seconds, left, files, findings


def on_cluster(paths, folder):
    """The run on a cluster of which one worker is killed half-way."""
    with dask_cluster(folder) as cluster:

        def watch(done, total):
            if len(cluster.workers) == 2 and done >= total // 2:
                cluster.kill_worker()
                print(f"killed a worker after {done} of {total} files", flush=True)

        return run("dask, one killed", paths, folder, Where(cluster=cluster.address), watch)


def main():
    """Print the table and what differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="keep workbooks and results here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = (options.folder or Path(name)).resolve()
        started = time.perf_counter()
        found = write_workbooks(folder / "books", options.count, options.seed)
        print(f"wrote {len(found)} workbooks in {time.perf_counter() - started:.0f} s", flush=True)
        paths = list(map(str, found))
        runs = [
            run("two cores", paths, folder, Where(2)),
            on_cluster(paths, folder),
            run("one core", paths, folder, Where(1)),
        ]
    sys.exit(1 if told(paths, runs) else 0)


def told(paths, runs):
    """How many things are wrong, each printed."""
    both, cluster, alone = (seconds for seconds, *_ in runs)
    print(f"two cores {alone / both:.2f} times as fast as one, Dask {alone / cluster:.2f} times")
    fair = min(alone, runs[2][1]) / (runs[0][1] / 2)
    print(f"by what others left of the machine, two cores {fair:.2f} times as fast as one")
    wrong = []
    for *_, files, findings in runs:
        counts = Counter(row["path"] for row in files)
        wrong += [f"missing: {path}" for path in paths if path not in counts]
        wrong += [f"twice: {path}" for path, number in counts.items() if number > 1]
        wrong += [f"given up: {row['path']}" for row in files if row["status"] == "given up"]
        if findings != runs[0][3]:
            wrong.append("the findings differ from those of two cores")
    print("\n".join(wrong[:20]) or "nothing lost, nothing counted twice, the same findings")
    return len(wrong)


if __name__ == "__main__":
    main()
