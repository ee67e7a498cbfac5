"""What work orders look like on the wire."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from contracts.shared_services import WorkOrderStatus
from contracts.vocabulary import Wire
from kit.text import Code, Name, Text
from pydantic import Field

from shared_services.clocks.calendar import Instant

Reported = Literal["acknowledged", "on-site", "on-hold", "completed", "declined"]


class NewWorkOrder(Wire):
    """Work on a request to hand out: to a vendor, or to a crew of the district's own."""

    request_id: UUID
    vendor_id: UUID | None = Field(default=None, description="An organization of the type vendor.")
    crew: Name | None = Field(default=None, description="Instead of a vendor.")
    instructions: Annotated[Text, Field(pattern=r"\S")]


class NewUpdate(Wire):
    """A report of whoever does the work. Sent again it changes nothing; an older one never undoes a newer one."""

    update_id: Code = Field(description="The sender's own number of this report.")
    status: Reported
    at: Instant = Field(description="When it became so, by the sender's clock.")
    sequence: int | None = Field(default=None, ge=0, le=2**62, description="The sender's count, if it keeps one.")
    external_id: Name | None = Field(default=None, description="The sender's number of the work order.")
    note: Text = ""


class Labor(Wire):
    """Time worked."""

    kind: Literal["labor"]
    description: Name
    minutes: int = Field(ge=1, le=100_000)
    cents_per_hour: int = Field(ge=0, le=10**8, description="Whole US cents.")


class Parts(Wire):
    """Things used."""

    kind: Literal["parts"]
    description: Name
    quantity: int = Field(ge=1, le=1_000_000)
    unit_cents: int = Field(ge=0, le=10**9, description="Whole US cents each.")


NewEntry = Annotated[Labor | Parts, Field(discriminator="kind")]


class EntryView(Wire):
    """An entry with what it comes to, in whole US cents."""

    id: UUID
    entry: NewEntry
    cents: int
    recorded_at: datetime


class UpdateView(NewUpdate):
    """A report, and when it came in."""

    received_at: datetime


class WorkOrderView(Wire):
    """A work order: where to do what, and how far it is by the newest report."""

    id: UUID
    version: int
    number: str = Field(examples=["MNT-2026-000123-W1"])
    request_id: UUID
    district_id: UUID
    vendor_id: UUID | None
    crew: str | None
    school_id: UUID
    school_name: str | None
    building: str | None
    room: str | None
    service_date: date
    instructions: str
    status: WorkOrderStatus
    external_id: str | None
    issued_at: datetime
    updated_at: datetime
    cost_cents: int = Field(description="Labor and parts so far.")
