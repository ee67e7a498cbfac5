"""The ledger: lines are added and never changed once accrued; a closed month takes none."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.shared_services import BillingPeriodClosed, ChargeChanged
from kit.auth import Caller
from kit.clock import today_in
from kit.errors import Conflict, FieldError, Invalid
from kit.journal import record
from sqlalchemy import func, select, true
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services import directory
from shared_services.charges.rates import require_district
from shared_services.charges.reading import find_charge
from shared_services.charges.schemas import ChargeView
from shared_services.charges.spans import month_of, next_month
from shared_services.charges.statement_schemas import BillingPeriodView, NewBillingPeriod
from shared_services.charges.tables import BillingPeriod, Charge


class MonthClosed(Conflict):
    """This month is closed already"""

    type = "month-closed"


async def write_line(session: AsyncSession, caller: Caller, now: datetime, **line: Any) -> ChargeView | None:
    """Add a line, on the statement of its month if it is accrued. None if its request has one already."""
    if line["stage"] == "accrued":
        line["month"] = await open_month(session, line["district_id"], line["service_date"])
    written = upsert(Charge).values(version=1, posted_at=now, **line).on_conflict_do_nothing().returning(Charge.id)
    charge_id = await session.scalar(written)
    return None if charge_id is None else await say(session, caller, charge_id)


async def say(session: AsyncSession, caller: Caller, charge_id: UUID) -> ChargeView:
    """Tell the others what a line now is. Reasons are people's texts and stay here."""
    view = await find_charge(session, true(), charge_id)
    await record(session, ChargeChanged.model_validate(view.model_dump()), caller=caller)
    return view


async def open_month(session: AsyncSession, district_id: UUID, day: date) -> date:
    """The month on whose statement a day falls: its own, or the first open one if that is closed.

    No month of the district closes before the transaction ends.
    """
    await session.execute(select(func.pg_advisory_xact_lock_shared(_lock(district_id))))
    last = await _last_closed(session, district_id)
    return month_of(day) if last is None else max(month_of(day), next_month(last))


async def close_month(
    session: AsyncSession, caller: Caller, body: NewBillingPeriod, now: datetime
) -> BillingPeriodView:
    """Close a district's month, and with it every earlier one: what stands there is billed.

    Raises Forbidden, MonthClosed, Invalid before the month is over in the district.
    """
    require_district(caller, body.district_id)
    await session.execute(select(func.pg_advisory_xact_lock(_lock(body.district_id))))
    month, last = month_of(body.month), await _last_closed(session, body.district_id)
    if last is not None and month <= last:
        raise MonthClosed(f"The months up to {last:%Y-%m} are closed: what comes late goes to the next one.")
    if today_in(await directory.time_zone(session, body.district_id), now) < next_month(month):
        error = FieldError("month", "not-over", f"close it from {next_month(month)} on", value=str(body.month))
        raise Invalid("The month is not over yet.", errors=[error])
    row = BillingPeriod(district_id=body.district_id, month=month, closed_at=now)
    session.add(row)
    await session.flush()
    view = BillingPeriodView.model_validate(row, from_attributes=True)
    await record(session, BillingPeriodClosed(version=1, **view.model_dump()), caller=caller)
    return view


async def _last_closed(session: AsyncSession, district_id: UUID) -> date | None:
    closed = select(func.max(BillingPeriod.month)).where(BillingPeriod.district_id == district_id)
    return await session.scalar(closed)


def _lock(district_id: UUID) -> Any:
    return func.hashtextextended(f"billing:{district_id}", 0)
