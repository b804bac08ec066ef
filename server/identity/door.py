"""The door in front of every endpoint: who asks, and whether they may."""

from __future__ import annotations

import ipaddress
from typing import cast

from flask import Flask, Request, current_app, g, request

from server.config import Config
from server.errors import ConfigError, ForbiddenError, UnauthenticatedError
from server.identity.jwks import FileKeys, KeySource, UrlKeys
from server.identity.keys import PREFIX, KeyChecker, KeyFinder, NoKeys
from server.identity.tokens import TokenChecker, TokenRules
from server.identity.who import SCOPES, Access, Identity, Role

_KEY = "cellfusion.door"
_FORWARDED = ("Forwarded", "Via", "X-Real-Ip", "Cf-Connecting-Ip", "True-Client-Ip")
LOCAL = Identity("local", "", Role.ADMIN, frozenset(SCOPES), "local", "this machine")


class Door:
    """Knows the identity of requests by the settings."""

    def __init__(self, config: Config, keys: KeyFinder | None = None) -> None:
        check_closed(config)
        self.config = config
        self.networks = tuple(map(ipaddress.ip_network, config.metrics_networks))
        self.tokens = (
            TokenChecker(token_rules(config), key_source(config)) if config.tenants else None
        )
        self.keys = KeyChecker(keys or NoKeys()) if config.api_keys else None

    def admit(self, asking: Request, access: Access) -> Identity | None:
        """Who asks, where an endpoint lets them in; nobody where it is public.

        Raises:
            UnauthenticatedError, ForbiddenError, KeysUnavailableError: it does not.
        """
        if access.role is None:
            return None
        if access.nearby and "Authorization" not in asking.headers and self._is_near(asking):
            return Identity("nearby", "", Role.USER, frozenset(), "network")
        found = self.identify(asking)
        if found.role < access.role:
            raise ForbiddenError(
                f"this takes the role {access.role}; yours is {found.role}", "role"
            )
        if access.scope and access.scope not in found.scopes:
            raise ForbiddenError(f"the key lacks the scope {access.scope}", "scope")
        return found

    def identify(self, asking: Request) -> Identity:
        """Who asks.

        Raises:
            UnauthenticatedError, ForbiddenError, KeysUnavailableError: it is not known.
        """
        if self.config.is_local:
            return self._local(asking)
        kind, _, text = asking.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not text.strip():
            raise UnauthenticatedError("sign in, or send an API key", "unauthenticated")
        text = text.strip()
        if text.startswith(PREFIX):
            if self.keys is None:
                raise UnauthenticatedError("API keys are not taken here", "key")
            return self.keys.check(text)
        if self.tokens is None:
            raise UnauthenticatedError("tokens are not taken here", "token")
        return self.tokens.check(text)

    def _local(self, asking: Request) -> Identity:
        """This machine's own user, where nobody else can be behind the request."""
        if not _is_loopback(asking.remote_addr):
            raise ForbiddenError("without sign-in only this machine is let in", "not_local")
        if _is_forwarded(asking):
            advice = "set tenants and audiences, or api_keys"
            raise ForbiddenError(
                f"a proxy stands before a service without sign-in; {advice}", "proxied"
            )
        if _is_foreign_page(asking):
            raise ForbiddenError("another site's page may not use this service", "cross_site")
        return LOCAL

    def _is_near(self, asking: Request) -> bool:
        """Whether the peer is of a network that may read the counts, with no one behind it."""
        if _is_forwarded(asking) and not self.config.trusted_proxies:
            return False
        try:
            address = ipaddress.ip_address(asking.remote_addr or "")
        except ValueError:
            return False
        return any(address in network for network in self.networks)


def check_closed(config: Config) -> None:
    """Refuse settings that would let everybody in.

    Raises:
        ConfigError: they would.
    """
    if config.tenants or config.api_keys:
        return
    how = "set tenants and audiences (Microsoft Entra ID), or api_keys"
    if not config.is_loopback:
        raise ConfigError(
            f"{config.host} can be reached by others and nobody has to sign in; {how}"
        )
    if config.trusted_proxies:
        raise ConfigError(
            f"trusted_proxies says that others come in and nobody has to sign in; {how}"
        )


def token_rules(config: Config) -> TokenRules:
    """Which tokens the settings take."""
    roles = [(name, Role.USER) for name in config.user_roles]
    roles += [(name, Role.TESTER) for name in config.tester_roles]
    roles += [(name, Role.ADMIN) for name in config.admin_roles]
    return TokenRules(
        config.tenants,
        config.token_audiences,
        config.token_scope,
        config.authority,
        config.token_leeway,
        tuple(roles),
        bool(config.user_roles),
    )


def key_source(config: Config) -> KeySource:
    """Where the settings have the signing keys from."""
    if config.jwks_file:
        return FileKeys(config.jwks_file)
    # one tenant has a document of its own; that of several says for whom each key signs
    tenant = config.tenants[0] if len(config.tenants) == 1 else "common"
    url = config.jwks_url or f"{config.authority}/{tenant}/discovery/v2.0/keys"
    return UrlKeys(url, config.jwks_hosts, config.jwks_ca)


def register_door(app: Flask, config: Config, keys: KeyFinder | None = None) -> None:
    """Put the door before every endpoint of an application."""
    app.extensions[_KEY] = Door(config, keys)
    app.before_request(_decide)


def access_of(app: Flask, endpoint: str) -> Access | None:
    """What was decided of an endpoint."""
    found = vars(app.view_functions[endpoint]).get("access")
    return found if isinstance(found, Access) else None


def check_decisions(app: Flask) -> None:
    """Refuse an application with an endpoint for which nothing was decided.

    Raises:
        ConfigError: it has one.
    """
    for rule in app.url_map.iter_rules():
        if access_of(app, rule.endpoint) is None:
            raise ConfigError(f"nobody decided who may use {rule.rule} ({rule.endpoint})")


def _decide() -> None:
    """Let a request in or not; what meets no route is answered as such."""
    if request.url_rule is None:
        return
    access = access_of(current_app, request.url_rule.endpoint)
    if access is None:
        raise ForbiddenError("nobody decided who may use this", "undecided")
    found = cast(Door, current_app.extensions[_KEY]).admit(request, access)
    if found is not None:
        g.identity = found


def _is_loopback(address: str | None) -> bool:
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def _is_forwarded(asking: Request) -> bool:
    """Whether a proxy says that somebody stands behind it."""
    return any(
        name.title().startswith("X-Forwarded-") or name.title() in _FORWARDED
        for name in asking.headers.keys()  # noqa: SIM118 - of a mapping with several values
    )


def _is_foreign_page(asking: Request) -> bool:
    """Whether a browser says that a page of another origin sends the request."""
    if asking.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return True
    origin = asking.headers.get("Origin")
    return origin is not None and origin.partition("://")[2] != asking.host
