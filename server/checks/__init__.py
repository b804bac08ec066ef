"""Checks for testers: lint of the rules in workbooks, and suites of expectations."""
