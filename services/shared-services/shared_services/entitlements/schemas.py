"""What an entitlement looks like on the wire: a decision that explains itself."""

from datetime import date
from typing import Literal
from uuid import UUID

from contracts.vocabulary import Arrangement, EntitlementLayer, OperationalStatus, ServiceClass, Wire
from pydantic import Field

from shared_services.catalog.schemas import Approver, Price

Rule = Literal[
    "hazard",
    "closed",
    "not-in-catalogue",
    "other-district",
    "not-in-period",
    "prerequisite",
    "mandate",
    "election",
    "quota",
    "arrangement",
    "unknown-school",
    "not-yours",
]
Decision = Literal["accept", "quote", "refuse"]


class EntitlementFacts(Wire):
    """What was true of the school on the service date; null where nothing is known."""

    school_name: str | None
    operational_status: OperationalStatus | None
    arrangement: Arrangement | None
    operator_ids: list[UUID]
    accountable_district_id: UUID | None


class Quota(Wire):
    """What is left of a number of uses in a school year."""

    count: int
    used: int
    remaining: int
    school_year: int


class Entitlement(Wire):
    """Whether a school may have a service on a date, by which rule, at what price, and what that rests on."""

    school_id: UUID
    offering: str = Field(description="The offering's code.")
    service_date: date
    entitled: bool
    decision: Decision = Field(description="What becomes of a request; `quote`: taken if the school takes the price.")
    service_class: ServiceClass = Field(alias="class")
    layer: EntitlementLayer | None = Field(default=None, description="Where it is laid down, if it is.")
    rule: Rule
    reason: str
    source: str | None = Field(description="The clause or document that says so.")
    price: Price | None = Field(default=None, description="What a unit costs this school; null: no charge.")
    charge_decided_later: bool = Field(default=False, description="True for a hazard that would not be included.")
    quota: Quota | None = None
    credit_cents: int | None = Field(default=None, description="What the school gets for going without, in a year.")
    approvals: list[Approver] = Field(default_factory=list, description="Who still has to agree.")
    provisional: bool = Field(default=False, description="True as long as nothing is known of the school.")
    facts: EntitlementFacts
