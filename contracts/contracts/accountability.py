"""What accountability says: published ratings, never anything under embargo."""

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from contracts.event import Event
from contracts.vocabulary import SchoolYear


class RatingPublished(Event):
    """A school's rating was published or revised. The newest revision has the highest `version`."""

    service: ClassVar[str] = "accountability"
    aggregate: ClassVar[str] = "rating"
    happened: ClassVar[str] = "published"

    school_id: UUID = Field(description="The school, or the organization that is rated.")
    student_group: str = Field(default="ALL", description="The group or level of it that is rated; ALL: the whole.")
    framework: str = Field(examples=["chicago-sqrp"])
    framework_version: str = Field(examples=["2018-19"])
    rating_title: str
    school_year: SchoolYear
    data_year: SchoolYear
    revision: int = Field(ge=1)
    status: Literal["rated", "not-rated"]
    rating: str = Field(description="The band's label, or the published words for not rated.")
    score: float | None = None
    reason: str | None = Field(default=None, description="Why there is no rating.")
    rating_date: date
    published_at: datetime
    revision_reason: str | None = None


EVENTS: tuple[type[Event], ...] = (RatingPublished,)
