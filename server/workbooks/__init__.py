"""Workbooks: tables read from them, rules applied to them without losing a byte."""
