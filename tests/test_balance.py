"""The board by which workers share out connections."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest
from gunicorn.workers.gthread import ThreadWorker

from server import balance
from server.balance import Board, FairWorker


@pytest.fixture
def board(monkeypatch):
    """A board of its own."""
    found = Board()
    monkeypatch.setattr(balance, "BOARD", found)
    return found


@pytest.fixture
def worker(monkeypatch):
    """A worker with three requests in hand and one connection that is only kept."""
    looked = []
    monkeypatch.setattr(
        ThreadWorker, "wait_for_and_dispatch_events", lambda self, timeout: looked.append(timeout)
    )
    found = object.__new__(FairWorker)
    listener = SimpleNamespace(setblocking=lambda on: None)
    vars(found).update(
        alive=True, place=1, nr_conns=4, keepalived_conns=[1], kept=900, max_keepalived=900,
        worker_connections=1000, _accepting=True, sockets=[listener], looked=looked,
        poller=SimpleNamespace(register=lambda *_: None, unregister=lambda *_: None),
        accept=None,
    )  # fmt: skip
    return found


def test_who_has_more_looks_away(board, worker) -> None:
    """While another worker has fewer, it takes no connection and keeps none."""
    board.tell(2, 2)
    worker.wait_for_and_dispatch_events(1.0)
    assert (worker._accepting, worker.max_keepalived, worker.looked) == (False, 0, [balance.GLANCE])
    board.tell(2, 3)
    worker.wait_for_and_dispatch_events(1.0)
    assert (worker._accepting, worker.max_keepalived, worker.looked[1:]) == (True, 900, [1.0])


def test_who_is_silent_or_leaves_is_not_waited_for(board, worker) -> None:
    """Nothing is left to a worker that has ended or hangs."""
    board.tell(2, 0)
    board.leave(2)
    worker.wait_for_and_dispatch_events(1.0)
    assert worker._accepting
    board.tell(2, 0)
    board._times[2] -= 2 * balance.FRESH
    worker.wait_for_and_dispatch_events(1.0)
    assert worker._accepting


def test_a_worker_that_ends_says_so(board, worker) -> None:
    """Others then do not leave it connections that it would not take."""
    worker.wait_for_and_dispatch_events(1.0)
    assert board.fewest() == 3
    worker.alive = False
    worker.wait_for_and_dispatch_events(1.0)
    assert board.fewest() == 0


def test_what_a_forked_worker_says_is_seen(board) -> None:
    """The board is in memory that processes share."""
    pid = os.fork()
    if pid == 0:
        board.tell(5, 7)
        os._exit(0)
    os.waitpid(pid, 0)
    assert board.fewest() == 7
