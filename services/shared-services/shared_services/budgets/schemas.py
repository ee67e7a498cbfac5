"""What budgets look like on the wire."""

from datetime import date, datetime
from uuid import UUID

from contracts.vocabulary import SchoolYear, Wire
from kit.text import Code, Name
from pydantic import Field

from shared_services.charges.vocabulary import Cents, Currency


class NewBudget(Wire):
    """A budget of a school, or of the schools of a zone together. One for the same supersedes the one before."""

    district_id: UUID
    school_id: UUID | None = None
    zone_id: UUID | None = Field(default=None, description="Instead of a school: a pool of the zone's schools.")
    fiscal_year: SchoolYear = Field(description="By its ending calendar year; it turns on 1 July.", examples=[2027])
    offering: Code | None = Field(default=None, description="Only for this offering; absent: for all services.")
    amount_cents: Cents
    currency: Currency = "USD"
    source: Name = Field(examples=["Budget resolution of 2026-06-10"])


class BudgetView(NewBudget):
    """A budget."""

    id: UUID
    version: int
    recorded_at: datetime


class BudgetStanding(BudgetView):
    """A budget beside what was spent. Lines count in the fiscal year of their service; repayments do not count."""

    as_of: date
    actual_cents: int = Field(description="On the ledger for services up to the day: charges less credits.")
    committed_cents: int = Field(description="Estimates that are approved and not on the ledger yet.")
    remaining_cents: int = Field(description="Negative: it is overspent.")
    used_percent: int | None = Field(description="Null for a budget of nothing.")
