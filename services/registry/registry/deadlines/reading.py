"""Deadlines of the agreements that a caller may read, as they stand on a date and as known at an instant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from kit.auth import Caller
from sqlalchemy import Select, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.dossier import Dossier, dossiers
from registry.agreements.tables import Agreement, AgreementParty, AgreementSchool
from registry.agreements.visibility import readable
from registry.dated import believed
from registry.deadlines.engine import owed_by
from registry.deadlines.owed import Kind, Owed, State, responsible
from registry.deadlines.schemas import DeadlineView
from registry.deadlines.tables import Filing
from registry.standpoint import Standpoint

HORIZON = timedelta(days=549)
"""How far one looks ahead unless told otherwise: 18 months, as boards plan."""
BATCH = 500
"""Agreements read at a time."""


@dataclass(frozen=True)
class Asked:
    """Which deadlines are asked for; None is all."""

    organization_id: UUID | None = None
    school_id: UUID | None = None
    agreement_id: UUID | None = None
    kind: Kind | None = None
    state: State | None = None
    due_from: date | None = None
    due_to: date | None = None

    def takes(self, view: DeadlineView) -> bool:
        """True if a deadline is asked for; which agreements it may be of is asked elsewhere."""
        return (
            (self.kind is None or view.kind == self.kind)
            and (self.state is None or view.state == self.state)
            and (self.due_from is None or self.due_from <= view.due_on)
            and (self.school_id is None or self.school_id in ([view.school_id] if view.school_id else view.school_ids))
        )


@dataclass(frozen=True)
class Found:
    """Deadlines, and when the newest of the facts behind them was recorded."""

    deadlines: Sequence[DeadlineView]
    recorded_at: datetime | None


async def deadlines_of(session: AsyncSession, caller: Caller, at: Standpoint, asked: Asked) -> Found:
    """The deadlines that are asked for, of every agreement that the caller may read."""
    ids = list(await session.scalars(await _agreements(session, caller, asked)))
    views: list[DeadlineView] = []
    recorded: list[datetime] = []
    for first in range(0, len(ids), BATCH):
        batch = ids[first : first + BATCH]
        filed = await filings_of(session, batch, at.known_at)
        for dossier in await dossiers(session, batch, at.known_at):
            filings = filed.get(dossier.agreement.id, [])
            recorded += [
                row.recorded_at for row in (*dossier.transitions, *dossier.approvals, *dossier.notices, *filings)
            ]
            views += [view for view in views_of(dossier, filings, at.day, asked.due_to) if asked.takes(view)]
    return Found(views, max(recorded, default=None))


async def filings_of(
    session: AsyncSession, agreements: Sequence[UUID], known_at: datetime | None
) -> dict[UUID, list[Filing]]:
    """What was filed under agreements, as known at an instant."""
    query = select(Filing).where(Filing.agreement_id.in_(agreements), believed(Filing, known_at))
    found: dict[UUID, list[Filing]] = {}
    for row in await session.scalars(query.order_by(Filing.id)):
        found.setdefault(row.agreement_id, []).append(row)
    return found


def views_of(dossier: Dossier, filings: Sequence[Filing], day: date, until: date | None) -> list[DeadlineView]:
    """The deadlines of one agreement on a date, through `until` (18 months ahead if none is named)."""
    return [_view(dossier, owed, day) for owed in owed_by(dossier, filings, day, until or day + HORIZON)]


async def _agreements(session: AsyncSession, caller: Caller, asked: Asked) -> Select[UUID]:
    query = select(Agreement.id).where(await readable(session, caller)).order_by(Agreement.id)
    if asked.agreement_id is not None:
        query = query.where(Agreement.id == asked.agreement_id)
    if asked.school_id is not None:
        covered = AgreementSchool.agreement_id == Agreement.id, AgreementSchool.school_id == asked.school_id
        query = query.where(exists().where(*covered))
    if asked.organization_id is not None:
        party = AgreementParty.organization_id == asked.organization_id
        query = query.where(exists().where(party, AgreementParty.agreement_id == Agreement.id))
    return query


def _view(dossier: Dossier, owed: Owed, day: date) -> DeadlineView:
    row, state = dossier.agreement, owed.state(day)
    done = owed.done if state in ("done", "waived") else None
    return DeadlineView(
        agreement_id=row.id,
        agreement=row.title,
        key=owed.key,
        kind=owed.kind,
        title=owed.title,
        instrument_id=row.instrument_id,
        instrument_version=row.instrument_version,
        school_id=owed.school_id,
        school_ids=dossier.schools_on(owed.due.on),
        responsible_id=responsible(dossier, owed.role),
        role=owed.role,
        to=owed.to,
        rule=owed.rule.says,
        citation=owed.rule.citation,
        uncertain=owed.rule.uncertain,
        counted_from=owed.start.event,
        counted_from_on=owed.start.on,
        days=owed.start.days,
        unit=owed.start.unit,
        counted=owed.due.counted,
        roll=owed.due.roll,
        rolled_because=owed.due.because,
        calendar_known=dossier.business.known(owed.due.counted),
        due_on=owed.due.on,
        weekday=f"{owed.due.on:%A}",
        school_year=owed.school_year,
        state=state,
        days_left=(owed.due.on - day).days,
        done_on=done.on if done else None,
        evidence=done.evidence if done else None,
        late=owed.late,
        acknowledged_on=owed.acknowledged_on,
    )
