"""How often one may ask: counted in Redis for all workers, or in memory for a single one.

Who is let in is counted by identity, everybody else by address; so a stranger who tries keys uses
up nobody's share but that of strangers at the same address. While Redis is away each worker counts
for itself, which allows up to as many times the rate as there are workers: rates keep the service
fair, they do not keep it closed, and a service that stops with its counters would be worse.
"""

from __future__ import annotations

import ipaddress
import logging
import math
import time
from functools import cached_property

from flask import Flask, Response, g, request
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.backoff import NoBackoff
from redis.retry import Retry

from server.config import Config
from server.identity.who import Identity
from server.metrics import Metrics
from server.problems import problem
from server.rates import Rate

log = logging.getLogger("cellfusion.limits")
PAUSE = 5.0
"""Seconds for which a Redis that failed is not asked again."""
PATIENCE = 0.5
"""Seconds that Redis may take."""
SUGGEST = "suggestions.suggest"
_UNCOUNTED = ("health.", "pages.taskpane", "pages.built", "pages.msal")
"""Probes, and the files of the page: one visit loads twenty, and an office may share an address."""


class Counts:
    """Counts requests by key, in Redis where there is one and as long as it answers."""

    def __init__(self, redis_url: str, metrics: Metrics) -> None:
        self._shared = MovingWindowRateLimiter(_redis(redis_url)) if redis_url else None
        self._metrics = metrics
        self._again = 0.0

    @cached_property
    def _own(self) -> MovingWindowRateLimiter:
        """Of this process alone; made when it is needed, so after the fork."""
        return MovingWindowRateLimiter(MemoryStorage())

    def wait(self, rate: RateLimitItem, *key: str) -> int:
        """Count a request: 0 where it is within the rate, else seconds until one will be."""
        if self._shared is not None and time.monotonic() >= self._again:
            try:
                return _wait(self._shared, rate, *key)
            except StorageError as error:
                self._again = time.monotonic() + PAUSE
                self._metrics.uncounted.inc()
                log.warning("redis does not answer; this worker counts alone", exc_info=error)
        return _wait(self._own, rate, *key)

    def close(self) -> None:
        """Give the connections to Redis back."""
        if self._shared is not None and isinstance(self._shared.storage, RedisStorage):
            self._shared.storage.storage.connection_pool.disconnect()


def _redis(url: str) -> RedisStorage:
    """A client that tries twice, as a connection may have gone stale, and waits for nothing."""
    return RedisStorage(
        url,
        wrap_exceptions=True,
        key_prefix="cellfusion",
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 1),  # type: ignore[arg-type] # passed on to redis as it is
    )


def _wait(limiter: MovingWindowRateLimiter, rate: RateLimitItem, *key: str) -> int:
    if limiter.hit(rate, *key):
        return 0
    left = limiter.get_window_stats(rate, *key).reset_time - time.time()
    return max(1, math.ceil(left))


def register_limits(app: Flask, config: Config, metrics: Metrics) -> None:
    """Limit an application where others than this machine's own user come in.

    To be called after the door, which says who asks.
    """
    if config.is_local:
        return
    counts = Counts(config.redis_url, metrics)
    app.extensions["cellfusion-counts"] = counts
    rates = {name: _item(getattr(config, f"{name}_rate")) for name in _RATES}

    def before() -> Response | None:
        """Count those who were let in."""
        if "identity" not in g or _is_uncounted():
            return None
        names = ("request", "suggest") if request.endpoint == SUGGEST else ("request",)
        waits = [counts.wait(rates[name], name, *_person(g.identity)) for name in names]
        return _refusal(max(waits)) if any(waits) else None

    def after(response: Response) -> Response:
        """Count those who were not; what they get once they are too many is small."""
        if "identity" in g or _is_uncounted():
            return response
        wait = counts.wait(rates["address"], "address", _network(request.remote_addr))
        return _refusal(wait) if wait else response

    app.before_request(before)
    app.after_request(after)


_RATES = ("request", "suggest", "address")


def _item(text: str) -> RateLimitItem:
    rate = Rate.parse(text)
    return RateLimitItemPerSecond(rate.count, rate.seconds)


def _is_uncounted() -> bool:
    return (request.endpoint or "").startswith(_UNCOUNTED)


def _person(who: Identity) -> tuple[str, str, str]:
    return who.method, who.tenant, who.subject


def _network(address: str | None) -> str:
    """What stands for an address: of IPv6 the network, within which one machine has them all."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "none"
    return str(found) if found.version == 4 else str(ipaddress.ip_network((int(found), 64), False))


def _refusal(seconds: int) -> Response:
    detail = f"that was more than the rate allows; try again in {seconds} seconds"
    return problem(429, "rate", detail, {"Retry-After": str(seconds)})
