"""Rows as JSON, and how many a statement has touched."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CursorResult, Executable, inspect
from sqlalchemy.orm import Session

from server.store.models import Base


def as_json(row: Base) -> dict[str, object]:
    """Every column of a row by its name, times in ISO 8601."""
    names = (column.key for column in inspect(type(row)).column_attrs)
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value


def touched(session: Session, statement: Executable) -> int:
    """How many rows a statement that changes some has changed."""
    found = session.execute(statement)
    return found.rowcount if isinstance(found, CursorResult) else 0


def clean(text: str, most: int | None = None) -> str:
    """A text as every database takes it: without NUL, and cut where it is too long."""
    return text.replace("\0", "")[:most]
