"""HTTP for agreements: drafts, their lives, and what governs on a date."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.periods import Day
from kit.preconditions import IfMatch, etag, not_modified
from kit.problems import problems
from pydantic import AwareDatetime
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements import drafts, transitions
from registry.agreements.dossier import Dossier, dossiers
from registry.agreements.schemas import (
    AgreementPatch,
    AgreementView,
    Facts,
    HistoryView,
    InForceView,
    NewAgreement,
    NewAmendment,
    NewTransition,
    SchoolExit,
    SchoolJoin,
)
from registry.agreements.tables import Agreement, AgreementParty, AgreementSchool
from registry.agreements.views import agreement_view, history_view, in_force_view
from registry.agreements.visibility import readable, readable_dossier
from registry.dated import believed
from registry.instruments.document import Slug
from registry.organizations.actions import today_of

router = APIRouter(prefix="/v1/agreements", tags=["agreements"])
Reader = Annotated[Caller, require("registry:read")]
Writer = Annotated[Caller, require("registry:write")]
AsOf = Annotated[
    Day | None, Query(alias="asOf", description="The date to look at; today where the caller is if absent.")
]
KnownAt = Annotated[
    AwareDatetime | None,
    Query(alias="knownAt", description="What was known at that instant; what is known now if absent."),
]
CHANGES = problems(400, 404, 409, 412, 428)


@router.post("", status_code=201, response_model=AgreementView, responses=problems(400, 409))
async def draft_agreement(body: NewAgreement, session: Transaction, caller: Writer, now: Now, once: Once) -> Response:
    """Draft an agreement under a registered instrument kind."""

    async def work() -> AgreementView:
        dossier = await drafts.draft_agreement(session, caller, body, now)
        return agreement_view(dossier, await today_of(session, caller, now))

    return await once(
        session,
        caller,
        work,
        headers=lambda view: {"Location": f"/v1/agreements/{view.id}", "ETag": etag(view.version)},
    )


@router.get("", responses=problems(400))
async def list_agreements(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    now: Now,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    school_id: Annotated[UUID | None, Query(alias="schoolId", description="Covered on the date.")] = None,
    organization_id: Annotated[UUID | None, Query(alias="organizationId", description="A party.")] = None,
    instrument_id: Annotated[Slug | None, Query(alias="instrumentId")] = None,
    parent_id: Annotated[UUID | None, Query(alias="parentId", description="The umbrella.")] = None,
) -> Page[AgreementView]:
    """The agreements that the caller may see, as they are on a date."""
    day = as_of or await today_of(session, caller, now)
    query = select(Agreement.id).where(await readable(session, caller))
    if known_at is not None:
        query = query.where(Agreement.recorded_at <= known_at)
    if school_id is not None:
        covered = (AgreementSchool.school_id == school_id) & believed(AgreementSchool, known_at)
        here = (AgreementSchool.agreement_id == Agreement.id) & AgreementSchool.during.contains(day)
        query = query.where(exists().where(covered & here))
    if organization_id is not None:
        party = AgreementParty.organization_id == organization_id
        query = query.where(exists().where(party & (AgreementParty.agreement_id == Agreement.id)))
    if instrument_id is not None:
        query = query.where(Agreement.instrument_id == instrument_id)
    if parent_id is not None:
        query = query.where(Agreement.parent_id == parent_id)
    ids: Page[UUID] = await page(session, query, [Agreement.id], asked, response, lambda row: row)
    found = await dossiers(session, ids.items, known_at)
    return Page(items=[agreement_view(dossier, day) for dossier in found], next_cursor=ids.next_cursor)


@router.get("/{agreement_id}", response_model=AgreementView, responses=problems(404))
async def show_agreement(
    agreement_id: UUID,
    session: Snapshot,
    caller: Reader,
    request: Request,
    response: Response,
    now: Now,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> AgreementView | Response:
    """An agreement as it is on a date, as known at an instant."""
    dossier = await readable_dossier(session, caller, agreement_id, known_at)
    if not_modified(request, response, dossier.agreement.version):
        return Response(status_code=304, headers=dict(response.headers))
    return agreement_view(dossier, as_of or await today_of(session, caller, now))


@router.get("/{agreement_id}/in-force", responses=problems(404))
async def show_text_in_force(
    agreement_id: UUID,
    session: Snapshot,
    caller: Reader,
    now: Now,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> InForceView:
    """The consolidated text in force on a date, or why none is."""
    dossier = await readable_dossier(session, caller, agreement_id, known_at)
    return in_force_view(dossier, as_of or await today_of(session, caller, now), known_at or now)


@router.get("/{agreement_id}/history", responses=problems(404))
async def show_agreement_history(
    agreement_id: UUID, session: Snapshot, caller: Reader, known_at: KnownAt = None
) -> HistoryView:
    """Every transition with its authority and evidence, and the statuses that follow."""
    return history_view(await readable_dossier(session, caller, agreement_id, known_at))


@router.patch("/{agreement_id}", responses=CHANGES)
async def change_draft(
    agreement_id: UUID,
    body: AgreementPatch,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    now: Now,
    response: Response,
) -> AgreementView:
    """Change a draft; an executed agreement changes by amendment."""
    dossier = await drafts.change_draft(session, caller, agreement_id, body, version, now)
    return await _answer(session, caller, dossier, now, response)


@router.post("/{agreement_id}/transitions", status_code=201, responses=CHANGES)
async def move_agreement(
    agreement_id: UUID,
    body: NewTransition,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    now: Now,
    response: Response,
) -> AgreementView:
    """Take a step in the agreement's life; refused with the rule and exactly what is missing."""
    dossier = await transitions.take_step(session, caller, agreement_id, body, version, now)
    return await _answer(session, caller, dossier, now, response)


@router.post("/{agreement_id}/amendments", status_code=201, responses=CHANGES)
async def propose_amendment(
    agreement_id: UUID,
    body: NewAmendment,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    now: Now,
    response: Response,
) -> AgreementView:
    """Propose a whole new text; until it is adopted the old one stays in force."""
    dossier = await transitions.propose_amendment(session, caller, agreement_id, body, version, now)
    return await _answer(session, caller, dossier, now, response)


@router.post("/{agreement_id}/amendments/{number}/adopt", responses=CHANGES)
async def adopt_amendment(
    agreement_id: UUID,
    number: int,
    body: Facts,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    now: Now,
    response: Response,
) -> AgreementView:
    """Put a proposed text in force, once everyone has approved it who must."""
    dossier = await transitions.decide_amendment(
        session, caller, agreement_id, number, "adopt-amendment", body, version, now
    )
    return await _answer(session, caller, dossier, now, response)


@router.post("/{agreement_id}/amendments/{number}/reject", responses=CHANGES)
async def reject_amendment(
    agreement_id: UUID,
    number: int,
    body: Facts,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    now: Now,
    response: Response,
) -> AgreementView:
    """Close a proposed text that was not approved, or not in time. The old text was in force all along."""
    dossier = await transitions.decide_amendment(
        session, caller, agreement_id, number, "reject-amendment", body, version, now
    )
    return await _answer(session, caller, dossier, now, response)


@router.post("/{agreement_id}/schools", status_code=201, responses=CHANGES)
async def join_school(
    agreement_id: UUID,
    body: SchoolJoin,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    now: Now,
    response: Response,
) -> AgreementView:
    """Let a school join an executed agreement."""
    dossier = await transitions.join_school(session, caller, agreement_id, body, version, now)
    return await _answer(session, caller, dossier, now, response)


@router.post("/{agreement_id}/schools/{school_id}/exit", responses=CHANGES)
async def exit_school(
    agreement_id: UUID,
    school_id: UUID,
    body: SchoolExit,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    now: Now,
    response: Response,
) -> AgreementView:
    """Let one school leave; for the others the agreement goes on."""
    dossier = await transitions.exit_school(session, caller, agreement_id, school_id, body, version, now)
    return await _answer(session, caller, dossier, now, response)


async def _answer(
    session: AsyncSession, caller: Caller, dossier: Dossier, now: datetime, response: Response
) -> AgreementView:
    response.headers["ETag"] = etag(dossier.agreement.version)
    return agreement_view(dossier, await today_of(session, caller, now))
