"""Workbooks: tables read from them, rules applied to them without losing a byte."""

from server.workbooks.apply import AppliedResult, AppliedRule, apply_rules
from server.workbooks.sheet_rule import SheetRule
from server.workbooks.tables import TableInfo, list_tables, read_table

__all__ = [
    "AppliedResult",
    "AppliedRule",
    "SheetRule",
    "TableInfo",
    "apply_rules",
    "list_tables",
    "read_table",
]
