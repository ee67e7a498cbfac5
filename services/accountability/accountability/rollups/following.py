"""What computes roll-ups anew: ratings and measures that are published, agreements and assignments that change."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from contracts.event import Envelope
from contracts.registry import AgreementChanged, SchoolChanged
from kit.auth import Caller
from kit.clock import utc_now
from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.agreements import keep_agreement
from accountability.directory import School, keep_school
from accountability.goals.evaluating import evaluate_by_agreement
from accountability.ratings.changes import Change
from accountability.rollups.actions import rollups_of
from accountability.rollups.computing import compute
from accountability.rollups.tables import Rollup
from accountability.runs.tables import Run


async def follow_ratings(session: AsyncSession, caller: Caller, changes: Sequence[Change], now: datetime) -> None:
    """Ratings were published or revised."""
    years = {(change.rating.framework_id, change.rating.school_year) for change in changes}
    reason = next((change.reason for change in changes if change.reason is not None), "ratings were published")
    await compute_years(session, caller, years, reason, now)


async def follow_run(session: AsyncSession, caller: Caller, run: Run, now: datetime) -> None:
    """A run was published by which no rating changes; the measures that it read may have."""
    await compute_years(session, caller, [(run.framework_id, run.school_year)], "measures were published", now)


async def hear_agreement(session: AsyncSession, event: AgreementChanged, envelope: Envelope) -> None:
    """Keep an agreement; its district's roll-ups, and its goals, change if it counts otherwise on their dates."""
    if await keep_agreement(session, event, envelope):
        districts = [party.organization_id for party in event.parties]
        await _compute_districts(session, districts, f"agreement {event.id}, version {event.version}")
        await evaluate_by_agreement(session, event.id, utc_now())


async def hear_school(session: AsyncSession, event: SchoolChanged, envelope: Envelope) -> None:
    """Keep a school; the roll-ups of its districts change if it was or is theirs on their count dates."""
    row = await session.get(School, event.id)
    before = SchoolChanged.read(row.said) if row is not None else None
    await keep_school(session, event, envelope)
    if before is None or (before.assignments, before.facts) != (event.assignments, event.facts):
        assignments = [*event.assignments, *(before.assignments if before else ())]
        districts = {held.organization_id for held in assignments}
        await _compute_districts(session, districts, f"school {event.id}, version {event.version}")


async def compute_years(
    session: AsyncSession, caller: Caller, years: Iterable[tuple[str, int]], reason: str, now: datetime
) -> None:
    """Compute anew the roll-ups by these frameworks for these rating years."""
    of = select(Rollup).where(tuple_(Rollup.framework_id, Rollup.school_year).in_(list(years))).order_by(Rollup.id)
    for rollup in await session.scalars(of.with_for_update()):
        await compute(session, caller, rollup, reason, now)


async def _compute_districts(session: AsyncSession, districts: Iterable[UUID], reason: str) -> None:
    for rollup in await rollups_of(session, sorted(districts)):
        await compute(session, None, rollup, reason, utc_now())
