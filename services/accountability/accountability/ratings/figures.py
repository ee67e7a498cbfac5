"""Published figures, school by school and year by year: results of ratings, and measures that published runs read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, and_, any_, case, func, literal, null, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from accountability.frameworks.tables import RegisteredFramework
from accountability.measures.tables import Indicator, Measure
from accountability.orders.tables import RatingOrder
from accountability.privacy.policy import policy_for
from accountability.ratings.tables import Rating, RatingRevision
from accountability.runs.tables import Run, covers

Kind = Literal["score", "rating", "indicator"]
"""A framework's score, its band, or an indicator that its published runs read."""


class Source(NamedTuple):
    """Which figure of which framework is meant."""

    framework: str
    of: Kind
    indicator: str | None = None
    student_group: str = "ALL"


@dataclass(frozen=True)
class Figure:
    """A figure of a school, with the revision and the file of measures that it is from.

    `year` is the year that it is of (data year). `input_version`: the last file that a published run read for it.
    `is_defined`: the version of the framework has the indicator; what it has not is not published by its ratings.
    `is_public`: nothing of it is hidden from anybody. `coded`: what everybody may know of a hidden rate near its end.
    """

    school_id: UUID
    year: int
    school_year: int
    rating_id: UUID
    revision: int
    framework_version: str
    input_version: int
    status: str
    rating: str
    reason_code: str | None
    value: float | None
    n: int | None
    is_defined: bool
    is_public: bool
    coded: str | None

    @property
    def is_rated(self) -> bool:
        """False under an order, or where the framework found no rating."""
        return self.status == "rated"


async def published_figures(
    session: AsyncSession, source: Source, known_at: datetime, schools: Collection[UUID] | None = None
) -> list[Figure]:
    """The figures as published until `known_at`, of `schools` or all; one for each school and year."""
    query = _query(source, known_at)
    if schools is not None:
        query = query.where(Rating.school_id == any_(literal(list(schools), ARRAY(Uuid))))
    rows = (await session.execute(query)).all()
    years = {row.school_year for row in rows}
    policies = {year: await policy_for(session, source.framework, year, "accountability") for year in years}
    codes = await codes_of(session, source.framework)
    found = []
    for row in rows:
        policy, said = policies[row.school_year], dict(row._mapping)
        is_defined = source.indicator is None or source.indicator in codes[row.framework_version]
        if not is_defined:
            said |= {"value": None, "n": None}
        small, coded = policy.is_small(row.n), policy.coded(said["value"]) if row.is_rate else None
        is_rated_itself = row.rated_group == source.student_group
        is_shown = is_rated_itself and not small and coded is None and not _suppressed(source, row)
        said |= {"is_defined": is_defined, "is_public": is_shown}
        said["coded"] = coded if is_rated_itself and not small else None
        found.append(Figure(**{name: said[name] for name in Figure.__dataclass_fields__}))
    return found


async def codes_of(session: AsyncSession, framework: str) -> dict[str, set[str]]:
    """The indicators and attributes that each version of a framework reads."""
    rows = await session.execute(
        select(RegisteredFramework.version, RegisteredFramework.document).where(RegisteredFramework.id == framework)
    )
    return {version: {*document["indicators"], *document.get("attributes", {})} for version, document in rows}


def _suppressed(source: Source, row: Any) -> bool:
    """True if the public does not see the figure."""
    hidden: Mapping[str, Any] | None = row.suppression
    if hidden is None:
        return False
    # What was published before indicators were named hides all of them.
    return source.indicator in hidden.get("indicators", [source.indicator]) if source.indicator else hidden[source.of]


def _query(source: Source, known_at: datetime) -> Select[*tuple[Any, ...]]:
    """A row for each school and year: of the group's own rating, or of the whole school's that read its measures."""
    groups = {source.student_group} | ({"ALL"} if source.of == "indicator" else set())
    withheld = RatingOrder.id.is_not(None) & ~RatingOrder.scores_public
    value = {"score": RatingRevision.score, "rating": null(), "indicator": Measure.value}[source.of]
    input_version = func.greatest(Run.input_version, _newest_input(known_at))
    query: Select[*tuple[Any, ...]] = (
        select(
            Rating.school_id,
            RatingRevision.data_year.label("year"),
            Rating.school_year,
            Rating.student_group.label("rated_group"),
            RatingRevision.rating_id,
            RatingRevision.revision,
            RatingRevision.framework_version,
            input_version.label("input_version"),
            RatingRevision.status,
            RatingRevision.rating,
            RatingRevision.reason_code,
            RatingRevision.suppression,
            case((withheld, null()), else_=value).label("value"),
            Measure.n,
            Measure.denominator.is_not(None).label("is_rate"),
        )
        .ext(distinct_on(Rating.school_id, RatingRevision.data_year))
        .join(RatingRevision, RatingRevision.rating_id == Rating.id)
        .join(Run, Run.number == RatingRevision.run)
        .outerjoin(RatingOrder, RatingOrder.id == RatingRevision.order_id)
        .outerjoin(Indicator, Indicator.code == source.indicator)
        .outerjoin(Measure, _read(source.student_group, input_version))
        .where(
            Rating.framework_id == source.framework,
            Rating.student_group.in_(groups),
            RatingRevision.published_at <= known_at,
            or_(Rating.withdrawn_at.is_(None), Rating.withdrawn_at > known_at),
        )
        .order_by(
            Rating.school_id,
            RatingRevision.data_year,
            (Rating.student_group == source.student_group).desc(),
            Rating.school_year.desc(),
            RatingRevision.revision.desc(),
        )
    )
    return query


def _newest_input(known_at: datetime) -> Any:
    """The last file that a published run of the rating's framework and year read, though it changed no rating; of those
    that rate the school: what another district's run read says nothing of it."""
    run = aliased(Run)
    return (
        select(func.max(run.input_version))
        .where(
            run.framework_id == Rating.framework_id,
            run.school_year == Rating.school_year,
            run.published_at <= known_at,
            covers(run.number, Rating.school_id),
        )
        .scalar_subquery()
    )


def _read(student_group: str, input_version: Any) -> Any:
    """The condition on the school's measures as known with a file."""
    return and_(
        Measure.indicator == Indicator.number,
        Measure.school_id == Rating.school_id,
        Measure.school_year == Rating.school_year,
        Measure.student_group == student_group,
        Measure.import_number <= input_version,
        or_(Measure.superseded_in.is_(None), Measure.superseded_in > input_version),
    )
