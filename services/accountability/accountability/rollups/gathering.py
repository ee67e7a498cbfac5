"""All figures of a district's schools in a year: of every indicator, and of the framework's own result."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.agreements import agreements_of, in_force
from accountability.rollups.figures import RATING, Figures
from accountability.rollups.inputs import (
    Basis,
    Measured,
    indicators_of,
    measured,
    most_students,
    rated,
    schools_of,
    with_public_rating,
)
from accountability.rollups.pooling import SchoolFigure, exact
from accountability.rollups.reconciling import CountedOtherwise, Official
from accountability.rollups.standing import Standing, Year, standings
from accountability.rollups.tables import InclusionRule, OfficialFigure, Rollup

MEASURED = "measure of the district"
"""The source of an official figure that was loaded, which not everybody may see."""


async def standings_in(session: AsyncSession, rollup: Rollup, school_year: int) -> list[Standing]:
    """Where the district's schools stand in a year of data."""
    schools = await schools_of(session, rollup.organization_id, rollup.count_date)
    ids = [school.id for school in schools]
    governing = in_force(await agreements_of(session, ids), ids, rollup.count_date)
    own = select(InclusionRule).where(InclusionRule.organization_id == rollup.organization_id)
    recorded = (await session.scalars(own.order_by(InclusionRule.id))).all()
    return standings(schools, governing, Year(rollup.organization_id, school_year, rollup.count_date, recorded))


async def figures_of(
    session: AsyncSession, rollup: Rollup, basis: Basis, schools: Collection[UUID]
) -> tuple[list[Figures], dict[str, Official]]:
    """The figures of the schools, and what the state says of the district itself, by figure."""
    subjects = {*schools, rollup.organization_id}
    titles = await indicators_of(session, rollup.framework_id, basis)
    measures = await measured(session, rollup.framework_id, titles.keys(), subjects, rollup.school_year)
    ratings = await rated(session, rollup.framework_id, rollup.school_year, subjects)
    officials = _of_district(rollup, measures, ratings) | await _recorded(session, rollup)
    public = await with_public_rating(session, rollup.framework_id, rollup.school_year, schools)
    of_schools = {code: _of_schools(found, public) for code, found in measures.items()}
    growth = set(rollup.growth_indicators)
    own = {code: measures[code][rollup.organization_id] for code, said in officials.items() if said.source == MEASURED}
    found = [Figures(code, titles[code], code in growth, of, {}, {}, own.get(code)) for code, of in of_schools.items()]
    return [*found, _result(ratings, most_students(of_schools), schools)], officials


def _of_schools(found: Mapping[UUID, SchoolFigure], schools: Collection[UUID]) -> dict[UUID, SchoolFigure]:
    return {school: figure for school, figure in found.items() if school in schools}


def _result(ratings: Sequence[Any], students: Mapping[UUID, int], schools: Collection[UUID]) -> Figures:
    """The framework's result: scores weighed by students, labels, and why schools have none. Not rated is not zero."""
    of_schools = [row for row in ratings if row.school_id in schools]
    scored = {row.school_id: exact(row.score) for row in of_schools if row.status == "rated"}
    return Figures(
        code=RATING,
        title=ratings[0].rating_title if ratings else "Rating",
        measures_growth=False,
        of={key: SchoolFigure(key, score, students.get(key)) for key, score in scored.items() if score is not None},
        ratings={row.school_id: row.rating for row in of_schools if row.status == "rated" and row.rating is not None},
        reasons={row.school_id: _why_no_score(row) for row in of_schools},
    )


def _why_no_score(row: Any) -> str:
    if row.status != "rated":
        return row.reason_code or "other"
    return "suppressed" if row.suppressed else "no-score"


def _of_district(rollup: Rollup, measures: Measured, ratings: Sequence[Any]) -> dict[str, Official]:
    """The figures that were loaded or published of the district itself."""
    loaded = {
        code: found[rollup.organization_id] for code, found in measures.items() if rollup.organization_id in found
    }
    said = {code: Official(value=float(each.value), source=MEASURED) for code, each in loaded.items()}
    for row in ratings:
        if row.school_id == rollup.organization_id and row.score is not None:
            said[RATING] = Official(value=row.score, source=f"published rating {row.id}, revision {row.revision}")
    return said


async def _recorded(session: AsyncSession, rollup: Rollup) -> dict[str, Official]:
    """The figures that somebody recorded, the newest of each."""
    query = select(OfficialFigure).where(OfficialFigure.rollup_id == rollup.id).order_by(OfficialFigure.id)
    return {
        row.figure: Official(
            value=float(row.value),
            source=row.source,
            counts_otherwise=[CountedOtherwise.model_validate(each) for each in row.counts_otherwise],
        )
        for row in await session.scalars(query)
    }
