"""What shared services says: what a district offers its schools, and the public state of a service request."""

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from contracts.event import Event
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

PriceModel = Literal[
    "per-pupil",
    "per-rider",
    "per-mile",
    "per-hour",
    "per-trip",
    "per-square-foot",
    "per-work-order",
    "per-fte",
    "percentage-fee",
    "fixed-annual",
    "pass-through",
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


class RateChanged(Event):
    """A rate was published, or its end was set."""

    service: ClassVar[str] = "shared-services"
    aggregate: ClassVar[str] = "rate"
    happened: ClassVar[str] = "changed"

    district_id: UUID
    offering: str
    purpose: Literal["price", "credit"]
    unit: PriceModel
    arrangement: Arrangement | None = None
    agreement_kind: str | None = None
    cents_per_unit: int
    cost_basis_cents: int
    currency: str
    method: str
    source: str
    valid_from: date
    valid_to: date | None = None


class ChargeChanged(Event):
    """A line came onto the ledger, or an estimate moved on. Amounts are whole cents; credits are negative."""

    service: ClassVar[str] = "shared-services"
    aggregate: ClassVar[str] = "charge"
    happened: ClassVar[str] = "changed"

    kind: str
    status: str
    district_id: UUID
    school_id: UUID
    payer_id: UUID
    offering: str
    request_id: UUID | None = None
    refers_to: UUID | None = None
    service_date: date
    month: date | None = Field(default=None, description="The first day of the month on whose statement it stands.")
    amount_cents: int
    currency: str


class BillingPeriodClosed(Event):
    """A month of a district was closed, and with it every earlier one: what stands there is billed."""

    service: ClassVar[str] = "shared-services"
    aggregate: ClassVar[str] = "billing-period"
    happened: ClassVar[str] = "closed"

    district_id: UUID
    month: date
    closed_at: datetime


class DisputeChanged(Event):
    """A payer disputes a line, or the dispute was decided. Texts of people are never in it."""

    service: ClassVar[str] = "shared-services"
    aggregate: ClassVar[str] = "dispute"
    happened: ClassVar[str] = "changed"

    charge_id: UUID
    responder_id: UUID
    raised_at: datetime
    answer_by: date
    decision: Literal["upheld", "rejected"] | None = None
    decided_at: datetime | None = None


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


EVENTS: tuple[type[Event], ...] = (
    ServiceRequestChanged,
    OfferingChanged,
    WorkOrderChanged,
    RateChanged,
    ChargeChanged,
    BillingPeriodClosed,
    DisputeChanged,
    MessagePosted,
    HandoverDecided,
    EquityReportReleased,
)
