"""What can be done with organizations."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.registry import OrganizationChanged
from contracts.vocabulary import Alias
from kit.auth import Caller
from kit.clock import today_in
from kit.errors import Conflict, FieldError, Forbidden, NotFound
from kit.journal import record
from kit.periods import period
from kit.tables import journal
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.dated import among, among_rows
from registry.organizations.schemas import NewOrganization, OrganizationView
from registry.organizations.tables import Organization, OrganizationAlias


class AliasTaken(Conflict):
    """Another one has this identifier at that time"""

    type = "alias-taken"


async def require_steward(session: AsyncSession, caller: Caller) -> None:
    """Raise Forbidden unless the caller is the platform's administrator, a district or a state agency."""
    types, _ = await _standing(session, caller)
    if caller.organization_id is not None and not {"district", "state-agency"} & set(types):
        raise Forbidden("Only a district, a state agency or the platform's administrator changes the registry.")


async def today_of(session: AsyncSession, caller: Caller, now: datetime) -> date:
    """The date at `now` where the caller is; in UTC for whoever has no time zone."""
    _, zone = await _standing(session, caller)
    return today_in(zone or "UTC", now)


async def sees_all_schools(session: AsyncSession, caller: Caller) -> bool:
    """True for the platform's administrator and for a state agency."""
    types, _ = await _standing(session, caller)
    return caller.organization_id is None or "state-agency" in types


async def _standing(session: AsyncSession, caller: Caller) -> tuple[Sequence[str], str | None]:
    """The types and the time zone of the caller's organization, asked once per session; the platform has none."""
    if caller.organization_id is None:
        return (), None
    key = ("standing", caller.organization_id)
    if key not in session.info:
        asked = select(Organization.types, Organization.time_zone).where(Organization.id == caller.organization_id)
        session.info[key] = (await session.execute(asked)).one_or_none() or ((), None)
    types, zone = session.info[key]
    return types, zone


async def views(session: AsyncSession, ids: Sequence[UUID]) -> list[OrganizationView]:
    """The organizations with these ids, in this order."""
    found = {row.id: row for row in await session.scalars(select(Organization).where(among(Organization.id, ids)))}
    aliases: dict[UUID, list[Alias]] = {}
    live = among(OrganizationAlias.organization_id, ids) & OrganizationAlias.superseded_at.is_(None)
    for row in await session.scalars(select(OrganizationAlias).where(live).order_by(OrganizationAlias.id)):
        alias = Alias(system=row.system, value=row.value, valid_from=row.during.lower, valid_to=row.during.upper)
        aliases.setdefault(row.organization_id, []).append(alias)
    return [
        OrganizationView(
            id=row.id,
            version=row.version,
            name=row.name,
            short_name=row.short_name,
            types=row.types,
            time_zone=row.time_zone,
            dissolved_on=row.dissolved_on,
            aliases=aliases.get(row.id, []),
        )
        for row in (found[wanted] for wanted in ids if wanted in found)
    ]


async def names_of(session: AsyncSession, ids: Iterable[UUID | None]) -> dict[UUID | None, str]:
    """The names of organizations."""
    wanted = among(Organization.id, {each for each in ids if each is not None})
    return {row.id: row.name for row in await session.execute(select(Organization.id, Organization.name).where(wanted))}


async def show_organization(session: AsyncSession, organization_id: UUID) -> OrganizationView:
    """One organization. Raises NotFound."""
    found = await views(session, [organization_id])
    if not found:
        raise NotFound(f"There is no organization {organization_id}.")
    return found[0]


async def organization_known_at(session: AsyncSession, organization_id: UUID, known_at: datetime) -> OrganizationView:
    """What was known of an organization at an instant: the journal has every state of it. Raises NotFound."""
    said = select(journal.c.data).where(journal.c.subject == f"concordat.registry.organization.{organization_id}")
    newest = said.where(journal.c.at <= known_at).order_by(journal.c.version.desc()).limit(1)
    state = await session.scalar(newest)
    if state is None:
        raise NotFound(f"There is no organization {organization_id} that was known at {known_at}.")
    return OrganizationView(**OrganizationChanged.read(state).model_dump())


async def register_organizations(
    session: AsyncSession, caller: Caller, bodies: Sequence[NewOrganization]
) -> list[OrganizationView]:
    """Register organizations. Raises Forbidden, AliasTaken."""
    await require_steward(session, caller)
    await _refuse_taken(session, [alias for body in bodies for alias in body.aliases])
    made = await session.scalars(
        insert(Organization).returning(Organization.id, sort_by_parameter_order=True),
        [{"version": 1, **body.model_dump(exclude={"aliases"})} for body in bodies],
    )
    ids = list(made)
    aliases = [
        {
            "organization_id": made_id,
            "system": alias.system,
            "value": alias.value,
            "during": period(alias.valid_from, alias.valid_to),
        }
        for made_id, body in zip(ids, bodies, strict=True)
        for alias in body.aliases
    ]
    if aliases:
        await session.execute(insert(OrganizationAlias), aliases)
    shown = await views(session, ids)
    await record(session, *(_event(view) for view in shown), caller=caller)
    return shown


async def dissolve_organization(
    session: AsyncSession, caller: Caller, organization: Organization, day: date
) -> OrganizationView:
    """Say that a locked organization no longer exists from `day` on. Whoever calls ends what it holds."""
    return await revise_organization(session, caller, organization, {"dissolved_on": day})


async def lock_organization(session: AsyncSession, organization_id: UUID) -> Organization:
    """The organization, locked for a change. Raises NotFound."""
    row = await session.scalar(select(Organization).where(Organization.id == organization_id).with_for_update())
    if row is None:
        raise NotFound(f"There is no organization {organization_id}.")
    return row


async def revise_organization(
    session: AsyncSession, caller: Caller, row: Organization, values: dict[str, Any]
) -> OrganizationView:
    """Keep other values of a locked organization, and say them."""
    before = (await show_organization(session, row.id)).model_dump(mode="json")
    for field, value in values.items():
        setattr(row, field, value)
    row.version += 1
    await session.flush()
    view = await show_organization(session, row.id)
    await record(session, _event(view), caller=caller, before=before)
    return view


async def organizations_by_alias(session: AsyncSession, pairs: set[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
    """The present holders of (system, value) pairs."""
    if not pairs:
        return {}
    held = select(OrganizationAlias.system, OrganizationAlias.value, OrganizationAlias.organization_id).where(
        among_rows((OrganizationAlias.system, OrganizationAlias.value), pairs),
        OrganizationAlias.superseded_at.is_(None),
    )
    return {(system, value): holder for system, value, holder in await session.execute(held)}


async def _refuse_taken(session: AsyncSession, aliases: Sequence[Alias]) -> None:
    if not aliases:
        return
    wanted: dict[tuple[str, str], list[Alias]] = {}
    for alias in aliases:
        wanted.setdefault((alias.system, alias.value), []).append(alias)
    named = among_rows((OrganizationAlias.system, OrganizationAlias.value), wanted)
    held = select(OrganizationAlias).where(named, OrganizationAlias.superseded_at.is_(None))
    errors = [
        FieldError(
            "aliases",
            "alias-taken",
            f"organization {row.organization_id} has it during {row.during.lower} to {row.during.upper or 'open'}",
            value=f"{row.system}|{row.value}",
        )
        for row in await session.scalars(held)
        if any(row.during.overlaps(period(each.valid_from, each.valid_to)) for each in wanted[row.system, row.value])
    ]
    if errors:
        raise AliasTaken("Another organization has one of these identifiers at that time.", errors=errors)


def _event(view: OrganizationView) -> OrganizationChanged:
    return OrganizationChanged(**view.model_dump())
