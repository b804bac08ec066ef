"""The tables. No cell is in any of them; rules hold the literals that they compare with."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Dialect,
    Index,
    Integer,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def now() -> dt.datetime:
    """This moment, in UTC."""
    return dt.datetime.now(dt.UTC)


class Moment(TypeDecorator[dt.datetime]):
    """A time in UTC, whatever the database makes of zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        return value.astimezone(dt.UTC) if value else None

    def process_result_value(
        self, value: dt.datetime | None, dialect: Dialect
    ) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


_Count = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers the rows of no other type by itself."""
PERSON = 200
"""Characters of a subject or a tenant."""


class Base(DeclarativeBase):
    """All tables; the migrations make them."""


class OfPerson:
    """Who it is about: the ids of the directory, no names."""

    tenant: Mapped[str] = mapped_column(String(PERSON))
    subject: Mapped[str] = mapped_column(String(PERSON), index=True)


class Asked(OfPerson, Base):
    """One suggestion: its shape, and its text only where the settings keep requests."""

    __tablename__ = "suggestions"

    id: Mapped[int] = mapped_column(_Count, primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
    day: Mapped[dt.date] = mapped_column(Date, index=True)
    request_id: Mapped[str] = mapped_column(String(128))
    length: Mapped[int] = mapped_column(Integer)
    candidates: Mapped[int] = mapped_column(Integer)
    abstained: Mapped[bool] = mapped_column(Boolean)
    milliseconds: Mapped[int] = mapped_column(Integer)
    request: Mapped[str | None] = mapped_column(Text)


class Decision(OfPerson, Base):
    """A reading that somebody accepted or rejected."""

    __tablename__ = "decisions"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
    day: Mapped[dt.date] = mapped_column(Date, index=True)
    request_id: Mapped[str] = mapped_column(String(128))
    accepted: Mapped[bool] = mapped_column(Boolean)
    rank: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str | None] = mapped_column(String(20))
    condition: Mapped[str] = mapped_column(Text)
    """The canonical texts of the rules' conditions, a line each."""
    rules: Mapped[list[Any]] = mapped_column(JSON)
    kinds: Mapped[list[Any]] = mapped_column(JSON)
    """What the table's columns hold, as ``number``; nothing of their cells or names."""
    request: Mapped[str | None] = mapped_column(Text)


class LibraryRule(Base):
    """Rules that the organisation has given a name."""

    __tablename__ = "library"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    description: Mapped[str] = mapped_column(String(500))
    rules: Mapped[list[Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(Integer)
    at: Mapped[dt.datetime] = mapped_column(Moment)
    subject: Mapped[str] = mapped_column(String(PERSON))
    """Who wrote this version."""


class Audited(OfPerson, Base):
    """Who did what to which object, and when."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(_Count, primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
    action: Mapped[str] = mapped_column(String(40))
    object: Mapped[str] = mapped_column(String(PERSON))


class Key(Base):
    """A key for scripts, by the hash of its secret."""

    __tablename__ = "keys"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    digest: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(20))
    scopes: Mapped[list[Any]] = mapped_column(JSON)
    tenant: Mapped[str] = mapped_column(String(PERSON))
    created_by: Mapped[str] = mapped_column(String(PERSON))
    created: Mapped[dt.datetime] = mapped_column(Moment)
    expires: Mapped[dt.datetime | None] = mapped_column(Moment)
    revoked: Mapped[dt.datetime | None] = mapped_column(Moment)


Index("ix_decisions_accepted_day", Decision.accepted, Decision.day)
