"""What a handover looks like on the wire."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from contracts.vocabulary import Wire
from kit.periods import Day
from kit.text import Text
from pydantic import Field

from shared_services.requests.schemas import RequestView

ItemKind = Literal["request", "series", "election", "charge", "estimate"]
Outcome = Literal["transfer", "cancel", "complete"]


class Item(Wire):
    """Something that is open, and what may become of it."""

    kind: ItemKind
    id: UUID | None = Field(description="Null for an election: that is the registry's.")
    name: str = Field(description="A request's number, or a service's code.")
    offering: str
    service_date: date | None = None
    status: str
    amount_cents: int | None = None
    allowed: list[Outcome] = Field(description="`complete`: it stays with the former operator, to be finished.")
    as_it_was: RequestView | None = Field(default=None, description="A request, as it was handed over.")


class DecidedItem(Item):
    """Something that was open, and what became of it."""

    outcome: Outcome


class OpenItems(Wire):
    """What is open at a school when its operator changes."""

    school_id: UUID
    district_id: UUID
    effective_on: date = Field(description="The first day of the new operator.")
    from_organization_id: UUID
    to_organization_id: UUID | None = Field(description="Null if the school closes.")
    items: list[Item]
    more: bool = Field(description="True if there is more than one handover decides at once: repeat it.")


class HandoverRule(Wire):
    """What becomes of whatever is not decided by itself."""

    request: Outcome = "transfer"
    series: Outcome = "transfer"
    charge: Outcome = "complete"
    estimate: Outcome = "transfer"


class ItemDecision(Wire):
    """What becomes of one item."""

    id: UUID
    outcome: Outcome


class NewHandover(Wire):
    """What becomes of all that is open at a school."""

    school_id: UUID
    effective_on: Day
    rule: HandoverRule = HandoverRule()
    decisions: list[ItemDecision] = Field(default_factory=list, max_length=1000)
    reason: Text = Field(pattern=r"\S", examples=["Agreement of 1 July 2027"])


class HandoverView(Wire):
    """A handover as it was decided."""

    id: UUID
    school_id: UUID
    district_id: UUID
    effective_on: date
    from_organization_id: UUID
    to_organization_id: UUID | None
    reason: str
    items: list[DecidedItem]
    decided_at: datetime
