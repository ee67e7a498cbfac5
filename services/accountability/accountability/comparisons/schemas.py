"""What comparisons look like on the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.vocabulary import Arrangement, SchoolYear, Wire
from kit.text import Code, Name
from pydantic import AwareDatetime, Field

AUTONOMOUS: list[Arrangement] = [
    "waiver-based",
    "labor-agreement",
    "charter-system",
    "zone-joint-board",
    "zone-nonprofit",
    "partner-network",
    "contracted-manager",
    "operator-in-district",
    "innovation-charter",
    "state-approved-project",
    "contract-school",
]
"""All but `traditional`, which they are compared with, and `independent-charter`, which is not the district's."""

Group = Literal["autonomous", "others", "peers"]
Level = Literal["elementary", "middle", "high"]


class Cohort(Wire):
    """Which schools are followed: those of one year for ever, or those of each year."""

    kind: Literal["fixed", "rolling"]
    year: SchoolYear | None = Field(default=None, description="Of a fixed cohort: autonomous in this year.")


class Covariate(Wire):
    """By what schools are alike, in the year before the autonomous school became so."""

    indicator: Code | None = Field(default=None, description="None: the compared figure itself, the prior score.")
    weight: float = Field(default=1, gt=0, le=100)


class Matching(Wire):
    """Peers of each autonomous school: the nearest of the others, the same one possibly for several."""

    covariates: list[Covariate] = Field(min_length=1, max_length=10)
    neighbors: int = Field(default=3, ge=1, le=20)
    same_level: bool = Field(default=True, description="Elementary, middle or high, by the highest grade.")


class NewComparison(Wire):
    """What is to be compared. Figures that are hidden from the public are left out and counted."""

    title: Name
    district_id: UUID
    framework: Code
    of: Literal["score", "indicator"] = "score"
    indicator: Code | None = None
    student_group: Name = "ALL"
    from_year: SchoolYear = Field(description="By the year that the figures are of.")
    to_year: SchoolYear
    cohort: Cohort
    align: Literal["school-year", "years-since-start"] = "school-year"
    autonomous: list[Arrangement] = Field(default=AUTONOMOUS, min_length=1, max_length=12)
    matching: Matching | None = None
    interval_from: int = Field(default=10, ge=10, le=1000, description="Of fewer schools no interval is given.")
    known_at: AwareDatetime | None = Field(default=None, description="As it was published then; now, if absent.")


class Break(Wire):
    """From this year on, a new line begins."""

    segment: int
    from_year: SchoolYear
    because: list[str]


class Point(Wire):
    """A mean over schools. Points of different segments are never joined."""

    group: Group
    segment: int
    at: int = Field(description="A school year, or years since the start.")
    cohort: int = Field(description="All schools of the group, measured or not, those that left too.")
    measured: int
    not_measured: dict[str, int] = Field(description="How many have no figure, by why; they are not in the mean.")
    left: dict[str, int] = Field(description="How many left by then, by why; with a figure, a fixed cohort keeps them.")
    students: int | None = Field(description="Of the measured schools, where all numbers are known.")
    mean: float | None
    low: float | None
    high: float | None


class Peer(Wire):
    """A chosen peer, and how far it is from the autonomous school."""

    school_id: UUID
    peer_id: UUID
    rank: int
    distance: float
    year: SchoolYear = Field(description="The year before the start, in which they were compared.")


class Result(Wire):
    """What was found, and how."""

    method: list[str]
    breaks: list[Break]
    points: list[Point]
    peers: list[Peer]
    unmatched: dict[str, str] = Field(description="Autonomous schools without peers, and why.")


class ComparisonView(Wire):
    """A comparison: what was asked, by what was known when, and what was found."""

    id: UUID
    title: str
    asked: NewComparison
    known_at: datetime
    inputs_sha256: str
    recorded_at: datetime
    result: Result


class ComparisonInputs(Wire):
    """All that a comparison read, as columns."""

    sha256: str
    standings: dict[str, list[object]]
    figures: dict[str, list[object]]
    covariates: dict[str, list[object]]
    breaks: list[Break]


class ComparisonLine(Wire):
    """A comparison in a list."""

    id: UUID
    title: str
    known_at: datetime
    recorded_at: datetime
