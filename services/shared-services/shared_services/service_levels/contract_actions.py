"""What contracts promise: laid down with its clause, for requests to come, and ended."""

from datetime import date, datetime
from uuid import UUID

from contracts.shared_services import ContractPromiseChanged
from kit.auth import Caller
from kit.errors import FieldError, Invalid, NotFound
from kit.journal import record
from kit.periods import Overlap, period
from kit.preconditions import require_version
from sqlalchemy import ColumnElement, exists, or_, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.catalog.actions import find_offering, require_provider
from shared_services.clocks.contracts import targets_of
from shared_services.clocks.promises import repeated_targets
from shared_services.clocks.tables import ContractPromise
from shared_services.clocks.versions import promises
from shared_services.directory import Agreement
from shared_services.service_levels.schemas import ContractPromiseView, NewContractPromise


async def promise_by_contract(
    session: AsyncSession, caller: Caller, body: NewContractPromise, now: datetime
) -> ContractPromiseView:
    """Lay down what an agreement promises instead. Raises Forbidden, Invalid, Overlap."""
    await require_provider(session, caller, body.district_id)
    errors = await _errors(session, body)
    if errors:
        raise Invalid("The contract cannot promise that; see `errors`.", errors=errors)
    said = body.model_dump(exclude={"valid_from", "valid_to", "targets"})
    targets = [target.model_dump(mode="json") for target in body.targets]
    during = period(body.valid_from, body.valid_to)
    row = ContractPromise(version=1, during=during, targets=targets, recorded_at=now, **said)
    session.add(row)
    try:
        await session.flush()
    except IntegrityError as error:
        raise Overlap("The agreement promises something of this already: end that first.") from error
    return await _say(session, caller, row)


async def end_contract_promise(
    session: AsyncSession, caller: Caller, promise_id: UUID, day: date, version: int
) -> ContractPromiseView:
    """End it on a day of its period; requests that came in before keep it. Raises NotFound, PreconditionFailed,
    Forbidden, Invalid."""
    mine = ContractPromise.id == promise_id, visible(caller)
    row = await session.scalar(select(ContractPromise).where(*mine).with_for_update())
    if row is None:
        raise NotFound(f"There is no contract promise {promise_id} of yours.")
    require_version(version, row.version)
    await require_provider(session, caller, row.district_id)
    start, end = row.during.lower or date.min, row.during.upper
    if day <= start or (end is not None and day > end):
        message = f"choose a day after {start}{f' and not after {end}' if end else ''}"
        raise Invalid("A promise can only end earlier.", errors=[FieldError("validTo", "in-period", message)])
    row.during, row.version = period(start, day), row.version + 1
    await session.flush()
    return await _say(session, caller, row)


def visible(caller: Caller) -> ColumnElement[bool]:
    """What the caller's own agreements promise: those it is a party to, and all of its district."""
    mine = caller.organization_id
    if mine is None:
        return true()
    party = exists().where(
        Agreement.id == ContractPromise.agreement_id,
        Agreement.said["parties"].contains([{"organizationId": str(mine)}]),
    )
    return or_(ContractPromise.district_id == mine, party)


def shape(row: ContractPromise) -> ContractPromiseView:
    """A contract's promise as it is shown."""
    said = {name: getattr(row, name) for name in ContractPromiseView.model_fields if hasattr(row, name)}
    dated = {"valid_from": row.during.lower, "valid_to": row.during.upper}
    return ContractPromiseView.model_validate(said | dated | {"targets": targets_of(row)})


async def _errors(session: AsyncSession, body: NewContractPromise) -> list[FieldError]:
    errors = list(repeated_targets("targets", body.targets))
    if body.valid_to is not None and body.valid_to <= body.valid_from:
        errors.append(FieldError("validTo", "after-start", f"must lie after validFrom, {body.valid_from}"))
    signed = Agreement.said["parties"].contains([{"organizationId": str(body.district_id)}])
    known = select(Agreement.id).where(Agreement.id == body.agreement_id, signed)
    if await session.scalar(known) is None:
        message = "name an agreement that the registry says your district is a party to"
        errors.append(FieldError("agreementId", "not-yours", message, value=str(body.agreement_id)))
    said = await promises(session, body.district_id)
    if said is None or said[0].service_level(body.service_level) is None:
        message = "promise that class first: POST /v1/service-levels"
        errors.append(FieldError("serviceLevel", "unknown-class", message, value=body.service_level))
    if body.offering is not None and await find_offering(session, body.district_id, body.offering) is None:
        message = f"choose a code of /v1/offerings?districtId={body.district_id}"
        errors.append(FieldError("offering", "not-in-catalogue", message, value=body.offering))
    return errors


async def _say(session: AsyncSession, caller: Caller, row: ContractPromise) -> ContractPromiseView:
    view = shape(row)
    await record(session, ContractPromiseChanged.model_validate(view.model_dump()), caller=caller)
    return view
