"""Terms that end soon, and those that ended without a decision: what comes of it, and until when one may say no."""

from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from contracts.vocabulary import Wire
from fastapi import Response
from kit.auth import Caller
from kit.paging import Page, PageRequest, page_of
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.dossier import Dossier
from registry.agreements.in_force import standings
from registry.agreements.lifecycle import IN_FORCE
from registry.agreements.standing import Standing, notices_due, reviews_due, terms
from registry.agreements.visibility import readable
from registry.organizations.actions import names_of
from registry.standpoint import Standpoint

UNDECIDED = frozenset({"holdover", "lapsed"})


class ExpirationLine(Wire):
    """An agreement whose term ends in the time asked for, or has ended undecided (then `daysLeft` is below zero)."""

    as_of: date
    agreement_id: UUID
    agreement: str
    kind: str
    status: str
    parties: list[str]
    schools: int = Field(description="Covered on the date.")
    effective_from: date | None
    last_day: date = Field(description="The last day of the term.")
    days_left: int
    notice_by: date | None = Field(description="The last day for a notice of non-renewal.")
    notice_days_left: int | None
    notices_open: list[str] = Field(description="Notices that the instrument asks for and nobody has given, by day.")
    next_review: str | None = Field(description="A day, or a school year by its end.")
    when_it_passes: Literal["holdover", "lapse"] = Field(description="What happens if nobody decides.")
    renewal_options: list[str]
    citation: str


async def expirations(
    session: AsyncSession, asked: PageRequest, response: Response, caller: Caller, at: Standpoint, until: date
) -> Page[ExpirationLine]:
    """The caller's agreements whose term ends before `until`, the first first."""
    ending: list[tuple[Dossier, Standing, date]] = []
    async for dossier, now in standings(session, await readable(session, caller), at):
        end = terms(dossier, at.day).term_to
        if end is not None and end <= until and (now.in_force if end > at.day else now.status in UNDECIDED):
            ending.append((dossier, now, end))
    names = await names_of(session, {party.organization_id for each, _, _ in ending for party in each.parties})
    lines = [_line(dossier, now, end, at.day, names) for dossier, now, end in ending]
    return page_of(lines, lambda line: f"{line.last_day} {line.agreement_id}", asked, response)


def _line(dossier: Dossier, now: Standing, end: date, day: date, names: dict[UUID | None, str]) -> ExpirationLine:
    row, last_day = dossier.agreement, end - timedelta(days=1)
    given = {notice.notice for notice in dossier.notices}
    reviews = [f"{each.on or each.school_year}" for each in reviews_due(dossier, day) if (each.on or end) >= day]
    return ExpirationLine(
        as_of=day,
        agreement_id=row.id,
        agreement=row.title,
        kind=row.instrument_id,
        status=now.status,
        parties=[f"{names[party.organization_id]} ({party.role})" for party in dossier.parties],
        schools=len(set(dossier.schools_on(day))),
        effective_from=terms(dossier, day).effective_from,
        last_day=last_day,
        days_left=(last_day - day).days,
        notice_by=row.notice_by,
        notice_days_left=(row.notice_by - day).days if row.notice_by and now.status in IN_FORCE else None,
        notices_open=[f"{due.on} {notice.title}" for notice, due in notices_due(dossier) if notice.id not in given],
        next_review=min(reviews, default=None),
        when_it_passes=dossier.instrument.term.when_it_passes,
        renewal_options=row.renewal_options,
        citation=dossier.instrument.term.citation,
    )
