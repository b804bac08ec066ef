"""The Flask application."""

from __future__ import annotations

import logging
import os

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from grammar.errors import ModelError
from model.pipeline import Suggester
from server.api import BLUEPRINTS
from server.batching import Batcher, Model, Pace
from server.config import Config
from server.errors import StoreError
from server.headers import register_headers
from server.identity.door import check_closed, check_decisions, register_door
from server.identity.keys import KeyFinder
from server.limits import register_limits
from server.logs import setup_logs
from server.metrics import Metrics
from server.problems import register_errors
from server.requests_seen import register_requests
from server.service import KEY, Service
from server.store import Store
from server.store.journal import Journal
from server.store.keys import StoredKeys
from server.store.schema import is_ready, upgrade

log = logging.getLogger("cellfusion.app")


def create_app(
    config: Config, suggester: Model | None = None, keys: KeyFinder | None = None
) -> Flask:
    """The application with its settings, and the model of its settings where none is given.

    Without weights everything but suggestions is served, and ``/readyz`` says what is missing.
    ``keys`` finds the API keys, by default in the store.

    Raises:
        ConfigError: everybody would be let in.
    """
    check_closed(config)
    setup_logs(config.log_level)
    app = Flask("server", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = max(config.upload_bytes, config.json_bytes)
    app.config["TRUSTED_HOSTS"] = config.hosts
    app.json.sort_keys = False  # type: ignore[attr-defined] # of the default provider
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    own = app.extensions[KEY] = _service(config, suggester)
    register_errors(app)
    register_requests(app)
    register_door(app, config, keys or StoredKeys(own.store))
    register_headers(app, config)
    register_limits(app, config, own.metrics)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    check_decisions(app)
    if config.trusted_proxies:
        count = config.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign] # as Flask documents it
            app.wsgi_app, x_for=count, x_proto=count, x_host=count
        )
    return app


def from_environment(former: Flask | None = None) -> Flask:
    """The application that gunicorn serves, with the model of a former one where it has one.

    Raises:
        ConfigError: the settings cannot be used.
    """
    known = former.extensions[KEY].batcher if former else None
    return create_app(Config.load(os.environ), known.model if known else None)


def _service(config: Config, suggester: Model | None) -> Service:
    metrics, store = Metrics(), _store(config)
    journal = Journal(store, config.retention_days, config.audit_days)
    try:
        model = suggester or _load(config)
    except ModelError as error:
        log.warning("no model is loaded: %s", error, extra={"error": error.code})
        return Service(config, metrics, None, store, journal)
    size = config.batch_size if config.batching else 1
    pace = Pace(size, config.batch_wait_ms / 1000, config.queue_size)
    batcher = Batcher(model, pace, metrics.batches.observe, metrics.waiting.inc)
    return Service(config, metrics, batcher, store, journal)


def _store(config: Config) -> Store:
    """The store of the settings; a file is this service's own, so its tables are made here."""
    store = Store(config.database_url)
    try:
        if store.is_sqlite and not is_ready(store):
            upgrade(store)
    except StoreError as error:
        log.warning("the store cannot be used: %s", error, extra={"error": error.code})
    finally:
        store.engine.dispose()  # workers are forked from here, each with connections of its own
    return store


def _load(config: Config) -> Suggester:
    """The model of the settings, on one thread: workers share the cores, and pools do not fork."""
    import torch

    torch.set_num_threads(1)
    return Suggester.load(config.weights) if config.weights else Suggester.load()
