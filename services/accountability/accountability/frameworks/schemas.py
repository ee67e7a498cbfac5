"""What frameworks look like on the wire."""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.vocabulary import SchoolYear, Wire
from kit.text import Name, Text
from pydantic import Field

from accountability.frameworks.lifecycle import MoveName, Status


class YearStatus(Wire):
    """What a version is for a rating year."""

    school_year: SchoolYear
    status: Status
    reason: str | None
    since: datetime


class FrameworkSummary(Wire):
    """A version of a framework."""

    id: str
    version: str
    title: str
    owner: str = Field(description="Whose policy it is, as the document says.")
    owner_id: UUID | None = Field(description="The organization that authors and moves it; none: the platform.")
    status: Status = Field(description="`draft`, until it is active in a year.")
    school_years: list[int] = Field(description="The rating years that the document is valid for.")
    years: list[YearStatus] = Field(description="What it is in the years in which it is no draft.")
    sha256: str
    revision: int
    display_labels: dict[str, str] = Field(description="Labels that are called otherwise now, by their published name.")
    registered_at: datetime


class FrameworkView(FrameworkSummary):
    """A version with its whole document."""

    document: dict[str, Any]


class NewStep(Wire):
    """A step in the life of a version."""

    name: MoveName
    school_years: list[SchoolYear] | None = Field(
        default=None, min_length=1, max_length=100, description="All years of the document, if absent."
    )
    reason: Text | None = Field(
        default=None,
        min_length=1,
        description="Needed to suspend, to retire, and to activate in the place of another version.",
    )


class NewDisplayLabels(Wire):
    """How labels are called from now on. What was published keeps its label; this is shown beside it."""

    labels: dict[str, Name] = Field(max_length=100, description="Label of the document -> what it is called now.")
    reason: Text = Field(min_length=1)


class StepView(Wire):
    """What somebody did with a version."""

    number: int
    name: str
    school_years: list[int]
    reason: str | None
    sha256: str
    labels: dict[str, str]
    client_id: str
    at: datetime
