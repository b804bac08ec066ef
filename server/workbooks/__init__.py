"""Workbooks: tables read from them, rules applied to them without losing a byte."""

from server.workbooks.tables import TableInfo, list_tables, read_table

__all__ = ["TableInfo", "list_tables", "read_table"]
