"""Roll-ups and their versions, the rules that people recorded, and the figures that a state published."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accountability.rollups.law import Treatment
from accountability.rows import Row


class Rollup(Row):
    """That a district's schools are rolled up by a framework for a year. What it gives is in its versions."""

    __tablename__ = "rollup"
    __table_args__ = (UniqueConstraint("organization_id", "framework_id", "school_year"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(Integer)
    organization_id: Mapped[UUID]
    framework_id: Mapped[str] = mapped_column(Text)
    school_year: Mapped[int] = mapped_column(SmallInteger)
    count_date: Mapped[date] = mapped_column(Date)
    count_date_source: Mapped[str] = mapped_column(Text)
    growth_indicators: Mapped[list[str]] = mapped_column(ARRAY(Text))
    digits: Mapped[int] = mapped_column(SmallInteger)


class RollupVersion(Row):
    """What a roll-up gave, and why it was computed. It is never changed."""

    __tablename__ = "rollup_version"

    rollup_id: Mapped[UUID] = mapped_column(ForeignKey("rollup.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    data_year: Mapped[int] = mapped_column(SmallInteger)
    input_version: Mapped[int] = mapped_column(Integer)
    computed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str] = mapped_column(Text)
    standings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    figures: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    minimum_n: Mapped[int] = mapped_column(Integer)


class InclusionRule(Row):
    """How a school, or all schools under an instrument, count in a district. A newer rule goes before an older."""

    __tablename__ = "rollup_rule"
    __table_args__ = (
        CheckConstraint("(school_id is null) <> (instrument is null)", name="about"),
        Index("ix_rollup_rule_organization_id", "organization_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    organization_id: Mapped[UUID]
    school_id: Mapped[UUID | None]
    instrument: Mapped[str | None] = mapped_column(Text)
    from_year: Mapped[int] = mapped_column(SmallInteger)
    to_year: Mapped[int | None] = mapped_column(SmallInteger)
    treatment: Mapped[Treatment] = mapped_column(Text)
    citation: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class OfficialFigure(Row):
    """What a state published of the district, and which schools it counted otherwise. A newer one stands for it."""

    __tablename__ = "rollup_official"
    __table_args__ = (Index("ix_rollup_official_rollup_id", "rollup_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    rollup_id: Mapped[UUID] = mapped_column(ForeignKey("rollup.id"))
    figure: Mapped[str] = mapped_column(Text)
    value: Mapped[Decimal] = mapped_column(Numeric)
    source: Mapped[str] = mapped_column(Text)
    counts_otherwise: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    client_id: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
