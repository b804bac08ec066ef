"""Rules on a workbook that is sent along."""

from __future__ import annotations

from flask import Blueprint, Response

from server.endpoints import FORM, WORKBOOKS, post
from server.existing import arranged, told
from server.existing_forms import ArrangeForm, ExistingForm, ExistingRules
from server.identity.who import Access, Role
from server.schemas import PreviewForm, WorkbookForm
from server.service import day, service
from server.uploads import formatted, shown

workbooks = Blueprint("workbooks", __name__, url_prefix="/api/v1/workbooks")
USER = Access(Role.USER, "workbooks")


@post(workbooks, "/apply", WorkbookForm, WORKBOOKS, FORM, access=USER)
def apply(asked: WorkbookForm) -> Response:
    """Answer the workbook with the rules in it, nothing else changed."""
    return formatted(asked, service().config.bounds, service().policy)


@post(
    workbooks,
    "/preview",
    PreviewForm,
    {"image/png": None, "text/html": None, **WORKBOOKS},
    FORM,
    access=USER,
)
def preview(asked: PreviewForm) -> Response:
    """Show what the rules would look like: a picture, a page or a copy."""
    return shown(asked, service().config.bounds, service().policy, day(asked.today))


@post(workbooks, "/rules", ExistingForm, ExistingRules, FORM, access=USER)
def rules(asked: ExistingForm) -> ExistingRules:
    """List the rules of a sheet, with what each does to its cells."""
    return told(asked, service().config.bounds, day(asked.today))


@post(workbooks, "/arrange", ArrangeForm, WORKBOOKS, FORM, access=USER)
def arrange(asked: ArrangeForm) -> Response:
    """Answer the workbook with new rules and those of the sheet in an order, others removed."""
    return arranged(asked, service().config.bounds, service().policy)
