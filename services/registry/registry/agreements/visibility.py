"""Who sees an agreement, and who may write it.

Its district sees it always, other parties once it is submitted; whoever works at a covered school sees it once it is
executed, a state agency once it is sent to the state or executed. For anybody else it does not exist.
"""

from datetime import datetime
from uuid import UUID

from kit.auth import Caller
from kit.errors import Forbidden, NotFound
from sqlalchemy import ColumnElement, and_, exists, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.dossier import Dossier, dossiers
from registry.agreements.lifecycle import Who
from registry.agreements.tables import Agreement, AgreementParty, AgreementSchool, AgreementTransition
from registry.organizations.tables import Organization
from registry.schools.tables import SchoolAssignment


async def readable(session: AsyncSession, caller: Caller) -> ColumnElement[bool]:
    """The condition on `Agreement` rows that `caller` may read."""
    if caller.organization_id is None:
        return true()
    types = await types_of(session, caller)
    party = exists().where(
        AgreementParty.agreement_id == Agreement.id, AgreementParty.organization_id == caller.organization_id
    )
    seen = [
        party if "district" in types else and_(party, _happened("submit")),
        and_(_happened("execute"), _works_there(caller)),
    ]
    if "state-agency" in types:
        seen.append(_happened("execute", "send-to-state"))
    return or_(*seen)


async def readable_dossier(
    session: AsyncSession, caller: Caller, agreement_id: UUID, known_at: datetime | None = None
) -> Dossier:
    """An agreement that the caller may read, as known at an instant. Raises NotFound."""
    await require_reader(session, caller, agreement_id)
    dossier = (await dossiers(session, [agreement_id], known_at))[0]
    if known_at is not None and dossier.agreement.recorded_at > known_at:
        raise NotFound(f"Nothing was known of the agreement {agreement_id} at {known_at}.")
    return dossier


async def require_reader(session: AsyncSession, caller: Caller, agreement_id: UUID) -> None:
    """Raise NotFound unless the caller may read the agreement."""
    mine = await readable(session, caller)
    if await session.scalar(select(Agreement.id).where(Agreement.id == agreement_id, mine)) is None:
        raise NotFound(f"There is no agreement {agreement_id} of yours.")


async def types_of(session: AsyncSession, caller: Caller) -> frozenset[str]:
    """The types of the caller's organization."""
    types = await session.scalar(select(Organization.types).where(Organization.id == caller.organization_id))
    return frozenset(types or [])


async def require_writer(session: AsyncSession, caller: Caller, dossier: Dossier, who: frozenset[Who]) -> None:
    """Raise Forbidden unless the caller is the platform, the district that is a party, or a state agency if named."""
    if caller.organization_id is None:
        return
    types = await types_of(session, caller)
    party = any(party.organization_id == caller.organization_id for party in dossier.parties)
    if ("district" in types and party) or ("state-agency" in types and "state" in who):
        return
    raise Forbidden(f"This is recorded by the agreement's {' or '.join(sorted(who))}, or by the platform.")


def _happened(*names: str) -> ColumnElement[bool]:
    return exists().where(AgreementTransition.agreement_id == Agreement.id, AgreementTransition.name.in_(names))


def _works_there(caller: Caller) -> ColumnElement[bool]:
    """The caller has a role at a covered school while the agreement holds there."""
    covered = SchoolAssignment.during.op("*")(AgreementSchool.during)
    return exists().where(
        AgreementSchool.agreement_id == Agreement.id,
        AgreementSchool.superseded_at.is_(None),
        SchoolAssignment.school_id == AgreementSchool.school_id,
        SchoolAssignment.organization_id == caller.organization_id,
        SchoolAssignment.superseded_at.is_(None),
        covered.op("&&")(Agreement.holds),
    )
