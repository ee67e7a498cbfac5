"""What can be done with the catalogue."""

from uuid import UUID

from contracts.shared_services import OfferingChanged
from kit.auth import Caller
from kit.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from kit.journal import record
from kit.preconditions import require_version
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services import directory
from shared_services.catalog.rules import contradictions
from shared_services.catalog.schemas import NewOffering, OfferingPatch, OfferingView
from shared_services.catalog.tables import Offering


class CodeTaken(Conflict):
    """The district has another offering with this code"""

    type = "code-taken"


def shape(row: Offering) -> OfferingView:
    """An offering as it is shown."""
    return OfferingView.model_validate(row, from_attributes=True)


async def offer_service(session: AsyncSession, caller: Caller, body: NewOffering) -> OfferingView:
    """Add a service to a district's catalogue. Raises Forbidden, Invalid, CodeTaken."""
    await _require_provider(session, caller, body.district_id)
    _refuse_contradictions(body)
    row = await session.scalar(
        upsert(Offering).values(version=1, **body.model_dump()).on_conflict_do_nothing().returning(Offering)
    )
    if row is None:
        error = FieldError("code", "code-taken", "choose another code, or change that offering", value=body.code)
        raise CodeTaken("The district has an offering with this code.", errors=[error])
    return await _say(session, caller, row)


async def change_offering(
    session: AsyncSession, caller: Caller, offering_id: UUID, patch: OfferingPatch, version: int
) -> OfferingView:
    """Change an offering's terms; requests decided before keep their decision.

    Raises NotFound, Forbidden, PreconditionFailed, Invalid.
    """
    row = await session.scalar(select(Offering).where(Offering.id == offering_id).with_for_update())
    if row is None:
        raise _unknown(offering_id)
    await _require_provider(session, caller, row.district_id)
    require_version(version, row.version)
    before = shape(row)
    for name, value in patch.model_dump(exclude_unset=True).items():
        setattr(row, name, value)
    row.version += 1
    _refuse_contradictions(shape(row))
    await session.flush()
    return await _say(session, caller, row, before)


async def show_offering(session: AsyncSession, offering_id: UUID) -> OfferingView:
    """One offering. Raises NotFound."""
    row = await session.get(Offering, offering_id)
    if row is None:
        raise _unknown(offering_id)
    return shape(row)


async def find_offering(session: AsyncSession, district_id: UUID, code: str) -> OfferingView | None:
    """What a district offers under a code."""
    row = await session.scalar(select(Offering).where(Offering.district_id == district_id, Offering.code == code))
    return None if row is None else shape(row)


async def _require_provider(session: AsyncSession, caller: Caller, district_id: UUID) -> None:
    known = await directory.is_district(session, district_id)
    if caller.organization_id is not None and not (known and caller.organization_id == district_id):
        raise Forbidden("Only the district itself or the platform's administrator changes its catalogue.")
    if not known:
        message = "register it first as an organization of the type district"
        error = FieldError("districtId", "unknown-district", message, value=str(district_id))
        raise Invalid("There is no such district.", errors=[error])


def _refuse_contradictions(offering: NewOffering) -> None:
    errors = contradictions(offering, offering.hazard, offering.lead_time_hours)
    if errors:
        raise Invalid("The terms contradict each other; see `errors`.", errors=errors)


async def _say(
    session: AsyncSession, caller: Caller, row: Offering, before: OfferingView | None = None
) -> OfferingView:
    view = shape(row)
    was = None if before is None else before.model_dump(mode="json", by_alias=True)
    event = OfferingChanged.model_validate(view.model_dump())
    await record(session, event, caller=caller, before=was)
    return view


def _unknown(offering_id: UUID) -> NotFound:
    return NotFound(f"There is no offering {offering_id}.")
