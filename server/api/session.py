"""How people sign in, and who they are."""

from __future__ import annotations

from flask import Blueprint

from server.answers import Session, SignIn, Who
from server.config import Config
from server.endpoints import get
from server.identity.who import PUBLIC, Access, Role, identity
from server.service import service

session = Blueprint("session", __name__, url_prefix="/api/v1")
MSAL = "msal-browser.js"


@get(session, "/session", Session, access=PUBLIC)
def how() -> Session:
    """How to sign in; there is nothing secret in it."""
    config = service().config
    if config.tenants:
        return Session(method="entra", sign_in=_sign_in(config))
    return Session(method="key" if config.api_keys else "local", sign_in=None)


@get(session, "/me", Who, access=Access(Role.USER))
def me() -> Who:
    """Who asks, as the service sees it."""
    found = identity()
    scopes = sorted(found.scopes)
    return Who(
        subject=found.subject,
        tenant=found.tenant,
        name=found.name,
        role=found.role.value,
        method=found.method,
        scopes=scopes,
    )


def _sign_in(config: Config) -> SignIn | None:
    """What MSAL.js needs, where the task pane is to sign people in."""
    if not config.client_id:
        return None
    tenant = config.tenants[0] if len(config.tenants) == 1 else "organizations"
    named = (each for each in config.token_audiences if each.startswith("api://"))
    api = next(named, f"api://{config.client_id}")
    return SignIn(
        client_id=config.client_id,
        authority=f"{config.authority}/{tenant}",
        scopes=[f"{api}/{config.token_scope}"],
        msal=MSAL if config.msal_file else config.msal_url,
    )
