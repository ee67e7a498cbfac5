"""Which obligations a caller sees, and how each stands on a day: its terms, the registry's periods, the ledger."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from contracts.registry import AgreementChanged, SchoolChanged
from kit.auth import Caller
from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services import directory
from shared_services.charges.tables import Charge, Obligation
from shared_services.obligations.rules import Due, balance, ends_on, installments
from shared_services.obligations.schemas import DueInstallment, Installment, ObligationView, OnNonRenewal

SCHEDULE: TypeAdapter[list[Installment]] = TypeAdapter(list[Installment])
RULE: TypeAdapter[OnNonRenewal] = TypeAdapter(OnNonRenewal)
Lines = Mapping[int, tuple[int, UUID]]
"""What of each installment is on the ledger, in cents, and by which line."""


def visible(caller: Caller) -> ColumnElement[bool]:
    """The obligations that the caller owes or is owed. The platform sees all."""
    mine = caller.organization_id
    return true() if mine is None else or_(Obligation.debtor_id == mine, Obligation.district_id == mine)


async def stand(session: AsyncSession, rows: Sequence[Obligation], day: date) -> list[ObligationView]:
    """How obligations stand on a day, in their order."""
    schools = await directory.schools(session, {row.school_id for row in rows})
    agreements = await directory.agreements(session, {row.agreement_id for row in rows if row.agreement_id})
    lines = await _on_ledger(session, [row.id for row in rows], day)
    return [
        _view(row, schools.get(row.school_id), agreements.get(row.agreement_id or row.id), lines.get(row.id, {}), day)
        for row in rows
    ]


def _view(
    row: Obligation, school: SchoolChanged | None, agreement: AgreementChanged | None, lines: Lines, day: date
) -> ObligationView:
    schedule, rule = SCHEDULE.validate_python(row.schedule), RULE.validate_python(row.on_non_renewal)
    end = ends_on(school, agreement, row.school_id, row.debtor_id, day)
    due = installments(schedule, rule, end if end is not None and end <= day else None)
    stands = balance(row.principal_cents, due, {number: cents for number, (cents, _) in lines.items()}, day)
    at_once = [one for one in due if rule == "falls-due" and end is not None and day < end < one.due_on]
    said = {name: getattr(row, name) for name in ObligationView.model_fields if hasattr(row, name)}
    return ObligationView.model_validate(
        said
        | {"schedule": schedule, "as_of": day, "ends_on": end}
        | {f"{name}_cents": cents for name, cents in vars(stands).items()}
        | {"due_on_non_renewal_cents": sum(one.cents for one in at_once if one.number not in lines)}
        | {"installments": [_installment(one, lines) for one in due]}
    )


def _installment(due: Due, lines: Lines) -> DueInstallment:
    _, charge_id = lines.get(due.number, (0, None))
    return DueInstallment(charge_id=charge_id, **vars(due))


async def _on_ledger(session: AsyncSession, ids: Sequence[UUID], day: date) -> dict[UUID, dict[int, tuple[int, UUID]]]:
    """What of obligations is on the ledger up to a day; corrections count for the installment that they correct."""
    query = (
        select(
            Charge.obligation_id,
            Charge.installment,
            func.sum(Charge.amount_cents).label("cents"),
            func.array_agg(aggregate_order_by(Charge.id, Charge.id)).label("ids"),
        )
        .where(Charge.obligation_id.in_(ids), Charge.service_date <= day)
        .group_by(Charge.obligation_id, Charge.installment)
    )
    found: dict[UUID, dict[int, tuple[int, UUID]]] = {}
    for row in await session.execute(query):
        found.setdefault(row.obligation_id, {})[row.installment] = int(row.cents), row.ids[0]
    return found
