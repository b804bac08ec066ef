"""The store below HTTP: journal, retention, keys, forks, and databases that go and come back."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from service import make_app, request_of
from sqlalchemy import func, select

from model.corpus.pairs import load_pairs
from server.benchmark import load_cases
from server.cli import main
from server.errors import StoreError
from server.identity.who import Identity, Role
from server.service import KEY
from server.store import Store, audit, keys, people
from server.store.decisions import Decided, accepted_pairs, record
from server.store.journal import Journal, Shape
from server.store.models import Asked, Audited, Decision, now
from server.store.pairs import training_pairs
from server.store.retention import purge
from server.store.schema import upgrade

WHO = Identity("someone", "tenant", Role.ADMIN, frozenset(), "local")
RULE = {"condition": "LessThan(c[1], 100)", "target": "cells", "stop_if_true": False}


@pytest.fixture
def store(store_url):
    """A store with its tables, empty."""
    found = Store(store_url)
    upgrade(found)
    yield found
    found.engine.dispose()


def shape(days: int = 0) -> Shape:
    """A suggestion of so many days ago."""
    return Shape(WHO, "id", 20, 3, False, 250, at=now() - dt.timedelta(days=days))


def count(store, table) -> int:
    """How many rows a table has."""
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def cli(url, *arguments, status=0):
    """What a command prints for a database."""
    found = CliRunner().invoke(main, arguments, env={"CELLFUSION_DATABASE_URL": url})
    assert found.exit_code == status, found.output
    return found.stdout


def test_the_journal_writes_what_it_was_given(store):
    """Behind the back of whoever adds, times in UTC."""
    journal = Journal(store, 30, 60)
    for _ in range(250):
        journal.add(shape())
    assert journal.flush(30)
    assert count(store, Asked) == 250
    with store.read() as session:
        at = session.scalars(select(Asked.at)).first()
    assert at.utcoffset() == dt.timedelta(0)
    assert abs(now() - at) < dt.timedelta(minutes=5)


def test_what_is_past_its_time_is_purged(store, monkeypatch):
    """In batches, suggestions and decisions after one age, the audit after another."""
    monkeypatch.setattr("server.store.retention.BATCH", 3)
    with store.begin() as session:
        session.add_all(Asked(**shape(days).row()) for days in [*[100] * 7, 1, 2])
        record(session, WHO, Decided("a", True, 1, (RULE,)))
        audit.note(session, WHO, "old", "")
        session.flush()
        session.scalars(select(Audited)).one().at = now() - dt.timedelta(days=50)
    assert purge(store, 30, 60) == {"suggestions": 7, "decisions": 0, "audit": 0}
    assert purge(store, 30, 40) == {"suggestions": 0, "decisions": 0, "audit": 1}
    assert [count(store, table) for table in (Asked, Decision, Audited)] == [2, 1, 0]


def test_the_journal_purges_by_itself(store):
    """A service that is only used keeps to its retention."""
    with store.begin() as session:
        session.add(Asked(**shape(100).row()))
    journal = Journal(store, 30, 60)
    journal.add(shape())
    assert journal.flush(30)
    assert count(store, Asked) == 1


def test_a_transaction_that_fails_stores_nothing(store):
    """Neither a part of it nor its line of the audit."""

    def fail():
        with store.begin() as session:
            record(session, WHO, Decided("a", True, 1, (RULE,)))
            audit.note(session, WHO, "done", "")
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert count(store, Decision) == count(store, Audited) == 0


def test_texts_with_marks_that_databases_refuse_are_stored(store):
    """NUL is left out; quotes, emoji and long texts are kept."""
    odd = "a\0b'\"; DROP TABLE audit; -- 🦆" + "x" * 3000
    rule = RULE | {"condition": 'TextEquals(c[1], "a\0b")'}
    with store.begin() as session:
        record(session, WHO, Decided("a", True, 1, (rule,), request=odd))
        audit.note(session, WHO, "odd", odd)
    with store.read() as session:
        kept = people.export(session, "someone")
    assert kept["decisions"][0]["request"] == odd.replace("\0", "")
    assert len(kept["audit"][0]["object"]) == 200


def test_a_fork_has_connections_and_a_journal_of_its_own(store):
    """A worker that is forked from a process that has used the store writes and reads beside it."""
    journal = Journal(store, 30, 60)
    journal.add(shape())
    assert journal.flush(30)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            journal.add(shape())
            status = 0 if journal.flush(30) and count(store, Asked) == 2 else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    journal.add(shape())
    assert journal.flush(30)
    assert count(store, Asked) == 3


def test_keys_seen_before_are_known_while_the_database_is_away(store, monkeypatch):
    """Others are an error of the store; nobody new is let in."""
    with store.begin() as session:
        _, seen = keys.create(session, WHO, "a", Role.USER, frozenset(("suggest",)), 5)
        _, unseen = keys.create(session, WHO, "b", Role.USER, frozenset(("suggest",)))
    finder = keys.StoredKeys(store)
    before = finder.find(seen.id)
    assert before.scopes == {"suggest"}
    assert before.is_open(now())
    assert finder.find("none") is None
    monkeypatch.setattr(finder, "_store", Store("postgresql://nobody@127.0.0.1:1/none"))
    assert finder.find(seen.id) == before
    for key_id in (unseen.id, "none"):
        with pytest.raises(StoreError):
            finder.find(key_id)


def test_a_database_that_stops_and_comes_back_loses_nothing(postgres):
    """Suggestions go on, what is not stored is not acknowledged, and the rest is there again."""
    app = make_app(database_url=postgres.database())
    own = app.extensions[KEY]
    client = app.test_client()
    assert client.get("/readyz").get_json()["code"] == "store_outdated"
    upgrade(own.store)
    path, body = "/api/v1/library/Kept", {"rules": ["Blanks(c[0])"]}
    assert client.put(path, json=body).status_code == 200
    postgres.stop("immediate")
    try:
        assert client.post("/api/v1/suggest", json=request_of()).status_code == 200
        refused = client.put(path, json=body)
        assert (refused.status_code, refused.get_json()["code"]) == (503, "store")
        assert refused.headers["Retry-After"]
        assert client.get("/readyz").get_json() == {"status": "ready", "store": "unreachable"}
    finally:
        postgres.start()
    assert client.get("/readyz").get_json() == {"status": "ready", "store": "ready"}
    assert client.get(path).get_json()["version"] == 1
    assert client.put(path, json=body).get_json()["version"] == 2
    assert own.journal.flush(30)
    assert count(own.store, Asked) == 1
    own.store.engine.dispose()


def test_accepted_pairs_are_training_data(store, tmp_path):
    """A file that training and evaluation read, with made-up cells; rejected ones are not in it."""
    with store.begin() as session:
        for number, accepted in enumerate((True, False, True)):
            kept = (RULE,) if number < 2 else (RULE, RULE)
            sent = Decided(str(number), accepted, 1, kept, None, ("text", "number"), "below 100")
            record(session, WHO, sent)
    with store.read() as session:
        cases = training_pairs(accepted_pairs(session))
    path = tmp_path / "pairs.json"
    path.write_text(json.dumps(cases))
    [pair] = load_pairs(path)
    [case] = load_cases(path, None)
    assert (pair.utterance, len(pair.table.columns)) == ("below 100", 2)
    assert case.code == pair.condition


def test_commands_look_after_the_store(store_url, tmp_path):
    """Tables, keys, persons, purge and pairs from the command line, on either database."""
    assert "None" in cli(store_url, "store", "status", status=1)
    assert cli(store_url, "store", "upgrade") == "the store is at 0001\n"
    assert json.loads(cli(store_url, "store", "status", "--json"))["ready"]
    text = cli(store_url, "keys", "create", "--name", "a", "--scope", "suggest", "--days", "9")
    [key] = json.loads(cli(store_url, "keys", "list", "--json"))
    assert text.startswith(f"cf_{key['id']}_")
    assert cli(store_url, "keys", "revoke", key["id"]) == f"revoked {key['id']}\n"
    listed = cli(store_url, "keys", "list")
    assert key["id"] in listed
    assert ", ".join(key["scopes"]) in listed
    cli(store_url, "keys", "revoke", "none", status=2)
    cli(store_url, "keys", "create", "--name", "a", "--scope", "all", status=2)
    found = json.loads(cli(store_url, "store", "export", "--user", "command"))
    assert [line["action"] for line in found["audit"]] == [
        "key.create",
        "key.revoke",
        "person.export",
    ]
    assert cli(store_url, "store", "purge") == "suggestions: 0, decisions: 0, audit: 0\n"
    out = tmp_path / "pairs.json"
    cli(store_url, "store", "training-pairs", "--out", str(out))
    assert json.loads(out.read_text()) == []
    assert "keys: 1" in cli(store_url, "store", "erase", "--user", "command")
    assert cli(store_url, "store", "downgrade", "base", "--yes") == "the store is at base\n"


def test_passwords_are_not_shown(tmp_path):
    """Neither by the command nor in the error of a database that is away."""
    found = CliRunner().invoke(
        main,
        ["store", "status"],
        env={"CELLFUSION_DATABASE_URL": "postgresql://u:sesame@127.0.0.1:1/none"},
    )
    assert found.exit_code == 2
    assert "sesame" not in found.output


def test_the_file_is_its_owners(tmp_path):
    """A new folder and file of SQLite are not for everybody to read."""
    path: Path = tmp_path / "new" / "store.db"
    store = Store(f"sqlite:///{path}")
    upgrade(store)
    store.engine.dispose()
    for each in (path, path.parent):
        assert each.stat().st_mode & 0o077 == 0
