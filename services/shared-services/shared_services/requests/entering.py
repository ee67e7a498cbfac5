"""Requests that were looked at are put on record: decided, promised, numbered, and told to the others."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from contracts.shared_services import ServiceCategory
from kit.auth import Caller
from kit.errors import Conflict, FieldError, Invalid
from kit.journal import record
from sqlalchemy import Table, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.catalog.schemas import OfferingView
from shared_services.entitlements.actions import count_use, decide
from shared_services.entitlements.rules import unknown_school
from shared_services.entitlements.schemas import Entitlement
from shared_services.requests.intake import ORDERED_AT_TRIPS, Intake, examine
from shared_services.requests.promising import Promise, promise_for
from shared_services.requests.rules import first_status, number
from shared_services.requests.schemas import NewRequest, Particulars, Refusal, RequestView
from shared_services.requests.tables import RequestCounter, ServiceRequest, Transition
from shared_services.requests.telling import Act, changed, step

Columns = dict[str, Any]
_REQUESTS, _STEPS = cast(Table, ServiceRequest.__table__), cast(Table, Transition.__table__)
_ENTER = insert(_REQUESTS).returning(_REQUESTS.c.number, _REQUESTS.c.id)
_STEP = insert(_STEPS)
_COUNTED = upsert(RequestCounter)
_COUNT = _COUNTED.on_conflict_do_update(
    index_elements=["category", "year"], set_={"last": RequestCounter.last + _COUNTED.excluded.last}
).returning(RequestCounter.last)

NOT_YET = dict.fromkeys(("crew", "scheduled_for", "completed_at", "closes_at", "reopen_until"))
"""What nothing is known of as long as a request has only come in."""


class ExternalIdTaken(Conflict):
    """A request with this number of yours is there already"""

    type = "external-id-taken"


async def submit_request(
    session: AsyncSession, caller: Caller, body: NewRequest, now: datetime, draft_id: UUID | None = None
) -> RequestView:
    """Put a request on record: taken if the school is entitled, quoted or refused with the clause if it is not.

    Raises Invalid if the caller does not answer for the school today or something does not fit, ExternalIdTaken.
    """
    intake = await examine(session, caller, body, now)
    intake.draft_id = draft_id
    if intake.offering is not None and intake.offering.kind in ORDERED_AT_TRIPS:
        message = "order it as a trip: POST /v1/trips"
        intake.errors.append(FieldError("offering", "ordered-as-a-trip", message, value=body.offering))
    return await enter(session, caller, intake, now)


async def known_by(session: AsyncSession, intake: Intake) -> UUID | None:
    """The request that the requester already made under this number of its own."""
    if intake.body.external_id is None:
        return None
    same = ServiceRequest.external_id == intake.body.external_id
    mine = ServiceRequest.requesting_organization_id == intake.requesting_id
    return await session.scalar(select(ServiceRequest.id).where(same, mine))


async def enter(session: AsyncSession, caller: Caller, intake: Intake, now: datetime) -> RequestView:
    """Put a request that was looked at on record. Raises Invalid with its errors, ExternalIdTaken."""
    known = None if intake.errors else await known_by(session, intake)
    if known is not None:
        error = FieldError("externalId", "taken", f"request {known} has it", value=intake.body.external_id)
        raise ExternalIdTaken("You made a request under this number already.", errors=[error], requestId=str(known))
    return (await enter_all(session, caller, [intake], now))[0]


async def enter_all(
    session: AsyncSession, caller: Caller, intakes: Sequence[Intake], now: datetime
) -> list[RequestView]:
    """Put requests that were looked at on record. Raises Invalid with the errors of the first."""
    entries = [await _entry(session, caller, intake, now) for intake in intakes]
    # The numbers come last: whoever takes one holds up all the others of its category until the commit.
    await _number(session, entries, intakes[0].today.year)
    rows = [row for row, _ in entries]
    # One statement each, and nothing read back: what was written is what is shown.
    ids = {row.number: row.id for row in await session.execute(_ENTER, rows)}
    views = [
        RequestView.model_validate(row | NOT_YET | shown | {"id": ids[row["number"]]}, extra="ignore")
        for row, shown in entries
    ]
    acts = [Act(caller, "requester", now, particulars=view.particulars) for view in views]
    steps = [
        step(view, act, "draft" if intake.draft_id else None)
        for view, act, intake in zip(views, acts, intakes, strict=True)
    ]
    await session.execute(_STEP, steps)
    await record(session, *map(changed, views), caller=caller)
    return views


async def _entry(session: AsyncSession, caller: Caller, intake: Intake, now: datetime) -> tuple[Columns, Columns]:
    """A request as a row without its number, and what else of it is shown. Raises Invalid."""
    offering = intake.offering
    if offering is None or intake.errors:
        raise Invalid("The request cannot be taken like this; see `errors`.", errors=intake.errors)
    entitlement = await _decide(session, intake, offering)
    await count_use(session, entitlement, 1)
    promise = await promise_for(session, offering, intake.body.school_id, intake.today)
    facts = intake.school.timeline.facts_on(intake.day) if intake.school else None
    shown = {"school_name": facts and facts.name, "offering": offering.code, "category": offering.category}
    return _row(caller, intake, offering, entitlement, promise, now), shown


async def _decide(session: AsyncSession, intake: Intake, offering: OfferingView) -> Entitlement:
    hazard = intake.body.hazard
    if intake.school is None:
        return unknown_school(intake.body.school_id, intake.district_id, offering, intake.day, hazard)
    return await decide(
        session, intake.school, intake.body.offering, offering, intake.day, hazard=hazard, lock_quota=True
    )


def _row(
    caller: Caller, intake: Intake, offering: OfferingView, entitlement: Entitlement, promise: Promise, now: datetime
) -> Columns:
    body, hazard = intake.body, intake.body.hazard or offering.hazard
    status = first_status(entitlement.decision, entitlement.approvals)
    particulars = Particulars(approver=entitlement.approvals[0]) if status == "awaiting-approval" else Particulars()
    refusal = Refusal(rule=entitlement.rule, reason=entitlement.reason, source=entitlement.source)
    priority = promise.hazard_priority if hazard else None
    asked = body.model_dump(include={"school_id", "description", "building", "room", "details", "riders"})
    return asked | {
        **({"id": intake.draft_id} if intake.draft_id else {}),
        "version": 1,
        "requesting_organization_id": intake.requesting_id,
        "filed_by_organization_id": caller.organization_id,
        "providing_organization_id": offering.district_id,
        "offering_id": offering.id,
        "service_date": intake.day,
        "starts_at": intake.starts_at,
        "ends_at": intake.ends_at,
        "external_id": body.external_id,
        "parent_id": body.parent_id,
        "series_id": intake.series_id,
        "hazard": hazard,
        "asked": body.asked and body.asked.model_dump(mode="json"),
        "priority": priority,
        "status": status,
        "particulars": particulars.model_dump(mode="json", by_alias=True, exclude_none=True),
        "provisional": entitlement.provisional,
        "entitlement": entitlement.model_dump(mode="json", by_alias=True),
        "refusal": refusal.model_dump() if status == "refused" else None,
        "fee_cents": 0,
        "service_level": offering.service_level,
        "promise_version": promise.version,
        "contract_promise_id": promise.contract_id,
        "due_at": promise.first_due(status, priority, now),
        "submitted_at": now,
        "updated_at": now,
    }


async def _number(session: AsyncSession, entries: Sequence[tuple[Columns, Columns]], year: int) -> None:
    categories: set[ServiceCategory] = {shown["category"] for _, shown in entries}
    for category in sorted(categories):
        mine = [row for row, shown in entries if shown["category"] == category]
        counted = await session.execute(_COUNT, {"category": category, "year": year, "last": len(mine)})
        last: int = counted.scalar_one()
        for count, row in enumerate(mine, last - len(mine) + 1):
            row["number"] = number(category, year, count)
