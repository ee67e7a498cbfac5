"""What roll-ups and their rules look like on the wire."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from contracts.vocabulary import SchoolYear, Wire
from kit.periods import Day
from kit.text import Code, Name, Text
from pydantic import Field, model_validator

from accountability.rollups.figures import NotCounted, Part, PartFigure
from accountability.rollups.law import Treatment
from accountability.rollups.reconciling import CountedOtherwise, Reconciliation
from accountability.rollups.standing import Standing


class NewRollup(Wire):
    """Roll up a district's schools by a framework for a year. It is computed anew by itself from then on."""

    organization_id: UUID = Field(description="The home district.")
    framework: Code = Field(examples=["chicago-sqrp"])
    school_year: SchoolYear = Field(description="The rating year.")
    count_date: Day | None = Field(
        default=None,
        description="Who is autonomous is asked as of this day of the data year. None: the first count date of the"
        " district's calendar, else 1 October.",
    )
    growth_indicators: list[Code] = Field(
        default_factory=list, max_length=100, description="Schools that count for growth only, count in these."
    )
    digits: int = Field(default=1, ge=0, le=6, description="Figures are rounded half up to so many digits.")


class RollupSummary(Wire):
    """A roll-up, and when its newest version was computed."""

    id: UUID
    version: int
    organization_id: UUID
    framework: str
    school_year: SchoolYear
    count_date: date
    count_date_source: str
    growth_indicators: list[str]
    digits: int


class VersionSummary(Wire):
    """A version of a roll-up: when and why it was computed, from what."""

    version: int
    data_year: SchoolYear
    input_version: int = Field(
        description="The newest file of measures that a published run had read; a school's figures are as the runs read"
        " them that rate it."
    )
    computed_at: datetime
    reason: str


class Figure(Wire):
    """A figure of the district, three ways, and beside the state's own."""

    figure: str = Field(description="The indicator, or `rating`: the framework's result.")
    title: str
    parts: dict[Part, PartFigure]
    not_counted: list[NotCounted]
    reconciliation: Reconciliation | None = Field(description="None: no figure of the state is known, or it is hidden.")


class RollupView(RollupSummary, VersionSummary):
    """A roll-up in one of its versions."""

    superseded: bool
    minimum_n: int = Field(description="Figures of fewer students are not shown to everybody.")
    in_full: bool = Field(description="You see every figure: as the district itself, a state agency, or the platform.")
    standings: list[Standing]
    figures: list[Figure]


class NewOfficialFigure(Wire):
    """A figure that the state published of the district; it stands for what was loaded or recorded before."""

    figure: Code = Field(description="The indicator, or `rating`: the score of the framework's result.")
    value: float = Field(allow_inf_nan=False, ge=-1e12, le=1e12)
    source: Name = Field(examples=["State report card 2019, district page"])
    counts_otherwise: list[CountedOtherwise] = Field(
        default_factory=list, max_length=1000, description="Schools of which the state says that it counts otherwise."
    )
    reason: Text = Field(min_length=1, description="Why it is recorded now.")


class NewRollupRule(Wire):
    """How a school, or all schools under an instrument, count in a district, in years of data."""

    organization_id: UUID = Field(description="The home district.")
    school_id: UUID | None = None
    instrument: Code | None = Field(default=None, examples=["nj-renaissance-contract"])
    from_year: SchoolYear
    to_year: SchoolYear | None = Field(default=None, description="The last; none: until further notice.")
    treatment: Treatment
    citation: Name = Field(description="Where it is written.", examples=["Order 2019-7 of the State Board"])
    reason: Text = Field(min_length=1, description="Why it is recorded now.")

    @model_validator(mode="after")
    def _about_one_thing(self) -> Self:
        if (self.school_id is None) == (self.instrument is None):
            raise ValueError("name either a `schoolId` or an `instrument`")
        if self.to_year is not None and self.to_year < self.from_year:
            raise ValueError("`toYear` lies before `fromYear`")
        return self


class RollupRuleView(NewRollupRule):
    """A rule as it was recorded."""

    id: UUID
    recorded_at: datetime
