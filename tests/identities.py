"""Whom the service believes: RSA keys, tokens as Entra ID makes them, and keys for scripts."""

from __future__ import annotations

import datetime as dt
import json
import time
from functools import lru_cache
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from flask import Flask

from server.app import create_app
from server.config import Config
from server.identity.keys import StoredKey, new_key
from server.identity.who import SCOPES, Role

TENANT = "11111111-2222-4333-8444-555555555555"
OTHER = "99999999-2222-4333-8444-555555555555"
CLIENT = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
PERSON = "77777777-7777-4777-8777-777777777777"
ISSUER = f"https://login.microsoftonline.com/{TENANT}/v2.0"
KID = "first"
EVERY = frozenset(SCOPES)


def private_key(name: str = KID, bits: int = 2048) -> RSAPrivateKey:
    """The private key of a name, the same one in a whole run."""
    return _made(name, bits)


@lru_cache
def _made(name: str, bits: int) -> RSAPrivateKey:
    return generate_private_key(65537, bits)


def jwk(name: str = KID, bits: int = 2048, **more: object) -> dict[str, object]:
    """The public key of a name as a key set has it."""
    algorithm = jwt.algorithms.RSAAlgorithm
    public = json.loads(algorithm.to_jwk(private_key(name, bits).public_key()))
    return public | {"kid": name, "use": "sig", "alg": "RS256"} | more


def key_set(*keys: dict[str, object]) -> str:
    """A key set as a text."""
    return json.dumps({"keys": list(keys or (jwk(),))})


def claims(**more: object) -> dict[str, object]:
    """The claims of a good token; what is ``None`` is left out."""
    now = int(time.time())
    found = {
        "iss": ISSUER,
        "aud": CLIENT,
        "iat": now - 10,
        "nbf": now - 10,
        "exp": now + 3600,
        "tid": TENANT,
        "oid": PERSON,
        "ver": "2.0",
        "scp": "access_as_user",
        "name": "Ada Lovelace",
    }
    return {name: value for name, value in (found | more).items() if value is not None}


def token(
    headers: dict[str, object] | None = None,
    key: object = None,
    algorithm: str = "RS256",
    **more: object,
) -> str:
    """A token of the claims, signed."""
    signing = private_key() if key is None else key
    return jwt.encode(claims(**more), signing, algorithm, {"kid": KID, **(headers or {})})


class Keys:
    """The keys of a test."""

    def __init__(self, *keys: StoredKey) -> None:
        self.keys = {key.id: key for key in keys}

    def find(self, key_id: str) -> StoredKey | None:
        """The key of an id."""
        return self.keys.get(key_id)


YESTERDAY = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
USER_KEY, _user = new_key(Role.USER, EVERY)
NARROW_KEY, _narrow = new_key(Role.USER, frozenset({"suggest"}))
BARE_KEY, _bare = new_key(Role.ADMIN)
ADMIN_KEY, _admin = new_key(Role.ADMIN, EVERY)
ENDED_KEY, _ended = new_key(Role.ADMIN, EVERY, expires=YESTERDAY)
REVOKED_KEY, _revoked = new_key(Role.ADMIN, EVERY)
_revoked = StoredKey(_revoked.id, _revoked.hash, Role.ADMIN, EVERY, revoked=True)
KEYS = Keys(_user, _narrow, _bare, _admin, _ended, _revoked)


class NoModel:
    """A model that is never asked."""


def settings(folder: Path, **more: object) -> dict[str, object]:
    """Settings of a service for others, with a file of signing keys."""
    path = folder / "keys.json"
    path.write_text(key_set(jwk(), jwk("bound", issuer=ISSUER.replace(TENANT, OTHER))))
    found: dict[str, object] = {
        "host": "0.0.0.0",  # noqa: S104 - a setting, nothing listens
        "tenants": (TENANT,),
        "audiences": (CLIENT, f"api://{CLIENT}"),
        "jwks_file": path,
        "api_keys": True,
        "database_url": f"sqlite:///{folder}/store.db",
    }
    return found | more


def make_app(folder: Path, model: object = None, **more: object) -> Flask:
    """Such a service, without a model where none is given."""
    return create_app(Config.load({}, **settings(folder, **more)), model or NoModel(), KEYS)
