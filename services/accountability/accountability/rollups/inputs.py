"""What a roll-up is made of: a district's schools on a day, and figures of them that are public, never staged ones."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from contracts.registry import SchoolChanged
from sqlalchemy import Subquery, Text, cast, exists, func, or_, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.directory import School
from accountability.frameworks.tables import RegisteredFramework
from accountability.measures.listing import known
from accountability.measures.tables import Indicator, Measure
from accountability.ratings.reading import published
from accountability.ratings.tables import Rating, RatingRevision
from accountability.rollups.pooling import SchoolFigure, exact
from accountability.runs.tables import Run, StagedRating

HOMES = cast(
    """$.assignments[*] ? (
        @.organizationId == $organization && (@.role == "accountable-lea" || @.role == "rating-home")
        && @.validFrom <= $day && (@.validTo == null || @.validTo > $day)
    )""",
    JSONPATH,
)
"""The assignments by which a school is a district's on a day."""


@dataclass(frozen=True)
class Basis:
    """What is public of a framework's year: up to which file its measures are, which year they are of."""

    input_version: int
    data_year: int
    framework_version: str


async def basis(session: AsyncSession, framework: str, school_year: int) -> Basis | None:
    """What is public of a framework's year: what its published runs read; None: nothing yet."""
    revised = exists().where(RatingRevision.run == Run.number)
    query = select(Run.input_version, Run.data_year, Run.framework_version).where(
        Run.framework_id == framework,
        Run.school_year == school_year,
        or_(Run.published_at.is_not(None), revised),
    )
    row = (await session.execute(query.order_by(Run.input_version.desc(), Run.number.desc()).limit(1))).one_or_none()
    return None if row is None else Basis(*row)


async def schools_of(session: AsyncSession, organization_id: UUID, day: date) -> list[SchoolChanged]:
    """The schools that are a district's on a day, or count with it."""
    asked = func.jsonb_build_object("organization", str(organization_id), "day", cast(day, Text))
    homes = func.jsonb_path_exists(School.said, HOMES, asked)
    rows = await session.scalars(select(School.said).where(homes).order_by(School.id))
    return [SchoolChanged.read(said) for said in rows]


async def indicators_of(session: AsyncSession, framework: str, basis: Basis) -> dict[str, str]:
    """The titles of a framework's indicators that are numbers, by code."""
    document = (await session.get_one(RegisteredFramework, (framework, basis.framework_version))).document
    codes = list(document["indicators"])
    numeric = select(Indicator).where(Indicator.code.in_(codes), Indicator.kind != "category")
    return {row.code: row.title for row in await session.scalars(numeric.order_by(Indicator.code))}


Measured = Mapping[str, Mapping[UUID, SchoolFigure]]


def _public_inputs(framework: str, school_year: int, subjects: Collection[UUID]) -> Subquery:
    """The last file of measures that a public run read of each subject, for a framework's year: of the runs that rate
    it, those that were published or by which a rating of it was revised."""
    revised = exists().where(
        RatingRevision.run == Run.number,
        RatingRevision.rating_id == Rating.id,
        Rating.school_id == StagedRating.school_id,
    )
    return (
        select(StagedRating.school_id, func.max(Run.input_version).label("input_version"))
        .join(Run, Run.number == StagedRating.run)
        .where(
            Run.framework_id == framework,
            Run.school_year == school_year,
            StagedRating.school_id.in_(subjects),
            or_(Run.published_at.is_not(None), revised),
        )
        .group_by(StagedRating.school_id)
        .subquery("public_inputs")
    )


async def measured(
    session: AsyncSession, framework: str, codes: Collection[str], subjects: Collection[UUID], school_year: int
) -> Measured:
    """The figures of schools or organizations as wholes, by indicator, as published runs of a framework read them."""
    public = _public_inputs(framework, school_year, subjects)
    query = (
        known(None, public.c.input_version)
        .join(public, public.c.school_id == Measure.school_id)
        .where(
            Measure.school_year == school_year,
            Measure.school_id.in_(subjects),
            Measure.student_group == "ALL",
            Indicator.code.in_(codes),
            Measure.value.is_not(None),
        )
    )
    found: dict[str, dict[UUID, SchoolFigure]] = {code: {} for code in codes}
    for row in await session.execute(query):
        found[row.code][row.Measure.school_id] = _figure(row.Measure)
    return found


def _figure(measure: Measure) -> SchoolFigure:
    value = exact(measure.value)
    assert value is not None
    counts = exact(measure.numerator), exact(measure.denominator)
    return SchoolFigure(measure.school_id, value, measure.n, *counts, import_number=measure.import_number)


async def rated(session: AsyncSession, framework: str, school_year: int, subjects: Collection[UUID]) -> Sequence[Any]:
    """The published ratings of schools or organizations as wholes, in their newest revisions."""
    query = published().where(
        Rating.framework_id == framework,
        Rating.school_year == school_year,
        Rating.student_group == "ALL",
        Rating.school_id.in_(subjects),
    )
    return (await session.execute(query)).all()


async def with_public_rating(
    session: AsyncSession, framework: str, school_year: int, schools: Collection[UUID]
) -> set[UUID]:
    """The schools of which a rating is public, be it that there is none: their measures are public with it."""
    query = published().where(
        Rating.framework_id == framework, Rating.school_year == school_year, Rating.school_id.in_(schools)
    )
    return set(await session.scalars(query.with_only_columns(Rating.school_id).distinct()))


def most_students(measures: Measured) -> dict[UUID, int]:
    """The most students that any figure of a school is of: what weighs its rating."""
    most: dict[UUID, int] = {}
    for figures in measures.values():
        for school, figure in figures.items():
            most[school] = max(most.get(school, 0), figure.students or 0)
    return most
