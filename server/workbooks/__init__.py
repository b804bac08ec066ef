"""Workbooks: tables read from them, rules applied to them without losing a byte."""

from server.workbooks.apply import AppliedResult, AppliedRule, apply_rules
from server.workbooks.existing import (
    ListedRule,
    list_rules,
    remove_rules,
    reorder_rules,
    replace_rule,
)
from server.workbooks.merge import MergeResult, merge_rules, merge_workbook
from server.workbooks.sheet_rule import SheetRule
from server.workbooks.tables import TableInfo, list_tables, read_table

__all__ = [
    "AppliedResult",
    "AppliedRule",
    "ListedRule",
    "MergeResult",
    "SheetRule",
    "TableInfo",
    "apply_rules",
    "list_rules",
    "list_tables",
    "merge_rules",
    "merge_workbook",
    "read_table",
    "remove_rules",
    "reorder_rules",
    "replace_rule",
]
