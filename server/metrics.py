"""What is counted, for Prometheus; right under several workers."""

from __future__ import annotations

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


class Metrics:
    """The counts of one application."""

    def __init__(self) -> None:
        own = self.registry = CollectorRegistry()
        labels = ("route", "method", "status")
        self.requests = Counter("cellfusion_requests", "Requests", labels, registry=own)
        self.seconds = Histogram(
            "cellfusion_request_seconds",
            "Time to answer",
            ["route"],
            buckets=_SECONDS,
            registry=own,
        )
        self.batches = Histogram(
            "cellfusion_batch_size", "Requests denoised together", buckets=_SIZES, registry=own
        )
        self.suggestions = Counter(
            "cellfusion_suggestions", "Suggestions by outcome", ["outcome"], registry=own
        )
        self.uncounted = Counter(
            "cellfusion_limits_alone", "Times that Redis did not answer", registry=own
        )
        self.waiting = Gauge(
            "cellfusion_waiting",
            "Requests that wait for the model",
            registry=own,
            multiprocess_mode="livesum",
        )

    def render(self) -> bytes:
        """All counts as text, summed over the workers."""
        if MULTIPROCESS not in os.environ:
            return generate_latest(self.registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # typed nowhere upstream
        return generate_latest(registry)
