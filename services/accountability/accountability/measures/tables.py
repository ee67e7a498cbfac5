"""Indicators, files of measures, and the measures."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Float, Identity, Index, Integer, SmallInteger, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from accountability.rows import Row


def measures_of(school_year: int) -> int:
    """The advisory lock on a year's measures: files are loaded one by one, and runs wait for them."""
    return 72_626_114_220_000 + school_year


class Indicator(Row):
    """What can be measured, and which values are possible. Frameworks define them."""

    __tablename__ = "indicator"

    number: Mapped[int] = mapped_column(SmallInteger, Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(Text, unique=True)
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    minimum: Mapped[float | None] = mapped_column(Float)
    maximum: Mapped[float | None] = mapped_column(Float)
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text))


class MeasureImport(Row):
    """A file of measures. Its number orders what was known when."""

    __tablename__ = "measure_import"

    number: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Measure(Row):
    """A value of an indicator for a school and student group. Corrected by a newer row, never overwritten."""

    __tablename__ = "measure"
    __table_args__ = (
        Index(
            "uq_measure_current",
            "school_year",
            "indicator",
            "school_id",
            "student_group",
            unique=True,
            postgresql_where=text("superseded_in is null"),
        ),
        Index("ix_measure_school_id", "school_id", "school_year"),
    )

    # Narrow on purpose, and without a key of its own: a state sends millions of these.
    import_number: Mapped[int] = mapped_column(Integer, primary_key=True)
    school_id: Mapped[UUID] = mapped_column(primary_key=True)
    school_year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    data_year: Mapped[int] = mapped_column(SmallInteger)
    indicator: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    student_group: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[float | None] = mapped_column(Float)
    category: Mapped[str | None] = mapped_column(Text)
    n: Mapped[int | None] = mapped_column(BigInteger)
    participation: Mapped[float | None] = mapped_column(Float)
    numerator: Mapped[float | None] = mapped_column(Float)
    denominator: Mapped[float | None] = mapped_column(Float)
    superseded_in: Mapped[int | None] = mapped_column(Integer)
