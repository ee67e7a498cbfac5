"""Release equity reports, once for each month, and show them as they were released."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.shared_services import EquityReportReleased
from kit.auth import Caller
from kit.clock import today_in
from kit.errors import FieldError, Forbidden, Invalid, NotFound
from kit.journal import record
from kit.periods import Overlap, period
from sqlalchemy import ColumnElement, exists, or_, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from shared_services import directory
from shared_services.clocks.versions import working_time
from shared_services.directory import Assignment, Organization
from shared_services.equity.counting import Months, count_served
from shared_services.equity.opening import Opening
from shared_services.equity.rules import cells
from shared_services.equity.schemas import EquityReportView, NewEquityReport
from shared_services.equity.tables import EquityReport


async def release_report(
    session: AsyncSession, caller: Caller, body: NewEquityReport, now: datetime
) -> EquityReportView:
    """Release a report of months that are over. What is released stays as it is.

    Raises Forbidden, Invalid, Overlap if one of the months was reported on before: from two reports that share
    requests, small counts could be worked out.
    """
    if caller.organization_id not in (None, body.district_id):
        raise Forbidden("Only the district itself or the platform's administrator releases its report.")
    first, end = body.first_month.replace(day=1), body.end_month.replace(day=1)
    zone = await directory.time_zone(session, body.district_id)
    _refuse_months(first, end, today_in(zone, now))
    working = await working_time(session, body.district_id)
    asked = Months(body.district_id, first, end, zone, Opening.of(working, first, now))
    counted = await count_served(session, asked, body.minimum)
    row = EquityReport(
        district_id=body.district_id,
        during=period(first, end),
        minimum=body.minimum,
        cells=[cell.model_dump(mode="json", by_alias=True) for cell in cells(counted, body.minimum)],
        released_at=now,
    )
    session.add(row)
    try:
        await session.flush()
    except IntegrityError as error:
        raise Overlap("One of these months was reported on already; what was released stays as it is.") from error
    view = shape(row)
    await record(session, EquityReportReleased.model_validate({"version": 1, **view.model_dump()}), caller=caller)
    return view


async def show_report(session: AsyncSession, caller: Caller, report_id: UUID) -> EquityReportView:
    """A released report. Raises NotFound."""
    row = await session.scalar(select(EquityReport).where(EquityReport.id == report_id, visible(caller)))
    if row is None:
        raise NotFound(f"There is no equity report {report_id} of yours.")
    return shape(row)


def visible(caller: Caller) -> ColumnElement[bool]:
    """The reports of the caller's district, and of districts for which it ran a school in one of the months."""
    mine = caller.organization_id
    if mine is None:
        return true()
    accountable = aliased(Assignment)
    ran_a_school = exists().where(
        Assignment.organization_id == mine,
        Assignment.role == "operator",
        Assignment.during.overlaps(EquityReport.during),
        accountable.school_id == Assignment.school_id,
        accountable.role == "accountable-lea",
        accountable.organization_id == EquityReport.district_id,
        accountable.during.overlaps(EquityReport.during),
    )
    return or_(EquityReport.district_id == mine, ran_a_school)


def shape(row: EquityReport) -> EquityReportView:
    """A report as it is shown."""
    said: dict[str, Any] = {name: getattr(row, name) for name in EquityReportView.model_fields if hasattr(row, name)}
    return EquityReportView(**said, first_month=row.during.lower, end_month=row.during.upper)


async def names_of(session: AsyncSession, view: EquityReportView) -> dict[str, str]:
    """The names of the operators and networks in a report, by their ids."""
    said = {value for cell in view.cells for name, value in cell.by.items() if name in ("operator", "region")}
    known = select(Organization.id, Organization.name).where(Organization.id.in_(_ids(said)))
    return {str(row.id): row.name for row in await session.execute(known)}


def _ids(values: set[str]) -> Sequence[UUID]:
    return [UUID(value) for value in values if value != "none"]


def _refuse_months(first: date, end: date, today: date) -> None:
    errors = []
    if end <= first:
        errors.append(FieldError("endMonth", "after-start", "name a month after firstMonth", value=str(end)))
    if end > today:
        errors.append(FieldError("endMonth", "not-over", f"the months are over on {end}: report on earlier ones"))
    if errors:
        raise Invalid("There is nothing to report on these months; see `errors`.", errors=errors)
