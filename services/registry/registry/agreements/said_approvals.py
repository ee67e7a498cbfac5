"""Approvals as they are said: those of an executed agreement, each when it is recorded or corrected."""

from collections.abc import Sequence

from contracts.registry import ApprovalRecorded
from kit.auth import Caller
from kit.journal import record
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.dossier import Dossier
from registry.instruments.document import VoteStep
from registry.votes.rules import Tally, count
from registry.votes.tables import Act, Vote


async def say_approvals(session: AsyncSession, caller: Caller, dossier: Dossier, rows: Sequence[Vote | Act]) -> None:
    """Say approvals of an agreement, so that they are in the audit trail too; those of a draft stay silent."""
    if dossier.latest("execute") is not None:
        await record(session, *(_said(dossier, row) for row in rows), caller=caller)


def _said(dossier: Dossier, row: Vote | Act) -> ApprovalRecorded:
    steps = dossier.instrument.steps(row.decision) or []  # type: ignore[arg-type]  # as it was checked when recorded
    step = next(step for step in steps if step.id == row.step)
    counted = {"yes": row.yes, "no": row.no, "abstain": row.abstain}
    if isinstance(row, Vote) and isinstance(step, VoteStep):
        result = count(Tally(row.eligible, row.cast, row.yes, row.no, row.abstain), step.threshold, step.base)
        counted |= {"eligible": row.eligible, "cast": row.cast, "needed": result.needed}
        outcome = str(result.verdict)
    else:
        outcome = row.outcome if isinstance(row, Act) else ""
    return ApprovalRecorded(
        id=row.id,
        version=1 if row.superseded_at is None else 2,
        agreement_id=row.agreement_id,
        decision=row.decision,
        step=row.step,
        body=step.body,
        binding=step.binding,
        school_id=row.school_id,
        text_number=row.text_number,
        decided_on=row.decided_on,
        outcome=outcome,
        corrected=row.superseded_at is not None,
        **counted,
    )
