"""What may be reviewed: open to the organizations that answer for the schools, and to the steward of the run."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from kit.auth import Caller
from kit.errors import NotFound
from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.frameworks.tables import RegisteredFramework
from accountability.orders.actions import orders_on
from accountability.orders.rules import order_for, under
from accountability.reviews.schemas import ReviewView
from accountability.runs.said import Said
from accountability.runs.schemas import StagedRatingView
from accountability.runs.tables import Run, StagedRating, Window
from accountability.runs.windows import is_open
from accountability.runs.windows import shape as shape_window
from accountability.visibility import answers_for, day_in, stewarded


def reviews(caller: Caller, now: datetime) -> Select[*tuple[Any, ...]]:
    """The reviews that are open to the caller, as (Window, Run)."""
    own = exists().where(StagedRating.run == Run.number, _own(caller, now))
    query: Select[*tuple[Any, ...]] = (
        select(Window, Run)
        .join(Run, Run.number == Window.run)
        .where(is_open("review", now), or_(stewarded(caller, Run.organization_id), own))
    )
    return query


async def find_review(session: AsyncSession, caller: Caller, review_id: UUID, now: datetime) -> tuple[Window, Run]:
    """A review that is open to the caller. Raises NotFound."""
    found = (await session.execute(reviews(caller, now).where(Window.id == review_id))).one_or_none()
    if found is None:
        raise NotFound(f"There is no review {review_id} open to you.")
    return found.Window, found.Run


def reviewed(caller: Caller, window: Window, now: datetime) -> Select[StagedRating]:
    """The staged ratings that the caller may review."""
    seen = or_(stewarded(caller, Run.organization_id), _own(caller, now))
    joined = select(StagedRating).join(Run, Run.number == StagedRating.run).join(Window, Window.run == Run.number)
    return joined.where(Window.id == window.id, seen)


async def shaping(session: AsyncSession, run: Run) -> Callable[[StagedRating], StagedRatingView]:
    """How staged ratings are shown: as they would be published now, orders and all."""
    framework = await session.get_one(RegisteredFramework, (run.framework_id, run.framework_version))
    not_rated, orders = framework.document["not_rated"], await orders_on(session, run)

    def staged(row: StagedRating) -> StagedRatingView:
        said = under(order_for(row.school_id, orders), Said.of(row), not_rated)
        subject = {"school_id": row.school_id, "student_group": row.student_group}
        given = {name: getattr(said, name) for name in StagedRatingView.model_fields.keys() - subject.keys()}
        return StagedRatingView.model_validate(subject | given)

    return staged


def shape(row: Any) -> ReviewView:
    """A review as shown."""
    window, run = shape_window(row.Window), row.Run
    return ReviewView(
        id=window.id,
        framework=run.framework_id,
        version=run.framework_version,
        school_year=run.school_year,
        data_year=run.data_year,
        opens_on=window.opens_on,
        closes_on=window.closes_on,
        time_zone=window.time_zone,
    )


def _own(caller: Caller, now: datetime) -> ColumnElement[bool]:
    return answers_for(caller, StagedRating.school_id, day_in(Window.time_zone, now))
