"""Rules on a workbook that is sent along."""

from __future__ import annotations

from flask import Blueprint, Response

from server.endpoints import FORM, XLSM, XLSX, post
from server.identity.who import Access, Role
from server.schemas import PreviewForm, WorkbookForm
from server.service import day, service
from server.uploads import formatted, shown

workbooks = Blueprint("workbooks", __name__, url_prefix="/api/v1/workbooks")
USER = Access(Role.USER, "workbooks")


@post(workbooks, "/apply", WorkbookForm, {XLSX: None, XLSM: None}, FORM, access=USER)
def apply(asked: WorkbookForm) -> Response:
    """Answer the workbook with the rules in it, nothing else changed."""
    return formatted(asked, service().config.bounds, service().policy)


@post(
    workbooks,
    "/preview",
    PreviewForm,
    {"image/png": None, "text/html": None, XLSX: None, XLSM: None},
    FORM,
    access=USER,
)
def preview(asked: PreviewForm) -> Response:
    """Show what the rules would look like: a picture, a page or a copy."""
    return shown(asked, service().config.bounds, service().policy, day(asked.today))
