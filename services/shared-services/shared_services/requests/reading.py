"""Which requests a caller sees, and how they look: one condition and one shape for lists, reads and steps."""

from typing import Any
from uuid import UUID

from kit.auth import Caller
from kit.errors import NotFound
from sqlalchemy import ColumnElement, Select, exists, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.catalog.tables import Offering
from shared_services.directory import Assignment, School, name_on
from shared_services.requests.lifecycle import OPEN
from shared_services.requests.rules import alike
from shared_services.requests.schemas import RequestView
from shared_services.requests.tables import ServiceRequest

MAX_SIMILAR = 200


def visible(caller: Caller) -> ColumnElement[bool]:
    """The requests that the caller made or serves, or that fall on a day on which it operates the school.

    So a former operator keeps its own period, and its successor sees nothing of it. The platform sees all.
    """
    mine = caller.organization_id
    if mine is None:
        return true()
    operates = exists().where(
        Assignment.school_id == ServiceRequest.school_id,
        Assignment.organization_id == mine,
        Assignment.role == "operator",
        Assignment.during.contains(ServiceRequest.service_date),
    )
    return or_(
        ServiceRequest.requesting_organization_id == mine, ServiceRequest.providing_organization_id == mine, operates
    )


def requests(seen: ColumnElement[bool]) -> Select[Any]:
    """The requests seen, each with what was asked for and the school's timeline."""
    return (
        select(ServiceRequest, Offering.code, Offering.category, School.said)
        .join(Offering, Offering.id == ServiceRequest.offering_id)
        .outerjoin(School, School.id == ServiceRequest.school_id)
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
