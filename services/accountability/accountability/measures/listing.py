"""Measures as they are read: as known now, at a time, or with a file. What was corrected is never gone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from accountability.measures.schemas import MeasureImportView, MeasureView
from accountability.measures.tables import Indicator, Measure, MeasureImport

Query = Select[*tuple[Any, ...]]
KEYS: Sequence[ColumnElement[Any] | InstrumentedAttribute[Any]] = (
    Measure.school_year,
    Measure.indicator,
    Measure.school_id,
    Measure.student_group,
)
"""What tells measures apart that were known at one time."""


def known(known_at: datetime | None, input_version: int | ColumnElement[int] | None) -> Query:
    """All measures as known at a time, or with a file of measures, or now."""
    query: Query = (
        select(Measure, Indicator.code, MeasureImport.source, MeasureImport.recorded_at)
        .join(Indicator, Indicator.number == Measure.indicator)
        .join(MeasureImport, MeasureImport.number == Measure.import_number)
    )
    if input_version is not None:
        later = or_(Measure.superseded_in.is_(None), Measure.superseded_in > input_version)
        query = query.where(Measure.import_number <= input_version, later)
    if known_at is not None:
        correction = aliased(MeasureImport)
        query = query.outerjoin(correction, correction.number == Measure.superseded_in).where(
            MeasureImport.recorded_at <= known_at,
            or_(correction.number.is_(None), correction.recorded_at > known_at),
        )
    if known_at is None and input_version is None:
        query = query.where(Measure.superseded_in.is_(None))
    return query


def shape(row: Any) -> MeasureView:
    """A row of `known`, as shown."""
    measure: Measure = row.Measure
    names = set(MeasureView.model_fields) - {"indicator", "source", "recorded_at"}
    shown = {name: getattr(measure, name) for name in names}
    return MeasureView(indicator=row.code, source=row.source, recorded_at=row.recorded_at, **shown)


def import_shape(row: MeasureImport) -> MeasureImportView:
    """A file of measures, as shown."""
    return MeasureImportView(
        import_number=row.number,
        source=row.source,
        sha256=row.sha256,
        client_id=row.client_id,
        recorded_at=row.recorded_at,
    )
