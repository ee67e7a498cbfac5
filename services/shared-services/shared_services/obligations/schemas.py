"""What obligations look like on the wire."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from contracts.vocabulary import Wire
from kit.periods import Day
from kit.text import Name
from pydantic import Field

from shared_services.charges.vocabulary import Currency

ObligationKind = Literal["start-up-loan", "equipment", "commitment"]
OnNonRenewal = Literal["falls-due", "goes-on", "is-forgiven"]
Sum = Annotated[int, Field(gt=0, le=10**13, description="Whole cents.", examples=[1_000_000])]


class Installment(Wire):
    """A part of the sum, and when it is due."""

    due_on: Day
    cents: Sum


class NewObligation(Wire):
    """What a school's operator owes the district over years."""

    district_id: UUID
    school_id: UUID
    debtor_id: UUID = Field(description="The operator that owes it.")
    agreement_id: UUID | None = Field(
        default=None, description="It is renewed or not with this agreement; absent: with the operation of the school."
    )
    kind: ObligationKind
    name: Name = Field(examples=["Start-up loan of 2024"])
    principal_cents: Sum
    currency: Currency = "USD"
    schedule: list[Installment] = Field(min_length=1, max_length=600, description="Adds up to the principal.")
    on_non_renewal: OnNonRenewal = Field(
        default="falls-due", description="What becomes of what is not due yet when the agreement is not renewed."
    )
    source: Name = Field(description="The clause that says so.", examples=["Loan agreement, 4.1"])


class DueInstallment(Installment):
    """An installment as it stands on a day: its day may have been brought forward."""

    number: int
    brought_forward: bool = Field(description="True if it is due because the agreement was not renewed.")
    charge_id: UUID | None = Field(description="The line of the ledger by which it is paid back; null: none yet.")


class ObligationView(NewObligation):
    """An obligation and what is left of it on a day."""

    id: UUID
    version: int
    recorded_at: datetime
    as_of: date
    ends_on: date | None = Field(description="The first day without the agreement, as far as it is known.")
    repaid_cents: int = Field(description="On the ledger up to the day.")
    overdue_cents: int = Field(description="Due up to the day and not on the ledger.")
    forgiven_cents: int
    remaining_cents: int = Field(description="The principal without what was repaid and forgiven.")
    due_on_non_renewal_cents: int = Field(
        description="What would have to be paid on `endsOn` at once, should the agreement not be renewed."
    )
    installments: list[DueInstallment]


class NewRepayments(Wire):
    """Whose due installments go onto the ledger."""

    district_id: UUID
    up_to: Day = Field(description="The last day on which an installment is due.")


class RepaymentReport(Wire):
    """What went onto the ledger. Sent again, nothing is posted twice."""

    posted: int
    cents: int
    more: bool = Field(description="True if there is more than one call posts: send it again.")
