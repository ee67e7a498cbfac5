"""What schools may have of districts' services, and how they choose."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from contracts.event import Event
from contracts.vocabulary import EntitlementLayer, Period, SchoolYear, ServiceClass, Wire


class ServiceQuota(Wire):
    """How much of a service a school has before it pays."""

    model_config = ConfigDict(extra="ignore")

    count: int = Field(ge=0)
    per: Literal["school-year"] = "school-year"


class ServiceTerm(Period):
    """What a service is to a school during a period, and where that is laid down."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    service: str = Field(description="An offering's code, or a category: all that it holds.", examples=["MNT-HVAC"])
    service_class: ServiceClass = Field(alias="class")
    layer: EntitlementLayer
    source: str = Field(description="The clause that says so.")
    agreement_id: UUID | None = Field(default=None, description="It holds only while this agreement is in force.")
    district_id: UUID | None = Field(
        default=None, description="Whose service it is, where another district than the school's own gives it."
    )
    quota: ServiceQuota | None = None
    credit_cents: int | None = Field(default=None, ge=0, description="What the school gets back in a school year.")


class EntitlementsChanged(Event):
    """What a school may have of its district's services was laid down or changed. The `id` is the school's."""

    service: ClassVar[str] = "registry"
    aggregate: ClassVar[str] = "entitlements"
    happened: ClassVar[str] = "changed"

    services: list[ServiceTerm]


class ElectionChoice(Wire):
    """A service about which schools choose in a window, and what a choice is tied to."""

    model_config = ConfigDict(extra="ignore")

    service: str = Field(description="An offering's code, or a category.")
    classes: list[ServiceClass] = Field(min_length=1, description="What may be chosen.")
    needs: list[str] = Field(default_factory=list, description="Services that must be left with it, if it is left.")
    credit_cents: int | None = Field(default=None, ge=0, description="For opting out with credit, in a school year.")
    quota: ServiceQuota | None = None


class ElectionWindowChanged(Event):
    """A time in which schools choose about services was opened or changed."""

    service: ClassVar[str] = "registry"
    aggregate: ClassVar[str] = "election-window"
    happened: ClassVar[str] = "changed"

    name: str
    district_id: UUID
    school_year: SchoolYear
    opens_on: date
    closes_on: date = Field(description="The last day on which a choice needs no approval.")
    takes_effect_on: date
    notice_days: int = Field(ge=0, description="Calendar days between a choice and its effect.")
    layer: EntitlementLayer
    agreement_id: UUID | None = Field(default=None, description="The agreement that gives the right to choose.")
    source: str
    choices: list[ElectionChoice]
