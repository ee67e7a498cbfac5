"""Open and change the windows in which schools choose, and record what they chose."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.registry import ElectionWindowChanged
from kit.auth import Caller
from kit.errors import FieldError, Invalid
from kit.journal import record
from kit.periods import period
from kit.preconditions import require_version
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.tables import Agreement
from registry.agreements.visibility import readable
from registry.dated import recording_instant
from registry.entitlements.access import require_district, require_own_school, require_own_window, unknown_window
from registry.entitlements.elections import earliest, elected, election_errors
from registry.entitlements.keeping import hold_agreements, in_force_at, keep, lock_entitlements, terms_of
from registry.entitlements.rules import in_effect
from registry.entitlements.schemas import (
    ElectionView,
    ElectionWindowPatch,
    ElectionWindowView,
    NewElection,
    NewElectionWindow,
)
from registry.entitlements.tables import Election, ElectionWindow, ElectionWindowRevision
from registry.organizations.actions import today_of
from registry.revisions import first_revision, found, locked, next_revision
from registry.schools.tables import SchoolAssignment

ONE_DAY = timedelta(days=1)


def window_view(row: ElectionWindowRevision, district_id: UUID) -> ElectionWindowView:
    """A window as a revision says it."""
    said = {name: getattr(row, name) for name in ElectionWindowView.model_fields if hasattr(row, name)}
    opened: Any = row.during
    dates = {"opens_on": opened.lower, "closes_on": opened.upper - ONE_DAY, "district_id": district_id}
    return ElectionWindowView.model_validate(said | dates)


async def open_window(session: AsyncSession, caller: Caller, body: NewElectionWindow) -> ElectionWindowView:
    """Open a window. Raises Forbidden, Invalid."""
    await require_district(session, caller, body.district_id)
    await _refuse(session, caller, body)
    thing = ElectionWindow(version=1, district_id=body.district_id)
    row = await first_revision(session, thing, ElectionWindowRevision, _columns(body))
    return await _say(session, caller, window_view(row, body.district_id), None)


async def change_window(
    session: AsyncSession, caller: Caller, window_id: UUID, patch: ElectionWindowPatch, version: int
) -> ElectionWindowView:
    """Change a window; elections already recorded stay. Raises NotFound, Forbidden, PreconditionFailed, Invalid."""
    await require_own_window(session, caller, window_id)
    thing, _ = await found(session, ElectionWindow, ElectionWindowRevision, window_id)
    await require_district(session, caller, thing.district_id)
    thing, newest = await locked(session, ElectionWindow, ElectionWindowRevision, window_id, version)
    before = window_view(newest, thing.district_id)
    given = {k: v for k, v in patch.model_dump(exclude_unset=True).items() if v is not None}
    after = ElectionWindowView.model_validate(before.model_dump() | given)
    await _refuse(session, caller, after)
    row = await next_revision(session, thing, newest, _columns(after))
    return await _say(session, caller, window_view(row, thing.district_id), before)


async def elect(
    session: AsyncSession,
    caller: Caller,
    school_id: UUID,
    body: NewElection,
    version: int,
    now: datetime,
    override: str | None,
) -> ElectionView:
    """Record a school's choices and lay them down from their day on; what was before that day stays.

    Raises NotFound, Forbidden, PreconditionFailed, Invalid with every error, PeriodLocked.
    """
    await require_own_school(session, caller, school_id, [await today_of(session, caller, now), body.elected_on])
    await require_own_window(session, caller, body.window_id)
    thing, said = await found(session, ElectionWindow, ElectionWindowRevision, body.window_id)
    window = window_view(said, thing.district_id)
    effective_on = body.effective_on or earliest(window, body.elected_on)
    await _require_member(session, school_id, window, effective_on)
    await hold_agreements(session, [window.agreement_id])
    held = await lock_entitlements(session, school_id)
    require_version(version, held.version)
    terms = list((await terms_of(session, school_id)).values())
    effective = in_effect(terms, await in_force_at(session, school_id, terms))
    errors = election_errors(window, body, effective)
    errors += await _right_errors(session, school_id, window, effective_on)
    if errors:
        raise Invalid("The election breaks rules; see `errors`.", errors=errors)
    await keep(session, caller, held, elected(window, body, terms, effective_on), effective_on, override)
    return await _keep_election(session, caller, school_id, body, effective_on)


async def _keep_election(
    session: AsyncSession, caller: Caller, school_id: UUID, body: NewElection, effective_on: date
) -> ElectionView:
    row = Election(
        school_id=school_id,
        window_id=body.window_id,
        chosen=body.model_dump(mode="json", by_alias=True)["chosen"],
        elected_on=body.elected_on,
        effective_on=effective_on,
        approved_by=body.approved_by,
        evidence=body.evidence,
        recorded_by=caller.client_id,
        recorded_at=await recording_instant(session),
    )
    session.add(row)
    await session.flush()
    return ElectionView.model_validate(row, from_attributes=True)


async def _require_member(session: AsyncSession, school_id: UUID, window: ElectionWindowView, day: date) -> None:
    answers = select(SchoolAssignment.id).where(
        SchoolAssignment.school_id == school_id,
        SchoolAssignment.organization_id == window.district_id,
        SchoolAssignment.role == "accountable-lea",
        SchoolAssignment.superseded_at.is_(None),
        SchoolAssignment.during.contains(day),
    )
    if await session.scalar(answers.limit(1)) is None:
        raise unknown_window(window.id)


async def _right_errors(
    session: AsyncSession, school_id: UUID, window: ElectionWindowView, day: date
) -> list[FieldError]:
    if window.agreement_id is None:
        return []
    spans = (await in_force_at(session, school_id, [window], None))[window.agreement_id]
    if any(span.covers(day) for span in spans):
        return []
    message = f"the agreement that gives the right to choose does not hold for the school on {day}"
    return [FieldError("windowId", "no-right", message)]


async def _refuse(session: AsyncSession, caller: Caller, body: NewElectionWindow) -> None:
    errors = list(_window_errors(body))
    if body.agreement_id is not None:
        mine = await readable(session, caller)
        if await session.scalar(select(Agreement.id).where(Agreement.id == body.agreement_id, mine)) is None:
            errors.append(FieldError("agreementId", "unknown", "no such agreement of yours"))
    if errors:
        raise Invalid("The window breaks rules; see `errors`.", errors=errors)


def _window_errors(body: NewElectionWindow) -> Sequence[FieldError]:
    errors = []
    services = [choice.service for choice in body.choices]
    if body.closes_on < body.opens_on:
        errors.append(FieldError("closesOn", "after-start", f"must not lie before opensOn, {body.opens_on}"))
    if (body.layer == "agreement") != (body.agreement_id is not None):
        errors.append(FieldError("agreementId", "layer", "a choice by an agreement names it, any other names none"))
    if len(set(services)) < len(services):
        errors.append(FieldError("choices", "repeated", "name each service once"))
    for number, choice in enumerate(body.choices):
        unknown = [needed for needed in choice.needs if needed not in services]
        if unknown:
            message = f"about these nothing can be chosen: {', '.join(unknown)}"
            errors.append(FieldError(f"choices.{number}.needs", "unknown", message))
        if "mandated" in choice.classes:
            errors.append(FieldError(f"choices.{number}.classes", "mandated", "what is mandated is not chosen"))
    return errors


def _columns(body: NewElectionWindow) -> dict[str, Any]:
    said = body.model_dump(exclude={"id", "version", "district_id", "opens_on", "closes_on", "choices"})
    choices = body.model_dump(mode="json", by_alias=True, include={"choices"})["choices"]
    return said | {"choices": choices, "during": period(body.opens_on, body.closes_on + ONE_DAY)}


async def _say(
    session: AsyncSession, caller: Caller, view: ElectionWindowView, before: ElectionWindowView | None
) -> ElectionWindowView:
    private = before.model_dump(mode="json", by_alias=True) if before else None
    await record(session, ElectionWindowChanged(**view.model_dump()), caller=caller, before=private)
    return view
