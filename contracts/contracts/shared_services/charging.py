"""What services cost: rates, charges, billing periods, disputes, budgets and what is still owed."""

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from contracts.event import Event
from contracts.vocabulary import Arrangement

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


class BudgetLaidDown(Event):
    """What a school or a zone is to spend on shared services in a fiscal year was laid down, or laid down anew."""

    service: ClassVar[str] = "shared-services"
    aggregate: ClassVar[str] = "budget"
    happened: ClassVar[str] = "laid-down"

    district_id: UUID
    school_id: UUID | None = None
    zone_id: UUID | None = None
    fiscal_year: int = Field(description="By its ending calendar year.")
    offering: str | None = None
    amount_cents: int
    currency: str


class ObligationRecorded(Event):
    """A school's operator owes its district a sum over years: a start-up loan, say."""

    service: ClassVar[str] = "shared-services"
    aggregate: ClassVar[str] = "obligation"
    happened: ClassVar[str] = "recorded"

    district_id: UUID
    school_id: UUID
    debtor_id: UUID
    agreement_id: UUID | None = None
    kind: str
    principal_cents: int
    currency: str
