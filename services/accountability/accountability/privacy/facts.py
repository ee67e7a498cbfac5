"""What decides which figures are hidden: measures, what runs made of them, and what is public already."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Integer, Select, Uuid, any_, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from accountability.measures.tables import Indicator, Measure
from accountability.privacy.policy import Policy
from accountability.ratings.tables import Rating, RatingRevision
from accountability.runs.tables import Outcome, Run


class Subject(NamedTuple):
    """A school or organization, and which group or level of it."""

    school_id: UUID
    student_group: str


class Fact(NamedTuple):
    """A measure, as one file brought it."""

    subject: Subject
    indicator: str
    import_number: int
    superseded_in: int | None
    value: float | None
    category: str | None
    n: int | None
    is_rate: bool
    minimum: float | None
    maximum: float | None

    def known_with(self, input_version: int) -> bool:
        """True if a run that read so far read this."""
        return self.import_number <= input_version and (
            self.superseded_in is None or self.superseded_in > input_version
        )


@dataclass(frozen=True)
class Publication:
    """What a run gave for a subject is public: since before, with what is hidden of it, or from now on (None)."""

    rating_id: UUID
    subject: Subject
    run: int
    hidden: dict[str, Any] | None
    is_new: bool


def _any_of(column: InstrumentedAttribute[UUID], ids: Iterable[UUID]) -> ColumnElement[bool]:
    return column == any_(literal(list(ids), ARRAY(Uuid)))


async def schools_with_secrets(
    session: AsyncSession, school_year: int, input_version: int, codes: Collection[str], policy: Policy
) -> set[UUID]:
    """The schools with a figure that is not to be shown, as known with a file, or of whose year anything is hidden."""
    ends = []
    if policy.top_above is not None:
        ends.append(Measure.value > policy.top_above)
    if policy.bottom_below is not None:
        ends.append(Measure.value < policy.bottom_below)
    small = or_(Measure.n < policy.minimum_n, Measure.denominator.is_not(None) & or_(False, *ends))
    numbers = select(Indicator.number).where(Indicator.code.in_(codes))
    read = select(Measure.school_id).where(
        Measure.school_year == school_year,
        Measure.indicator.in_(numbers),
        Measure.import_number <= input_version,
        or_(Measure.superseded_in.is_(None), Measure.superseded_in > input_version),
        small,
    )
    before = _public(school_year).where(RatingRevision.suppression.is_not(None)).with_only_columns(Rating.school_id)
    return set(await session.scalars(read.union(before)))


def _public(school_year: int) -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = (
        select(Rating, RatingRevision.run, RatingRevision.suppression)
        .join(RatingRevision, RatingRevision.rating_id == Rating.id)
        .where(Rating.school_year == school_year)
    )
    return query


async def facts_of(
    session: AsyncSession, school_year: int, schools: Collection[UUID], codes: Collection[str], groups: Collection[str]
) -> list[Fact]:
    """The measures of these schools in a year by indicator and group, also those that were corrected since."""
    columns = (
        Measure.school_id,
        Measure.student_group,
        Indicator.code,
        Measure.import_number,
        Measure.superseded_in,
        Measure.value,
        Measure.category,
        Measure.n,
        Measure.denominator.is_not(None),
        Indicator.minimum,
        Indicator.maximum,
    )
    query = select(*columns).join(Indicator, Indicator.number == Measure.indicator)
    asked = Measure.school_year == school_year, Indicator.code.in_(codes), Measure.student_group.in_(groups)
    rows = await session.execute(query.where(*asked, _any_of(Measure.school_id, schools)))
    return [Fact(Subject(school_id, group), *rest) for school_id, group, *rest in rows]


async def published_before(session: AsyncSession, school_year: int, schools: Collection[UUID]) -> list[Publication]:
    """Every revision of a year's ratings of these schools, by whatever framework."""
    rows = await session.execute(_public(school_year).where(_any_of(Rating.school_id, schools)))
    return [
        Publication(rating.id, Subject(rating.school_id, rating.student_group), run, hidden, is_new=False)
        for rating, run, hidden in rows
    ]


async def outcomes_of(
    session: AsyncSession, runs: Collection[int], schools: Collection[UUID]
) -> dict[tuple[int, Subject], dict[str, Outcome]]:
    """What every node of these runs gave for these schools, by run and subject."""
    numbers = Outcome.run == any_(literal(list(runs), ARRAY(Integer)))
    found: dict[tuple[int, Subject], dict[str, Outcome]] = {}
    for row in await session.scalars(select(Outcome).where(numbers, _any_of(Outcome.school_id, schools))):
        found.setdefault((row.run, Subject(row.school_id, row.student_group)), {})[row.node] = row
    return found


async def runs_of(session: AsyncSession, publications: Sequence[Publication]) -> list[Run]:
    """The runs of these publications."""
    return list(await session.scalars(select(Run).where(Run.number.in_({each.run for each in publications}))))
