"""The endpoints, by what they are about."""

from server.api.health import health
from server.api.pages import pages
from server.api.rules import rules
from server.api.suggest import suggestions
from server.api.workbooks import workbooks

BLUEPRINTS = (suggestions, rules, workbooks, health, pages)
