"""Access tokens of Microsoft Entra ID: whose they are, and why others are refused.

A token is never logged, and no message quotes one.

Source: RFC 7519, RFC 8725, RFC 9068; "Access tokens in the Microsoft identity platform".
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from server.errors import ForbiddenError, UnauthenticatedError
from server.identity.jwks import KeySource, SigningKey
from server.identity.who import SCOPES, Identity, Role

ALGORITHM = "RS256"
MOST_CHARACTERS = 16_384
_REQUIRED = ("exp", "nbf", "iat", "iss", "aud", "tid", "oid", "ver")
_FOREIGN = ("jku", "jwk", "x5u", "x5c")
"""Headers by which a token would bring its own key."""
AUDIENCE = "the token is meant for another application"
ALGORITHM_ONLY = f"the token is not signed by {ALGORITHM}"
_REASONS: tuple[tuple[type[jwt.PyJWTError], str, str], ...] = (
    (jwt.ExpiredSignatureError, "token_expired", "the token has expired"),
    (jwt.ImmatureSignatureError, "token_early", "the token is not valid yet"),
    (jwt.InvalidSignatureError, "token_signature", "the token's signature is wrong"),
    (jwt.InvalidAlgorithmError, "token_algorithm", ALGORITHM_ONLY),
    (jwt.MissingRequiredClaimError, "token_claims", "the token lacks a claim that is needed"),
    (jwt.PyJWTError, "token", "the token is no valid token"),
)


@dataclass(frozen=True)
class TokenRules:
    """Which tokens are taken, and which role they give."""

    tenants: tuple[str, ...]
    audiences: tuple[str, ...]
    scope: str = "access_as_user"
    authority: str = "https://login.microsoftonline.com"
    leeway: float = 60.0
    roles: tuple[tuple[str, Role], ...] = ()
    """App roles of the directory and what they mean here."""
    needs_role: bool = False
    """People without one of them are refused, rather than users."""


class TokenChecker:
    """Says whose a token is."""

    def __init__(self, rules: TokenRules, keys: KeySource) -> None:
        self.rules = rules
        self.keys = keys

    def check(self, text: str) -> Identity:
        """The identity of a token's text.

        Raises:
            UnauthenticatedError: it proves nobody's identity.
            ForbiddenError: it does, but of nobody who may come in.
            KeysUnavailableError: it cannot be checked now.
        """
        if len(text) > MOST_CHARACTERS or not text.isascii():
            raise UnauthenticatedError("the token is no valid token", "token")
        signing = self._key(_header(text))
        claims = self._claims(text, signing)
        return self._identity(claims)

    def _key(self, header: Mapping[str, Any]) -> SigningKey:
        """The key of our own source that a header names."""
        if header.get("alg") != ALGORITHM:
            raise UnauthenticatedError(ALGORITHM_ONLY, "token_algorithm")
        if header.get("crit") is not None:
            raise UnauthenticatedError("the token asks for extensions (crit)", "token_header")
        if any(name in header for name in _FOREIGN):
            raise UnauthenticatedError("the token brings a key of its own", "token_header")
        kid = header.get("kid")
        found = self.keys.find(kid) if isinstance(kid, str) else None
        if found is None:
            raise UnauthenticatedError("the token is signed with an unknown key", "token_key")
        return found

    def _claims(self, text: str, signing: SigningKey) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                text,
                signing.key,
                algorithms=[ALGORITHM],
                leeway=self.rules.leeway,
                options={"require": list(_REQUIRED), "verify_aud": False},
            )
        except jwt.MissingRequiredClaimError as error:
            if error.claim == "ver":
                raise _version("none") from None
            raise UnauthenticatedError(
                f"the token lacks the claim {error.claim}", "token_claims"
            ) from None
        except (jwt.PyJWTError, ValueError, OverflowError, RecursionError) as error:
            found = ((c, r) for kind, c, r in _REASONS if isinstance(error, kind))
            code, reason = next(found, _REASONS[-1][1:])
            raise UnauthenticatedError(reason, code) from None
        if claims["ver"] != "2.0":
            raise _version(claims["ver"])
        # here, so that a token of version 1.0, whose audience differs too, is told why
        if not isinstance(claims["aud"], str) or claims["aud"] not in self.rules.audiences:
            raise UnauthenticatedError(AUDIENCE, "token_audience")
        self._check_issuer(claims, signing)
        return claims

    def _check_issuer(self, claims: Mapping[str, Any], signing: SigningKey) -> None:
        """The token is of its tenant's own issuer, and the key may sign for it."""
        tenant = claims["tid"]
        if not isinstance(tenant, str) or not isinstance(claims["oid"], str) or not claims["oid"]:
            raise UnauthenticatedError("tid and oid have to be texts", "token_claims")
        issuer = f"{self.rules.authority}/{tenant}/v2.0"
        if claims["iss"] != issuer:
            raise UnauthenticatedError("the token is of another issuer", "token_issuer")
        if signing.issuer and signing.issuer.replace("{tenantid}", tenant) != issuer:
            raise UnauthenticatedError("the key does not sign for this issuer", "token_issuer")

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        if claims["tid"] not in self.rules.tenants:
            raise ForbiddenError("people of this directory are not let in", "tenant")
        granted = claims.get("scp")
        if not isinstance(granted, str) or self.rules.scope not in granted.split():
            raise ForbiddenError(f"the token lacks the scope {self.rules.scope}", "scope")
        name = claims.get("name")
        return Identity(
            claims["oid"],
            claims["tid"],
            self._role(claims.get("roles")),
            frozenset(SCOPES),
            "entra",
            name[:200] if isinstance(name, str) else "",
        )

    def _role(self, given: object) -> Role:
        names = given if isinstance(given, list) else []
        found = [role for name, role in self.rules.roles if name in names]
        if not found and self.rules.needs_role:
            raise ForbiddenError("no role for this service is assigned to you", "role")
        return max(found, default=Role.USER)


def _header(text: str) -> Mapping[str, Any]:
    """The header of a token, before anything of it is believed."""
    first = text.partition(".")[0]
    try:
        found = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or text.count(".") != 2:
        raise UnauthenticatedError("the token is no valid token", "token")
    return found


def _version(found: object) -> UnauthenticatedError:
    said = found if found in ("1.0", "none") else "another"
    advice = "set requestedAccessTokenVersion to 2 in the app registration"
    return UnauthenticatedError(
        f"the token's version is {said}, not 2.0: {advice}", "token_version"
    )
