"""Which requests a caller sees, and how they look: one condition and one shape for lists, reads and steps."""

from typing import Any
from uuid import UUID

from contracts.registry import SchoolChanged
from kit.auth import Caller
from kit.errors import NotFound
from sqlalchemy import ColumnElement, Select, exists, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.catalog.tables import Offering
from shared_services.directory import Assignment, School
from shared_services.requests.schemas import RequestView
from shared_services.requests.tables import ServiceRequest


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
    facts = None if row.said is None else SchoolChanged.model_validate(row.said).facts_on(request.service_date)
    return RequestView.model_validate(
        {
            "id": request.id,
            "version": request.version,
            "number": request.number,
            "school_id": request.school_id,
            "school_name": facts and facts.name,
            "requesting_organization_id": request.requesting_organization_id,
            "providing_organization_id": request.providing_organization_id,
            "offering": row.code,
            "category": row.category,
            "service_date": request.service_date,
            "description": request.description,
            "external_id": request.external_id,
            "status": request.status,
            "scheduled_for": request.scheduled_for,
            "entitlement": request.entitlement,
            "refusal": request.refusal,
            "submitted_at": request.submitted_at,
            "updated_at": request.updated_at,
        }
    )


async def find_request(session: AsyncSession, seen: ColumnElement[bool], request_id: UUID) -> RequestView:
    """One of the requests seen. Raises NotFound."""
    row = (await session.execute(requests(seen).where(ServiceRequest.id == request_id))).one_or_none()
    if row is None:
        raise unknown(request_id)
    return shape(row)


def unknown(request_id: UUID) -> NotFound:
    """The same words whether there is no such request or it is somebody else's."""
    return NotFound(f"There is no service request {request_id} of yours.")
