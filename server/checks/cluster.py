"""Files examined by the workers of a Dask cluster, who see them under the same paths."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, TypeAlias

from grammar.errors import RequestError
from server.checks.examine import Examined, Job, Stamp
from server.checks.examiners import ATTEMPTS, Examiner

_AHEAD = 4
"""Tasks handed to the cluster for each of its threads, beyond those that are done."""
_TOGETHER = 16
"""Files of a task, so that handing it over costs little beside doing it."""
_SHARES = 8
"""Tasks that at least are left for every thread while files are put together: at the end nobody
waits for a long one."""
_CONNECT = "30s"
_OWN = threading.local()
_Client: TypeAlias = Any
_Future: TypeAlias = Any
"""Of distributed, an extra of which half is untyped."""


def examine_there(job: Job, paths: Sequence[str], address: str) -> Iterator[Examined]:
    """Every file once, as they are done by the cluster; a file whose worker is lost is done anew.

    Raises:
        RequestError: there is no cluster, or it is lost for good.
    """
    with _client(address) as client:
        yield from _gathered(client, job, paths)


def _client(address: str) -> _Client:
    try:
        import distributed
    except ImportError as error:
        raise RequestError("a cluster needs Dask: pip install 'cellfusion[scale]'") from error
    library: Any = distributed
    try:
        return library.Client(address, timeout=_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise RequestError(f"no Dask scheduler answers at {address}: {error}") from error


def _gathered(client: _Client, job: Job, paths: Sequence[str]) -> Iterator[Examined]:
    import distributed

    library: Any = distributed
    threads = max(1, sum(client.nthreads().values()))
    text, rest = json.dumps(job.to_json()), batches(paths, threads)
    attempts: dict[str, tuple[Sequence[str], int]] = {}

    def submit(some: Sequence[str], attempt: int = 1) -> object:
        future = client.submit(examine_some, text, list(some), pure=False)
        attempts[future.key] = some, attempt
        return future  # it is done no longer than somebody holds it

    first = [submit(some) for some in islice(rest, _AHEAD * threads)]
    running = library.as_completed(first, loop=client.loop)
    for future in running:
        some, attempt = attempts.pop(future.key)
        found = _results(future, some)
        if found is None and attempt < ATTEMPTS:
            for path in some:  # each alone, so that only the one that is to blame is given up
                running.add(submit([path], attempt + 1))
            continue
        yield from [_given_up(path, attempt) for path in some] if found is None else found
        following = next(rest, None)
        if following is not None:
            running.add(submit(following))


def batches(paths: Sequence[str], threads: int) -> Iterator[Sequence[str]]:
    """The files of every task: many while many are left, one by one at the end."""
    start = 0
    while start < len(paths):
        share = (len(paths) - start) // (_SHARES * threads)
        size = max(1, min(_TOGETHER, share))
        yield paths[start : start + size]
        start += size


def _results(future: _Future, some: Sequence[str]) -> list[Examined] | None:
    """What a worker found; ``None`` where workers died of it as often as the scheduler allows."""
    from distributed import KilledWorker

    try:
        return [Examined.from_json(each) for each in json.loads(future.result())]
    except KilledWorker:
        return None
    except Exception as error:
        # Dask hands on whatever a worker raises, and errors of its own of several kinds
        said = f"{type(error).__name__}: {error}"
        raise RequestError(f"the cluster failed at {some[0]}: {said}") from error


def _given_up(path: str, attempt: int) -> Examined:
    from pathlib import Path

    return Examined(path, Stamp.of(Path(path)), reason="its workers were killed", attempts=attempt)


def examine_some(job: str, paths: Sequence[str]) -> str:
    """The results of files as JSON, by the process that this thread of a worker keeps for them."""
    return json.dumps([_examiner(job).examine(path).to_json() for path in paths])


def _examiner(job: str) -> Examiner:
    own: Any = _OWN
    if getattr(own, "job", None) != job:
        if getattr(own, "job", None) is not None:
            own.examiner.close()
        own.examiner, own.job = Examiner(Job.from_json(json.loads(job))), job
    found: Examiner = own.examiner
    return found
