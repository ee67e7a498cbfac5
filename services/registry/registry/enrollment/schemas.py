"""What enrollment policies look like on the wire."""

from datetime import date
from uuid import UUID

from contracts.registry import (
    EnrollmentType,
    GradeSeats,
    Grandfathering,
    MidYearEntry,
    PriorityTier,
    TransportPromise,
)
from contracts.vocabulary import Wire
from kit.periods import Day
from kit.text import Name, Text
from pydantic import AwareDatetime, ConfigDict, Field

from registry.schools.schemas import GRADES

MOST_SEATS = 100_000
Said = Text | None


class StatedTier(PriorityTier):
    """A group of applicants, as it is written; earlier tiers are served first."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    says: Said = Field(default=None, min_length=1)


class StatedSeats(GradeSeats):
    """Seats of a grade, as they are written."""

    model_config = ConfigDict(extra="forbid")

    grade: str = Field(pattern=f"^({'|'.join(GRADES)})$")
    seats: int = Field(ge=0, le=MOST_SEATS)
    open_seats: int | None = Field(
        default=None, ge=0, le=MOST_SEATS, description="Of these, held open for pupils from outside of the area."
    )


class StatedGrandfathering(Grandfathering):
    """Who may stay by an earlier policy, as it is written."""

    model_config = ConfigDict(extra="forbid")

    until: Day | None = Field(default=None, description="The first day without it; none: until they leave.")
    source: Text = Field(min_length=1)


class StatedPromise(TransportPromise):
    """What is promised on the way to school, as it is written."""

    model_config = ConfigDict(extra="forbid")

    beyond_miles: float | None = Field(default=None, ge=0, le=100, allow_inf_nan=False)
    says: Said = Field(default=None, min_length=1)
    source: Text = Field(min_length=1)


class NewEnrollmentPolicy(Wire):
    """A school's enrollment policy from a date on."""

    policy_type: EnrollmentType
    area_id: Name | None = Field(default=None, description="The area, as the district's map calls it.")
    tiers: list[StatedTier] = Field(default_factory=list, max_length=20, description="In the order of priority.")
    seats: list[StatedSeats] = Field(default_factory=list, max_length=len(GRADES))
    refusal: Said = Field(default=None, min_length=1, description="How parents refuse an automatic assignment.")
    mid_year_entry: MidYearEntry
    mid_year_says: Said = Field(default=None, min_length=1)
    grandfathering: list[StatedGrandfathering] = Field(default_factory=list, max_length=10)
    transport: list[StatedPromise] = Field(default_factory=list, max_length=20)
    agreement_id: UUID | None = Field(default=None, description="The agreement that says so, if one does.")
    source: Text = Field(min_length=1, examples=["Board policy JFBA, section 2"])
    valid_from: Day
    valid_to: Day | None = None


class EnrollmentPolicyPatch(Wire):
    """What to correct of a policy, for its whole time; members left out stay.

    Another policy from a date on is another policy: end this one with `validTo`, then lay that one down.
    """

    policy_type: EnrollmentType | None = None
    area_id: Name | None = None
    tiers: list[StatedTier] | None = Field(default=None, max_length=20)
    seats: list[StatedSeats] | None = Field(default=None, max_length=len(GRADES))
    refusal: Said = Field(default=None, min_length=1)
    mid_year_entry: MidYearEntry | None = None
    mid_year_says: Said = Field(default=None, min_length=1)
    grandfathering: list[StatedGrandfathering] | None = Field(default=None, max_length=10)
    transport: list[StatedPromise] | None = Field(default=None, max_length=20)
    agreement_id: UUID | None = None
    source: Text | None = Field(default=None, min_length=1)
    valid_to: Day | None = None


class EnrollmentPolicyView(NewEnrollmentPolicy):
    """A policy as it is known."""

    id: UUID
    version: int
    school_id: UUID


class TypeCount(Wire):
    """How many schools have a policy of a type, and with how many seats."""

    policy_type: EnrollmentType
    schools: int
    seats: int


class TypeCounts(Wire):
    """Open schools by the type of their enrollment policy on a date."""

    as_of: date
    known_at: AwareDatetime | None
    district_id: UUID | None
    counts: list[TypeCount]
    schools_without_policy: int
