"""Requests answered together, each as if it came alone."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from grammar.errors import RequestError
from grammar.table import Table, TableColumn
from model.pipeline import Suggestion
from server.batching import Batcher, Pace, wait_for
from server.errors import BusyError, LateError

DAY = dt.date(2026, 8, 1)
ONE = Table((TableColumn.of("Amount", [1, 2]),))
PATIENT = Pace(size=8, wait=5.0, queue=64)
"""Waits until a batch is full, so that tests do not depend on the clock."""


class Echo:
    """A model that answers with the request as the question, and keeps its batches."""

    def __init__(self):
        self.batches = []
        self.go = threading.Event()
        self.started = threading.Event()
        self.go.set()

    def suggest_many(self, requests, *, today, top, seed, watch=None):
        self.started.set()
        assert self.go.wait(20)
        texts = [text for text, _ in requests]
        if watch:
            for place, text in enumerate(texts):
                watch(place, 1, text.upper())
        self.batches.append((texts, today, top, seed))
        if "spoiled" in texts:
            raise RequestError("one of them is spoiled")
        return [Suggestion((), True, f"{text}/{top}/{seed}/{today}", 1.0) for text in texts]


@pytest.fixture
def model():
    """A model that echoes."""
    return Echo()


@pytest.fixture
def batcher(model):
    """A queue in front of it that fills its batches."""
    found = Batcher(model, PATIENT)
    yield found
    model.go.set()
    found.close()


def submit(batcher, text, **more):
    """A waiting answer for a request over one column."""
    return batcher.submit(text, ONE, **{"today": DAY, "top": 5, "seed": 0, **more})


def test_requests_that_come_together_share_a_batch(model, batcher):
    """Eight requests are one call of the model, and each gets its own answer."""
    waiting = [submit(batcher, f"request {n}") for n in range(8)]
    found = [wait_for(each, 20).question for each in waiting]
    assert found == [f"request {n}/5/0/{DAY}" for n in range(8)]
    assert [len(texts) for texts, *_ in model.batches] == [8]


def test_only_like_requests_share_a_batch(model, batcher):
    """Another seed, day or number of candidates is another call."""
    other = DAY + dt.timedelta(1)
    kinds = [{}, {"seed": 1}, {"top": 1}, {"today": other}] * 2
    waiting = [submit(batcher, f"r{n}", **kind) for n, kind in enumerate(kinds)]
    for number, (answer, kind) in enumerate(zip(waiting, kinds, strict=True)):
        asked = {"top": 5, "seed": 0, "today": DAY, **kind}
        wanted = f"r{number}/{asked['top']}/{asked['seed']}/{asked['today']}"
        assert wait_for(answer, 20).question == wanted
    assert sorted(len(texts) for texts, *_ in model.batches) == [2, 2, 2, 2]


def test_one_that_fails_spoils_no_other(batcher):
    """The error reaches whoever asked for it; the others are answered."""
    waiting = [submit(batcher, "spoiled" if n == 3 else f"r{n}") for n in range(8)]
    with pytest.raises(RequestError, match="spoiled"):
        wait_for(waiting[3], 20)
    others = [wait_for(each, 20).question for n, each in enumerate(waiting) if n != 3]
    assert all(each.startswith("r") for each in others)


def test_a_bad_request_never_reaches_the_model(model, batcher):
    """An empty request is refused before it waits."""
    with pytest.raises(RequestError):
        submit(batcher, "   ")
    assert model.batches == []


def test_a_full_queue_turns_away(model):
    """What exceeds the queue is refused at once; what waits is answered later."""
    model.go.clear()
    batcher = Batcher(model, Pace(size=1, wait=0.0, queue=2))
    first = submit(batcher, "first")
    assert model.started.wait(20)
    waiting = [submit(batcher, "second"), submit(batcher, "third")]
    with pytest.raises(BusyError, match="3 requests"):
        submit(batcher, "fourth")
    model.go.set()
    assert [wait_for(each, 20).question[:5] for each in (first, *waiting)] == [
        "first",
        "secon",
        "third",
    ]
    batcher.close()


def test_who_is_turned_away_is_told_for_how_long(model):
    """There will be room once a batch is answered, which takes as long as those before."""
    batcher = Batcher(model, Pace(size=2, wait=0.0, queue=1))
    wait_for(submit(batcher, "the first shows how long one takes"), 20)
    batcher._seconds = 2.4
    model.started.clear()
    model.go.clear()
    first = submit(batcher, "first")
    assert model.started.wait(20)
    second = submit(batcher, "second")
    with pytest.raises(BusyError, match="2 requests come first; try again in 5 seconds") as busy:
        submit(batcher, "third")
    assert busy.value.seconds == 5
    model.go.set()
    wait_for(first, 20)
    wait_for(second, 20)
    batcher.close()


def test_how_many_are_ahead(model):
    """It is those that were taken before and are not answered yet."""
    model.go.clear()
    batcher = Batcher(model, Pace(size=1, wait=0.0))
    waiting = [submit(batcher, f"r{n}") for n in range(3)]
    assert [batcher.ahead(each) for each in waiting] == [0, 1, 2]
    model.go.set()
    batcher.close()
    assert [batcher.ahead(each) for each in waiting] == [0, 0, 0]


def test_what_has_begun_is_waited_for(model):
    """Where the time is up while the model is at it, the answer is not thrown away."""
    model.go.clear()
    batcher = Batcher(model, Pace(size=1, wait=0.0))
    answer = submit(batcher, "begun")
    assert model.started.wait(20)
    threading.Timer(0.01, model.go.set).start()
    assert wait_for(answer, 0).question.startswith("begun")
    batcher.close()


def test_who_gives_up_is_not_answered(model):
    """A request that waited too long is an error, and the model is spared it."""
    model.go.clear()
    batcher = Batcher(model, Pace(size=1, wait=0.0))
    first = submit(batcher, "first")
    assert model.started.wait(20)
    late = submit(batcher, "late")
    with pytest.raises(LateError, match=r"0\.001 seconds"):
        wait_for(late, 0.001)
    model.go.set()
    wait_for(first, 20)
    batcher.close()
    assert [texts for texts, *_ in model.batches] == [["first"]]


def test_many_threads_get_their_own_answers(model):
    """Fifty askers at once each get the answer to their own request."""
    batcher = Batcher(model, Pace(size=8, wait=0.001, queue=64))
    with ThreadPoolExecutor(50) as pool:
        found = list(pool.map(lambda n: wait_for(submit(batcher, f"r{n}"), 20).question, range(50)))
    assert found == [f"r{n}/5/0/{DAY}" for n in range(50)]
    assert sum(len(texts) for texts, *_ in model.batches) == 50
    batcher.close()


def test_sizes_are_observed(model):
    """Every batch tells its size, for the metrics."""
    sizes = []
    batcher = Batcher(model, Pace(size=4, wait=5.0), sizes.append)
    for each in [submit(batcher, f"r{n}") for n in range(4)]:
        wait_for(each, 20)
    batcher.close()
    assert sizes == [4]


def test_those_who_wait_are_counted(model):
    """Each counts from when it is taken to when it is answered."""
    waiting = []
    batcher = Batcher(model, Pace(size=4, wait=5.0), wait=waiting.append)
    for each in [submit(batcher, f"r{n}") for n in range(4)]:
        wait_for(each, 20)
    batcher.close()
    assert sorted(waiting) == [-1] * 4 + [1] * 4


def test_who_looks_on_sees_only_their_own_steps(batcher):
    """Two of a batch look on; each is told of its own rule."""
    seen = {name: [] for name in ("r1", "r2")}
    shown = {name: lambda step, text, name=name: seen[name].append((step, text)) for name in seen}
    waiting = [submit(batcher, f"r{n}", shown=shown.get(f"r{n}")) for n in range(8)]
    assert all(wait_for(each, 20).question for each in waiting)
    assert seen == {"r1": [(1, "R1")], "r2": [(1, "R2")]}


def test_closing_answers_what_waits(model):
    """Nothing that was accepted is lost on closing, and a later request starts anew."""
    batcher = Batcher(model, Pace(size=8, wait=5.0))
    waiting = [submit(batcher, f"r{n}") for n in range(3)]
    batcher.close()
    assert all(each.done() for each in waiting)
    again = submit(batcher, "again")
    batcher.close()
    assert again.result().question.startswith("again")
