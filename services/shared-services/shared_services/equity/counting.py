"""How fast requests were served, counted in the database by every grouping at once."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from contracts.shared_services import RequestStatus
from sqlalchemy import Date, Float, Select, Text, case, cast, func, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement

from shared_services.directory import Assignment
from shared_services.equity.opening import Opening
from shared_services.equity.rules import DIMENSIONS, GROUPINGS, Group, Served
from shared_services.requests.tables import ServiceRequest, Transition

NOTHING_TO_SERVE: tuple[RequestStatus, ...] = ("cancelled", "duplicate")
NONE = "none"
HOURS = {
    f"{what}_{hours}_{name}": (f"{what}_{hours}", share)
    for what in ("response", "completion")
    for hours in ("hours", "open_hours")
    for name, share in (("median", 0.5), ("p90", 0.9))
}


@dataclass(frozen=True)
class Months:
    """What is reported on: a district's months `[first, end)`, local in its zone, and when it was open."""

    district_id: UUID
    first: date
    end: date
    zone: str
    opening: Opening


async def count_served(session: AsyncSession, asked: Months, minimum: int) -> dict[Group, Served]:
    """How a district's requests were served, by group.

    A percentile is the nearest rank, and absent where fewer than `minimum` requests have such hours.
    """
    found = _requests(asked).subquery()
    percentiles = []
    for name, (clock, share) in HOURS.items():
        hours = found.c[clock]
        ranked = func.percentile_disc(share).within_group(hours)
        percentiles.append(case((func.count(hours) >= minimum, ranked)).label(name))
    groupings = [tuple_(*(found.c[name] for name in grouping)) for grouping in GROUPINGS]
    query = select(*(found.c[name] for name in DIMENSIONS), func.count().label("requests"), *percentiles)
    rows = await session.execute(query.group_by(func.grouping_sets(*groupings)))
    return {_group(row): _served(row) for row in rows}


def _requests(asked: Months) -> Select[*tuple[Any, ...]]:
    """Each request with its group and its hours."""
    open_time = asked.opening.table()
    facts = ServiceRequest.entitlement["facts"]
    arrangement = facts["arrangement"].astext
    local = func.timezone(asked.zone, ServiceRequest.submitted_at)
    answered = (
        select(func.min(Transition.at))
        .where(Transition.request_id == ServiceRequest.id, Transition.side == "provider")
        .scalar_subquery()
    )
    query = select(
        case((arrangement.is_(None), NONE), (arrangement == "traditional", "traditional"), else_="autonomous").label(
            "schoolKind"
        ),
        func.coalesce(facts["operatorIds"][0].astext, NONE).label("operator"),
        func.coalesce(ServiceRequest.priority, NONE).label("priority"),
        func.coalesce(_network(), NONE).label("region"),
        func.to_char(local, "YYYY-MM").label("month"),
        *(
            column
            for what, at in (("response", answered), ("completion", ServiceRequest.completed_at.expression))
            for column in (
                _hours_until(at).label(f"{what}_hours"),
                asked.opening.hours(open_time, ServiceRequest.submitted_at.expression, at).label(f"{what}_open_hours"),
            )
        ),
    )
    return query.join_from(ServiceRequest, open_time, true()).where(
        ServiceRequest.providing_organization_id == asked.district_id,
        ServiceRequest.status.not_in(NOTHING_TO_SERVE),
        cast(local, Date) >= asked.first,
        cast(local, Date) < asked.end,
    )


def _network() -> ColumnElement[str]:
    """The network of schools to which the school belonged on the service date: a district's regions."""
    return (
        select(cast(Assignment.organization_id, Text))
        .where(
            Assignment.school_id == ServiceRequest.school_id,
            Assignment.role == "network",
            Assignment.during.contains(ServiceRequest.service_date),
        )
        .order_by(Assignment.organization_id)
        .limit(1)
        .scalar_subquery()
    )


def _hours_until(instant: ColumnElement[Any]) -> ColumnElement[float]:
    return cast(func.extract("epoch", instant - ServiceRequest.submitted_at) / 3600, Float)


def _group(row: Any) -> Group:
    said = row._mapping
    return tuple((name, said[name]) for name in DIMENSIONS if said[name] is not None)


def _served(row: Any) -> Served:
    said = row._mapping
    # A percentile is the time of one request: to the tenth of an hour it singles out nobody.
    rounded = {name: None if said[name] is None else round(float(said[name]), 1) for name in HOURS}
    return Served(row.requests, rounded)
