"""What entitlements, windows and elections look like on the wire."""

from datetime import date
from typing import Literal
from uuid import UUID

from contracts.registry import ElectionChoice, ServiceQuota, ServiceTerm
from contracts.vocabulary import Arrangement, EntitlementLayer, SchoolYear, ServiceClass, Wire
from kit.periods import Day
from kit.text import Code, Name, Text
from pydantic import AwareDatetime, ConfigDict, Field

Cents = Field(default=None, ge=0, le=10**12, description="What the school gets back in a school year, for its credit.")


class Quota(ServiceQuota):
    """How much of a service a school has before it pays."""

    model_config = ConfigDict(extra="forbid")

    count: int = Field(ge=0, le=1_000_000)


class _Term(Wire):
    service: Code = Field(description="An offering's code, or a category.", examples=["MNT-HVAC"])
    service_class: ServiceClass = Field(alias="class")
    source: Text = Field(min_length=1, description="The clause that says so.")
    quota: Quota | None = None
    credit_cents: int | None = Cents


class NewServiceTerm(_Term):
    """What a service is to the school during a period; within its layer it replaces what was said of that time."""

    layer: EntitlementLayer
    agreement_id: UUID | None = Field(default=None, description="With the layer `agreement`, and only then.")
    district_id: UUID | None = Field(
        default=None,
        description="Whose service it is, if a law gives the school another district's. An agreement says it itself.",
    )
    valid_from: Day
    valid_to: Day | None = None


class NewServiceTerms(Wire):
    """Terms to lay down together, in this order."""

    terms: list[NewServiceTerm] = Field(min_length=1, max_length=500)


class TermEnd(Wire):
    """The first day on which a term no longer holds."""

    valid_to: Day


class PolicyTerm(_Term):
    """What a service is to every school that is run in a certain way."""


class NewServicePolicy(Wire):
    """A district's policy for schools of one arrangement, laid down for the days on which each is run that way."""

    district_id: UUID
    arrangement: Arrangement
    terms: list[PolicyTerm] = Field(min_length=1, max_length=200)
    valid_from: Day
    valid_to: Day | None = None


class PolicyLaidDown(Wire):
    """The schools for which a policy was laid down."""

    schools: list[UUID]


class LaidDownTerm(ServiceTerm):
    """A term as it is laid down, whether or not it prevails."""

    id: UUID


class ServiceEntitlement(Wire):
    """What a service is to the school on a date: the term that prevails, and those that it overrides."""

    service: str
    district_id: UUID | None = Field(description="Whose it is, where another district than the school's own gives it.")
    service_class: ServiceClass = Field(alias="class")
    layer: EntitlementLayer
    prevailing: ServiceTerm
    overridden: list[ServiceTerm]


class EntitlementsView(Wire):
    """What a school may have of districts' services on a date."""

    school_id: UUID
    version: int = Field(description="Zero as long as nothing is laid down.")
    as_of: date
    services: list[ServiceEntitlement]


class Choice(ElectionChoice):
    """A service about which schools choose, and what a choice is tied to."""

    model_config = ConfigDict(extra="forbid")

    service: Code
    needs: list[Code] = Field(default_factory=list, max_length=50)
    credit_cents: int | None = Cents
    quota: Quota | None = None


class NewElectionWindow(Wire):
    """A time in which the schools of a district choose."""

    name: Name
    district_id: UUID
    school_year: SchoolYear
    opens_on: Day
    closes_on: Day = Field(description="The last day on which a choice needs no approval.")
    takes_effect_on: Day
    notice_days: int = Field(default=0, ge=0, le=400, description="Calendar days between a choice and its effect.")
    layer: Literal["agreement", "district-policy"]
    agreement_id: UUID | None = None
    source: Text = Field(min_length=1)
    choices: list[Choice] = Field(min_length=1, max_length=200)


class ElectionWindowPatch(Wire):
    """What to change of a window; members left out stay."""

    name: Name | None = None
    opens_on: Day | None = None
    closes_on: Day | None = None
    takes_effect_on: Day | None = None
    notice_days: int | None = Field(default=None, ge=0, le=400)
    source: Text | None = Field(default=None, min_length=1)


class ElectionWindowView(NewElectionWindow):
    """A window as it is known."""

    id: UUID
    version: int


class Chosen(Wire):
    """What a school chose of a service."""

    service: Code
    service_class: ServiceClass = Field(alias="class")


class NewElection(Wire):
    """A school's choices in a window."""

    window_id: UUID
    chosen: list[Chosen] = Field(min_length=1, max_length=200)
    elected_on: Day
    effective_on: Day | None = Field(default=None, description="The earliest possible day if absent.")
    approved_by: Text | None = Field(default=None, min_length=1, description="Who approved it, if it is late.")
    evidence: Text = Field(min_length=1)


class ElectionView(Wire):
    """A recorded election."""

    id: UUID
    school_id: UUID
    window_id: UUID
    chosen: list[Chosen]
    elected_on: date
    effective_on: date
    approved_by: str | None
    evidence: str
    recorded_by: str
    recorded_at: AwareDatetime


class LapsingServiceTerm(Wire):
    """What a service is to a school by an agreement that ends, and what it is then."""

    school_id: UUID
    agreement_id: UUID
    service: str
    service_class: ServiceClass = Field(alias="class")
    source: str
    then: ServiceClass | None = Field(description="What prevails without the agreement; none: nothing is laid down.")
