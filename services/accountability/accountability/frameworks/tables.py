"""Versions of frameworks, which year each is in charge of, and every step of their lives."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accountability.frameworks.lifecycle import Status
from accountability.rows import Row


class RegisteredFramework(Row):
    """A version of a framework. A draft may be replaced; from its first activation on it never changes, so that what
    was rated by it stays explainable. `owner_id` says who authors it; none: the platform."""

    __tablename__ = "framework"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[str] = mapped_column(Text, primary_key=True)
    sha256: Mapped[str] = mapped_column(Text)
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    registered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    revision: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    owner_id: Mapped[UUID | None]
    display_labels: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"))


class FrameworkYear(Row):
    """What a version is for a rating year. A version without any such row is a draft."""

    __tablename__ = "framework_year"
    __table_args__ = (
        ForeignKeyConstraint(["framework_id", "version"], ["framework.id", "framework.version"]),
        Index(
            "uq_framework_year_in_charge",
            "framework_id",
            "school_year",
            unique=True,
            postgresql_where=text("status in ('active', 'suspended')"),
        ),
    )

    framework_id: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[str] = mapped_column(Text, primary_key=True)
    school_year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    status: Mapped[Status] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class FrameworkStep(Row):
    """Who did what with a version, when and why: drafts too, of which no event tells. Only ever appended."""

    __tablename__ = "framework_step"
    __table_args__ = (
        ForeignKeyConstraint(["framework_id", "version"], ["framework.id", "framework.version"]),
        Index("ix_framework_step_framework_id", "framework_id", "version"),
    )

    number: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    framework_id: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    school_years: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    reason: Mapped[str | None] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    labels: Mapped[dict[str, str]] = mapped_column(JSONB)
    client_id: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
