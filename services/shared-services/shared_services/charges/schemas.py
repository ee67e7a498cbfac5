"""What charges look like on the wire: a line says what it charges and how the amount came about."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from contracts.vocabulary import Wire
from kit.periods import Day
from kit.text import Code, Text
from pydantic import Field

from shared_services.charges.vocabulary import ChargeKind, ChargeStatus, Currency, Purpose, Unit

Quantity = Annotated[Decimal, Field(gt=0, lt=10**9, decimal_places=6, description="How many units.", examples=["300"])]
AnyQuantity = Annotated[Decimal, Field(ge=0, lt=10**9, decimal_places=6, examples=["312"])]
AnyAmount = Annotated[int, Field(ge=-(10**13), le=10**13, description="Whole cents; negative: a credit.")]
Reason = Annotated[Text, Field(pattern=r"\S")]


class ProRata(Wire):
    """The part of a year that is paid for, in days of instruction."""

    days: int = Field(ge=1, le=366, examples=[84])
    of_days: int = Field(ge=1, le=366, examples=[180])


class Share(Wire):
    """A school's part in a sum that several schools bear."""

    school_id: UUID
    weight: Annotated[Decimal, Field(gt=0, lt=10**9, decimal_places=6)] = Field(
        description="Any measure that all shares have in common: square feet, pupils, riders."
    )


class _Deed(Wire):
    offering: Code = Field(description="The offering's code.", examples=["CUS-CLEANING"])
    unit: Unit
    quantity: Quantity
    service_date: Day = Field(description="The day of the service, or the first day that is paid for.")
    service_to: Day | None = Field(default=None, description="With a yearly unit: the first day not paid for.")
    pro_rata: ProRata | None = Field(default=None, description="With a yearly unit: which part of the year.")
    request_id: UUID | None = None
    reason: Reason | None = None


class NewCharge(_Deed):
    """A service to charge to a school, or to credit."""

    school_id: UUID
    purpose: Purpose = "price"
    stage: Literal["estimate", "accrued"] = Field(
        default="accrued", description="An estimate is approved by its payer if it reaches the rate's threshold."
    )


class NewAllocation(_Deed):
    """A service that several schools bear together: by shares, or by the building that they share."""

    shares: Annotated[list[Share], Field(min_length=2, max_length=100)] | None = None
    building_id: UUID | None = Field(
        default=None, description="Its schools on that day bear it by their share of the building, else equally."
    )


class Reckoning(Wire):
    """How an amount came about."""

    unit: Unit | None = None
    quantity: Decimal
    cents_per_unit: int
    method: str | None = None
    pro_rata: ProRata | None = None
    allocated: str | None = Field(default=None, description="The part of a sum that several schools bear.")


class ChargeView(Wire):
    """A line of the ledger."""

    id: UUID
    version: int
    kind: ChargeKind
    status: ChargeStatus
    district_id: UUID
    school_id: UUID
    payer_id: UUID = Field(description="The operator on the service date, else the district itself.")
    offering: str
    request_id: UUID | None
    rate_id: UUID | None
    obligation_id: UUID | None = Field(description="What is paid back by it.")
    installment: int | None = Field(description="Which part of the obligation's schedule, from 1.")
    refers_to: UUID | None = Field(description="The line that this one reverses, posts again or trues up.")
    service_date: date
    service_to: date | None
    month: date | None = Field(description="The first day of the month on whose statement it stands.")
    amount_cents: int
    currency: Currency
    reckoning: Reckoning
    reason: str | None
    posted_at: datetime


class Allocation(Wire):
    """A sum and the lines by which several schools bear it."""

    amount_cents: int
    charges: list[ChargeView]


class Approval(Wire):
    """What the payer says to an estimate; the district may withdraw one by `declined`."""

    decision: Literal["approved", "declined"]
    reason: Reason | None = None


class Correction(Wire):
    """What a line should have said: another quantity at the same rate, or another amount."""

    quantity: AnyQuantity | None = None
    amount_cents: AnyAmount | None = None
    reason: Reason


class Corrected(Wire):
    """The two lines of a correction; both refer to the first."""

    reversal: ChargeView
    repost: ChargeView


class NewTrueUp(Wire):
    """What was really there on the count date."""

    quantity: AnyQuantity
    count_date: Day
    reason: Reason


class Waiver(Wire):
    """A request that is to cost nothing."""

    request_id: UUID
    reason: Reason


class NewAccrual(Wire):
    """Whose completed requests to charge."""

    district_id: UUID
    after: UUID | None = Field(default=None, description="`nextAfter` of the call before.")


class Awaiting(Wire):
    """A completed request that is not charged yet, and what it waits for."""

    request_id: UUID
    number: str
    reason: str


class AccrualReport(Wire):
    """What an accrual charged, and what it could not. Sent again, it charges nothing twice."""

    accrued: int
    awaiting: list[Awaiting]
    next_after: UUID | None = Field(description="Where to go on; null: all were looked at.")
