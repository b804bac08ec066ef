"""Workers of gunicorn that leave new connections to the one with the fewest requests in hand.

Left alone, the worker that happens to be quickest takes nearly every connection that arrives in a
moment, and those who ask wait for it while another one idles. Here each worker keeps the number of
its requests in memory that all share, and looks away from the socket while another one has fewer.
"""

from __future__ import annotations

import time
from multiprocessing.sharedctypes import RawArray

from gunicorn.workers.gthread import ThreadWorker

PLACES = 128
"""Workers that may live at a time."""
FRESH = 2.5
"""Seconds after which nothing is expected of a worker that says nothing; it wakes every second."""
GLANCE = 0.05
"""Seconds for which a worker looks away."""


class Board:
    """How many requests each worker has in hand, in memory that is shared by those forked later."""

    def __init__(self, places: int = PLACES) -> None:
        self._counts = RawArray("d", places)
        self._times = RawArray("d", places)

    def tell(self, place: int, count: int) -> None:
        """Say how many requests a worker has."""
        self._counts[place] = count
        self._times[place] = time.monotonic()

    def leave(self, place: int) -> None:
        """Say that a worker takes no more."""
        self._times[place] = 0.0

    def fewest(self) -> float:
        """The smallest number that a worker has, of those who say so."""
        since = time.monotonic() - FRESH
        pairs = zip(self._counts, self._times, strict=True)
        return min((count for count, told in pairs if told > since), default=0.0)


BOARD = Board()


class FairWorker(ThreadWorker):
    """A threaded worker that heeds the board, for connections that are new or would be kept."""

    def init_process(self) -> None:
        """Take a place, which is free again once as many workers as there are have come after."""
        self.place = self.age % PLACES
        self.kept = self.max_keepalived
        super().init_process()

    def wait_for_and_dispatch_events(self, timeout: float | None) -> None:
        """Look at the board before the next look at the sockets."""
        if not self.alive:
            BOARD.leave(self.place)
            super().wait_for_and_dispatch_events(timeout)
            return
        in_hand = self.nr_conns - len(self.keepalived_conns)
        BOARD.tell(self.place, in_hand)
        yields = in_hand > BOARD.fewest()
        # who has more than others also ends connections after an answer, so that they spread anew
        self.max_keepalived = 0 if yields else self.kept
        self.set_accept_enabled(not yields and self.nr_conns < self.worker_connections)
        super().wait_for_and_dispatch_events(GLANCE if yields else timeout)
