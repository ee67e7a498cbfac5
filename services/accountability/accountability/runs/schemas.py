"""What runs look like on the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.vocabulary import SchoolYear, Wire
from kit.text import Code, Text
from pydantic import Field


class NewRun(Wire):
    """A framework to apply to the measures of a year."""

    framework: Code = Field(examples=["chicago-sqrp"])
    version: Code = Field(examples=["2018-19"])
    school_year: SchoolYear = Field(examples=[2019])
    input_version: int | None = Field(
        default=None, ge=0, lt=2**31, description="Rate what was known with this file of measures; absent: the newest."
    )


class RunView(Wire):
    """A run that was done."""

    id: UUID
    framework: str
    version: str
    school_year: SchoolYear
    data_year: SchoolYear
    framework_sha256: str
    engine_version: str
    input_version: int = Field(description="Number of the last file of measures that it read.")
    schools: int
    rated: int
    digest: str = Field(description="SHA-256 of all outcomes: the same inputs give the same.")
    created_at: datetime
    published_at: datetime | None


class StagedRatingView(Wire):
    """A rating that nobody has published yet."""

    school_id: UUID = Field(description="The school, or the organization that is rated.")
    student_group: str = Field(description="The group or level of the school that is rated; ALL: the whole.")
    score: float | None
    rating: str
    status: Literal["rated", "not-rated"]
    reason: str | None
    labels: dict[str, str | None]


class NewPublication(Wire):
    """Publish a run's ratings."""

    reason: Text | None = Field(
        default=None, min_length=1, description="Needed where a rating already published changes."
    )


class PublicationView(Wire):
    """What a publication did."""

    published: int
    revised: int
    unchanged: int
