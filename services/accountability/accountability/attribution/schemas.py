"""What attributions and scorecards look like on the wire."""

from datetime import date, datetime
from typing import Literal, Self
from uuid import UUID

from contracts.accountability import NotRatedReason, PublishedState
from contracts.vocabulary import SchoolYear, Wire
from kit.periods import Day
from kit.text import Name, Text
from pydantic import Field, model_validator

from accountability.attribution.rules import Basis, Method


class NewAttributionRule(Wire):
    """How a district's schools whose operator changes in a year of data are attributed."""

    organization_id: UUID = Field(description="The district.")
    data_year: SchoolYear = Field(description="The year that the figures are of, which is not always the rating year.")
    method: Method
    day: Day | None = Field(default=None, description="The test date or count date, in the year of data.")
    citation: Name = Field(description="Where it is written.", examples=["Board policy 6.3"])
    reason: Text = Field(min_length=1, description="Why it is recorded now.")

    @model_validator(mode="after")
    def _day_where_needed(self) -> Self:
        dated = self.method in ("test-date", "count-date")
        if dated != (self.day is not None):
            raise ValueError("`day` is needed for test-date and count-date, and for no other method")
        if self.day is not None and self.day.year + (self.day.month >= 7) != self.data_year:
            raise ValueError("`day` lies outside the school year `dataYear` (July to June)")
        return self


class AttributionRuleView(NewAttributionRule):
    """A rule as it was recorded."""

    id: UUID
    recorded_at: datetime


class Held(Wire):
    """On how many days an organization ran a school."""

    organization_id: UUID
    days: int


class AttributionView(Wire):
    """To which operator a school's year of data counts, and how that came about."""

    school_id: UUID
    data_year: SchoolYear
    organization_id: UUID | None = Field(description="The operator, or the district that runs the school itself.")
    basis: Basis = Field(description="The rule that was used; one operator for the whole year needs none.")
    day: date | None = Field(description="The test date or count date of the rule.")
    rule_id: UUID | None
    citation: str | None
    held: list[Held]
    days: int = Field(description="The days of the year that were counted.")
    days_from: Literal["school-calendar", "calendar-days"]
    reason: str | None = Field(description="Why it counts to nobody.")


class MeasureShown(Wire):
    """A measure of a school as a whole, as published runs read it."""

    indicator: str
    title: str
    value: float
    n: int | None


class ScorecardLine(Wire):
    """A published rating of a school that the operator ran in the year of data, and the measures behind it."""

    rating_id: UUID
    school_id: UUID
    school_name: str
    framework: str
    school_year: SchoolYear
    revision: int
    state: PublishedState
    status: Literal["rated", "not-rated"]
    rating: str | None
    score: float | None
    reason_code: NotRatedReason | None
    attributed: bool = Field(description="It counts to this operator.")
    operator_year: int | None = Field(description="Which year at the school it is for the operator; 1: its first.")
    attribution: AttributionView
    measures: list[MeasureShown] = Field(description="Of the framework's indicators; they count like the rating.")
