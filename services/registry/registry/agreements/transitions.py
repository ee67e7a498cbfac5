"""Taking a step in an agreement's life: judged, recorded, and said to the other services in one transaction."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.registry import AgreementChanged
from kit.auth import Caller
from kit.errors import FieldError, Invalid
from kit.journal import record
from kit.periods import period
from kit.preconditions import require_version
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.checks import unknown_schools
from registry.agreements.dossier import Dossier, dossiers
from registry.agreements.drafts import new_text
from registry.agreements.judgement import judge, settle
from registry.agreements.lifecycle import IN_FORCE, MOVES
from registry.agreements.locking import locked, under
from registry.agreements.said_approvals import say_approvals
from registry.agreements.schemas import Facts, NewAmendment, NewTransition, SchoolExit, SchoolJoin
from registry.agreements.tables import Agreement, AgreementSchool, AgreementTransition
from registry.agreements.views import changed
from registry.agreements.visibility import readable, require_writer
from registry.entitlements.keeping import say_terms_under
from registry.organizations.actions import today_of
from registry.packets.keeping import keep_evidence


async def take_step(
    session: AsyncSession, caller: Caller, agreement_id: UUID, body: NewTransition, version: int, now: datetime
) -> Dossier:
    """Move an agreement. Raises what `judge` raises, Forbidden, NotFound, PreconditionFailed."""
    dossier = await locked(session, caller, agreement_id)
    await require_writer(session, caller, dossier, MOVES[body.name].who)
    if body.successor_id is not None:
        await _require_successor(session, caller, body.successor_id, agreement_id)
    return await _take(session, caller, dossier, version, body.model_dump(), now)


async def propose_amendment(
    session: AsyncSession, caller: Caller, agreement_id: UUID, body: NewAmendment, version: int, now: datetime
) -> Dossier:
    """Propose a whole new text; the old one stays in force. Raises as `take_step`."""
    dossier = await locked(session, caller, agreement_id)
    number = dossier.texts[-1].number + 1
    session.add(new_text(agreement_id, number, body.text, now))
    facts = body.model_dump(exclude={"text"}) | {"name": "propose-amendment", "text_number": number}
    return await _take(session, caller, dossier, version, facts, now)


async def decide_amendment(
    session: AsyncSession,
    caller: Caller,
    agreement_id: UUID,
    number: int,
    name: str,
    body: Facts,
    version: int,
    now: datetime,
) -> Dossier:
    """Adopt or reject a proposed text; a rejected or late one changes nothing. Raises as `take_step`."""
    dossier = await locked(session, caller, agreement_id)
    return await _take(
        session, caller, dossier, version, body.model_dump() | {"name": name, "text_number": number}, now
    )


async def join_school(
    session: AsyncSession, caller: Caller, agreement_id: UUID, body: SchoolJoin, version: int, now: datetime
) -> Dossier:
    """Let a school join an agreement that holds for others. Raises as `take_step`."""
    dossier = await locked(session, caller, agreement_id)
    await require_writer(session, caller, dossier, MOVES["join-school"].who)
    if await unknown_schools(session, caller, [body.school_id]):
        error = FieldError("schoolId", "unknown", "no such school of yours", value=str(body.school_id))
        raise Invalid("The school cannot join.", errors=[error])
    return await _take(session, caller, dossier, version, body.model_dump() | {"name": "join-school"}, now)


async def exit_school(
    session: AsyncSession,
    caller: Caller,
    agreement_id: UUID,
    school_id: UUID,
    body: SchoolExit,
    version: int,
    now: datetime,
) -> Dossier:
    """Let a school leave; for the others the agreement goes on. Raises as `take_step`."""
    dossier = await locked(session, caller, agreement_id)
    facts = body.model_dump() | {"name": "exit-school", "school_id": school_id}
    return await _take(session, caller, dossier, version, facts, now)


async def _take(
    session: AsyncSession, caller: Caller, dossier: Dossier, version: int, facts: dict[str, Any], now: datetime
) -> Dossier:
    agreement_id = dossier.agreement.id
    require_version(version, dossier.agreement.version)
    await require_writer(session, caller, dossier, MOVES[facts["name"]].who)
    step = AgreementTransition(
        agreement_id=agreement_id,
        number=len(dossier.transitions) + 1,
        actor=caller.client_id,
        recorded_at=now,
        **facts,
    )
    judge(dossier, settle(dossier, step), await today_of(session, caller, now))
    before = changed(dossier)
    await keep_evidence(session, caller, dossier, step, now)
    session.add(step)
    await _cover(session, dossier, step, now)
    await session.flush()
    taken = await _say(session, caller, agreement_id, before, step.reason)
    if step.name == "execute":
        await say_approvals(session, caller, taken, taken.approvals)
    return taken


async def _say(
    session: AsyncSession,
    caller: Caller,
    agreement_id: UUID,
    before: AgreementChanged | None,
    reason: str | None = None,
) -> Dossier:
    """Bump an agreement and say what it is now, with all that stands or falls with it. Drafts stay silent."""
    dossier = (await dossiers(session, [agreement_id]))[0]
    dossier.agreement.version += 1
    held = [piece for piece in dossier.statuses() if piece.value in IN_FORCE]
    dossier.agreement.holds = Range(held[0].start, held[-1].end, bounds="[)") if held else None
    await session.flush()
    event = changed(dossier)
    if event is None:
        return dossier
    private = before.model_dump(mode="json", by_alias=True) if before else None
    await record(session, event, caller=caller, before=private, reason=reason)
    if before is None or (before.standings, before.schools) != (event.standings, event.schools):
        await say_terms_under(session, caller, agreement_id)
    if before is None or before.standings != event.standings:
        for below in await under(session, agreement_id):
            await _say(session, caller, below, None)
    return dossier


async def _require_successor(session: AsyncSession, caller: Caller, successor_id: UUID, agreement_id: UUID) -> None:
    mine = await readable(session, caller)
    found = await session.scalar(select(Agreement.id).where(Agreement.id == successor_id, mine))
    executed = found is not None and (await dossiers(session, [found]))[0].latest("execute") is not None
    if not executed or successor_id == agreement_id:
        error = FieldError("successorId", "not-executed", "name another agreement of yours that is executed")
        raise Invalid("Nothing can take over.", errors=[error])


async def _cover(session: AsyncSession, dossier: Dossier, step: AgreementTransition, now: datetime) -> None:
    """Keep the covered schools as the step makes them. What was believed before stays readable."""
    if step.name == "execute":
        # Only now is the agreement's own beginning known.
        for row in [row for row in dossier.schools if row.during.lower is None]:
            await _replace(session, row, step.effective_from, row.during.upper, now)
    elif step.name == "join-school":
        session.add(_coverage(dossier.agreement.id, step.school_id, step.effective_on, None, now))
    elif step.name == "exit-school":
        for row in dossier.schools:
            if row.school_id == step.school_id and row.during.contains(step.effective_on):
                await _replace(session, row, row.during.lower, step.effective_on, now)


async def _replace(
    session: AsyncSession, row: AgreementSchool, start: date | None, end: date | None, now: datetime
) -> None:
    await session.execute(update(AgreementSchool).where(AgreementSchool.id == row.id).values(superseded_at=now))
    session.add(_coverage(row.agreement_id, row.school_id, start, end, now))
    await session.flush()


def _coverage(
    agreement_id: UUID, school_id: UUID | None, start: date | None, end: date | None, now: datetime
) -> AgreementSchool:
    during = period(start, end) if start is not None else Range(None, end)
    return AgreementSchool(agreement_id=agreement_id, school_id=school_id, during=during, recorded_at=now)
