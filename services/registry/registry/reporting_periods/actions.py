"""Lock a reporting period, and refuse what would change a locked one without saying why."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from contracts.registry import ReportingPeriodLocked
from fastapi import Query
from kit.auth import Caller
from kit.errors import Conflict, FieldError
from kit.journal import record
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from registry.organizations.actions import require_steward, sees_all_schools
from registry.reporting_periods.schemas import NewReportingPeriod, ReportingPeriodView
from registry.reporting_periods.tables import ReportingPeriod

OverrideReason = Annotated[
    str | None,
    Query(
        alias="overrideReason",
        min_length=1,
        max_length=1000,
        pattern=r"^[^\x00]+$",
        description="Why a locked reporting period is changed all the same; kept in the audit trail.",
    ),
]


class PeriodLocked(Conflict):
    """This lies in a locked reporting period"""

    type = "reporting-period-locked"


class NameTaken(Conflict):
    """This name is in use"""

    type = "name-taken"


async def lock_reporting_period(
    session: AsyncSession, caller: Caller, body: NewReportingPeriod, now: datetime
) -> ReportingPeriodView:
    """Lock the days before a date. A district locks its own schools, a state agency and the platform all.

    Raises Forbidden, NameTaken.
    """
    await require_steward(session, caller)
    everybody = await sees_all_schools(session, caller)
    row = ReportingPeriod(
        organization_id=None if everybody else caller.organization_id,
        name=body.name,
        until=body.until,
        locked_at=body.locked_at or now,
    )
    session.add(row)
    try:
        await session.flush()
    except IntegrityError as error:
        raise NameTaken(f"There is a reporting period {body.name!r} already; choose another name.") from error
    view = ReportingPeriodView.model_validate(row, from_attributes=True)
    await record(session, ReportingPeriodLocked(**view.model_dump(), version=1), caller=caller)
    return view


async def locks_in_force(session: AsyncSession) -> Sequence[ReportingPeriod]:
    """The locks that hold at this instant, the longest-reaching first."""
    held = select(ReportingPeriod).where(ReportingPeriod.locked_at <= func.clock_timestamp())
    return (await session.scalars(held.order_by(ReportingPeriod.until.desc()))).all()


def lock_on(
    locks: Iterable[ReportingPeriod], first_day: date | None, organizations: set[UUID]
) -> ReportingPeriod | None:
    """The lock under which what is said of `first_day` is settled, for schools of one of `organizations`."""
    for lock in locks:
        of_these = lock.organization_id is None or lock.organization_id in organizations
        if first_day is not None and of_these and first_day < lock.until:
            return lock
    return None


def locked(lock: ReportingPeriod, first_day: date) -> PeriodLocked:
    """The refusal of a change that reaches back to `first_day`."""
    return PeriodLocked(
        f"The change reaches back to {first_day}, and the reporting period {lock.name!r} locks every day before "
        f"{lock.until}: let it begin then, or say why with `overrideReason`.",
        errors=[FieldError("validFrom", "locked", f"lies before {lock.until}", value=str(first_day))],
        reportingPeriod=lock.name,
    )
