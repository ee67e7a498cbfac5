"""Record breaks, and find those of a figure."""

from collections.abc import Sequence
from datetime import datetime

from kit.auth import Caller
from kit.errors import FieldError, Invalid
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.breaks.schemas import NewSeriesBreak, SeriesBreakView
from accountability.breaks.tables import SeriesBreak
from accountability.ratings.figures import Source
from accountability.ratings.sources import source_faults
from accountability.visibility import require_steward


async def record_series_break(
    session: AsyncSession, caller: Caller, body: NewSeriesBreak, now: datetime
) -> SeriesBreakView:
    """Record a break. What was evaluated before it was known stays as it is. Raises Forbidden, Invalid."""
    await require_steward(session, caller, "records breaks")
    errors: list[FieldError] = await source_faults(session, caller, body.framework, body.indicator)
    if errors:
        raise Invalid("The break cannot be recorded; see `errors`.", errors=errors)
    owner = {"organization_id": caller.organization_id, "client_id": caller.client_id, "recorded_at": now}
    row = SeriesBreak(framework_id=body.framework, **body.model_dump(exclude={"framework"}), **owner)
    session.add(row)
    await session.flush()
    return shape(row)


async def breaks_of(session: AsyncSession, source: Source, known_at: datetime) -> Sequence[SeriesBreak]:
    """The breaks in a figure that were known at a time, by year."""
    query = select(SeriesBreak).where(
        SeriesBreak.framework_id == source.framework,
        or_(SeriesBreak.indicator.is_(None), SeriesBreak.indicator == source.indicator),
        SeriesBreak.recorded_at <= known_at,
    )
    return (await session.scalars(query.order_by(SeriesBreak.from_year, SeriesBreak.id))).all()


def shape(row: SeriesBreak) -> SeriesBreakView:
    """A break as shown."""
    names = SeriesBreakView.model_fields.keys() - {"framework"}
    return SeriesBreakView(framework=row.framework_id, **{name: getattr(row, name) for name in names})
