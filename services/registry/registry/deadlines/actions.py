"""Record that something owed was filed, acknowledged or waived, and take back what was recorded in error."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from contracts.registry import FilingOutcome, FilingRecorded
from kit.auth import Caller
from kit.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from kit.journal import record
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.dossier import Dossier
from registry.agreements.locking import locked
from registry.agreements.visibility import types_of
from registry.dated import recording_instant
from registry.deadlines.owed import Kind
from registry.deadlines.reading import filings_of, views_of
from registry.deadlines.schemas import DeadlineView, FilingView, NewFiling
from registry.deadlines.tables import Filing
from registry.organizations.actions import today_of

RECORDED_HERE: Mapping[FilingOutcome, frozenset[Kind]] = {
    "filed": frozenset({"duty", "review"}),
    "acknowledged": frozenset({"duty", "review", "notice"}),
    "waived": frozenset({"duty", "review", "notice", "decision", "vote", "renewal-case", "term-end"}),
}
"""Kinds of deadlines that a filing may speak of. What a vote, act, notice or transition does is recorded as such."""


class FiledAlready(Conflict):
    """This is recorded already"""

    type = "filed-already"


async def record_filing(
    session: AsyncSession, caller: Caller, agreement_id: UUID, body: NewFiling, now: datetime
) -> FilingView:
    """Record what became of a deadline. Raises NotFound, Forbidden, FiledAlready, Invalid with every error."""
    dossier = await locked(session, caller, agreement_id)
    today = await today_of(session, caller, now)
    filed = (await filings_of(session, [agreement_id], None)).get(agreement_id, [])
    known = {view.key: view for view in views_of(dossier, filed, today, None)}
    deadline = known.get(body.deadline)
    if deadline is not None:
        await _require_recorder(session, caller, dossier, deadline, body.outcome)
    errors = _errors(body, deadline)
    if body.done_on > today:
        errors.append(FieldError("doneOn", "future", f"today is {today}", value=str(body.done_on)))
    if errors:
        raise Invalid("This cannot be recorded; see `errors`.", errors=errors)
    if any((row.deadline, row.outcome) == (body.deadline, body.outcome) for row in filed):
        raise FiledAlready(f"`{body.deadline}` is {body.outcome} already; withdraw that first if it is wrong.")
    row = Filing(
        agreement_id=agreement_id,
        actor=caller.client_id,
        organization_id=caller.organization_id,
        recorded_at=await recording_instant(session),
        **body.model_dump(),
    )
    session.add(row)
    await session.flush()
    await record(session, _event(row), caller=caller)
    return filing_view(row)


async def withdraw_filing(session: AsyncSession, caller: Caller, agreement_id: UUID, filing_id: UUID) -> FilingView:
    """Take back what was recorded in error; it stays readable as of before. Raises NotFound, Forbidden."""
    dossier = await locked(session, caller, agreement_id)
    this = Filing.id == filing_id, Filing.agreement_id == agreement_id, Filing.superseded_at.is_(None)
    row = await session.scalar(select(Filing).where(*this))
    if row is None:
        raise NotFound(f"There is no filing {filing_id} under this agreement that stands.")
    own = row.organization_id == caller.organization_id
    if caller.organization_id is not None and not own and not _is_district(dossier, caller):
        raise Forbidden("A filing is withdrawn by who recorded it, by the agreement's district, or by the platform.")
    row.superseded_at = await recording_instant(session)
    await session.flush()
    await record(session, _event(row), caller=caller)
    return filing_view(row)


def filing_view(row: Filing) -> FilingView:
    """A filing as it was recorded."""
    return FilingView.model_validate(row, from_attributes=True)


async def _require_recorder(
    session: AsyncSession, caller: Caller, dossier: Dossier, deadline: DeadlineView, outcome: FilingOutcome
) -> None:
    """Raise Forbidden unless the caller may say so: whoever owes something files it, and never waives it for itself."""
    if caller.organization_id is None:
        return
    owes = caller.organization_id == deadline.responsible_id
    state = "state-agency" in await types_of(session, caller)
    may = {
        "filed": owes or _is_district(dossier, caller),
        "acknowledged": state or _is_district(dossier, caller),
        "waived": not owes and (state or _is_district(dossier, caller)),
    }
    if not may[outcome]:
        whose = {
            "filed": "whoever owes it or the agreement's district",
            "acknowledged": "a state agency or the agreement's district",
            "waived": "a state agency or the agreement's district, unless it owes it itself",
        }
        raise Forbidden(f"That it is {outcome} is recorded by {whose[outcome]}, or by the platform.")


def _is_district(dossier: Dossier, caller: Caller) -> bool:
    return any((p.organization_id, p.role) == (caller.organization_id, "district") for p in dossier.parties)


def _errors(body: NewFiling, deadline: DeadlineView | None) -> list[FieldError]:
    if deadline is None:
        message = "no deadline of the agreement; `GET /v1/deadlines?agreementId=` lists their keys"
        return [FieldError("deadline", "unknown", message, value=body.deadline)]
    kinds = RECORDED_HERE[body.outcome]
    if deadline.kind not in kinds:
        message = f"a {deadline.kind} is not {body.outcome} here: record the vote, act, notice or transition itself"
        return [FieldError("outcome", "recorded-elsewhere", message, value=body.outcome)]
    errors = []
    if body.outcome == "acknowledged" and deadline.done_on is None:
        errors.append(FieldError("outcome", "not-done", "what was not given or filed cannot be acknowledged"))
    if body.outcome == "acknowledged" and deadline.done_on is not None and body.done_on < deadline.done_on:
        errors.append(FieldError("doneOn", "before-done", f"it was done on {deadline.done_on}"))
    if body.outcome == "waived" and deadline.done_on is not None:
        errors.append(FieldError("outcome", "done", f"it was done on {deadline.done_on}; there is nothing to waive"))
    return errors


def _event(row: Filing) -> FilingRecorded:
    withdrawn = row.superseded_at is not None
    return FilingRecorded.model_validate(
        {
            "id": row.id,
            "version": 2 if withdrawn else 1,
            "agreement_id": row.agreement_id,
            "deadline": row.deadline,
            "outcome": row.outcome,
            "on": row.done_on,
            "withdrawn": withdrawn,
        }
    )
