"""What can be done with the catalogue."""

from datetime import date
from typing import Any
from uuid import UUID

from contracts.shared_services import OfferingChanged
from kit.auth import Caller
from kit.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from kit.journal import record
from kit.preconditions import require_version
from sqlalchemy import Date, bindparam, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services import directory
from shared_services.catalog.rules import contradictions
from shared_services.catalog.schemas import NewOffering, OfferingPatch, OfferingView
from shared_services.catalog.tables import Offering, ends_after
from shared_services.clocks.versions import promises


class CodeTaken(Conflict):
    """The district offers another service under this code at that time"""

    type = "code-taken"


_OF_THE_CODE = select(Offering).where(
    Offering.district_id == bindparam("district_id"), Offering.code == bindparam("code")
)
_HOLDS = (Offering.valid_from <= bindparam("day", type_=Date)) & ends_after(bindparam("day", type_=Date))
_NEWEST = _OF_THE_CODE.order_by(Offering.valid_from.desc()).limit(1)
_ON_THE_DAY = _OF_THE_CODE.order_by(_HOLDS.desc(), Offering.valid_from.desc()).limit(1)


def shape(row: Offering) -> OfferingView:
    """An offering as it is shown."""
    return OfferingView.model_validate(row, from_attributes=True)


async def offer_service(session: AsyncSession, caller: Caller, body: NewOffering) -> OfferingView:
    """Add a service to a district's catalogue. Raises Forbidden, Invalid, CodeTaken."""
    await require_provider(session, caller, body.district_id)
    await _refuse_contradictions(session, body)
    row = await session.scalar(
        upsert(Offering).values(version=1, **_columns(body)).on_conflict_do_nothing().returning(Offering)
    )
    if row is None:
        raise _taken(body)
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
    await require_provider(session, caller, row.district_id)
    require_version(version, row.version)
    before = shape(row)
    after = before.model_copy(update={name: getattr(patch, name) for name in patch.model_fields_set})
    await _refuse_contradictions(session, after)
    await _refuse_overlap(session, after)
    for name, value in _columns(after).items():
        setattr(row, name, value)
    row.version += 1
    await session.flush()
    return await _say(session, caller, row, before)


async def show_offering(session: AsyncSession, offering_id: UUID) -> OfferingView:
    """One offering. Raises NotFound."""
    row = await session.get(Offering, offering_id)
    if row is None:
        raise _unknown(offering_id)
    return shape(row)


async def find_offering(
    session: AsyncSession, district_id: UUID, code: str, day: date | None = None
) -> OfferingView | None:
    """What a district offers under a code on a date; if nothing then, or no date is given, the newest terms."""
    query = _NEWEST if day is None else _ON_THE_DAY
    row = await session.scalar(query, {"district_id": district_id, "code": code, "day": day})
    return None if row is None else shape(row)


async def require_provider(session: AsyncSession, caller: Caller, district_id: UUID) -> None:
    """Raise Forbidden unless the caller acts for the district, Invalid if there is no such district."""
    known = await directory.is_district(session, district_id)
    if caller.organization_id is not None and not (known and caller.organization_id == district_id):
        raise Forbidden("Only the district itself or the platform's administrator lays down what it offers.")
    if not known:
        message = "register it first as an organization of the type district"
        error = FieldError("districtId", "unknown-district", message, value=str(district_id))
        raise Invalid("There is no such district.", errors=[error])


async def _refuse_contradictions(session: AsyncSession, offering: NewOffering) -> None:
    errors = contradictions(offering)
    if offering.service_level is not None:
        promised = await promises(session, offering.district_id)
        if promised is None or promised[0].service_level(offering.service_level) is None:
            message = "promise that class first: POST /v1/service-levels"
            errors.append(FieldError("serviceLevel", "unknown-class", message, value=offering.service_level))
    if errors:
        raise Invalid("The terms contradict each other; see `errors`.", errors=errors)


async def _refuse_overlap(session: AsyncSession, offering: OfferingView) -> None:
    same = Offering.district_id == offering.district_id, Offering.code == offering.code, Offering.id != offering.id
    begins_before = Offering.valid_from < (offering.valid_to or date.max)
    overlapping = select(Offering.id).where(*same, begins_before, ends_after(offering.valid_from)).limit(1)
    if await session.scalar(overlapping) is not None:
        raise _taken(offering)


def _taken(offering: NewOffering) -> CodeTaken:
    message = "choose another code or period, or change that offering"
    error = FieldError("code", "code-taken", message, value=offering.code)
    return CodeTaken("The district has an offering with this code at that time.", errors=[error])


def _columns(offering: NewOffering) -> dict[str, Any]:
    """An offering as a row: what is a document there keeps its names on the wire."""
    documents = offering.model_dump(mode="json", by_alias=True, include={"prerequisites", "price", "fees"})
    return offering.model_dump(exclude={"id", "version", *documents}) | documents


async def _say(
    session: AsyncSession, caller: Caller, row: Offering, before: OfferingView | None = None
) -> OfferingView:
    view = shape(row)
    was = None if before is None else before.model_dump(mode="json", by_alias=True)
    price = {"price_model": view.price and view.price.model, "price_cents": view.price and view.price.cents}
    event = OfferingChanged.model_validate(view.model_dump() | price)
    await record(session, event, caller=caller, before=was)
    return view


def _unknown(offering_id: UUID) -> NotFound:
    return NotFound(f"There is no offering {offering_id}.")
