"""Two instances that share PostgreSQL and Redis behind nginx, as an organisation runs them."""

from __future__ import annotations

import http.client
import json
import signal
from uuid import uuid4

import pytest
from proxy import proxy
from running import DECISION, Running, new_key
from sqlalchemy import select

from server.store import Store
from server.store.models import Decision

NAME = "cells.example.org"
RULE = {"text": "GreaterThan(c[2],100)"}
RATE = 40


@pytest.fixture(scope="module")
def site(tmp_path_factory, postgres, redis_server):
    """Two instances, a key, and what asks the proxy in front of them."""
    url = postgres.database()
    key = new_key(url)
    settings = {
        "api_keys": True,
        "workers": 2,
        "threads": 4,
        "database_url": url,
        "redis_url": redis_server.url,
        "trusted_proxies": 1,
        "trusted_hosts": f"{NAME} localhost",
        "request_rate": f"{RATE}/hour",
    }
    one, other, front = (tmp_path_factory.mktemp(name) for name in ("one", "other", "front"))
    with Running(one, settings, key) as first, Running(other, settings, key) as second:
        places = [f"127.0.0.1:{each.port}" for each in (first, second)]
        with proxy(front, NAME, places) as (port, trust):
            yield first, second, asking(port, trust, key)


def asking(port, trust, key):
    """A function that asks the proxy and gives status and JSON."""

    def ask(path, body=None, method=None, key=key):
        connection = http.client.HTTPSConnection("127.0.0.1", port, context=trust, timeout=60)
        headers = {"Host": NAME, "Content-Type": "application/json"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        method = method or ("POST" if body else "GET")
        connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        is_json = "json" in answer.getheader("Content-Type", "")
        return answer.status, json.loads(text) if is_json else text

    return ask


def test_what_one_stores_the_other_has(site):
    """A rule saved at one instance is listed by the other, and by the proxy."""
    first, second, ask = site
    rules = {"rules": [{"condition": "GreaterThan(c[2], 100)"}]}
    assert first.ask("/api/v1/library/Large", rules, "PUT").status == 200
    assert [rule["name"] for rule in second.ask("/api/v1/library").json["rules"]] == ["Large"]
    assert [rule["name"] for rule in ask("/api/v1/library")[1]["rules"]] == ["Large"]


def test_both_answer_and_the_counts_stay_inside(site):
    """The proxy spreads requests, hands the page on, and shows no counts to the world."""
    first, second, ask = site
    assert {ask("/healthz", key="")[0] for _ in range(6)} == {200}
    assert all(
        any('"route": "/healthz"' in line for line in each.lines) for each in (first, second)
    )
    assert b"<title>" in ask("/taskpane/", key="")[1]
    assert ask("/metrics")[0] == 404
    assert ask("/api/v1/library", key="")[0] == 401


def test_one_may_go(site):
    """While one instance restarts the other answers, and nothing that was stored is lost."""
    first, second, ask = site
    second.process.send_signal(signal.SIGTERM)
    sent = [str(uuid4()) for _ in range(4)]
    assert [ask("/api/v1/decisions", {"id": each, **DECISION})[0] for each in sent] == [200] * 4
    second.process.wait(60)
    assert {ask("/healthz", key="")[0] for _ in range(4)} == {200}
    second.start()
    again = {"id": str(uuid4()), **DECISION}
    assert second.ask("/api/v1/decisions", again).status == 200
    store = Store(first.settings["database_url"])
    with store.read() as session:
        kept = set(session.scalars(select(Decision.id)))
    store.engine.dispose()
    assert kept >= {*sent, again["id"]}


def test_rates_are_those_of_all_together(site):
    """A key has one rate, whichever instance it meets."""
    first, second, ask = site
    found = [ask("/api/v1/validate", RULE)[0] for _ in range(RATE)]
    assert 429 in found
    refused = [each.ask("/api/v1/validate", RULE) for each in (first, second)]
    assert [each.status for each in refused] == [429, 429]
    assert all(int(each.headers["Retry-After"]) > 0 for each in refused)
