"""Which requests a caller sees, and how they look: one condition and one shape for lists, reads and steps."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kit.auth import Caller
from kit.errors import NotFound
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from shared_services.catalog.tables import Offering
from shared_services.directory import Assignment, Organization, name_on, said_of
from shared_services.requests.lifecycle import OPEN
from shared_services.requests.rules import alike
from shared_services.requests.schemas import RequestView
from shared_services.requests.tables import ServiceRequest, TransferredRequest

MAX_SIMILAR = 200
Instant = InstrumentedAttribute[datetime]
"""The column that says when something was said or done."""


def visible(caller: Caller) -> ColumnElement[bool]:
    """The requests that the caller made or serves, or that fall on a day on which it operates the school.

    So a former operator keeps its own period, and its successor sees nothing of it. What it handed over it reads as
    it was then (`transferred`). The platform sees all.
    """
    mine = caller.organization_id
    return true() if mine is None else or_(_party(mine), and_(_operated_by(mine), ~_handed_over_by(mine)))


def known_to(caller: Caller) -> ColumnElement[bool]:
    """The requests that are visible, and those that the caller handed over."""
    mine = caller.organization_id
    return true() if mine is None else or_(visible(caller), _handed_over_by(mine))


def readable(caller: Caller, at: Instant) -> ColumnElement[bool]:
    """What of known requests the caller reads of what was said or done `at` an instant: all of it in its own period,
    nothing from the day on which it operates the school no more, or from the moment of the handover."""
    mine = caller.organization_id
    if mine is None:
        return true()
    in_its_period = and_(_operated_by(mine, at), ~_handed_over_by(mine))
    return or_(_party(mine), in_its_period, _handed_over_by(mine, at))


def _party(mine: UUID) -> ColumnElement[bool]:
    return or_(ServiceRequest.requesting_organization_id == mine, ServiceRequest.providing_organization_id == mine)


def _operated_by(mine: UUID, at: Instant | None = None) -> ColumnElement[bool]:
    """On the service date it operates the school, and `at` an instant it did not yet cease to."""
    theirs = exists().where(
        Assignment.school_id == ServiceRequest.school_id,
        Assignment.organization_id == mine,
        Assignment.role == "operator",
        Assignment.during.contains(ServiceRequest.service_date),
    )
    if at is None:
        return theirs
    zone = select(Organization.time_zone).where(Organization.id == ServiceRequest.providing_organization_id)
    local = func.timezone(func.coalesce(zone.scalar_subquery(), "UTC"), at)
    return theirs.where(or_(func.upper_inf(Assignment.during), local < func.upper(Assignment.during)))


def _handed_over_by(mine: UUID, at: Instant | None = None) -> ColumnElement[bool]:
    theirs = exists().where(TransferredRequest.request_id == ServiceRequest.id, TransferredRequest.former_id == mine)
    return theirs if at is None else theirs.where(at <= TransferredRequest.transferred_at)


def requests(seen: ColumnElement[bool]) -> Select[ServiceRequest, str, str, str | None]:
    """The requests seen, each with what was asked for and the school's timeline."""
    return (
        select(ServiceRequest, Offering.code, Offering.category, said_of(ServiceRequest.school_id))
        .join(Offering, Offering.id == ServiceRequest.offering_id)
        .where(seen)
    )


def shape(row: Any) -> RequestView:
    """A row of `requests`, as it is shown."""
    request: ServiceRequest = row.ServiceRequest
    said = {name: getattr(request, name) for name in RequestView.model_fields if hasattr(request, name)}
    return RequestView.model_validate(
        said | {"school_name": name_on(row.said, request.service_date), "offering": row.code, "category": row.category}
    )


async def find_request(session: AsyncSession, seen: ColumnElement[bool], request_id: UUID) -> RequestView:
    """One of the requests seen. Raises NotFound."""
    row = (await session.execute(requests(seen).where(ServiceRequest.id == request_id))).one_or_none()
    if row is None:
        raise unknown(request_id)
    return shape(row)


async def read_request(session: AsyncSession, caller: Caller, request_id: UUID) -> RequestView:
    """A request as the caller may know it: as it is, or as it was when the caller handed it over. Raises NotFound."""
    row = (await session.execute(requests(visible(caller)).where(ServiceRequest.id == request_id))).one_or_none()
    if row is not None:
        return shape(row)
    before = await session.scalar(transferred(caller).where(TransferredRequest.request_id == request_id))
    if before is None:
        raise unknown(request_id)
    return shape_transferred(before)


def transferred(caller: Caller) -> Select[TransferredRequest]:
    """What the caller handed over. The platform hands nothing over: it sees every request as it is."""
    return select(TransferredRequest).where(TransferredRequest.former_id == caller.organization_id)


def shape_transferred(row: TransferredRequest) -> RequestView:
    """A request as it was when it was handed over."""
    return RequestView.model_validate(row.as_it_was)


async def find_similar(session: AsyncSession, seen: ColumnElement[bool], request_id: UUID) -> list[RequestView]:
    """The open requests that may ask for the same as one, the oldest first. Raises NotFound."""
    one = await find_request(session, seen, request_id)
    same = ServiceRequest.school_id == one.school_id, Offering.code == one.offering, ServiceRequest.id != one.id
    query = requests(seen).where(*same, ServiceRequest.status.in_(OPEN)).order_by(ServiceRequest.id).limit(MAX_SIMILAR)
    found = [shape(row) for row in (await session.execute(query)).all()]
    return [other for other in found if alike(other.building, one.building) and alike(other.room, one.room)]


def unknown(request_id: UUID) -> NotFound:
    """The same words whether there is no such request or it is somebody else's."""
    return NotFound(f"There is no service request {request_id} of yours.")
