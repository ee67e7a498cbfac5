"""How a school's terms are kept: locked, superseded, numbered, and said as far as they are in effect."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from contracts.registry import EntitlementsChanged, ServiceQuota, ServiceTerm
from contracts.vocabulary import Period
from kit.auth import Caller
from kit.journal import record
from kit.periods import period
from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.dossier import Dossier, dossiers
from registry.agreements.lifecycle import IN_FORCE
from registry.agreements.tables import Agreement
from registry.dated import believed, recording_instant, supersede
from registry.entitlements.rules import in_effect
from registry.entitlements.tables import Entitlements, ServiceTermRow
from registry.pieces import within
from registry.reporting_periods.schools import respect_locks


class OfAgreement(Protocol):
    """What may rest on an agreement."""

    @property
    def agreement_id(self) -> UUID | None: ...


async def hold_agreements(session: AsyncSession, ids: Iterable[UUID | None]) -> None:
    """Keep agreements as they are until the commit: a change of one says again only the terms that it finds.

    Call it before `lock_entitlements`; a change of an agreement takes hold in the same order.
    """
    named = sorted({agreement_id for agreement_id in ids if agreement_id is not None})
    held = select(Agreement.id).where(Agreement.id.in_(named)).order_by(Agreement.id)
    await session.execute(held.with_for_update(read=True))


async def lock_entitlements(session: AsyncSession, school_id: UUID) -> Entitlements:
    """What is laid down of a school, held for a change; version 0 as long as nothing is."""
    await session.execute(upsert(Entitlements).values(id=school_id, version=0).on_conflict_do_nothing())
    held = select(Entitlements).where(Entitlements.id == school_id).with_for_update()
    return (await session.scalars(held.execution_options(populate_existing=True))).one()


async def terms_of(session: AsyncSession, school_id: UUID, known_at: datetime | None = None) -> dict[UUID, ServiceTerm]:
    """All terms laid down of a school, by their identifiers, as known at an instant."""
    query = select(ServiceTermRow).where(ServiceTermRow.school_id == school_id, believed(ServiceTermRow, known_at))
    return {row.id: term(row) for row in await session.scalars(query.order_by(ServiceTermRow.id))}


def term(row: ServiceTermRow) -> ServiceTerm:
    """A row as it is said."""
    return ServiceTerm.model_validate(
        {
            "service": row.service,
            "service_class": row.service_class,
            "layer": row.layer,
            "source": row.source,
            "agreement_id": row.agreement_id,
            "district_id": row.district_id,
            "quota": None if row.quota is None else ServiceQuota(count=row.quota),
            "credit_cents": row.credit_cents,
            "valid_from": row.during.lower,
            "valid_to": row.during.upper,
        }
    )


async def keep(
    session: AsyncSession,
    caller: Caller,
    held: Entitlements,
    after: Sequence[ServiceTerm],
    since: date,
    override: str | None,
) -> None:
    """Keep the terms of a locked school as they are `after` a change that reaches back to `since`.

    Raises PeriodLocked unless `override` says why.
    """
    known = await terms_of(session, held.id)
    gone = [term_id for term_id, before in known.items() if before not in after]
    added = [new for new in after if new not in known.values()]
    if not gone and not added:
        return
    if override is None:
        await respect_locks(session, held.id, since)
    before = in_effect(known.values(), await in_force_at(session, held.id, known.values()))
    at = await recording_instant(session)
    await supersede(session, ServiceTermRow, gone, at)
    if added:
        await session.execute(insert(ServiceTermRow), [_columns(held.id, new, at) for new in added])
    private = {"services": [each.model_dump(mode="json", by_alias=True) for each in before]}
    await _say(session, caller, held, private, override)


async def say_terms_under(session: AsyncSession, caller: Caller, agreement_id: UUID) -> None:
    """Say again what schools may have by an agreement that begins, ends, or covers other schools now."""
    query = select(ServiceTermRow.school_id).where(
        ServiceTermRow.agreement_id == agreement_id, believed(ServiceTermRow)
    )
    for school_id in sorted(set(await session.scalars(query))):
        await _say(session, caller, await lock_entitlements(session, school_id), None, None)


async def in_force_at(
    session: AsyncSession, school_id: UUID, terms: Iterable[OfAgreement], known_at: datetime | None = None
) -> dict[UUID, list[Period]]:
    """When the agreements of `terms` are in force for the school, as known at an instant."""
    named = sorted({each.agreement_id for each in terms if each.agreement_id is not None})
    return {each.agreement.id: _spans(each, school_id) for each in await dossiers(session, named, known_at)}


def _spans(dossier: Dossier, school_id: UUID) -> list[Period]:
    """An executed agreement in force, as far as it covers the school."""
    in_force = [Period(valid_from=p.start, valid_to=p.end) for p in dossier.statuses() if p.value in IN_FORCE]
    joined: list[Period] = []
    for span in in_force:
        if joined and joined[-1].valid_to == span.valid_from:
            span = joined.pop().model_copy(update={"valid_to": span.valid_to})
        joined.append(span)
    covered = [row.during for row in dossier.schools if row.school_id == school_id]
    return [piece for during in covered for piece in within(joined, during.lower, during.upper)]


async def _say(
    session: AsyncSession, caller: Caller, held: Entitlements, before: dict[str, Any] | None, reason: str | None
) -> None:
    held.version += 1
    await session.flush()
    terms = (await terms_of(session, held.id)).values()
    services = in_effect(terms, await in_force_at(session, held.id, terms))
    event = EntitlementsChanged(id=held.id, version=held.version, services=services)
    await record(session, event, caller=caller, before=before, reason=reason)


def _columns(school_id: UUID, new: ServiceTerm, at: datetime) -> dict[str, Any]:
    return {
        "school_id": school_id,
        "during": period(new.valid_from, new.valid_to),
        "recorded_at": at,
        "quota": new.quota and new.quota.count,
        **new.model_dump(exclude={"valid_from", "valid_to", "quota"}),
    }
