"""A second opinion from formulon, an independent engine, in a process with a time limit."""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from grammar.native import NativeRule
from grammar.ranges import Area
from grammar.values import ExcelError, to_serial

WORKER = Path(__file__).with_name("oracle_worker.py")
SECONDS = 120


class OracleError(Exception):
    """The engine failed or took too long."""


class Oracle:
    """One engine process; started anew after it has hung."""

    def __init__(self):
        self._process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """End the engine's process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def ask(self, table, rules, today):
        """For every rule (see ``expression`` and ``native``) the table rows that it formats."""
        request = {
            "cells": list(_cells(table)),
            "rules": rules,
            "today": to_serial(today),
            "now": [today.year, today.month, today.day],
        }
        reply = self._exchange(json.dumps(request))
        if "error" in reply:
            raise OracleError(reply["error"])
        return [sorted(row - table.first_row for row in rows) for rows in reply["rows"]]

    def _exchange(self, line):
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(SECONDS):
                self.stop()
                raise OracleError(f"no answer within {SECONDS} seconds")
        return json.loads(self._process.stdout.readline() or '{"error": "the engine died"}')


def expression(formula: str, area: Area) -> dict[str, object]:
    """A rule by formula (with its ``=``) on an area."""
    return {"type": "expression", "formulas": [formula.removeprefix("=")], "area": _corners(area)}


def native(rule: NativeRule, area: Area) -> dict[str, object]:
    """A native rule on an area."""
    return {**asdict(rule), "area": _corners(area)}


def _corners(area):
    return [area.first_column, area.first_row, area.last_column, area.last_row]


def _cells(table):
    for index, column in enumerate(table.columns):
        if table.has_header:
            yield [index, table.first_row - 1, "text", column.header]
        for row, value in enumerate(column.values, table.first_row):
            if value is not None:
                yield [index, row, _kind(value), _plain(value)]


def _kind(value):
    if isinstance(value, ExcelError):
        return "error"
    return {bool: "bool", float: "number", str: "text"}[type(value)]


def _plain(value):
    return value.value if isinstance(value, ExcelError) else value
