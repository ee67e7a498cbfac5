"""How pupils come to a school: by which policy, in which order, with how many seats, and what was promised to them."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from contracts.event import Event
from contracts.vocabulary import Period, Wire

EnrollmentType = Literal[
    "attendance-area",
    "automatic-assignment",
    "preference-area-lottery",
    "district-assignment",
    "unified-choice",
    "admissions-criteria",
    "enrolled-pupils-stay",
]
"""How a school's pupils are found (domain 5).

`attendance-area`: who lives there first, seats left over are open; `automatic-assignment`: who lives there is enrolled
unless the parents refuse; `enrolled-pupils-stay`: nobody new, whoever is there may stay.
"""

PupilGroup = Literal[
    "enrolled",
    "siblings-of-enrolled",
    "area-residents",
    "district-residents",
    "outside-district",
    "staff-children",
    "low-income",
    "meeting-criteria",
    "everyone",
]
"""Of whom a rule speaks, whole groups: no single pupil is ever recorded."""

SeatSelection = Literal["all", "lottery", "first-come", "criteria", "district-decides"]
"""How seats are given within a group: to all of it, by lot, in the order of applying, by merit, by the district."""

MidYearEntry = Literal["anytime", "while-seats", "waiting-list", "district-decides", "none"]

TransportMeans = Literal["district-bus", "operator-bus", "transit-pass", "stipend", "none"]


class PriorityTier(Wire):
    """A group of applicants; earlier tiers are served before later ones."""

    model_config = ConfigDict(extra="ignore")

    name: str
    group: PupilGroup
    selection: SeatSelection
    says: str | None = Field(default=None, description="In words, what else it depends on.")


class GradeSeats(Wire):
    """Seats of a grade in a school year, and how many of them are held open for pupils from outside of the area."""

    model_config = ConfigDict(extra="ignore")

    grade: str = Field(description="NCES grade code: PK, KG, 01 to 13, UG, AE.")
    seats: int = Field(ge=0)
    open_seats: int | None = Field(default=None, ge=0)


class Grandfathering(Wire):
    """Who may stay, or come after, by an earlier policy."""

    model_config = ConfigDict(extra="ignore")

    groups: list[PupilGroup] = Field(min_length=1)
    until: date | None = Field(default=None, description="The first day without it; none: until they leave.")
    source: str


class TransportPromise(Wire):
    """What a group of pupils is promised on the way to school, and by whom."""

    model_config = ConfigDict(extra="ignore")

    group: PupilGroup
    means: TransportMeans
    provider_id: UUID | None = Field(default=None, description="The organization that promised it.")
    beyond_miles: float | None = Field(default=None, ge=0, description="Only for whoever lives farther than this.")
    says: str | None = None
    source: str


class EnrollmentPolicyChanged(Event, Period):
    """A school's enrollment policy was laid down or changed."""

    model_config = ConfigDict(extra="ignore")
    service: ClassVar[str] = "registry"
    aggregate: ClassVar[str] = "enrollment-policy"
    happened: ClassVar[str] = "changed"

    school_id: UUID
    policy_type: EnrollmentType
    area_id: str | None = Field(description="The attendance or preference area, as the district's map calls it.")
    tiers: list[PriorityTier]
    seats: list[GradeSeats]
    refusal: str | None = Field(description="How parents refuse what is assigned automatically.")
    mid_year_entry: MidYearEntry
    mid_year_says: str | None
    grandfathering: list[Grandfathering]
    transport: list[TransportPromise]
    agreement_id: UUID | None = Field(description="The agreement in whose clause it is written, if in one.")
    source: str = Field(description="The clause, board policy or statute.")
