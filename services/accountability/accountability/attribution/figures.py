"""The measures behind a scorecard: of the schools on it, as published runs read them."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from accountability.attribution.schemas import MeasureShown
from accountability.rollups.inputs import basis, indicators_of, measured


async def measures_behind(
    session: AsyncSession, framework: str, school_year: int, schools: Collection[UUID]
) -> Mapping[UUID, list[MeasureShown]]:
    """What a framework's published runs of a rating year read of each school as a whole."""
    public = await basis(session, framework, school_year)
    if public is None:
        return {}
    titles = await indicators_of(session, framework, public)
    found = await measured(session, framework, titles.keys(), schools, school_year)
    return {
        school: [
            MeasureShown(indicator=code, title=titles[code], value=float(of[school].value), n=of[school].students)
            for code, of in found.items()
            if school in of
        ]
        for school in schools
    }
