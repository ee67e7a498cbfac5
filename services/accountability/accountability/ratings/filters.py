"""What a client may ask of published ratings: which schools, which year, which changes."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from contracts.accountability import NotRatedReason, PublishedState
from contracts.vocabulary import SchoolYear
from fastapi import Depends
from fastapi import Query as Parameter
from kit.tables import journal
from sqlalchemy import select

from accountability.directory import Alias
from accountability.ratings.reading import Query, published
from accountability.ratings.tables import Rating, RatingRevision

NO_NUL = r"^[^\x00]*$"
ChangeVersion = Annotated[int | None, Parameter(ge=0, lt=2**63, description="Inclusive; orders by change version.")]


@dataclass(frozen=True)
class Filters:
    """The conditions of a list of ratings."""

    school_id: UUID | None
    alias_system: str | None
    alias_value: str | None
    school_year: int | None
    framework: str | None
    reason_code: str | None
    state: str | None
    least: int | None
    most: int | None

    @property
    def pulling(self) -> bool:
        """True if changes are asked for: then the order is that of changes."""
        return self.least is not None or self.most is not None

    def query(self) -> Query:
        """The ratings that match. A publication that is not numbered yet is no change yet: it comes with a higher
        number than any that was seen."""
        query = published()
        if self.school_id is not None:
            query = query.where(Rating.school_id == self.school_id)
        if self.alias_system is not None or self.alias_value is not None:
            query = query.where(Rating.school_id.in_(self._named()))
        if self.school_year is not None:
            query = query.where(Rating.school_year == self.school_year)
        if self.framework is not None:
            query = query.where(Rating.framework_id == self.framework)
        if self.reason_code is not None:
            query = query.where(RatingRevision.reason_code == self.reason_code)
        if self.state is not None:
            query = query.where(RatingRevision.state == self.state)
        if self.least is not None:
            query = query.where(journal.c.change_version >= self.least)
        if self.most is not None:
            query = query.where(journal.c.change_version <= self.most)
        return query

    def _named(self) -> Query:
        named: Query = select(Alias.school_id)
        if self.alias_system is not None:
            named = named.where(Alias.system == self.alias_system)
        if self.alias_value is not None:
            named = named.where(Alias.value == self.alias_value)
        return named


async def _filters(
    school_id: Annotated[UUID | None, Parameter(alias="schoolId")] = None,
    alias_system: Annotated[str | None, Parameter(alias="aliasSystem", max_length=40, pattern=NO_NUL)] = None,
    alias_value: Annotated[str | None, Parameter(alias="aliasValue", max_length=60, pattern=NO_NUL)] = None,
    school_year: Annotated[SchoolYear | None, Parameter(alias="schoolYear")] = None,
    framework: Annotated[str | None, Parameter(max_length=80, pattern=NO_NUL)] = None,
    reason_code: Annotated[
        NotRatedReason | None, Parameter(alias="reasonCode", description="Not rated for this reason.")
    ] = None,
    state: PublishedState | None = None,
    min_change_version: Annotated[ChangeVersion, Parameter(alias="minChangeVersion")] = None,
    max_change_version: Annotated[ChangeVersion, Parameter(alias="maxChangeVersion")] = None,
) -> Filters:
    return Filters(
        school_id,
        alias_system,
        alias_value,
        school_year,
        framework,
        reason_code,
        state,
        min_change_version,
        max_change_version,
    )


Filtered = Annotated[Filters, Depends(_filters)]
