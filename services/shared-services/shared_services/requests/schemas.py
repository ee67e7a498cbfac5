"""What service requests look like on the wire."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from contracts.shared_services import RequestPriority, RequestStatus, ServiceCategory
from contracts.vocabulary import Wire
from kit.periods import Day
from kit.text import Code, Name, Text
from pydantic import Field, StringConstraints

from shared_services.catalog.intake_form import Details
from shared_services.catalog.schemas import Approver
from shared_services.clocks.promises import Degree, HoldReason
from shared_services.entitlements.schemas import Entitlement

Statement = Annotated[Text, Field(pattern=r"\S", description="Free text; never leaves the service in an event.")]
Rider = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{3,63}[0-9]$")]
Riders = Annotated[
    list[Rider],
    Field(max_length=500, description="Opaque references of the riders, ending in a digit; never a name."),
]
Side = Literal["requester", "provider", "system"]
RootCause = Literal[
    "wear", "misuse", "vandalism", "weather", "defect", "earlier-repair", "utility", "operation", "no-fault", "other"
]
Satisfaction = Annotated[int, Field(ge=1, le=5, description="1: not at all content; 5: fully.")]


class Weight(Wire):
    """How many it hits and how soon it has to be done: the district's matrix makes a priority of it."""

    impact: Degree
    urgency: Degree


class NewRequest(Wire):
    """A service to ask for."""

    school_id: UUID
    offering: Code = Field(description="The offering's code.", examples=["TRN-FIELD-TRIP"])
    service_date: Day | None = Field(default=None, description="Today in the district that is asked, if absent.")
    description: Statement = Field(examples=["Two buses to the science museum"])
    details: Details = Field(default_factory=dict)
    building: Name | None = None
    room: Name | None = Field(default=None, examples=["Room 12"])
    riders: Riders = Field(default_factory=list)
    hazard: bool = Field(default=False, description="True if people are in danger: then it is taken at once.")
    asked: Weight | None = Field(default=None, description="The priority that you wish for; the dispatcher sets it.")
    parent_id: UUID | None = Field(default=None, description="The request that this one is part of.")
    on_behalf_of: UUID | None = Field(default=None, description="The organization for which a district files.")
    district_id: UUID | None = Field(
        default=None,
        description="Who is asked: the school's own district if absent, unless only another one that serves it lists "
        "the offering. For a school that the registry just opened: whose.",
    )
    external_id: Name | None = Field(default=None, description="Your own number for it; used once.")


class NewTransition(Wire):
    """A step to take. Each member below `reason` goes with one status, which needs it."""

    to: RequestStatus
    reason: Statement | None = None
    scheduled_for: date | None = Field(default=None, description="The day of the work; only with `scheduled`.")
    weight: Weight | None = Field(default=None, description="What gives the priority; only with `triaged`.")
    crew: Name | None = Field(default=None, description="Who does it; only with `assigned`.")
    hold_reason: HoldReason | None = Field(default=None, description="Only with `on-hold`.")
    approver: Approver | None = Field(default=None, description="Who has to agree; only with `awaiting-approval`.")
    duplicate_of: UUID | None = Field(default=None, description="The request that stays; only with `duplicate`.")
    referred_to: Name | None = Field(default=None, description="Who else does it; only with `referred`.")
    project: Name | None = Field(default=None, description="The project's number; only with `converted-to-project`.")


class NewPriority(Wire):
    """Another weight of a request, and why."""

    weight: Weight
    reason: Statement


class Particulars(Wire):
    """What belongs to the present status, or what a step changed."""

    weight: Weight | None = None
    priority: RequestPriority | None = None
    crew: str | None = None
    hold_reason: HoldReason | None = None
    approver: Approver | None = None
    duplicate_of: UUID | None = None
    referred_to: str | None = None
    project: str | None = None
    service_date: date | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    fee_cents: int | None = None
    entitlement_rule: str | None = None
    root_cause: RootCause | None = None
    asset: str | None = None
    satisfaction: Satisfaction | None = None


class Refusal(Wire):
    """Why a request is refused: by a rule with its clause, or by the provider in its own words."""

    rule: str = Field(examples=["arrangement", "provider"])
    reason: str
    source: str | None = None


class RequestView(Wire):
    """A service request. Its number acknowledges it and approves nothing: `status` says how far it is."""

    id: UUID
    version: int
    number: str = Field(examples=["TRN-2026-000123"])
    school_id: UUID
    school_name: str | None = Field(description="The school's name on the service date.")
    requesting_organization_id: UUID
    filed_by_organization_id: UUID | None = Field(description="Who filed it; null: the platform.")
    providing_organization_id: UUID
    offering: str
    category: ServiceCategory
    service_date: date
    starts_at: datetime | None
    ends_at: datetime | None
    description: str
    details: dict[str, object]
    building: str | None
    room: str | None
    riders: list[str]
    external_id: str | None
    parent_id: UUID | None
    series_id: UUID | None
    hazard: bool
    asked: Weight | None
    priority: RequestPriority | None
    status: RequestStatus
    particulars: Particulars
    crew: str | None
    scheduled_for: date | None
    provisional: bool = Field(description="True as long as nothing is known of the school.")
    entitlement: Entitlement = Field(description="As decided when the request came in, or the school became known.")
    refusal: Refusal | None
    fee_cents: int = Field(description="What late changes and a late cancellation cost, in whole US cents.")
    service_level: str | None
    due_at: datetime | None = Field(description="By when something is next promised; see `/clocks`.")
    submitted_at: datetime
    completed_at: datetime | None
    closes_at: datetime | None = Field(description="When completed work counts as accepted.")
    reopen_until: datetime | None
    updated_at: datetime


class TransitionView(Wire):
    """A step that a request took."""

    version: int
    at: datetime
    from_status: RequestStatus | Literal["draft"] | None = Field(alias="from")
    to_status: RequestStatus = Field(alias="to")
    side: Side
    client_id: str
    organization_id: UUID | None
    reason: str | None
    particulars: Particulars
