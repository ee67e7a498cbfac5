"""The vote register: what bodies decided, counted against its threshold, binding or advisory, by date."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from contracts.vocabulary import Wire
from fastapi import Response
from kit.auth import Caller
from kit.paging import Page, PageRequest, page
from pydantic import Field
from sqlalchemy import Select, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.approvals import approvals_view
from registry.agreements.dossier import Dossier, dossiers
from registry.agreements.tables import Agreement
from registry.agreements.visibility import readable
from registry.dated import believed
from registry.standpoint import Standpoint
from registry.votes.schemas import ActView, VoteView
from registry.votes.tables import Act, Vote


class RegisterLine(Wire):
    """A vote or an act. An advisory one decides nothing, whatever its result."""

    decided_on: date
    agreement_id: UUID
    agreement: str
    kind: str
    decision: str
    step: str
    title: str
    body: str
    counts: Literal["binding", "advisory"]
    form: Literal["vote", "act"]
    school_id: UUID | None
    text_number: int | None
    electorate: str | None = None
    threshold: str | None = None
    base: str | None = None
    eligible: int | None = None
    cast: int | None = None
    yes: int | None = None
    no: int | None = None
    abstain: int | None = None
    needed: int | None = Field(default=None, description="The yes votes that the threshold asks for.")
    secret: bool | None = None
    result: str
    reasons: str | None = None
    citation: str
    evidence: str
    recorded_by: str
    recorded_at: datetime


async def vote_register(
    session: AsyncSession, asked: PageRequest, response: Response, caller: Caller, at: Standpoint, since: date | None
) -> Page[RegisterLine]:
    """What was decided by the date about agreements that the caller may read, the oldest first."""
    mine = select(Agreement.id).where(await readable(session, caller))
    decided = union_all(_decided(Vote, Vote.held_on, at), _decided(Act, Act.decided_on, at)).subquery()
    query = select(decided.c.agreement_id, decided.c.id).where(
        decided.c.agreement_id.in_(mine), decided.c.decided_on <= at.day
    )
    if since is not None:
        query = query.where(decided.c.decided_on >= since)
    keys: list[Any] = [decided.c.decided_on, decided.c.id]
    found: Page[Any] = await page(session, query, keys, asked, response, lambda row: row)
    about = await dossiers(session, sorted({row.agreement_id for row in found.items}), at.known_at)
    lines = {line_id: line for dossier in about for line_id, line in _lines(dossier)}
    return Page(items=[lines[row.id] for row in found.items], next_cursor=found.next_cursor)


def _decided(table: Any, day: Any, at: Standpoint) -> Select[Any]:
    return select(table.agreement_id, day.label("decided_on"), table.id).where(believed(table, at.known_at))


def _lines(dossier: Dossier) -> Sequence[tuple[UUID, RegisterLine]]:
    view = approvals_view(dossier)
    decided: list[VoteView | ActView] = [*view.votes, *view.acts]
    return [(each.id, _line(dossier, each)) for each in decided]


def _line(dossier: Dossier, each: VoteView | ActView) -> RegisterLine:
    told = each.model_dump(include=set(RegisterLine.model_fields) - {"count"})
    if isinstance(each, VoteView):
        told |= {"form": "vote", "decided_on": each.held_on, "result": each.result}
    else:
        counted = each.count.model_dump() if each.count else {}
        told |= {"form": "act", "result": each.outcome, **counted}
    return RegisterLine(
        **told,
        agreement_id=dossier.agreement.id,
        agreement=dossier.agreement.title,
        kind=dossier.agreement.instrument_id,
        counts="binding" if each.binding else "advisory",
        recorded_by=each.actor,
    )
