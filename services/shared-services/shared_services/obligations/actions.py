"""What a district does with obligations: write them down, and put what is due onto the ledger."""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from contracts.shared_services import ObligationRecorded
from kit.auth import Caller
from kit.clock import today_in
from kit.errors import FieldError, Invalid, NotFound
from kit.journal import record
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services import directory
from shared_services.charges.ledger import write_line
from shared_services.charges.rates import require_district
from shared_services.charges.schemas import ChargeView, Reckoning
from shared_services.charges.tables import Obligation
from shared_services.obligations.reading import stand, visible
from shared_services.obligations.rules import obligation_errors
from shared_services.obligations.schemas import (
    DueInstallment,
    NewObligation,
    NewRepayments,
    ObligationView,
    RepaymentReport,
)

LIMIT = 500
"""Lines posted in one call."""


async def record_obligation(
    session: AsyncSession, caller: Caller, body: NewObligation, now: datetime
) -> ObligationView:
    """Write down what an operator owes. Raises Forbidden, Invalid with all that does not fit."""
    require_district(caller, body.district_id)
    errors = [*obligation_errors(body), *await _party_errors(session, body)]
    if errors:
        raise Invalid("The obligation cannot be written down like this; see `errors`.", errors=errors)
    schedule = [one.model_dump(mode="json", by_alias=True) for one in body.schedule]
    row = Obligation(version=1, recorded_at=now, schedule=schedule, **body.model_dump(exclude={"schedule"}))
    session.add(row)
    await session.flush()
    view = (await stand(session, [row], await _today(session, row.district_id, now)))[0]
    await record(session, ObligationRecorded.model_validate(view.model_dump()), caller=caller)
    return view


async def show_obligation(
    session: AsyncSession, caller: Caller, obligation_id: UUID, as_of: date | None, now: datetime
) -> ObligationView:
    """How an obligation stands on a day, today if none is named. Raises NotFound."""
    row = await session.scalar(select(Obligation).where(Obligation.id == obligation_id, visible(caller)))
    if row is None:
        raise NotFound(f"There is no obligation {obligation_id} of yours.")
    return (await stand(session, [row], as_of or await _today(session, row.district_id, now)))[0]


async def post_repayments(session: AsyncSession, caller: Caller, body: NewRepayments, now: datetime) -> RepaymentReport:
    """Put every due installment onto its payer's statement that is not on one yet. Raises Forbidden."""
    require_district(caller, body.district_id)
    query = select(Obligation).where(Obligation.district_id == body.district_id).order_by(Obligation.id)
    rows = (await session.scalars(query)).all()
    due = list(_unposted(await stand(session, rows, body.up_to), body.up_to))
    lines = [await _post(session, caller, obligation, one, now) for obligation, one in due[:LIMIT]]
    posted = [line.amount_cents for line in lines if line is not None]
    return RepaymentReport(posted=len(posted), cents=sum(posted), more=len(due) > LIMIT)


def _unposted(stands: list[ObligationView], day: date) -> Iterator[tuple[ObligationView, DueInstallment]]:
    for obligation in stands:
        for one in obligation.installments:
            if one.due_on <= day and one.charge_id is None:
                yield obligation, one


async def _post(
    session: AsyncSession, caller: Caller, obligation: ObligationView, due: DueInstallment, now: datetime
) -> ChargeView | None:
    """Write an installment's line; None if somebody else just did."""
    reckoning = Reckoning(quantity=1, cents_per_unit=due.cents, method=f"{obligation.name}, installment {due.number}")
    return await write_line(
        session,
        caller,
        now,
        kind="repayment",
        stage="accrued",
        district_id=obligation.district_id,
        school_id=obligation.school_id,
        payer_id=obligation.debtor_id,
        offering=obligation.kind,
        obligation_id=obligation.id,
        installment=due.number,
        service_date=due.due_on,
        amount_cents=due.cents,
        currency=obligation.currency,
        reckoning=reckoning.model_dump(mode="json", by_alias=True),
        reason="The agreement was not renewed." if due.brought_forward else None,
    )


async def _party_errors(session: AsyncSession, body: NewObligation) -> list[FieldError]:
    """Whether the registry knows the debtor at such a school of the district, and the agreement between them."""
    school = await directory.school(session, body.school_id)
    roles = {(one.role, one.organization_id) for one in school.assignments} if school else set()
    errors = []
    if ("accountable-lea", body.district_id) not in roles:
        message = "name a school that your district answers or answered for"
        errors.append(FieldError("schoolId", "not-yours", message, value=str(body.school_id)))
    elif ("operator", body.debtor_id) not in roles:
        message = "name an operator that the registry knows at the school"
        errors.append(FieldError("debtorId", "not-of-the-school", message, value=str(body.debtor_id)))
    if body.agreement_id is not None:
        agreement = (await directory.agreements(session, {body.agreement_id})).get(body.agreement_id)
        parties = {party.organization_id for party in agreement.parties} if agreement else set()
        covered = {one.school_id for one in agreement.schools} if agreement else set()
        if not {body.district_id, body.debtor_id} <= parties or body.school_id not in covered:
            message = "name an agreement of yours with the debtor that covers the school"
            errors.append(FieldError("agreementId", "not-of-the-school", message, value=str(body.agreement_id)))
    return errors


async def _today(session: AsyncSession, district_id: UUID, now: datetime) -> date:
    return today_in(await directory.time_zone(session, district_id), now)
