"""What a district offers its schools, and what becomes of what they ask for."""

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from contracts.event import Event
from contracts.shared_services.charging import PriceModel
from contracts.vocabulary import Arrangement, ServiceClass

ServiceCategory = Literal["transportation", "maintenance"]

RequestStatus = Literal[
    "submitted",
    "quoted",
    "needs-info",
    "awaiting-approval",
    "accepted",
    "triaged",
    "assigned",
    "scheduled",
    "in-progress",
    "on-hold",
    "completed",
    "closed",
    "refused",
    "cancelled",
    "duplicate",
    "referred",
    "converted-to-project",
]
"""How far a request is. `submitted` approves nothing; `quoted` waits until the school takes the price."""

RequestPriority = Literal["P1", "P2", "P3", "P4"]

ServiceKind = Literal[
    "recurring-route",
    "stop-change",
    "special-transport",
    "homeless-transport",
    "field-trip",
    "athletics",
    "incident",
    "repair",
    "preventive",
    "custodial-event",
    "grounds",
    "keys",
    "hvac",
    "utility-outage",
    "playground-safety",
    "move",
    "capital-request",
]

WorkOrderStatus = Literal["issued", "acknowledged", "on-site", "on-hold", "completed", "declined", "cancelled"]


class OfferingChanged(Event):
    """A district offered a service or changed the terms on which its schools may have it."""

    service: ClassVar[str] = "shared-services"
    aggregate: ClassVar[str] = "offering"
    happened: ClassVar[str] = "changed"

    district_id: UUID
    code: str
    name: str
    category: ServiceCategory
    entitled_arrangements: list[Arrangement]
    entitlement_source: str
    lead_time_hours: int
    hazard: bool
    kind: ServiceKind | None = None
    unit: str | None = None
    mandated_by: str | None = None
    service_level: str | None = None
    price_model: PriceModel | None = None
    price_cents: int | None = None
    valid_from: date
    valid_to: date | None = None


class ServiceRequestChanged(Event):
    """A service request was submitted or moved on. Texts of people are never in it."""

    service: ClassVar[str] = "shared-services"
    aggregate: ClassVar[str] = "request"
    happened: ClassVar[str] = "changed"

    number: str
    school_id: UUID
    requesting_organization_id: UUID
    providing_organization_id: UUID | None = None
    offering: str
    status: RequestStatus
    service_date: date | None = None
    refusal: str | None = None
    service_class: ServiceClass | None = None
    hazard: bool = False
    provisional: bool = False
    priority: RequestPriority | None = None
    parent_id: UUID | None = None
    due_at: datetime | None = None
    completed_at: datetime | None = None
    closes_at: datetime | None = None
    fee_cents: int | None = None
    updated_at: datetime


class ContractPromiseChanged(Event):
    """An agreement promises its schools other times than the district promises to all, or its promise was ended."""

    service: ClassVar[str] = "shared-services"
    aggregate: ClassVar[str] = "contract-promise"
    happened: ClassVar[str] = "changed"

    district_id: UUID
    agreement_id: UUID
    service_level: str
    offering: str | None = None
    source: str
    valid_from: date
    valid_to: date | None = None


class MessagePosted(Event):
    """Somebody said something about a request, or added a file. The text is never in it."""

    service: ClassVar[str] = "shared-services"
    aggregate: ClassVar[str] = "message"
    happened: ClassVar[str] = "posted"

    request_id: UUID
    request_number: str
    internal: bool = Field(description="True for a note that the requester does not see.")
    author_organization_id: UUID | None = None
    requesting_organization_id: UUID | None = Field(default=None, description="Absent for an internal note.")
    providing_organization_id: UUID
    attachments: int
    posted_at: datetime


class HandoverDecided(Event):
    """What was open at a school when its operator changed was transferred, cancelled or left to be completed."""

    service: ClassVar[str] = "shared-services"
    aggregate: ClassVar[str] = "handover"
    happened: ClassVar[str] = "decided"

    school_id: UUID
    district_id: UUID
    effective_on: date
    from_organization_id: UUID
    to_organization_id: UUID | None = None
    decided_at: datetime


class EquityReportReleased(Event):
    """A district's equity report for some months was released, with its small counts suppressed."""

    service: ClassVar[str] = "shared-services"
    aggregate: ClassVar[str] = "equity-report"
    happened: ClassVar[str] = "released"

    district_id: UUID
    first_month: date
    end_month: date
    minimum: int
    released_at: datetime


class WorkOrderChanged(Event):
    """Work on a request was handed out, reported on or taken back. Instructions and notes are never in it."""

    service: ClassVar[str] = "shared-services"
    aggregate: ClassVar[str] = "work-order"
    happened: ClassVar[str] = "changed"

    number: str
    request_id: UUID
    district_id: UUID
    vendor_id: UUID | None = None
    status: WorkOrderStatus
    external_id: str | None = None
    cost_cents: int
    updated_at: datetime
