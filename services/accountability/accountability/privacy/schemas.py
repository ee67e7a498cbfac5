"""What policies of suppression look like on the wire."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from contracts.vocabulary import SchoolYear, Wire
from kit.text import Code, Name
from pydantic import Field, model_validator

from accountability.privacy.policy import Use

Percent = Annotated[float, Field(ge=0, le=100)]


class NewSuppressionPolicy(Wire):
    """A policy to lay down. It holds for what is published from now on; what is public already stays as it is."""

    framework: Code | None = Field(default=None, description="None: all that have no policy of their own.")
    use: Use = "accountability"
    from_year: SchoolYear
    minimum_n: int = Field(default=10, ge=3, le=1000, description="Figures of fewer students are hidden.")
    top_above: Percent | None = Field(default=95, description="Higher rates are only said to be higher; none: all.")
    bottom_below: Percent | None = Field(default=5, description="Lower rates are only said to be lower; none: all.")
    adding_up: list[Annotated[list[Code], Field(min_length=2, max_length=50)]] = Field(
        default_factory=list,
        max_length=20,
        description="Sets of groups or levels that together are the whole; none: those of the framework.",
    )
    source: Name = Field(description="Where it is laid down.", examples=["105 ILCS 5/10-17a"])

    @model_validator(mode="after")
    def _ends_apart(self) -> Self:
        if self.top_above is not None and self.bottom_below is not None and self.bottom_below >= self.top_above:
            raise ValueError("`bottomBelow` must be below `topAbove`")
        return self


class SuppressionPolicyView(NewSuppressionPolicy):
    """A policy as it was laid down."""

    id: UUID
    organization_id: UUID | None = Field(description="Who laid it down; none: the platform.")
    recorded_at: datetime
