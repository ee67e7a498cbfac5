"""All that is recorded of an agreement, and what of it was known at an instant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from kit.periods import Piece
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.lifecycle import IN_FORCE, timeline
from registry.agreements.tables import (
    Agreement,
    AgreementNotice,
    AgreementParty,
    AgreementSchool,
    AgreementText,
    AgreementTransition,
)
from registry.calendars.arithmetic import PLAIN, BusinessDays
from registry.calendars.reading import business_days
from registry.instruments.document import Instrument
from registry.instruments.tables import RegisteredInstrument
from registry.votes.tables import Act, Vote


@dataclass(frozen=True)
class Dossier:
    """An agreement with its instrument, its umbrella, and every fact about it."""

    agreement: Agreement
    instrument: Instrument
    parent: Self | None
    parties: Sequence[AgreementParty]
    schools: Sequence[AgreementSchool]
    texts: Sequence[AgreementText]
    transitions: Sequence[AgreementTransition]
    notices: Sequence[AgreementNotice]
    approvals: Sequence[Vote | Act]
    business: BusinessDays = PLAIN

    def known_at(self, at: datetime | None) -> "Dossier":
        """What was known at `at`; what is believed now if None."""
        return replace(
            self,
            parent=self.parent.known_at(at) if self.parent else None,
            schools=[row for row in self.schools if _believed(row, at)],
            texts=[row for row in self.texts if _recorded(row, at)],
            transitions=[row for row in self.transitions if _recorded(row, at)],
            notices=[row for row in self.notices if _recorded(row, at)],
            approvals=[row for row in self.approvals if _believed(row, at)],
        )

    def latest(self, *names: str, **where: Any) -> AgreementTransition | None:
        """The transition of one of these names recorded last."""
        found = [
            step
            for step in self.transitions
            if step.name in names and all(getattr(step, name) == value for name, value in where.items())
        ]
        return max(found, key=lambda step: step.number, default=None)

    def own_statuses(self) -> list[Piece[str]]:
        """The statuses that follow from the agreement's own transitions."""
        return timeline(self.transitions, self.instrument.term.when_it_passes)

    def statuses(self) -> list[Piece[str]]:
        """The statuses over time; where its umbrella is not in force and it falls with that, it has lapsed."""
        own = self.own_statuses()
        if self.parent is None or self.instrument.parent is None or self.instrument.parent.when_it_ends == "continues":
            return own
        return _under(own, self.parent.statuses())

    def schools_on(self, day: date) -> list[UUID]:
        """The schools covered on `day`."""
        return [row.school_id for row in self.schools if row.during.contains(day)]


def _recorded(row: Any, at: datetime | None) -> bool:
    return at is None or row.recorded_at <= at


def _believed(row: Any, at: datetime | None) -> bool:
    if at is None:
        return row.superseded_at is None
    return row.recorded_at <= at and (row.superseded_at is None or at < row.superseded_at)


def _under(own: Sequence[Piece[str]], umbrella: Sequence[Piece[str]]) -> list[Piece[str]]:
    cuts = sorted({piece.start for piece in (*own, *umbrella)} | {p.end for p in (*own, *umbrella) if p.end})
    merged: list[Piece[str]] = []
    for start, end in zip(cuts, [*cuts[1:], None], strict=False):
        mine, above = _at(own, start), _at(umbrella, start)
        if mine is None:
            continue
        status = "lapsed" if mine in IN_FORCE and above not in IN_FORCE else mine
        if merged and merged[-1].value == status:
            merged[-1] = replace(merged[-1], end=end)
        else:
            merged.append(Piece(start, end, status))
    return merged


def _at(pieces: Sequence[Piece[str]], day: date) -> str | None:
    return next((p.value for p in pieces if p.start <= day and (p.end is None or day < p.end)), None)


async def dossiers(session: AsyncSession, ids: Sequence[UUID], known_at: datetime | None = None) -> list[Dossier]:
    """The dossiers of agreements, in the order of `ids`, each with its umbrellas, as known at an instant."""
    agreements = await _with_umbrellas(session, ids)
    used = {(row.instrument_id, row.instrument_version) for row in agreements.values()}
    instruments = await _instruments(session, used)
    every = list(agreements)
    parties = await _rows(session, AgreementParty, every, AgreementParty.role, AgreementParty.organization_id)
    schools = await _rows(session, AgreementSchool, every, AgreementSchool.id)
    texts = await _rows(session, AgreementText, every, AgreementText.number)
    transitions = await _rows(session, AgreementTransition, every, AgreementTransition.number)
    notices = await _rows(session, AgreementNotice, every, AgreementNotice.given_on)
    votes, acts = await _rows(session, Vote, every, Vote.id), await _rows(session, Act, every, Act.id)
    bound = {party.organization_id for of_one in parties.values() for party in of_one}
    calendars = await business_days(session, bound, known_at)

    def dossier(agreement_id: UUID) -> Dossier:
        row = agreements[agreement_id]
        return Dossier(
            agreement=row,
            instrument=instruments[row.instrument_id, row.instrument_version],
            parent=dossier(row.parent_id) if row.parent_id else None,
            parties=parties.get(row.id, []),
            schools=schools.get(row.id, []),
            texts=texts.get(row.id, []),
            transitions=transitions.get(row.id, []),
            notices=notices.get(row.id, []),
            approvals=[*votes.get(row.id, []), *acts.get(row.id, [])],
            business=_of_district(parties.get(row.id, []), calendars),
        )

    return [dossier(wanted).known_at(known_at) for wanted in ids]


def _of_district(parties: Sequence[AgreementParty], calendars: Mapping[UUID, BusinessDays]) -> BusinessDays:
    """The calendar by which days are counted: only districts have any."""
    return next((calendars[row.organization_id] for row in parties if row.organization_id in calendars), PLAIN)


async def _with_umbrellas(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Agreement]:
    found: dict[UUID, Agreement] = {}
    wanted = set(ids)
    while wanted:
        query = select(Agreement).where(Agreement.id.in_(wanted)).execution_options(populate_existing=True)
        found |= {row.id: row for row in await session.scalars(query)}
        wanted = {row.parent_id for row in found.values() if row.parent_id} - found.keys()
    return found


async def _instruments(session: AsyncSession, keys: set[tuple[str, str]]) -> dict[tuple[str, str], Instrument]:
    query = select(RegisteredInstrument).where(RegisteredInstrument.id.in_({name for name, _ in keys}))
    rows = [row for row in await session.scalars(query) if (row.id, row.version) in keys]
    return {(row.id, row.version): Instrument.model_validate(row.document) for row in rows}


async def _rows(session: AsyncSession, table: Any, ids: Sequence[UUID], *order: Any) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    query = select(table).where(table.agreement_id.in_(ids)).order_by(*order)
    for row in await session.scalars(query.execution_options(populate_existing=True)):
        found.setdefault(row.agreement_id, []).append(row)
    return found
