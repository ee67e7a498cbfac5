"""How well a district's work was closed, counted by offering."""

from datetime import date
from typing import Any
from uuid import UUID

from kit.auth import Caller
from kit.errors import FieldError, Forbidden, Invalid
from sqlalchemy import Date, Row, Select, cast, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services import directory
from shared_services.catalog.tables import Offering
from shared_services.closures.actions import FINISHED
from shared_services.closures.schemas import ClosureLine, ClosureReport
from shared_services.closures.tables import Closure
from shared_services.requests.tables import ServiceRequest, Transition


async def report_closures(
    session: AsyncSession, caller: Caller, district_id: UUID, first: date, end: date
) -> ClosureReport:
    """Count the work first completed in the months `[first, end)` of the district. Raises Forbidden, Invalid."""
    if caller.organization_id not in (None, district_id):
        raise Forbidden("Only the district itself or the platform's administrator reads how its work was closed.")
    first, end = first.replace(day=1), end.replace(day=1)
    if end <= first:
        error = FieldError("query.endMonth", "after-start", "name a month after firstMonth", value=str(end))
        raise Invalid("There is no month to report on.", errors=[error])
    zone = await directory.time_zone(session, district_id)
    rows = (await session.execute(_counts(district_id, first, end, zone))).all()
    causes: dict[str, dict[str, int]] = {}
    for row in await session.execute(_causes(district_id, first, end, zone)):
        causes.setdefault(row.code, {})[row.root_cause] = row.requests
    lines = [_line(row, causes.get(row.code, {})) for row in rows]
    return ClosureReport(district_id=district_id, first_month=first, end_month=end, offerings=lines)


def _line(row: Row[Any], causes: dict[str, int]) -> ClosureLine:
    return ClosureLine(
        offering=row.code,
        completed=row.completed,
        reopened=row.reopened,
        reopened_percent=round(100 * row.reopened / row.completed),
        rated=row.rated,
        satisfaction_mean=None if row.mean is None else round(float(row.mean), 2),
        root_causes=causes,
    )


def _finished(district_id: UUID, first: date, end: date, zone: str) -> Select[*tuple[Any, ...]]:
    """The requests first completed in the months, each with its offering's code and what is known of its closure."""
    done = Transition.request_id == ServiceRequest.id, Transition.to_status == "completed"
    completed = select(func.min(Transition.at)).where(*done).scalar_subquery()
    day = cast(func.timezone(zone, completed), Date)
    back = Transition.from_status.in_(FINISHED), Transition.to_status == "in-progress"
    return (
        select(
            Offering.code,
            exists().where(Transition.request_id == ServiceRequest.id, *back).label("reopened"),
            Closure.satisfaction,
            Closure.root_cause,
        )
        .join_from(ServiceRequest, Offering, Offering.id == ServiceRequest.offering_id)
        .outerjoin(Closure, Closure.request_id == ServiceRequest.id)
        .where(ServiceRequest.providing_organization_id == district_id, day >= first, day < end)
    )


def _counts(district_id: UUID, first: date, end: date, zone: str) -> Select[Any]:
    one = _finished(district_id, first, end, zone).subquery().c
    return (
        select(
            one.code,
            func.count().label("completed"),
            func.count().filter(one.reopened).label("reopened"),
            func.count(one.satisfaction).label("rated"),
            func.avg(one.satisfaction).label("mean"),
        )
        .group_by(one.code)
        .order_by(one.code)
    )


def _causes(district_id: UUID, first: date, end: date, zone: str) -> Select[Any]:
    one = _finished(district_id, first, end, zone).subquery().c
    counted = select(one.code, one.root_cause, func.count().label("requests")).where(one.root_cause.is_not(None))
    return counted.group_by(one.code, one.root_cause).order_by(one.root_cause)
