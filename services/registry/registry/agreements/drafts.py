"""Drafting an agreement, and changing the draft until it is submitted."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from kit.auth import Caller
from kit.errors import Conflict, FieldError, Forbidden, Invalid
from kit.periods import period
from kit.preconditions import require_version
from sqlalchemy import delete, insert
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.checks import content_errors, date_errors, parent_errors, predecessor_errors
from registry.agreements.dossier import Dossier, dossiers
from registry.agreements.lifecycle import EDITABLE
from registry.agreements.locking import locked
from registry.agreements.schemas import AgreementPatch, NewAgreement, NewCoverage, NewParty, NewText
from registry.agreements.standing import standing
from registry.agreements.tables import Agreement, AgreementParty, AgreementSchool, AgreementText
from registry.agreements.visibility import require_writer, types_of
from registry.instruments.document import Instrument
from registry.instruments.tables import RegisteredInstrument

REQUIRED = frozenset({"title", "legal_basis", "renewal_options", "wind_down_duties"})
"""Members of a draft that a patch cannot empty."""


async def draft_agreement(session: AsyncSession, caller: Caller, body: NewAgreement, now: datetime) -> Dossier:
    """Draft an agreement. Raises Forbidden, Invalid with every error."""
    await _require_own(session, caller, body.parties)
    instrument = await _instrument(session, body.instrument_id, body.instrument_version)
    errors = await content_errors(session, caller, instrument, body.parties, body.schools)
    errors += date_errors(body.effective_from, body.term_to, body.notice_by)
    errors += await parent_errors(session, caller, instrument, body.parent_id)
    errors += await predecessor_errors(session, caller, body.resubmits_id)
    _refuse(errors)
    plain = body.model_dump(exclude={"parties", "schools", "text", "legal_basis"})
    basis = body.legal_basis or list(instrument.legal_basis)
    row = Agreement(version=1, legal_basis=basis, recorded_by=caller.client_id, recorded_at=now, **plain)
    session.add(row)
    await session.flush()
    await _put_parties(session, row.id, body.parties)
    await _put_schools(session, row.id, body.schools, now)
    session.add(new_text(row.id, 1, body.text, now))
    await session.flush()
    return (await dossiers(session, [row.id]))[0]


async def change_draft(
    session: AsyncSession, caller: Caller, agreement_id: UUID, patch: AgreementPatch, version: int, now: datetime
) -> Dossier:
    """Change a draft. Raises Forbidden, NotFound, PreconditionFailed, Conflict, Invalid."""
    dossier = await locked(session, caller, agreement_id)
    require_version(version, dossier.agreement.version)
    await require_writer(session, caller, dossier, frozenset({"district"}))
    status = standing(dossier, date.max).status
    if status not in EDITABLE:
        raise Conflict(f"The agreement is {status}: only a draft is changed freely, an executed one by amendment.")
    if patch.parties is not None:
        await _require_own(session, caller, patch.parties)
    row, given = dossier.agreement, patch.model_dump(exclude_unset=True, exclude={"parties", "schools", "text"})
    dates = [given.get(name, getattr(row, name)) for name in ("effective_from", "term_to", "notice_by")]
    errors = await content_errors(session, caller, dossier.instrument, patch.parties, patch.schools)
    _refuse(errors + date_errors(*dates))
    for name, value in given.items():
        setattr(row, name, value if value is not None or name not in REQUIRED else getattr(row, name))
    if patch.parties is not None:
        await session.execute(delete(AgreementParty).where(AgreementParty.agreement_id == row.id))
        await _put_parties(session, row.id, patch.parties)
    if patch.schools is not None:
        await session.execute(delete(AgreementSchool).where(AgreementSchool.agreement_id == row.id))
        await _put_schools(session, row.id, patch.schools, now)
    if patch.text is not None:
        session.add(new_text(row.id, dossier.texts[-1].number + 1, patch.text, now))
    row.version += 1
    await session.flush()
    return (await dossiers(session, [row.id]))[0]


def new_text(agreement_id: UUID, number: int, text: NewText, now: datetime) -> AgreementText:
    """The row of a text."""
    return AgreementText(agreement_id=agreement_id, number=number, recorded_at=now, **text.model_dump())


def _refuse(errors: Sequence[FieldError]) -> None:
    if errors:
        raise Invalid("The draft breaks rules; see `errors`.", errors=errors)


async def _require_own(session: AsyncSession, caller: Caller, parties: Sequence[NewParty]) -> None:
    if caller.organization_id is None:
        return
    mine = any(party.organization_id == caller.organization_id for party in parties)
    if not mine or "district" not in await types_of(session, caller):
        raise Forbidden("An agreement is drafted by the district that is a party to it, or by the platform.")


async def _instrument(session: AsyncSession, instrument_id: str, version: str) -> Instrument:
    known = await session.get(RegisteredInstrument, (instrument_id, version))
    if known is None:
        message = "register this instrument first, or choose one of GET /v1/instruments"
        error = FieldError("instrumentId", "unknown", message, value=f"{instrument_id} {version}")
        raise Invalid("There is no such instrument.", errors=[error])
    return Instrument.model_validate(known.document)


async def _put_parties(session: AsyncSession, agreement_id: UUID, parties: Sequence[NewParty]) -> None:
    rows = [{"agreement_id": agreement_id, **party.model_dump()} for party in parties]
    await session.execute(insert(AgreementParty), rows)


async def _put_schools(
    session: AsyncSession, agreement_id: UUID, schools: Sequence[NewCoverage], now: datetime
) -> None:
    rows: list[dict[str, Any]] = [
        {
            "agreement_id": agreement_id,
            "school_id": school.school_id,
            "during": period(school.valid_from, None) if school.valid_from else Range(None, None),
            "recorded_at": now,
        }
        for school in schools
    ]
    if rows:
        await session.execute(insert(AgreementSchool), rows)
