"""Whose services terms are about: of the district that answers for the school, or of another one that gives it some."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from uuid import UUID

from kit.auth import Caller
from kit.errors import FieldError
from kit.periods import period
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from registry.agreements.tables import Agreement, AgreementParty
from registry.agreements.visibility import readable
from registry.dated import believed
from registry.entitlements.rules import giver
from registry.entitlements.schemas import NewServiceTerm
from registry.organizations.tables import Organization
from registry.schools.tables import SchoolAssignment

Givers = list[UUID | None]
"""A district for each term; None: the one that answers for the school."""


async def givers_of(
    session: AsyncSession, caller: Caller, school_id: UUID, terms: Sequence[NewServiceTerm]
) -> tuple[Givers, list[FieldError]]:
    """Whose service each of `terms` is about, and what is wrong with whom they name."""
    answering = select(SchoolAssignment).where(
        SchoolAssignment.school_id == school_id,
        SchoolAssignment.role == "accountable-lea",
        believed(SchoolAssignment),
    )
    held = (await session.scalars(answering)).all()
    parties = await _parties(session, caller, terms)
    districts = await _districts(session, terms)
    givers: Givers = []
    errors: list[FieldError] = []
    for number, new in enumerate(terms):
        during = period(new.valid_from, new.valid_to)
        own = {row.organization_id for row in held if row.during.overlaps(during)}
        bound = parties.get(new.agreement_id, []) if new.agreement_id else []
        givers.append(giver(new, own, bound))
        errors += _naming_errors(f"terms.{number}.districtId", new, own, bound, districts)
    return givers, errors


def _naming_errors(
    field: str, new: NewServiceTerm, own: AbstractSet[UUID], bound: Sequence[UUID], districts: AbstractSet[UUID]
) -> list[FieldError]:
    named = new.district_id
    if named is None and len(bound) > 1 and own.isdisjoint(bound):
        return [FieldError(field, "several", f"say whose service it is: {', '.join(map(str, bound))}")]
    if named is None or named in own:
        return []
    if named not in districts:
        message = "register it first as an organization of the type district"
        return [FieldError(field, "unknown-district", message, value=str(named))]
    if new.layer not in ("law", "agreement"):
        message = "only a law or an agreement gives a school what another district offers: leave it out"
        return [FieldError(field, "layer", message, value=str(named))]
    if new.agreement_id is not None and named not in bound:
        message = "leave it out, or name the district that is a party to the agreement"
        return [FieldError(field, "no-party", message, value=str(named))]
    return []


async def _parties(
    session: AsyncSession, caller: Caller, terms: Sequence[NewServiceTerm]
) -> Mapping[UUID, Sequence[UUID]]:
    """The districts that are bound by the agreements of the terms, as far as the caller may read them."""
    named = {new.agreement_id for new in terms if new.agreement_id is not None}
    # An alias, as the condition on what is readable asks for parties too.
    party = aliased(AgreementParty)
    bound = (
        select(party.agreement_id, party.organization_id)
        .join(Agreement, Agreement.id == party.agreement_id)
        .where(party.agreement_id.in_(named), party.role == "district", await readable(session, caller))
        .order_by(party.organization_id)
    )
    found: dict[UUID, list[UUID]] = {}
    for agreement_id, organization_id in await session.execute(bound):
        found.setdefault(agreement_id, []).append(organization_id)
    return found


async def _districts(session: AsyncSession, terms: Sequence[NewServiceTerm]) -> set[UUID]:
    named = {new.district_id for new in terms if new.district_id is not None}
    known = select(Organization.id).where(Organization.id.in_(named), Organization.types.contains(["district"]))
    return set(await session.scalars(known)) if named else set()
