"""Decisions, library and administration over HTTP, on both databases."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from service import RULE, TABLE, make_app, request_of

from model.pipeline import MAX_UTTERANCE
from server.identity.who import Identity, Role
from server.service import KEY
from server.store.schema import upgrade

UUID = "00000000-0000-4000-8000-00000000000"
RULES = [{"condition": "LessThan( c[2] , 100 )", "style": {"fill": "#FFC7CE"}}]
STORED = {"condition": RULE, "target": "cells", "stop_if_true": False}
DECISION = {
    "id": UUID + "1",
    "outcome": "accepted",
    "rank": 1,
    "rules": RULES,
    "kinds": ["text", "date", "number"],
    "request": "amounts below 100 in red",
    "request_id": "a" * 32,
}


@pytest.fixture
def app(store_url):
    """The service on an empty database, which keeps requests."""
    found = make_app(database_url=store_url, keep_requests=True)
    upgrade(found.extensions[KEY].store)
    yield found
    found.extensions[KEY].journal.flush()
    found.extensions[KEY].store.engine.dispose()


@pytest.fixture
def client(app):
    """Somebody on this machine, who is an administrator."""
    return app.test_client()


def decide(client, **more):
    """Send a decision."""
    return client.post("/api/v1/decisions", json=DECISION | more)


def exported(client, subject="local"):
    """What is stored about somebody."""
    return client.get(f"/api/v1/admin/users/{subject}").get_json()


def actions(client):
    """What was audited, newest first."""
    lines = client.get("/api/v1/admin/audit").get_json()["lines"]
    return [(line["action"], line["object"]) for line in lines]


def test_a_decision_is_stored_canonically(client):
    """What was sent is there, its condition as the printer writes it."""
    assert decide(client).get_json() == {"id": DECISION["id"]}
    [kept] = exported(client)["decisions"]
    assert kept["condition"] == RULE
    assert kept["rules"] == [STORED | {"style": {"fill": "#FFC7CE"}}]
    assert (kept["accepted"], kept["rank"], kept["request"]) == (True, 1, DECISION["request"])


def test_a_decision_that_is_sent_twice_is_stored_once(client):
    """A sender that saw no answer may send again."""
    assert [decide(client).status_code for _ in range(3)] == [200, 200, 200]
    assert len(exported(client)["decisions"]) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "1"},
        {"outcome": "perhaps"},
        {"rank": 0},
        {"rules": []},
        {"rules": ["LessThan("]},
        {"reason": "cell B2 says 7"},
        {"kinds": ["Mr. Miller"]},
        {"request": "x" * (MAX_UTTERANCE + 1)},
        {"cells": [[1]]},
    ],
)
def test_decisions_of_another_form_are_refused(client, wrong):
    """Nothing of them is stored."""
    assert decide(client, **wrong).status_code == 422
    assert exported(client)["decisions"] == []


def test_requests_are_kept_only_where_the_settings_say_so(store_url):
    """Otherwise only how long they were, of suggestions as of decisions; cells never."""
    for keeps in (False, True):
        app = make_app(database_url=store_url, keep_requests=keeps)
        upgrade(app.extensions[KEY].store)
        client = app.test_client()
        decide(client, id=str(uuid4()))
        assert client.post("/api/v1/suggest", json=request_of()).status_code == 200
        assert app.extensions[KEY].journal.flush(20)
        found = exported(client)
        assert ("amounts below 100" in json.dumps(found)) is keeps
        assert found["suggestions"][-1]["length"] == len("amounts below 100 in red")
        assert "A-1" not in json.dumps(found)
        app.extensions[KEY].store.engine.dispose()


def test_the_library_holds_versions_of_names(client):
    """Written, read, listed, changed and removed; each change is audited."""
    path = "/api/v1/library/Late orders"
    first = client.put(path, json={"rules": RULES, "description": "Red.", "version": 0}).get_json()
    assert (first["name"], first["version"], first["description"]) == ("Late orders", 1, "Red.")
    assert first["rules"][0]["condition"] == RULE
    assert client.put(path, json={"rules": [RULE], "version": 1}).get_json()["version"] == 2
    stale = client.put(path, json={"rules": [RULE], "version": 1})
    assert (stale.status_code, stale.get_json()["code"]) == (409, "conflict")
    assert client.get(path).get_json()["version"] == 2
    assert [each["name"] for each in client.get("/api/v1/library").get_json()["rules"]] == [
        "Late orders"
    ]
    assert client.delete(path).get_json() == {"removed": "Late orders"}
    assert [client.get(path).status_code, client.delete(path).status_code] == [404, 404]
    assert actions(client) == [
        ("library.remove", "Late orders"),
        ("library.save", "Late orders"),
        ("library.save", "Late orders"),
    ]


@pytest.mark.parametrize("name", [" a", "a ", "x" * 81, "a%0Ab", "a%00b"])
def test_names_that_would_be_trouble_are_refused(client, name):
    """Blanks at the ends, control characters and long names."""
    answer = client.put(f"/api/v1/library/{name}", json={"rules": [RULE]})
    assert answer.status_code == 422


def test_users_read_the_library_and_testers_write_it(app, monkeypatch):
    """A user's attempt to write or to administrate is refused and leaves nothing."""
    for role, written, seen in (
        (Role.USER, 403, 403),
        (Role.TESTER, 200, 403),
        (Role.ADMIN, 200, 200),
    ):
        who = Identity("somebody", "", role, frozenset(("library", "admin")), "entra")
        monkeypatch.setattr("server.identity.door.LOCAL", who)
        client = app.test_client()
        assert client.put("/api/v1/library/a", json={"rules": [RULE]}).status_code == written
        assert client.get("/api/v1/library").status_code == 200
        for path in ("usage", "rejected", "audit", "keys", "users/x"):
            assert client.get(f"/api/v1/admin/{path}").status_code == seen
        assert client.delete("/api/v1/admin/users/x").status_code == seen


def test_rules_of_the_library_are_shown_on_a_table(client):
    """As the one candidate of a suggestion, ready for Excel."""
    found = client.post("/api/v1/describe", json={"rules": RULES, "table": TABLE}).get_json()
    [candidate] = found["candidates"]
    assert candidate["rules"][0]["matches"] == ["D4", "D7"]
    assert candidate["rules"][0]["explanation"] == "Amount is less than 100"
    outside = client.post("/api/v1/describe", json={"rules": ["Blanks(c[9])"], "table": TABLE})
    assert outside.status_code == 422


def test_usage_counts_each_day(app, client):
    """Requests, people, abstentions, time and decisions, also of days without any."""
    for body in (request_of(), request_of(), request_of(utterance="hello there")):
        client.post("/api/v1/suggest", json=body)
    decide(client)
    decide(client, id=UUID + "2", outcome="rejected", reason="dismissed")
    assert app.extensions[KEY].journal.flush(20)
    found = client.get("/api/v1/admin/usage?days=7").get_json()
    assert (len(found["days"]), found["keeps_requests"]) == (7, True)
    today = found["days"][-1]
    assert (today["requests"], today["people"]) == (3, 1)
    assert (today["accepted"], today["rejected"]) == (1, 1)
    assert 0 <= today["mean_milliseconds"] <= today["slowest_milliseconds"]
    assert found["days"][0]["requests"] == 0
    assert client.get("/api/v1/admin/usage?days=0").status_code == 422
    assert client.get("/api/v1/admin/usage?weeks=2").status_code == 422


def test_what_is_rejected_most_comes_first(client):
    """Requests are grouped by their text; those that nobody rejected are not listed."""
    sent = (
        ("a", "rejected"),
        ("b", "rejected"),
        ("b", "rejected"),
        ("b", "accepted"),
        ("c", "accepted"),
    )
    for number, (text, outcome) in enumerate(sent):
        decide(client, id=UUID + str(number), request=text, outcome=outcome)
    found = client.get("/api/v1/admin/rejected?most=5").get_json()["requests"]
    assert found == [
        {"request": "b", "rejected": 2, "accepted": 1},
        {"request": "a", "rejected": 1, "accepted": 0},
    ]


def test_a_person_is_exported_and_erased(client):
    """After an erasure nothing leads to the person; audit and library stay under a pseudonym."""
    decide(client)
    client.put("/api/v1/library/Kept", json={"rules": [RULE]})
    before = exported(client)
    assert [len(before[name]) for name in ("decisions", "library")] == [1, 1]
    gone = client.delete("/api/v1/admin/users/local").get_json()
    assert (gone["decisions"], gone["library"]) == (1, 1)
    [kept] = client.get("/api/v1/library").get_json()["rules"]
    assert kept["subject"].startswith("erased-")
    lines = client.get("/api/v1/admin/audit").get_json()["lines"]
    assert [line["action"] for line in lines] == ["person.erase", "person.export", "library.save"]
    assert {line["subject"] for line in lines} == {kept["subject"]}
    assert lines[0]["object"] == kept["subject"]


def test_the_audit_is_read_in_pages(client):
    """The next page begins before the last line of the one before."""
    for name in "abc":
        client.put(f"/api/v1/library/{name}", json={"rules": [RULE]})
    first = client.get("/api/v1/admin/audit?most=2").get_json()["lines"]
    rest = client.get(f"/api/v1/admin/audit?before={first[-1]['id']}").get_json()["lines"]
    assert [line["object"] for line in first + rest] == ["c", "b", "a"]


def test_keys_are_made_shown_once_used_and_revoked(store_url, monkeypatch):
    """A key opens what its role and scopes say, until it is revoked; its secret is nowhere kept."""
    local = make_app(database_url=store_url)
    upgrade(local.extensions[KEY].store)
    client = local.test_client()
    body = {"name": "nightly", "role": "user", "scopes": ["library"], "days": 30}
    made = client.post("/api/v1/admin/keys", json=body).get_json()
    listed = client.get("/api/v1/admin/keys")
    assert made["text"].split("_", 2)[2] not in listed.get_data(as_text=True)
    app = make_app(database_url=store_url, api_keys=True)
    scripts, headers = app.test_client(), {"Authorization": f"Bearer {made['text']}"}
    assert scripts.get("/api/v1/library", headers=headers).status_code == 200
    assert scripts.get("/api/v1/library").status_code == 401
    assert scripts.get("/api/v1/admin/keys", headers=headers).status_code == 403
    assert client.delete(f"/api/v1/admin/keys/{made['id']}").get_json()["revoked"]
    assert scripts.get("/api/v1/library", headers=headers).status_code == 401
    assert client.delete("/api/v1/admin/keys/none").status_code == 404
    assert actions(client) == [("key.revoke", made["id"]), ("key.create", made["id"])]
    for each in (local, app):
        each.extensions[KEY].store.engine.dispose()


@pytest.mark.parametrize("wrong", [{"scopes": ["everything"]}, {"scopes": []}, {"role": "root"}])
def test_keys_of_another_form_are_refused(client, wrong):
    """Unknown roles and scopes, and keys that open nothing."""
    body = {"name": "a", "role": "user", "scopes": ["library"]} | wrong
    assert client.post("/api/v1/admin/keys", json=body).status_code == 422
