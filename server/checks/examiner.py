"""A process that examines files for another one: a job, then paths on its input, answers out.

Run as ``python -m server.checks.examiner``. One line of JSON each; the first answer says that it
is ready. It ends with its input, so that it never outlives whoever started it.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import IO

from server.checks.examine import Job, examine

READY = "ready"
_GRACE = 5.0
"""Seconds of processor time beyond the limit, after which the system ends the process."""


def main() -> None:
    """Answer until the input ends."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as output:
        os.dup2(2, 1)  # what a library prints is no answer
        job = Job.from_json(json.loads(sys.stdin.readline()))
        limit_memory(job.memory)
        _answer(output, READY)
        for line in sys.stdin:
            limit_time(job.timeout)
            count, rows = examine(job, Path(json.loads(line)))
            _answer(output, {"rules": count, "rows": rows})


def _answer(output: IO[str], answer: object) -> None:
    output.write(json.dumps(answer) + "\n")
    output.flush()


def limit_memory(mebibytes: int) -> None:
    """Let allocations beyond so much fail, where the system can; 0 for no limit."""
    if mebibytes and sys.platform != "win32":
        import resource

        bound = mebibytes << 20
        resource.setrlimit(resource.RLIMIT_AS, (bound, resource.getrlimit(resource.RLIMIT_AS)[1]))


def limit_time(seconds: float) -> None:
    """Let the system end this process after so much more processor time: nobody else may be left
    to do so."""
    if sys.platform != "win32":
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        bound = int(used.ru_utime + used.ru_stime + seconds + _GRACE) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (bound, resource.getrlimit(resource.RLIMIT_CPU)[1]))


if __name__ == "__main__":
    main()
