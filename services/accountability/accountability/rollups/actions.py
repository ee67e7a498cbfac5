"""Roll up a district, record rules and what the state published; each computes anew what it is about."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from kit.auth import Caller
from kit.errors import Conflict, FieldError, Invalid, NotFound
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.calendars import calendar_of
from accountability.directory import School
from accountability.ratings.tables import publications_of
from accountability.rollups.computing import compute
from accountability.rollups.entitled import require_home
from accountability.rollups.figures import RATING
from accountability.rollups.inputs import basis, indicators_of
from accountability.rollups.schemas import NewOfficialFigure, NewRollup, NewRollupRule, RollupRuleView
from accountability.rollups.tables import InclusionRule, OfficialFigure, Rollup

OCTOBER = 10
"""NCES counts pupils on 1 October."""


class RolledUp(Conflict):
    """This district is rolled up already"""

    type = "rolled-up"


async def roll_up(session: AsyncSession, caller: Caller, body: NewRollup, now: datetime) -> Rollup:
    """Roll up a district's schools for the first time. Raises Forbidden, Invalid, RolledUp."""
    await require_home(session, caller, body.organization_id)
    # A publication that is under way would not know of this roll-up, nor it of what is published.
    await session.execute(select(func.pg_advisory_xact_lock(publications_of(body.school_year))))
    public = await basis(session, body.framework, body.school_year)
    if public is None:
        error = FieldError(
            "framework", "not-published", "publish a run by it for this year first", value=body.framework
        )
        raise Invalid("Roll-ups are made of published ratings.", errors=[error])
    known = await indicators_of(session, body.framework, public)
    errors = [
        FieldError(f"growthIndicators.{place}", "unknown", f"choose of {', '.join(known)}", value=code)
        for place, code in enumerate(body.growth_indicators)
        if code not in known
    ]
    if errors:
        raise Invalid("The framework has no such indicators.", errors=errors)
    day, source = await _count_date(session, body, public.data_year)
    said = body.model_dump(exclude={"framework", "count_date"})
    rollup = Rollup(version=0, framework_id=body.framework, count_date=day, count_date_source=source, **said)
    await _require_new(session, rollup)
    session.add(rollup)
    await session.flush()
    computed = await compute(session, caller, rollup, "first computed", now)
    if computed is None or not computed.standings:
        message = "no school of the district is known on that day: register its schools from then on, or ask another"
        raise Invalid(
            "There is nothing to roll up.", errors=[FieldError("countDate", "no-schools", message, value=str(day))]
        )
    return rollup


async def _require_new(session: AsyncSession, rollup: Rollup) -> None:
    same = select(Rollup.id).where(
        Rollup.organization_id == rollup.organization_id,
        Rollup.framework_id == rollup.framework_id,
        Rollup.school_year == rollup.school_year,
    )
    existing = await session.scalar(same)
    if existing is not None:
        raise RolledUp(f"It is roll-up {existing}; it is computed anew by itself.", rollupId=str(existing))


async def _count_date(session: AsyncSession, body: NewRollup, data_year: int) -> tuple[date, str]:
    if body.count_date is not None:
        return body.count_date, "as asked"
    calendar = await calendar_of(session, body.organization_id, data_year)
    if calendar is not None and calendar.count_dates:
        first = min(calendar.count_dates, key=lambda each: each.day)
        return first.day, f"the district's calendar: {first.name}"
    return date(data_year - 1, OCTOBER, 1), "1 October of the data year, as no calendar says otherwise"


async def record_official(
    session: AsyncSession, caller: Caller, rollup_id: UUID, body: NewOfficialFigure, now: datetime
) -> Rollup:
    """Record what the state published of the district. Raises NotFound, Forbidden, Invalid."""
    rollup = await find_rollup(session, rollup_id, lock=True)
    await require_home(session, caller, rollup.organization_id)
    public = await basis(session, rollup.framework_id, rollup.school_year)
    known = [*(await indicators_of(session, rollup.framework_id, public) if public else ()), RATING]
    if body.figure not in known:
        error = FieldError("figure", "unknown", f"choose of {', '.join(known)}", value=body.figure)
        raise Invalid("The roll-up has no such figure.", errors=[error])
    session.add(
        OfficialFigure(
            rollup_id=rollup.id,
            figure=body.figure,
            value=Decimal(repr(body.value)),
            source=body.source,
            counts_otherwise=[each.model_dump(mode="json", by_alias=True) for each in body.counts_otherwise],
            client_id=caller.client_id,
            recorded_at=now,
        )
    )
    await session.flush()
    await compute(session, caller, rollup, body.reason, now)
    return rollup


async def record_rule(session: AsyncSession, caller: Caller, body: NewRollupRule, now: datetime) -> RollupRuleView:
    """Record how schools count, and compute the district's roll-ups anew. Raises Forbidden, Invalid."""
    await require_home(session, caller, body.organization_id)
    if body.school_id is not None and await session.get(School, body.school_id) is None:
        error = FieldError("schoolId", "unknown", "no such school is known here", value=str(body.school_id))
        raise Invalid("The rule is about no school that is known.", errors=[error])
    rule = InclusionRule(**body.model_dump(), client_id=caller.client_id, recorded_at=now)
    session.add(rule)
    await session.flush()
    for rollup in await rollups_of(session, [body.organization_id]):
        await compute(session, caller, rollup, body.reason, now)
    return rule_shape(rule)


async def rollups_of(session: AsyncSession, districts: Sequence[UUID]) -> Sequence[Rollup]:
    """The roll-ups of these districts, locked."""
    of = select(Rollup).where(Rollup.organization_id.in_(districts)).order_by(Rollup.id)
    return (await session.scalars(of.with_for_update())).all()


async def find_rollup(session: AsyncSession, rollup_id: UUID, *, lock: bool = False) -> Rollup:
    """The roll-up. Raises NotFound."""
    rollup = await session.get(Rollup, rollup_id, with_for_update=lock)
    if rollup is None:
        raise NotFound(f"There is no roll-up {rollup_id}.")
    return rollup


def rule_shape(rule: InclusionRule) -> RollupRuleView:
    """A rule as shown."""
    return RollupRuleView.model_validate({name: getattr(rule, name) for name in RollupRuleView.model_fields})
