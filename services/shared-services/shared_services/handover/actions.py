"""Decide what becomes of all that is open when a school's operator changes, and show what was decided."""

from datetime import date, datetime
from uuid import UUID

from contracts.registry import SchoolChanged
from contracts.shared_services import HandoverDecided
from kit.auth import Caller
from kit.clock import today_in
from kit.errors import Conflict, FieldError, Invalid, NotFound
from kit.journal import record
from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services import directory
from shared_services.charges.rates import require_district
from shared_services.handover.listing import MAX_ITEMS, hold, open_items
from shared_services.handover.outcomes import Deciding, apply
from shared_services.handover.rules import Turn, outcomes, turn_of
from shared_services.handover.schemas import DecidedItem, HandoverView, NewHandover, OpenItems
from shared_services.handover.tables import Handover


class NoHandover(Conflict):
    """Nothing is handed over at this school on this day"""

    type = "no-handover"


async def list_open_items(session: AsyncSession, caller: Caller, school_id: UUID, day: date) -> OpenItems:
    """What is open at a school for the operator that leaves it on a day.

    For the district, that operator and the platform; NotFound for anyone else. Raises NoHandover.
    """
    district_id, turn = await _turn(session, school_id, day)
    if caller.organization_id not in (None, district_id, turn.former_id):
        raise _unknown_school(school_id)
    items = await open_items(session, school_id, day, turn)
    return OpenItems(
        school_id=school_id,
        district_id=district_id,
        effective_on=day,
        from_organization_id=turn.former_id,
        to_organization_id=turn.successor_id,
        items=items[:MAX_ITEMS],
        more=len(items) > MAX_ITEMS,
    )


async def decide_handover(session: AsyncSession, caller: Caller, body: NewHandover, now: datetime) -> HandoverView:
    """Decide about all that is open, each by its own decision or by the rule; all of it or nothing.

    Raises NotFound, Forbidden, NoHandover, Invalid with every item that cannot become what was decided.
    """
    district_id, turn = await _turn(session, body.school_id, body.effective_on)
    if caller.organization_id not in (None, district_id, turn.former_id):
        raise _unknown_school(body.school_id)
    require_district(caller, district_id)
    await _refuse_early(session, district_id, body.effective_on, now)
    await hold(session, body.school_id, turn)
    items = (await open_items(session, body.school_id, body.effective_on, turn))[:MAX_ITEMS]
    decided, errors = outcomes(items, body)
    if errors:
        raise Invalid("Some items cannot become that; see `errors`.", errors=errors)
    if not items:
        raise NoHandover("Nothing is open any more for the former operator.")
    deciding = Deciding(caller, turn.successor_id, body.effective_on, body.reason, now)
    for item, outcome in zip(items, decided, strict=True):
        await apply(session, deciding, item, outcome)
    done = [DecidedItem(**dict(item), outcome=outcome) for item, outcome in zip(items, decided, strict=True)]
    return await _keep(session, caller, body, district_id, turn, done, now)


async def show_handover(session: AsyncSession, caller: Caller, handover_id: UUID) -> HandoverView:
    """A handover. Raises NotFound."""
    row = await session.scalar(select(Handover).where(Handover.id == handover_id, visible(caller)))
    if row is None:
        raise NotFound(f"There is no handover {handover_id} of yours.")
    return shape(row, caller)


def visible(caller: Caller) -> ColumnElement[bool]:
    """The handovers in which the caller is the district, the former operator or its successor."""
    mine = caller.organization_id
    if mine is None:
        return true()
    return or_(Handover.district_id == mine, Handover.from_organization_id == mine, Handover.to_organization_id == mine)


def shape(row: Handover, caller: Caller) -> HandoverView:
    """A handover as it is shown: to the successor without what stayed with its predecessor."""
    view = HandoverView.model_validate(row, from_attributes=True)
    if caller.organization_id != row.to_organization_id or caller.organization_id is None:
        return view
    return view.model_copy(update={"items": [item for item in view.items if item.outcome == "transfer"]})


async def _turn(session: AsyncSession, school_id: UUID, day: date) -> tuple[UUID, Turn]:
    """The district that answers for a school and the change of its operator. Raises NotFound, NoHandover."""
    school = await directory.school(session, school_id)
    district_id = _district(school, day) if school else None
    if school is None or district_id is None:
        raise _unknown_school(school_id)
    turn = turn_of(school, day)
    if turn is None:
        raise NoHandover(f"The school's operator does not change on {day}: name the first day of the new one.")
    return district_id, turn


def _district(school: SchoolChanged, day: date) -> UUID | None:
    held = [one for one in school.assignments if one.role == "accountable-lea" and one.valid_from <= day]
    return held[-1].organization_id if held else None


async def _refuse_early(session: AsyncSession, district_id: UUID, day: date, now: datetime) -> None:
    if today_in(await directory.time_zone(session, district_id), now) < day:
        error = FieldError("effectiveOn", "not-yet", f"decide it from {day} on: until then the old operator acts")
        raise Invalid("The operator has not changed yet.", errors=[error])


async def _keep(
    session: AsyncSession,
    caller: Caller,
    body: NewHandover,
    district_id: UUID,
    turn: Turn,
    items: list[DecidedItem],
    now: datetime,
) -> HandoverView:
    row = Handover(
        school_id=body.school_id,
        district_id=district_id,
        effective_on=body.effective_on,
        from_organization_id=turn.former_id,
        to_organization_id=turn.successor_id,
        reason=body.reason,
        items=[item.model_dump(mode="json", by_alias=True) for item in items],
        client_id=caller.client_id,
        decided_at=now,
    )
    session.add(row)
    await session.flush()
    view = shape(row, caller)
    await record(session, HandoverDecided.model_validate({"version": 1, **view.model_dump()}), caller=caller)
    return view


def _unknown_school(school_id: UUID) -> NotFound:
    return NotFound(f"There is no school {school_id} of yours.")
