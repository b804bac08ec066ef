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

_AHEAD = 8
"""Files handed to the cluster for each of its threads, beyond those that are done."""
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
    text, rest = json.dumps(job.to_json()), iter(paths)
    ahead = _AHEAD * max(1, sum(client.nthreads().values()))
    attempts: dict[str, tuple[str, int]] = {}

    def submit(path: str, attempt: int = 1) -> object:
        future = client.submit(examine_one, text, path, pure=False)
        attempts[future.key] = path, attempt
        return future  # it is done no longer than somebody holds it

    running = library.as_completed([submit(path) for path in islice(rest, ahead)], loop=client.loop)
    for future in running:
        path, attempt = attempts.pop(future.key)
        found = _result(future, path, attempt)
        if found is None and attempt < ATTEMPTS:
            running.add(submit(path, attempt + 1))
            continue
        yield found or _given_up(path, attempt)
        following = next(rest, None)
        if following is not None:
            running.add(submit(following))


def _result(future: _Future, path: str, attempt: int) -> Examined | None:
    """What a worker found; ``None`` where workers died of it as often as the scheduler allows."""
    from distributed import KilledWorker

    try:
        return Examined.from_json(json.loads(future.result()))
    except KilledWorker:
        return None
    except Exception as error:
        # Dask hands on whatever a worker raises, and errors of its own of several kinds
        said = f"{type(error).__name__}: {error}"
        raise RequestError(f"the cluster failed at {path}: {said}") from error


def _given_up(path: str, attempt: int) -> Examined:
    from pathlib import Path

    return Examined(path, Stamp.of(Path(path)), reason="its workers were killed", attempts=attempt)


def examine_one(job: str, path: str) -> str:
    """The result of a file as JSON, by the process that this thread of a worker keeps for it."""
    return json.dumps(_examiner(job).examine(path).to_json())


def _examiner(job: str) -> Examiner:
    own: Any = _OWN
    if getattr(own, "job", None) != job:
        if getattr(own, "job", None) is not None:
            own.examiner.close()
        own.examiner, own.job = Examiner(Job.from_json(json.loads(job))), job
    found: Examiner = own.examiner
    return found
