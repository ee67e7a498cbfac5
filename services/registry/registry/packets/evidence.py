"""What was before the deciding body when it decided, and what of it is otherwise now."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from kit.auth import Caller
from kit.errors import Forbidden, NotFound
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.dossier import Dossier
from registry.agreements.visibility import types_of
from registry.packets.schemas import Differing, EvidenceView, ReliedRating
from registry.packets.tables import KeptPacket
from registry.published_ratings import PublishedRating, WithdrawnRating, newest_ratings, withdrawals

Newest = Mapping[UUID, PublishedRating]
TakenBack = Mapping[UUID, WithdrawnRating]


def relied_on(ratings: Sequence[PublishedRating]) -> list[ReliedRating]:
    """The revisions of these ratings, to be kept."""
    shown = set(ReliedRating.model_fields) - {"rating_id"}
    return [ReliedRating(rating_id=row.id, **{name: getattr(row, name) for name in shown}) for row in ratings]


def kept_for(agreement_id: UUID) -> Select[KeptPacket]:
    """The packets kept for an agreement's decisions."""
    return select(KeptPacket).where(KeptPacket.agreement_id == agreement_id)


async def evidence_views(session: AsyncSession, rows: Sequence[KeptPacket]) -> list[EvidenceView]:
    """Kept evidence, each with what differs from it now."""
    relied = {row.number: [ReliedRating.model_validate(each) for each in row.ratings] for row in rows}
    schools = {each.school_id for ratings in relied.values() for each in ratings}
    newest = {row.id: row for row in await newest_ratings(session, schools)}
    taken_back = await withdrawals(session, {each.rating_id for ratings in relied.values() for each in ratings})
    return [_view(row, relied[row.number], newest, taken_back) for row in rows]


async def kept_packet(session: AsyncSession, caller: Caller, dossier: Dossier, number: int) -> KeptPacket:
    """The packet of one decision. Raises Forbidden, NotFound."""
    await _require_decider(session, caller, dossier)
    row = await session.scalar(kept_for(dossier.agreement.id).where(KeptPacket.number == number))
    if row is None:
        raise NotFound(f"No evidence is kept of transition {number}: it is none that a body decides by a packet.")
    return row


async def _require_decider(session: AsyncSession, caller: Caller, dossier: Dossier) -> None:
    """A packet shows what its district saw; other parties of the agreement see the list, not the page."""
    if caller.organization_id is None:
        return
    types = await types_of(session, caller)
    party = any(party.organization_id == caller.organization_id for party in dossier.parties)
    if not ("state-agency" in types or ("district" in types and party)):
        raise Forbidden("What was before the deciding body is read by the district, a state agency, or the platform.")


def _view(row: KeptPacket, relied: list[ReliedRating], newest: Newest, taken_back: TakenBack) -> EvidenceView:
    differing = [found for each in relied if (found := _differing(each, newest, taken_back))]
    names = ("agreement_id", "number", "decision", "decided_on", "kept_at", "kept_by", "sha256")
    told = {name: getattr(row, name) for name in names}
    return EvidenceView.model_validate({**told, "ratings": relied, "differs_now": differing})


def _differing(relied: ReliedRating, newest: Newest, taken_back: TakenBack) -> Differing | None:
    now, withdrawn = newest.get(relied.rating_id), taken_back.get(relied.rating_id)
    if now is not None and now.revision != relied.revision:
        said = {"revision_now": now.revision, "rating_now": now.rating, "reason": now.revision_reason}
    elif now is None and withdrawn is not None:
        said = {"revision_now": None, "rating_now": None, "reason": withdrawn.reason}
    else:
        return None
    return Differing.model_validate(relied.model_dump() | said)
