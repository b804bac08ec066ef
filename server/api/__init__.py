"""The endpoints, by what they are about."""

from server.api.admin import admin
from server.api.decisions import decisions
from server.api.health import health
from server.api.library import library
from server.api.pages import pages
from server.api.rules import rules
from server.api.session import session
from server.api.suggest import suggestions
from server.api.workbooks import workbooks

BLUEPRINTS = (
    suggestions,
    decisions,
    library,
    rules,
    workbooks,
    admin,
    health,
    session,
    pages,
)
