"""Which version of a framework is what in a year, and who may see it: drafts are their owner's."""

from collections.abc import Sequence
from typing import Any

from kit.auth import Caller
from kit.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from kit.preconditions import require_version
from sqlalchemy import ColumnElement, Select, exists, func, or_, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.directory import Organization
from accountability.frameworks.lifecycle import AUTHORS, IN_CHARGE
from accountability.frameworks.tables import FrameworkYear, RegisteredFramework


class FrameworkNotInCharge(Conflict):
    """This version is not in charge of the year"""

    type = "framework-not-in-charge"


def of_version() -> ColumnElement[bool]:
    """The condition that a year is one of a version."""
    return (FrameworkYear.framework_id == RegisteredFramework.id) & (
        FrameworkYear.version == RegisteredFramework.version
    )


def visible(caller: Caller) -> ColumnElement[bool]:
    """The condition on versions that the caller may know of: all but the drafts of others."""
    if caller.organization_id is None:
        return true()
    return or_(exists().where(of_version()), RegisteredFramework.owner_id == caller.organization_id)


def versions(caller: Caller) -> Select[*tuple[Any, ...]]:
    """The versions that the caller may know of, each with its `years`."""
    year = func.jsonb_build_object(
        "schoolYear",
        FrameworkYear.school_year,
        "status",
        FrameworkYear.status,
        "reason",
        FrameworkYear.reason,
        "since",
        FrameworkYear.since,
    )
    years = (
        select(func.jsonb_agg(aggregate_order_by(year, FrameworkYear.school_year)))
        .where(of_version())
        .scalar_subquery()
    )
    return select(RegisteredFramework, years.label("years")).where(visible(caller))


def one_version(caller: Caller, row: RegisteredFramework) -> Select[*tuple[Any, ...]]:
    """A version that is at hand, with its `years`."""
    return versions(caller).where(RegisteredFramework.id == row.id, RegisteredFramework.version == row.version)


async def find_version(session: AsyncSession, caller: Caller, framework_id: str, version: str) -> RegisteredFramework:
    """A version that the caller may know of. Raises NotFound."""
    named = (RegisteredFramework.id == framework_id) & (RegisteredFramework.version == version)
    row: RegisteredFramework | None = await session.scalar(select(RegisteredFramework).where(named, visible(caller)))
    if row is None:
        raise NotFound(f"There is no framework {framework_id} {version}: register it first.")
    return row


async def version_for(
    session: AsyncSession,
    caller: Caller,
    framework_id: str,
    version: str | None,
    school_year: int,
    field: str = "version",
) -> RegisteredFramework:
    """The version asked for in `field`, or the one in charge of the year. Raises NotFound, Invalid."""
    if version is None:
        found = await in_charge(session, framework_id, school_year)
        if found is None:
            error = FieldError(field, "none-in-charge", f"name the version: none is in charge of {school_year}")
            raise Invalid(f"No version of {framework_id} is in charge of {school_year}.", errors=[error])
        version = found.version
    return await find_version(session, caller, framework_id, version)


async def in_charge(session: AsyncSession, framework_id: str, school_year: int) -> FrameworkYear | None:
    """The year of the version that is active or suspended then; None if there is none."""
    found: FrameworkYear | None = await session.scalar(
        select(FrameworkYear).where(
            FrameworkYear.framework_id == framework_id,
            FrameworkYear.school_year == school_year,
            FrameworkYear.status.in_(IN_CHARGE),
        )
    )
    return found


async def require_in_charge(session: AsyncSession, framework_id: str, version: str, school_year: int) -> FrameworkYear:
    """The year of this version, `active` or `suspended`. Raises FrameworkNotInCharge, saying what to do."""
    found = await in_charge(session, framework_id, school_year)
    if found is None or found.version != version:
        other = f"{found.version} is" if found else "no version is"
        raise FrameworkNotInCharge(
            f"{other} in charge of {school_year}: try {version} out (POST /v1/frameworks/{framework_id}/trials), then "
            f"activate it (POST /v1/frameworks/{framework_id}/{version}/transitions)."
        )
    return found


async def require_author(session: AsyncSession, caller: Caller) -> None:
    """Raise Forbidden unless the caller may own a framework."""
    if caller.organization_id is None:
        return
    types = await session.scalar(select(Organization.types).where(Organization.id == caller.organization_id))
    if not set(AUTHORS) & set(types or []):
        raise Forbidden("Only a district, a state agency, a zone, an authorizer or the platform authors frameworks.")


def owns(caller: Caller, row: RegisteredFramework) -> bool:
    """True for the version's owner, and for the platform."""
    return caller.organization_id is None or row.owner_id == caller.organization_id


async def lock(session: AsyncSession, framework_id: str) -> None:
    """One author at a time: which version is in charge of a year is a matter of all versions."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"framework {framework_id}", 0))))


async def own_version(
    session: AsyncSession, caller: Caller, framework_id: str, version: str, expected: int
) -> RegisteredFramework:
    """A version to be changed, locked. Raises NotFound, Forbidden, PreconditionFailed."""
    await lock(session, framework_id)
    row = await find_version(session, caller, framework_id, version)
    if not owns(caller, row):
        raise Forbidden("Only the organization that authored the framework, or the platform, changes it.")
    require_version(expected, row.revision)
    return row


async def years_of(session: AsyncSession, framework_id: str) -> Sequence[FrameworkYear]:
    """What the versions of a framework are in their years."""
    query = select(FrameworkYear).where(FrameworkYear.framework_id == framework_id)
    return (await session.scalars(query.order_by(FrameworkYear.school_year, FrameworkYear.version))).all()
