"""What closed months, statements, settlements and disputes look like on the wire."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from contracts.vocabulary import Wire
from kit.periods import Day
from kit.text import Name
from pydantic import Field

from shared_services.charges.schemas import AnyAmount, AnyQuantity, ChargeView, Reason
from shared_services.charges.vocabulary import Currency

Month = Annotated[Day, Field(description="Any day of the month.", examples=["2026-10-01"])]


class NewBillingPeriod(Wire):
    """A month to close, and with it every earlier one."""

    district_id: UUID
    month: Month


class BillingPeriodView(Wire):
    """A closed month, written as its first day."""

    id: UUID
    district_id: UUID
    month: date
    closed_at: datetime


class StatementView(Wire):
    """A month of a school and of who pays for it. Credits are negative; included use stands there at zero."""

    district_id: UUID
    month: date
    school_id: UUID
    school_name: str | None = Field(description="The school's name on the first day of the month.")
    payer_id: UUID
    payer_name: str | None
    status: Literal["open", "closed", "settled"]
    included_uses: int = Field(description="How many lines are included, at no charge.")
    credits_cents: int
    purchases_cents: int
    repayments_cents: int = Field(description="What is paid back of a start-up loan or another obligation.")
    adjustments_cents: int = Field(description="Reversals, lines posted again, true-ups.")
    net_cents: int
    disputed_cents: int = Field(description="What of the net is under dispute.")
    currency: Currency
    lines: list[ChargeView]


class NewSettlement(Wire):
    """A payer's month that finance netted or was paid."""

    district_id: UUID
    payer_id: UUID
    month: Month
    currency: Currency = "USD"
    reference: Name = Field(description="Where finance finds it.", examples=["Pass-through payment of 3 Dec"])


class SettlementView(Wire):
    """A settled month of a payer."""

    id: UUID
    district_id: UUID
    payer_id: UUID
    month: date
    currency: Currency
    net_cents: int
    reference: str
    settled_at: datetime


class NewDispute(Wire):
    """An objection to a billed line."""

    reason: Reason
    appeal_clause: Name | None = Field(
        default=None, description="The agreement's clause on disputes that the decision may be appealed under."
    )


class DisputeDecision(Wire):
    """What the district decides: a dispute that is upheld says what the line should have been."""

    decision: Literal["upheld", "rejected"]
    reason: Reason
    quantity: AnyQuantity | None = None
    amount_cents: AnyAmount | None = None


class DisputeView(Wire):
    """A dispute and how it went."""

    id: UUID
    version: int
    charge_id: UUID
    reason: str
    appeal_clause: str | None
    responder_id: UUID
    raised_at: datetime
    answer_by: date = Field(description="The last day on which the responder decides in time.")
    decision: Literal["upheld", "rejected"] | None
    decision_reason: str | None
    decided_at: datetime | None
