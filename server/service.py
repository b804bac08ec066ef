"""What the views of one application share."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from flask import current_app

from grammar.errors import ModelError
from server.batching import Batcher
from server.config import Config
from server.metrics import Metrics
from server.policy import Policy
from server.store import Store
from server.store.journal import Journal

KEY = "cellfusion"


@dataclass(frozen=True)
class Service:
    """Settings, counts, the store, and the queue in front of the model, where there is a model."""

    config: Config
    metrics: Metrics
    batcher: Batcher | None
    store: Store
    journal: Journal

    @cached_property
    def policy(self) -> Policy:
        """What the organisation allows."""
        return Policy.of(self.config)

    @property
    def model(self) -> Batcher:
        """The queue in front of the model.

        Raises:
            ModelError: no model is loaded.
        """
        if self.batcher is None:
            raise ModelError("the service has no model; its log says why")
        return self.batcher


def service() -> Service:
    """The service of the application that answers."""
    return cast(Service, current_app.extensions[KEY])


def day(asked: dt.date | None) -> dt.date:
    """The day that ``TODAY()`` means: the one asked for, or that of the server."""
    return asked or dt.datetime.now().astimezone().date()
