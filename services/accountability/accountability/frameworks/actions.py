"""Author frameworks: keep drafts, and register what is ready to run."""

from datetime import datetime

from kit.auth import Caller
from kit.documents import fingerprint
from kit.errors import Conflict, PreconditionFailed, PreconditionRequired
from kit.preconditions import require_version
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.frameworks.document import Framework
from accountability.frameworks.history import note
from accountability.frameworks.indicators import define_indicators, require_same_kinds
from accountability.frameworks.lifecycle import IN_CHARGE
from accountability.frameworks.moves import take_step
from accountability.frameworks.schemas import NewStep
from accountability.frameworks.standing import lock, of_version, owns, require_author, years_of
from accountability.frameworks.tables import RegisteredFramework


class FrameworkChanged(Conflict):
    """This version is registered with other content"""

    type = "framework-immutable"


class FrameworkTaken(Conflict):
    """Somebody else authors this framework"""

    type = "framework-taken"


async def register_framework(
    session: AsyncSession, caller: Caller, framework: Framework, now: datetime
) -> RegisteredFramework:
    """Register a version ready to run: active in those of its years in which no other version is in charge.

    The same again changes nothing. Raises Forbidden, FrameworkTaken, FrameworkChanged, Conflict.
    """
    await require_author(session, caller)
    known = await _in_use(session, framework)
    if known is not None and Framework.model_validate(known.document) == framework:
        return known
    row = await _authored(session, caller, framework)
    if row is not None and Framework.model_validate(row.document) != framework:
        raise FrameworkChanged(f"{_named(framework)} cannot be changed; register the new text as another version.")
    if row is None:
        await define_indicators(session, framework)
        row = await _keep(session, caller, framework, now)
    years = await years_of(session, framework.id)
    free = sorted(set(framework.school_years) - {year.school_year for year in years if year.status in IN_CHARGE})
    if free and not any(year.version == framework.version for year in years):
        await take_step(session, caller, row, NewStep(name="activate", school_years=free), now)
    return row


async def save_draft(
    session: AsyncSession, caller: Caller, framework: Framework, expected: int | None, now: datetime
) -> RegisteredFramework:
    """Keep a draft, or replace it if `expected` is its revision.

    Raises Forbidden, FrameworkTaken, FrameworkChanged once it was activated, PreconditionRequired, PreconditionFailed,
    and Conflict for an indicator that means something else.
    """
    row = await _authored(session, caller, framework)
    if row is None:
        if expected is not None:
            raise PreconditionFailed(f"There is no {_named(framework)} yet; leave `If-Match` out to make it.")
        await require_same_kinds(session, framework)
        return await _keep(session, caller, framework, now)
    if any(year.version == framework.version for year in await years_of(session, framework.id)):
        raise FrameworkChanged(f"{_named(framework)} was activated and cannot be changed; write another version.")
    if expected is None:
        raise PreconditionRequired("This draft is there already: send `If-Match` with the ETag that you read.")
    require_version(expected, row.revision)
    await require_same_kinds(session, framework)
    row.document = framework.model_dump(mode="json")
    row.sha256 = fingerprint(row.document)
    row.revision += 1
    note(session, caller, row, "replaced", now)
    return row


async def _authored(session: AsyncSession, caller: Caller, framework: Framework) -> RegisteredFramework | None:
    """The version, if it is there. Raises Forbidden, and FrameworkTaken if another organization authors the framework.

    What the platform registered may get versions of others; the versions themselves stay with their owners.
    """
    await require_author(session, caller)
    await lock(session, framework.id)
    rows = (await session.scalars(select(RegisteredFramework).where(RegisteredFramework.id == framework.id))).all()
    row = next((row for row in rows if row.version == framework.version), None)
    if any(not owns(caller, other) and (other.owner_id or other is row) for other in rows):
        raise FrameworkTaken(f"{_named(framework)} is not yours to write; choose another version, or another id.")
    return row


async def _in_use(session: AsyncSession, framework: Framework) -> RegisteredFramework | None:
    """The version, whosever it is, if it is no draft any more."""
    named = (RegisteredFramework.id == framework.id) & (RegisteredFramework.version == framework.version)
    row: RegisteredFramework | None = await session.scalar(
        select(RegisteredFramework).where(named, exists().where(of_version()))
    )
    return row


async def _keep(session: AsyncSession, caller: Caller, framework: Framework, now: datetime) -> RegisteredFramework:
    document = framework.model_dump(mode="json")
    row = RegisteredFramework(
        id=framework.id,
        version=framework.version,
        sha256=fingerprint(document),
        document=document,
        owner_id=caller.organization_id,
        registered_at=now,
        revision=1,
        display_labels={},
    )
    session.add(row)
    await session.flush()
    note(session, caller, row, "drafted", now)
    return row


def _named(framework: Framework) -> str:
    return f"{framework.id} {framework.version}"
