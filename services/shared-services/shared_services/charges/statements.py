"""Monthly statements: what a school used, bought and got back, what of it stands for whom, and how it is netted."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.registry import SchoolChanged
from fastapi import Response
from kit.auth import Caller
from kit.errors import Conflict, FieldError, Invalid
from kit.paging import Page, PageRequest, page
from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.charges.rates import require_district
from shared_services.charges.reading import BILLED, DISPUTED, SETTLED, lines, shape, visible
from shared_services.charges.schemas import ChargeView
from shared_services.charges.spans import month_of
from shared_services.charges.statement_schemas import NewSettlement, SettlementView, StatementView
from shared_services.charges.tables import Charge, Settlement
from shared_services.directory import Organization, School

KEYS = (Charge.school_id, Charge.payer_id, Charge.district_id, Charge.currency)
ADJUSTMENTS = ("reversal", "repost", "true-up")


class MonthOpen(Conflict):
    """This month is not closed yet"""

    type = "month-open"


class AlreadySettled(Conflict):
    """This month of the payer is settled already"""

    type = "already-settled"


async def list_statements(
    session: AsyncSession, seen: ColumnElement[bool], month: date, asked: PageRequest, response: Response
) -> Page[StatementView]:
    """The statements of a month, by school and payer, each with its lines."""
    on_it = and_(seen, Charge.month == month_of(month))
    found = await page(session, statements(on_it), KEYS, asked, response, _statement)
    standing = await _lines(session, on_it, found.items)
    items = [one.model_copy(update={"lines": standing.get(_key(one), [])}) for one in found.items]
    return found.model_copy(update={"items": items})


def statements(on_it: ColumnElement[bool]) -> Select[Any]:
    """The sums of the lines of a month by district, school, payer and currency."""
    return (
        select(
            *KEYS,
            Charge.month,
            School.said.label("school"),
            Organization.name.label("payer_name"),
            func.count().filter(Charge.kind == "included").label("included_uses"),
            _sum(Charge.kind == "credit").label("credits_cents"),
            _sum(Charge.kind.in_(("purchase", "fee"))).label("purchases_cents"),
            _sum(Charge.kind == "repayment").label("repayments_cents"),
            _sum(Charge.kind.in_(ADJUSTMENTS)).label("adjustments_cents"),
            func.sum(Charge.amount_cents).label("net_cents"),
            _sum(DISPUTED).label("disputed_cents"),
            case((func.bool_and(SETTLED), "settled"), (func.bool_and(BILLED), "closed"), else_="open").label("status"),
        )
        .outerjoin(School, School.id == Charge.school_id)
        .outerjoin(Organization, Organization.id == Charge.payer_id)
        .where(on_it)
        .group_by(*KEYS, Charge.month, School.id, Organization.id)
    )


async def netting(session: AsyncSession, caller: Caller, district_id: UUID, month: date) -> list[StatementView]:
    """What to take off each payer's payment for a closed month, by school. Raises MonthOpen."""
    on_it = and_(visible(caller), Charge.district_id == district_id, Charge.month == month_of(month))
    found = [_statement(row) for row in await session.execute(statements(on_it).order_by(*KEYS))]
    if any(one.status == "open" for one in found):
        raise MonthOpen("Close the month first: until then its sums may change.")
    return found


async def settle(session: AsyncSession, caller: Caller, body: NewSettlement, now: datetime) -> SettlementView:
    """Write down that a payer's closed month was netted or paid. Raises Forbidden, MonthOpen, AlreadySettled."""
    require_district(caller, body.district_id)
    theirs = Charge.district_id == body.district_id, Charge.payer_id == body.payer_id
    on_it = and_(*theirs, Charge.month == month_of(body.month), Charge.currency == body.currency)
    sums = select(func.sum(Charge.amount_cents), func.bool_and(BILLED)).where(on_it)
    net_cents, billed = (await session.execute(sums)).one()
    if net_cents is None:
        error = FieldError("payerId", "nothing-billed", "name a payer with lines in this month")
        raise Invalid("There is nothing to settle.", errors=[error])
    if not billed:
        raise MonthOpen("Close the month first: until then its sums may change.")
    row = Settlement(**body.model_dump() | {"month": month_of(body.month)}, net_cents=net_cents, settled_at=now)
    session.add(row)
    try:
        await session.flush()
    except IntegrityError as error:
        raise AlreadySettled("What was paid stays paid: correct lines instead.") from error
    return SettlementView.model_validate(row, from_attributes=True)


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(Charge.amount_cents).filter(condition), 0)


def _statement(row: Any) -> StatementView:
    facts = None if row.school is None else SchoolChanged.model_validate(row.school).facts_on(row.month)
    said = {name: value for name, value in row._mapping.items() if name in StatementView.model_fields}
    return StatementView.model_validate(said | {"school_name": facts and facts.name, "lines": []})


async def _lines(
    session: AsyncSession, on_it: ColumnElement[bool], found: Sequence[StatementView]
) -> dict[tuple[UUID, UUID, UUID, str], list[ChargeView]]:
    """The lines of the statements found, the oldest first."""
    standing: dict[tuple[UUID, UUID, UUID, str], list[ChargeView]] = {}
    of_them = Charge.school_id.in_({one.school_id for one in found})
    for row in await session.execute(lines(and_(on_it, of_them)).order_by(Charge.service_date, Charge.id)):
        line = shape(row)
        standing.setdefault(_key(line), []).append(line)
    return standing


def _key(one: StatementView | ChargeView) -> tuple[UUID, UUID, UUID, str]:
    return one.school_id, one.payer_id, one.district_id, one.currency
