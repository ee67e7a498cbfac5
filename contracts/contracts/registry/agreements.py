"""Agreements: who is bound, which schools they cover, and what they are on every date."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import ConfigDict, Field

from contracts.event import Event
from contracts.vocabulary import AgreementStatus, ExitGround, Period, SchoolYear, Wire


class AgreementParty(Wire):
    """An organization in a role of an agreement."""

    model_config = ConfigDict(extra="ignore")

    organization_id: UUID
    role: str = Field(examples=["district", "operator"])


class CoveredSchool(Period):
    """A school that an agreement covers during a period, as far as the agreement itself is in force."""

    model_config = ConfigDict(extra="ignore")

    school_id: UUID
    exit_ground: ExitGround | None = Field(default=None, description="Why it left, if it left before the agreement.")


class AgreementStanding(Period):
    """The status of an agreement during a period. What dates alone bring is there in advance."""

    model_config = ConfigDict(extra="ignore")

    status: AgreementStatus
    in_force: bool


class AgreementChanged(Event):
    """An agreement was executed, or something about an executed one changed. Drafts are never in it."""

    service: ClassVar[str] = "registry"
    aggregate: ClassVar[str] = "agreement"
    happened: ClassVar[str] = "changed"

    instrument: str = Field(description="The instrument kind, e.g. `in-innovation-network-agreement`.")
    instrument_version: str
    jurisdiction: str
    title: str
    parent_id: UUID | None = Field(default=None, description="The umbrella agreement.")
    legal_basis: list[str]
    parties: list[AgreementParty]
    schools: list[CoveredSchool]
    executed_on: date
    effective_from: date
    term_to: date | None = Field(default=None, description="The first day after the term; none: open-ended.")
    first_full_school_year: SchoolYear
    text_sha256: str = Field(description="The hash of the text in force, or of the last that was.")
    standings: list[AgreementStanding]

    def in_force_on(self, day: date, school_id: UUID) -> bool:
        """True if the agreement governs the school on `day`."""
        covered = any(school.school_id == school_id and school.covers(day) for school in self.schools)
        return covered and any(standing.in_force and standing.covers(day) for standing in self.standings)


class ApprovalRecorded(Event):
    """A body's decision about an executed agreement, as counted, was recorded or corrected. Of drafts nobody hears."""

    service: ClassVar[str] = "registry"
    aggregate: ClassVar[str] = "approval"
    happened: ClassVar[str] = "recorded"

    agreement_id: UUID
    decision: str = Field(description="What it is about.", examples=["establish", "renew"])
    step: str = Field(description="The step of the instrument that it answers.")
    body: str
    binding: bool = Field(description="An advisory one decides nothing, whatever its result.")
    school_id: UUID | None = None
    text_number: int | None = None
    decided_on: date
    outcome: str = Field(examples=["passed", "failed", "tied", "no-electorate", "approved", "denied", "returned"])
    eligible: int | None = None
    cast: int | None = None
    yes: int | None = None
    no: int | None = None
    abstain: int | None = None
    needed: int | None = Field(default=None, description="The yes votes that the threshold asks for.")
    corrected: bool = Field(default=False, description="True if it was recorded in error; another stands for it.")
