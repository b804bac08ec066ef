"""The door: every wrong token, key, role, tenant and path is refused, with its status and code."""

from __future__ import annotations

import base64
import json
import logging
import time

import jwt
import pytest
from identities import (
    ADMIN_KEY,
    BARE_KEY,
    CLIENT,
    ENDED_KEY,
    ISSUER,
    KEYS,
    KID,
    NARROW_KEY,
    OTHER,
    PERSON,
    REVOKED_KEY,
    TENANT,
    USER_KEY,
    NoModel,
    claims,
    jwk,
    key_set,
    make_app,
    private_key,
    settings,
    token,
)

from server.app import create_app
from server.config import Config
from server.errors import ConfigError, UnauthenticatedError
from server.identity.door import access_of, check_decisions
from server.identity.keys import KeyChecker, StoredKey, hash_of, new_key
from server.identity.who import PUBLIC, SCOPES, Access, Identity, Role
from server.logs import JsonFormatter
from server.problems import PROBLEM

NOW = int(time.time())
RULE = {"text": "GreaterThan(c[2], 100)"}


def encoded(value: object) -> str:
    """One part of a token."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(algorithm: object, **more: object) -> str:
    """A token with an empty signature."""
    return f"{encoded({'alg': algorithm, 'kid': KID, **more})}.{encoded(claims())}."


def confused() -> str:
    """A token signed by HMAC with the public key, which everybody knows, as its secret."""
    from hashlib import sha256
    from hmac import digest

    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = private_key().public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    text = f"{encoded({'alg': 'HS256', 'kid': KID})}.{encoded(claims())}"
    return f"{text}.{encoded(digest(pem, text.encode(), sha256))}"


def tampered() -> str:
    """A good token whose claims were changed afterwards."""
    head, _, signature = token().split(".")
    return f"{head}.{encoded(claims(oid='somebody-else'))}.{signature}"


THIRD = private_key("third")
V1 = {"ver": "1.0", "iss": f"https://sts.windows.net/{TENANT}/", "aud": f"api://{CLIENT}"}
APP = {"scp": None, "roles": ["CellFusion.Admin"], "idtyp": "app"}
DEEP = f"{encoded(b'[' * 11_000)}.{encoded({})}.x"
WRONG_TOKENS = {
    "nothing": ("", 401, "unauthenticated"),
    "no scheme": (token(), 401, "unauthenticated"),
    "basic": ("Basic dXNlcjpwYXNz", 401, "unauthenticated"),
    "empty": ("Bearer ", 401, "unauthenticated"),
    "no token": ("Bearer nonsense", 401, "token"),
    "two parts": ("Bearer a.b", 401, "token"),
    "too long": ("Bearer " + "a" * 20_000, 401, "token"),
    "not ascii": ("Bearer tök.en.x", 401, "token"),
    "header is no object": (f"Bearer {encoded([1])}.{encoded({})}.x", 401, "token"),
    "header is deep": (f"Bearer {DEEP}", 401, "token"),
    "five parts": ("Bearer a.b.c.d.e", 401, "token"),
    "alg none": (f"Bearer {unsigned('none')}", 401, "token_algorithm"),
    "alg None": (f"Bearer {unsigned('None')}", 401, "token_algorithm"),
    "alg missing": (f"Bearer {unsigned(None)}", 401, "token_algorithm"),
    "no signature": (f"Bearer {unsigned('RS256')}", 401, "token_signature"),
    "HMAC": (
        f"Bearer {token(key='s' * 32, algorithm='HS256')}",
        401,
        "token_algorithm",
    ),
    "HMAC with the public key": (f"Bearer {confused()}", 401, "token_algorithm"),
    "RS512": (f"Bearer {token(algorithm='RS512')}", 401, "token_algorithm"),
    "PS256": (f"Bearer {token(algorithm='PS256')}", 401, "token_algorithm"),
    "another's signature": (f"Bearer {token(key=THIRD)}", 401, "token_signature"),
    "tampered": (f"Bearer {tampered()}", 401, "token_signature"),
    "unknown kid": (f"Bearer {token({'kid': 'third'}, THIRD)}", 401, "token_key"),
    "path as kid": (f"Bearer {token({'kid': '../../etc/passwd'}, THIRD)}", 401, "token_key"),
    "jku": (f"Bearer {token({'jku': 'https://evil.example/k'})}", 401, "token_header"),
    "x5u": (f"Bearer {token({'x5u': 'https://evil.example/k'})}", 401, "token_header"),
    "x5c": (f"Bearer {token({'x5c': ['MII']})}", 401, "token_header"),
    "jwk": (f"Bearer {token({'jwk': jwk('third')}, THIRD)}", 401, "token_header"),
    "crit": (f"Bearer {token({'crit': ['exp']})}", 401, "token_header"),
    "expired": (f"Bearer {token(exp=NOW - 120)}", 401, "token_expired"),
    "not yet": (f"Bearer {token(nbf=NOW + 600)}", 401, "token_early"),
    "of tomorrow": (f"Bearer {token(iat=NOW + 600)}", 401, "token_early"),
    "endless": (f"Bearer {token(exp=None)}", 401, "token_claims"),
    "ends as text": (f"Bearer {token(exp='soon')}", 401, "token"),
    "ends in infinity": (f"Bearer {token(exp=float('inf'))}", 401, "token"),
    "no nbf": (f"Bearer {token(nbf=None)}", 401, "token_claims"),
    "no iat": (f"Bearer {token(iat=None)}", 401, "token_claims"),
    "no issuer": (f"Bearer {token(iss=None)}", 401, "token_claims"),
    "no audience": (f"Bearer {token(aud=None)}", 401, "token_claims"),
    "no tid": (f"Bearer {token(tid=None)}", 401, "token_claims"),
    "no oid": (f"Bearer {token(oid=None)}", 401, "token_claims"),
    "empty oid": (f"Bearer {token(oid='')}", 401, "token_claims"),
    "tid is a list": (f"Bearer {token(tid=[TENANT])}", 401, "token_claims"),
    "other audience": (f"Bearer {token(aud='api://graph')}", 401, "token_audience"),
    "several audiences": (f"Bearer {token(aud=[CLIENT, 'b'])}", 401, "token_audience"),
    "v1": (f"Bearer {token(**V1)}", 401, "token_version"),
    "no version": (f"Bearer {token(ver=None)}", 401, "token_version"),
    "issuer of v1": (f"Bearer {token(iss=V1['iss'])}", 401, "token_issuer"),
    "issuer of another tenant": (f"Bearer {token(tid=OTHER)}", 401, "token_issuer"),
    "issuer of another host": (
        f"Bearer {token(iss=ISSUER.replace('microsoftonline', 'evil'))}",
        401,
        "token_issuer",
    ),
    "issuer with a slash": (f"Bearer {token(iss=ISSUER + '/')}", 401, "token_issuer"),
    "key of another issuer": (
        f"Bearer {token({'kid': 'bound'}, private_key('bound'))}",
        401,
        "token_issuer",
    ),
    "other tenant": (
        f"Bearer {token(tid=OTHER, iss=ISSUER.replace(TENANT, OTHER))}",
        403,
        "tenant",
    ),
    "no scope": (f"Bearer {token(scp=None)}", 403, "scope"),
    "other scope": (f"Bearer {token(scp='User.Read openid')}", 403, "scope"),
    "longer scope": (f"Bearer {token(scp='access_as_user2')}", 403, "scope"),
    "scope is a list": (f"Bearer {token(scp=['access_as_user'])}", 403, "scope"),
    "application": (f"Bearer {token(**APP)}", 403, "scope"),
}
KEY_ID, SECRET = USER_KEY.split("_", 2)[1:]
WRONG_KEYS = {
    "unknown key": (f"Bearer {new_key()[0]}", 401, "key"),
    "secret of another": (f"Bearer cf_{KEY_ID}_{ADMIN_KEY.split('_', 2)[2]}", 401, "key"),
    "short secret": (f"Bearer {USER_KEY[:-1]}", 401, "key"),
    "long secret": (f"Bearer {USER_KEY}A", 401, "key"),
    "no secret": (f"Bearer cf_{KEY_ID}_", 401, "key"),
    "hash as secret": (f"Bearer cf_{KEY_ID}_{hash_of(SECRET)}", 401, "key"),
    "id in capitals": (f"Bearer cf_{'A' * 16}_{SECRET}", 401, "key"),
    "query in the id": (f"Bearer cf_' OR 1=1 --_{SECRET}", 401, "key"),
    "revoked key": (f"Bearer {REVOKED_KEY}", 401, "key"),
    "ended key": (f"Bearer {ENDED_KEY}", 401, "key"),
    "key without the scope": (f"Bearer {NARROW_KEY}", 403, "scope"),
    "admin key without scopes": (f"Bearer {BARE_KEY}", 403, "scope"),
}
WRONG_PATHS = {
    "metrics as a user": ("GET", "/metrics", f"Bearer {token()}", 403, "role"),
    "metrics as a tester": (
        "GET",
        "/metrics",
        f"Bearer {token(roles=['CellFusion.Tester'])}",
        403,
        "role",
    ),
    "metrics with a user's key": ("GET", "/metrics", f"Bearer {USER_KEY}", 403, "role"),
    "metrics with a bare key": ("GET", "/metrics", f"Bearer {BARE_KEY}", 403, "scope"),
    "metrics by a role of another app": (
        "GET",
        "/metrics",
        f"Bearer {token(roles=['Other.Admin', 'cellfusion.admin'])}",
        403,
        "role",
    ),
    "metrics by roles as a text": (
        "GET",
        "/metrics",
        f"Bearer {token(roles='CellFusion.Admin')}",
        403,
        "role",
    ),
    "suggest": ("POST", "/api/v1/suggest", "", 401, "unauthenticated"),
    "repair": ("POST", "/api/v1/repair", "", 401, "unauthenticated"),
    "explain": ("POST", "/api/v1/explain", "", 401, "unauthenticated"),
    "apply": ("POST", "/api/v1/workbooks/apply", "", 401, "unauthenticated"),
    "preview": ("POST", "/api/v1/workbooks/preview", "", 401, "unauthenticated"),
    "me": ("GET", "/api/v1/me", "", 401, "unauthenticated"),
    "head": ("HEAD", "/api/v1/me", "", 401, None),
    "options": ("OPTIONS", "/api/v1/validate", "", 401, "unauthenticated"),
    "doubled slash": ("GET", "//metrics", "", 404, "not_found"),
    "slash behind": ("GET", "/metrics/", "", 404, "not_found"),
    "capitals": ("POST", "/API/V1/validate", "", 404, "not_found"),
    "out of the pane": ("GET", "/taskpane/..%2fconfig.py", "", 404, "not_found"),
}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """A service for others."""
    return make_app(tmp_path_factory.mktemp("identity"))


def asked(app, method: str, path: str, authorization: str, **more: object):
    """The answer to somebody from elsewhere."""
    headers = {"Authorization": authorization} if authorization else {}
    environ = {"REMOTE_ADDR": "203.0.113.9"}
    client = app.test_client()
    return client.open(path, method=method, headers=headers, environ_overrides=environ, **more)


def check_refused(answer, status: int, code: str | None) -> None:
    """A problem of the status and code, which asks for a bearer where nobody is known."""
    assert answer.status_code == status
    assert answer.content_type == PROBLEM
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    if status == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    if code:
        assert answer.get_json()["code"] == code


@pytest.mark.parametrize("name", WRONG_TOKENS | WRONG_KEYS)
def test_wrong_tokens_and_keys_are_refused(app, caplog, name):
    """Each has its status and code, and neither answer nor log has what was sent."""
    authorization, status, code = (WRONG_TOKENS | WRONG_KEYS)[name]
    logging.getLogger("cellfusion").addHandler(caplog.handler)
    answer = asked(app, "POST", "/api/v1/validate", authorization, json=RULE)
    logging.getLogger("cellfusion").removeHandler(caplog.handler)
    check_refused(answer, status, code)
    said = answer.get_data(as_text=True) + "".join(map(JsonFormatter().format, caplog.records))
    sent = authorization.partition(" ")[2]
    assert len(sent) < 6 or sent not in said


@pytest.mark.parametrize("name", WRONG_PATHS)
def test_wrong_roles_and_paths_are_refused(app, name):
    """Each endpoint asks for what was decided, whatever the method, and no spelling goes around."""
    method, path, authorization, status, code = WRONG_PATHS[name]
    check_refused(asked(app, method, path, authorization), status, code)


def test_the_table_is_long_enough():
    """What is refused is many kinds of wrong."""
    assert len(WRONG_TOKENS) + len(WRONG_KEYS) + len(WRONG_PATHS) >= 80


GOOD = {
    "plain": lambda: f"Bearer {token()}",
    "two blanks": lambda: f"bearer  {token()}",
    "audience as address": lambda: f"Bearer {token(aud=f'api://{CLIENT}')}",
    "two scopes": lambda: f"Bearer {token(scp='openid access_as_user')}",
    "ended just now": lambda: f"Bearer {token(exp=int(time.time()) - 30)}",
    "key": lambda: f"Bearer {USER_KEY}",
}


@pytest.mark.parametrize("name", GOOD)
def test_those_who_may_are_let_in(app, name):
    """Good tokens, small differences of clocks included, and a key with the scope."""
    asking = asked(app, "POST", "/api/v1/validate", GOOD[name](), json=RULE)
    assert asking.status_code == 200


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        (None, "user"),
        (["Unknown"], "user"),
        (["CellFusion.Tester"], "tester"),
        (["CellFusion.Tester", "CellFusion.Admin"], "admin"),
    ],
)
def test_roles_are_those_of_the_directory(app, roles, role):
    """The highest of the app roles counts; without one somebody is a user."""
    me = asked(app, "GET", "/api/v1/me", f"Bearer {token(roles=roles)}").get_json()
    assert (me["subject"], me["tenant"], me["role"]) == (PERSON, TENANT, role)
    assert (me["method"], me["name"]) == ("entra", "Ada Lovelace")


def test_users_can_need_a_role_too(tmp_path):
    """With ``user_roles`` set, being of the tenant is not enough."""
    app = make_app(tmp_path, user_roles=("CellFusion.User",))
    check_refused(asked(app, "GET", "/api/v1/me", f"Bearer {token()}"), 403, "role")
    good = f"Bearer {token(roles=['CellFusion.User'])}"
    assert asked(app, "GET", "/api/v1/me", good).get_json()["role"] == "user"


def test_a_key_says_who_it_is(app):
    """Its id is its subject, and its scopes are listed."""
    me = asked(app, "GET", "/api/v1/me", f"Bearer {NARROW_KEY}").get_json()
    assert (me["subject"], me["method"]) == (NARROW_KEY.split("_")[1], "key")
    assert me["scopes"] == ["suggest"]


def test_public_pages_need_nobody(app):
    """Health, the pane, the manifest and how to sign in, even with a wrong token."""
    for path in ("/healthz", "/taskpane/", "/openapi.json", "/manifest.xml", "/api/v1/session"):
        with asked(app, "GET", path, "Bearer nonsense") as answer:
            assert answer.status_code == 200


def test_methods_can_be_off(tmp_path):
    """A service without keys takes none, and one of keys alone takes no tokens."""
    people = make_app(tmp_path, api_keys=False)
    check_refused(asked(people, "GET", "/api/v1/me", f"Bearer {USER_KEY}"), 401, "key")
    keys = make_app(tmp_path, tenants=(), audiences=(), jwks_file=None)
    check_refused(asked(keys, "GET", "/api/v1/me", f"Bearer {token()}"), 401, "token")
    assert asked(keys, "GET", "/api/v1/me", f"Bearer {USER_KEY}").status_code == 200


def test_no_endpoint_is_without_a_decision(app):
    """Every rule of the URL map was decided, and nothing is public but this."""
    decisions = {rule.rule: access_of(app, rule.endpoint) for rule in app.url_map.iter_rules()}
    assert all(isinstance(access, Access) for access in decisions.values())
    assert {path for path, access in decisions.items() if access == PUBLIC} <= {
        "/admin/",  # the page itself; what it shows is asked for with a token
        "/admin/<path:name>",
        "/healthz",
        "/readyz",
        "/openapi.json",
        "/taskpane/",
        "/taskpane/<path:name>",
        "/static/<build>/<path:name>",  # the pages' own parts, which are the same for everybody
        "/taskpane/msal-browser.js",
        "/manifest.xml",
        "/api/v1/session",
    }


def test_every_endpoint_refuses_strangers(app):
    """Each rule and method that is not public answers 401 to nobody."""
    for rule in app.url_map.iter_rules():
        if access_of(app, rule.endpoint) == PUBLIC:
            continue
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<{name}>", "1").replace(f"<int:{name}>", "1")
        for method in rule.methods:
            check_refused(asked(app, method, path, ""), 401, None)


def test_an_undecided_endpoint_is_closed(tmp_path):
    """An application with one is refused; one that is added later lets nobody in."""
    app = make_app(tmp_path)
    app.add_url_rule("/late", "late", lambda: "secret")
    with pytest.raises(ConfigError, match="/late"):
        check_decisions(app)
    check_refused(asked(app, "GET", "/late", f"Bearer {ADMIN_KEY}"), 403, "undecided")


def test_a_decision_names_known_scopes():
    """A misspelt scope would lock out every key or none."""
    with pytest.raises(ValueError, match="sugest"):
        Access(Role.USER, "sugest")


def test_roles_are_ordered():
    """By what they may, not by the alphabet."""
    assert Role.USER < Role.TESTER < Role.ADMIN
    assert Role.ADMIN > "tester" >= Role.TESTER >= Role.USER
    assert max(Role) is Role.ADMIN
    assert Role.USER <= Role.USER
    assert not Role.ADMIN <= Role.TESTER


@pytest.mark.parametrize(
    ("headers", "address", "more", "status"),
    [
        ({}, "127.0.0.1", {}, 200),
        ({}, "::1", {}, 200),
        ({}, "10.0.0.7", {}, 401),
        ({}, "10.0.0.7", {"metrics_networks": ("10.0.0.0/24",)}, 200),
        ({}, "127.0.0.1", {"metrics_networks": ()}, 401),
        ({"X-Forwarded-For": "203.0.113.9"}, "127.0.0.1", {}, 401),
        ({"X-Forwarded-For": "203.0.113.9"}, "127.0.0.1", {"trusted_proxies": 1}, 401),
        ({"X-Forwarded-For": "127.0.0.1"}, "203.0.113.9", {}, 401),
        ({"Forwarded": "for=127.0.0.1"}, "127.0.0.1", {}, 401),
        ({"Authorization": "Bearer nonsense"}, "127.0.0.1", {}, 401),
        ({"Authorization": f"Bearer {ADMIN_KEY}"}, "203.0.113.9", {}, 200),
        ({"Authorization": f"Bearer {token(roles=['CellFusion.Admin'])}"}, "203.0.113.9", {}, 200),
    ],
)
def test_counts_are_read_nearby_or_by_admins(tmp_path, headers, address, more, status):
    """A network of the settings needs nothing, unless a proxy stands between."""
    client = make_app(tmp_path, **more).test_client()
    environ = {"REMOTE_ADDR": address}
    assert client.get("/metrics", headers=headers, environ_overrides=environ).status_code == status


LOCAL_REFUSED = [
    ({}, "10.0.0.7", "not_local"),
    ({}, "", "not_local"),
    ({"X-Forwarded-For": "127.0.0.1"}, "127.0.0.1", "proxied"),
    ({"X-Forwarded-Proto": "https"}, "127.0.0.1", "proxied"),
    ({"Forwarded": "for=10.0.0.7"}, "127.0.0.1", "proxied"),
    ({"Via": "1.1 proxy"}, "::1", "proxied"),
    ({"X-Real-IP": "10.0.0.7"}, "127.0.0.1", "proxied"),
    ({"Origin": "https://evil.example"}, "127.0.0.1", "cross_site"),
    ({"Origin": "null"}, "127.0.0.1", "cross_site"),
    ({"Sec-Fetch-Site": "cross-site"}, "127.0.0.1", "cross_site"),
]


@pytest.mark.parametrize(("headers", "address", "code"), LOCAL_REFUSED)
def test_local_mode_is_for_this_machine(tmp_path, headers, address, code):
    """Without sign-in nobody from elsewhere, behind a proxy or on another site's page comes in."""
    client = local(tmp_path)
    environ = {"REMOTE_ADDR": address}
    answer = client.get("/api/v1/me", headers=headers, environ_overrides=environ)
    check_refused(answer, 403, code)


def local(folder):
    """A client of a service for one person."""
    config = Config(database_url=f"sqlite:///{folder}/store.db")
    return create_app(config, NoModel()).test_client()


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_local_mode_needs_no_sign_in(tmp_path, address):
    """Whoever sits at the machine is its admin."""
    environ = {"REMOTE_ADDR": address}
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    client = local(tmp_path)
    me = client.get("/api/v1/me", headers=headers, environ_overrides=environ).get_json()
    assert (me["method"], me["role"], me["scopes"]) == ("local", "admin", sorted(SCOPES))
    assert client.get("/api/v1/session").get_json() == {"method": "local", "sign_in": None}


@pytest.mark.parametrize(
    "settings",
    [
        {"host": "0.0.0.0"},  # noqa: S104 - a setting, nothing listens
        {"host": "::"},
        {"host": "192.0.2.1"},
        {"host": "cells.example"},
        {"trusted_proxies": 1},
        {"host": "0.0.0.0", "trusted_hosts": ("cells.example",)},  # noqa: S104
    ],
)
def test_it_is_closed_by_default(settings):
    """A service that others reach does not start until somebody decided who may."""
    with pytest.raises(ConfigError, match="set tenants and audiences"):
        create_app(Config(**settings), NoModel())


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"tenants": (TENANT,)}, "audiences or client_id"),
        ({"audiences": (CLIENT,)}, "need tenants"),
        ({"tenants": ("common",), "audiences": (CLIENT,)}, "'common' is no id"),
        ({"tenants": (TENANT,), "client_id": CLIENT}, "msal_url"),
        ({"authority": "https://evil.example"}, "authority"),
        ({"authority": "http://login.microsoftonline.com"}, "authority"),
        ({"token_leeway": 3600.0}, "token_leeway"),
        ({"jwks_url": "https://a.example", "jwks_file": "b"}, "exclude"),
        ({"metrics_networks": ("127.0.0.1/8",)}, "host bits"),
        ({"msal_url": "http://a.example/msal.js"}, "msal_url"),
        ({"msal_url": "https://a.example;x/msal.js"}, "msal_url"),
        ({"msal_url": "/nowhere/msal.js"}, "no file"),
    ],
)
def test_settings_of_sign_in_that_are_unsafe_are_refused(settings, said):
    """The message names what to set."""
    with pytest.raises(ConfigError, match=said):
        Config(**settings)


def test_keys_are_kept_as_hashes():
    """What is kept has neither the secret nor says its hash, and fits only its own text."""
    text, kept = new_key(Role.TESTER, frozenset({"rules"}), "nightly checks")
    secret = text.split("_", 2)[2]
    assert len(secret) == 43
    assert kept.hash == hash_of(secret) != secret
    assert kept.hash not in repr(kept)
    assert secret not in repr(kept)
    found = KeyChecker(KEYS.__class__(kept)).check(text)
    assert found == Identity(
        kept.id, "", Role.TESTER, frozenset({"rules"}), "key", "nightly checks"
    )
    assert len({new_key()[0] for _ in range(50)}) == 50


def test_a_key_ends_to_the_second():
    """At its end a key is over."""
    import datetime as dt

    end = dt.datetime(2026, 8, 1, tzinfo=dt.UTC)
    text, kept = new_key(Role.USER, expires=end)
    keys = KEYS.__class__(kept)
    early = KeyChecker(keys, lambda: end - dt.timedelta(seconds=1))
    assert early.check(text).subject == kept.id
    with pytest.raises(UnauthenticatedError):
        KeyChecker(keys, lambda: end).check(text)


def test_a_stored_key_is_what_a_store_hands_over():
    """A key without an end is open until it is revoked."""
    import datetime as dt

    now = dt.datetime.now(dt.UTC)
    assert StoredKey("a", "b", Role.USER, frozenset()).is_open(now)
    assert not StoredKey("a", "b", Role.USER, frozenset(), revoked=True).is_open(now)


def test_a_local_service_with_sign_in_asks_for_it(tmp_path):
    """Behind a proxy on the same machine loopback is no proof of anything."""
    app = make_app(tmp_path, host="127.0.0.1")
    answer = app.test_client().get("/api/v1/me")
    check_refused(answer, 401, "unauthenticated")


def test_the_file_of_keys_is_read_when_it_changes(tmp_path):
    """A new key signs people in without a restart; a broken file leaves the ones before."""
    app = make_app(tmp_path)
    new = f"Bearer {token({'kid': 'fourth'}, private_key('fourth'))}"
    check_refused(asked(app, "GET", "/api/v1/me", new), 401, "token_key")
    path = settings(tmp_path)["jwks_file"]
    path.write_text(key_set(jwk(), jwk("fourth")))
    assert asked(app, "GET", "/api/v1/me", new).status_code == 200
    path.write_text("{")
    assert asked(app, "GET", "/api/v1/me", new).status_code == 200


def test_tokens_of_tests_are_tokens():
    """What the table changes is all that is wrong with its tokens."""
    assert jwt.decode(token(), options={"verify_signature": False})["oid"] == PERSON
