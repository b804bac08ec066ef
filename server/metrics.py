"""What is counted, for Prometheus; right under several workers."""

from __future__ import annotations

import logging
import os

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
"""Where workers keep their counts, set before this module is imported."""
CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 32)
log = logging.getLogger("cellfusion.metrics")


class Count:
    """A metric without which answers go out as well: its file may be on a full disk."""

    def __init__(self, metric: Counter | Gauge | Histogram | None) -> None:
        self._metric = metric

    def labels(self, *values: object) -> Count:
        """The metric for some values of its labels."""
        try:
            return Count(self._metric.labels(*values) if self._metric else None)
        except (OSError, ValueError) as error:
            _lost(error)
            return Count(None)

    def inc(self, amount: float = 1) -> None:
        """Add to a counter or gauge."""
        try:
            if isinstance(self._metric, Counter | Gauge):
                self._metric.inc(amount)
        except (OSError, ValueError) as error:  # a file that could not be opened counts as closed
            _lost(error)

    def observe(self, amount: float) -> None:
        """Add to a histogram."""
        try:
            if isinstance(self._metric, Histogram):
                self._metric.observe(amount)
        except (OSError, ValueError) as error:
            _lost(error)


def _lost(error: Exception) -> None:
    log.warning("something could not be counted", exc_info=error)


class Metrics:
    """The counts of one application."""

    def __init__(self) -> None:
        own = self.registry = CollectorRegistry()
        labels = ("route", "method", "status")
        self.requests = Count(Counter("cellfusion_requests", "Requests", labels, registry=own))
        self.seconds = Count(
            Histogram(
                "cellfusion_request_seconds",
                "Time to answer",
                ["route"],
                buckets=_SECONDS,
                registry=own,
            )
        )
        self.batches = Count(
            Histogram(
                "cellfusion_batch_size", "Requests denoised together", buckets=_SIZES, registry=own
            )
        )
        self.suggestions = Count(
            Counter("cellfusion_suggestions", "Suggestions by outcome", ["outcome"], registry=own)
        )
        self.uncounted = Count(
            Counter("cellfusion_limits_alone", "Times that Redis did not answer", registry=own)
        )
        self.waiting = Count(
            Gauge(
                "cellfusion_waiting",
                "Requests that wait for the model",
                registry=own,
                multiprocess_mode="livesum",
            )
        )

    def render(self) -> bytes:
        """All counts as text, summed over the workers."""
        if MULTIPROCESS not in os.environ:
            return generate_latest(self.registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # typed nowhere upstream
        return generate_latest(registry)
