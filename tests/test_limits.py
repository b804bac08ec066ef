"""How often one may ask, in memory and in Redis."""

from __future__ import annotations

import datetime as dt

import pytest
from service import make_app

from server.config import Config
from server.errors import ConfigError
from server.identity.keys import new_key
from server.identity.who import SCOPES, Role
from server.rates import Rate

BODY = {"text": "GreaterThan(c[2], 100)"}
STRANGER = {"Authorization": "Bearer cf_none"}


class Keys:
    """Keys of a test."""

    def __init__(self, *names):
        made = {name: new_key(Role.USER, frozenset(SCOPES), name) for name in names}
        self.kept = {key.id: key for _, key in made.values()}
        self.headers = {
            name: {"Authorization": f"Bearer {text}"} for name, (text, _) in made.items()
        }

    def find(self, key_id):
        return self.kept.get(key_id)


def app_of(keys, tmp_path, **more):
    """A service that others reach, with keys, and no model."""
    from server.app import create_app

    settings = {
        "host": "192.0.2.1",
        "api_keys": True,
        "weights": tmp_path / "none",
        "database_url": f"sqlite:///{tmp_path / 'store.db'}",
        "request_rate": "3/hour",
        "suggest_rate": "1/hour",
        "address_rate": "4/hour",
    }
    return create_app(Config(**(settings | more)), keys=keys)


def statuses(app, count, headers=None, path="/api/v1/validate"):
    """The statuses of so many requests."""
    client = app.test_client()
    return [client.post(path, json=BODY, headers=headers).status_code for _ in range(count)]


def test_each_key_has_a_rate_of_its_own(tmp_path):
    """What one has used up is none of the other's, and the refusal says when to come again."""
    keys = Keys("one", "other")
    app = app_of(keys, tmp_path)
    assert statuses(app, 5, keys.headers["one"]) == [200, 200, 200, 429, 429]
    assert statuses(app, 1, keys.headers["other"]) == [200]
    answer = app.test_client().post("/api/v1/validate", json=BODY, headers=keys.headers["one"])
    assert answer.mimetype == "application/problem+json"
    assert (answer.json["code"], answer.json["request_id"]) == (
        "rate",
        answer.headers["X-Request-Id"],
    )
    assert 3500 < int(answer.headers["Retry-After"]) <= 3600
    assert "Content-Security-Policy" in answer.headers


def test_suggestions_have_a_rate_below_that_of_all(tmp_path):
    """One suggestion an hour, then the rest of the rate for other things."""
    keys = Keys("one")
    app = app_of(keys, tmp_path)
    found = statuses(app, 2, keys.headers["one"], "/api/v1/suggest")
    assert found == [422, 429]
    assert statuses(app, 2, keys.headers["one"]) == [200, 429]


def test_strangers_use_up_nobody_elses_share(tmp_path):
    """After many wrong keys from an address they are turned away unread, but not who has a key."""
    keys = Keys("one")
    app = app_of(keys, tmp_path)
    assert statuses(app, 6, STRANGER) == [401, 401, 401, 401, 429, 429]
    assert statuses(app, 1, keys.headers["one"]) == [200]
    assert app.test_client().get("/openapi.json").status_code == 429


def test_probes_and_the_page_are_not_counted(tmp_path):
    """A proxy may ask for health, and an office behind one address may open the page."""
    app = app_of(Keys(), tmp_path)
    client = app.test_client()
    for path in ("/healthz", "/taskpane/", "/taskpane/main.js") * 6:
        with client.get(path) as answer:
            assert answer.status_code == 200


def test_addresses_of_one_network_count_together_in_ipv6(tmp_path):
    """Who has a /64 has more addresses than anybody could count."""
    client = app_of(Keys(), tmp_path).test_client()
    found = [
        client.get("/openapi.json", environ_base={"REMOTE_ADDR": f"2001:db8::{n}"}).status_code
        for n in range(1, 7)
    ]
    assert found == [200, 200, 200, 200, 429, 429]
    other = client.get("/openapi.json", environ_base={"REMOTE_ADDR": "2001:db8:1::1"})
    assert other.status_code == 200


def test_on_this_machine_alone_nothing_is_counted():
    """The local mode has one user, who may ask as often as they like."""
    client = make_app(without_model=True, request_rate="1/hour").test_client()
    assert {client.post("/api/v1/validate", json=BODY).status_code for _ in range(3)} == {200}


def test_two_applications_count_together_in_redis(tmp_path, redis_server):
    """What one has let in counts at the other."""
    keys = Keys("one")
    apps = [app_of(keys, tmp_path, redis_url=redis_server.url) for _ in range(2)]
    assert statuses(apps[0], 2, keys.headers["one"]) == [200, 200]
    assert statuses(apps[1], 2, keys.headers["one"]) == [200, 429]
    assert statuses(apps[0], 1, keys.headers["one"]) == [429]
    for app in apps:
        app.extensions["cellfusion-counts"].close()


def test_without_redis_each_worker_counts_alone(tmp_path, monkeypatch, redis_server):
    """A Redis that is away lets the service go on with rates of its own, counted as a warning."""
    import server.limits

    monkeypatch.setattr(server.limits, "PAUSE", 0.0)
    keys = Keys("one")
    app = app_of(keys, tmp_path, redis_url=redis_server.url)
    assert statuses(app, 3, keys.headers["one"]) == [200, 200, 200]
    redis_server.stop()
    try:
        assert statuses(app, 4, keys.headers["one"]) == [200, 200, 200, 429]
        counts = app.extensions["cellfusion"].metrics.render().decode()
        assert "cellfusion_limits_alone_total 4.0" in counts
    finally:
        redis_server.start()
    assert statuses(app, 4, keys.headers["one"]) == [200, 200, 200, 429]
    app.extensions["cellfusion-counts"].close()


def test_several_workers_need_redis():
    """Each would allow the whole rate, so the settings say what to set; alone they need none."""
    with pytest.raises(ConfigError, match="set redis_url"):
        Config(host="192.0.2.1", workers=2, api_keys=True)
    assert Config(workers=2).workers == 2
    assert Config(workers=2, api_keys=True, redis_url="redis://127.0.0.1/0").workers == 2
    with pytest.raises(ConfigError, match="redis_url is none of") as caught:
        Config(redis_url="http://:secret@127.0.0.1")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "seconds"), [("60/minute", 60), ("10 per 5 minutes", 300), ("1/DAY", 86400)]
)
def test_rates_are_read(text, seconds):
    """So many in so long."""
    assert dt.timedelta(seconds=Rate.parse(text).seconds) == dt.timedelta(seconds=seconds)
