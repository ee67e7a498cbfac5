"""What a district does with budgets: lay them down anew, and hold them beside the ledger."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.shared_services import BudgetLaidDown
from kit.auth import Caller
from kit.errors import FieldError, Invalid
from kit.journal import record
from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.budgets.schemas import BudgetStanding, BudgetView, NewBudget
from shared_services.budgets.tables import Budget
from shared_services.catalog.actions import find_offering
from shared_services.charges.rates import require_district
from shared_services.charges.tables import Charge
from shared_services.directory import Assignment

KEY = ("district_id", "school_id", "zone_id", "fiscal_year", "offering", "currency")
"""What a budget is for: of the same there is one in force."""


async def lay_down_budget(session: AsyncSession, caller: Caller, body: NewBudget, now: datetime) -> BudgetView:
    """Lay down a budget, or lay it down anew. Raises Forbidden, Invalid."""
    require_district(caller, body.district_id)
    errors = await _errors(session, body)
    if errors:
        raise Invalid("The budget cannot be laid down like this; see `errors`.", errors=errors)
    same = [getattr(Budget, name).is_not_distinct_from(getattr(body, name)) for name in KEY]
    before = await session.scalar(select(Budget).where(*same, Budget.superseded_at.is_(None)).with_for_update())
    if before is not None:
        before.superseded_at = now
        await session.flush()
    row = Budget(version=1, recorded_at=now, **body.model_dump())
    session.add(row)
    await session.flush()
    view = BudgetView.model_validate(row, from_attributes=True)
    await record(session, BudgetLaidDown.model_validate(view.model_dump()), caller=caller)
    return view


def budgets(caller: Caller, known_at: datetime | None) -> Select[Budget]:
    """The budgets that the caller sees, in force now or as they were known at an instant."""
    query = select(Budget).where(_visible(caller))
    if known_at is None:
        return query.where(Budget.superseded_at.is_(None))
    known = Budget.recorded_at <= known_at, or_(Budget.superseded_at.is_(None), Budget.superseded_at > known_at)
    return query.where(*known)


async def stand(
    session: AsyncSession, rows: Sequence[Budget], as_of: date, known_at: datetime | None
) -> list[BudgetStanding]:
    """Budgets beside what was spent for services up to a day, in their order."""
    spent = {row.id: row for row in await session.execute(_spent([row.id for row in rows], as_of, known_at))}
    return [_standing(row, spent[row.id], as_of) for row in rows]


def _standing(row: Budget, spent: Any, as_of: date) -> BudgetStanding:
    actual, committed = int(spent.actual), int(spent.committed)
    return BudgetStanding(
        **BudgetView.model_validate(row, from_attributes=True).model_dump(),
        as_of=as_of,
        actual_cents=actual,
        committed_cents=committed,
        remaining_cents=row.amount_cents - actual - committed,
        used_percent=(actual + committed) * 100 // row.amount_cents if row.amount_cents else None,
    )


def _spent(ids: Sequence[UUID], as_of: date, known_at: datetime | None) -> Select[UUID, int, int]:
    """For each budget the sums of the lines that it is for."""
    in_the_year = func.make_date(Budget.fiscal_year - 1, 7, 1), func.make_date(Budget.fiscal_year, 7, 1)
    line = and_(
        Charge.district_id == Budget.district_id,
        Charge.currency == Budget.currency,
        Charge.obligation_id.is_(None),
        or_(Budget.offering.is_(None), Charge.offering == Budget.offering),
        or_(Charge.school_id == Budget.school_id, _in_the_zone()),
        Charge.service_date >= in_the_year[0],
        Charge.service_date < in_the_year[1],
        Charge.service_date <= as_of,
        true() if known_at is None else Charge.posted_at <= known_at,
    )
    return (
        select(Budget.id, _sum("accrued").label("actual"), _sum("approved").label("committed"))
        .outerjoin(Charge, line)
        .where(Budget.id.in_(ids))
        .group_by(Budget.id)
    )


def _in_the_zone() -> ColumnElement[bool]:
    """On the day of the service the school belonged to the budget's zone."""
    return exists().where(
        Assignment.school_id == Charge.school_id,
        Assignment.organization_id == Budget.zone_id,
        Assignment.role == "zone",
        Assignment.during.contains(Charge.service_date),
    )


def _sum(stage: str) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((Charge.stage == stage, Charge.amount_cents))), 0)


def _visible(caller: Caller) -> ColumnElement[bool]:
    """The caller's own budgets: those that it laid down, of its zone, and of schools that it operated in the year."""
    mine = caller.organization_id
    if mine is None:
        return true()
    year = func.daterange(func.make_date(Budget.fiscal_year - 1, 7, 1), func.make_date(Budget.fiscal_year, 7, 1))
    operated = exists().where(
        Assignment.school_id == Budget.school_id,
        Assignment.organization_id == mine,
        Assignment.role == "operator",
        Assignment.during.overlaps(year),
    )
    return or_(Budget.district_id == mine, Budget.zone_id == mine, operated)


async def _errors(session: AsyncSession, body: NewBudget) -> list[FieldError]:
    if (body.school_id is None) == (body.zone_id is None):
        return [FieldError("schoolId", "one-of", "say whose it is: a school's, or a zone's instead")]
    held = select(Assignment.school_id).where(
        Assignment.organization_id == body.district_id, Assignment.role == "accountable-lea"
    )
    if body.zone_id is None:
        field, named = "schoolId", body.school_id
        known = held.where(Assignment.school_id == body.school_id)
    else:
        field, named = "zoneId", body.zone_id
        in_zone = Assignment.organization_id == body.zone_id, Assignment.role == "zone"
        known = select(Assignment.school_id).where(*in_zone, Assignment.school_id.in_(held))
    errors = []
    if await session.scalar(known.limit(1)) is None:
        message = "name a school that your district answers for, or a zone with such a school"
        errors.append(FieldError(field, "not-yours", message, value=str(named)))
    if body.offering is not None and await find_offering(session, body.district_id, body.offering) is None:
        message = f"choose a code of /v1/offerings?districtId={body.district_id}"
        errors.append(FieldError("offering", "not-in-catalogue", message, value=body.offering))
    return errors
