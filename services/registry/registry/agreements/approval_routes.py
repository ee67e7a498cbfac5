"""HTTP for what bodies decide about agreements: votes, acts, notices, and what is still missing."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.periods import Day
from kit.preconditions import etag
from kit.problems import problems

from registry.agreements import approvals
from registry.agreements.lifecycle import MOVES
from registry.agreements.schemas import AgreementView, NewNotice, RequirementsView
from registry.agreements.tables import AgreementTransition
from registry.agreements.views import agreement_view, requirements_view
from registry.agreements.visibility import readable_dossier
from registry.organizations.actions import today_of
from registry.standpoint import KnownAt
from registry.votes.schemas import ActView, ApprovalsView, NewAct, NewVote, VoteView

router = APIRouter(prefix="/v1/agreements/{agreement_id}", tags=["approvals"])
Reader = Annotated[Caller, require("registry:read")]
Writer = Annotated[Caller, require("registry:write")]


@router.get("/approvals", responses=problems(404))
async def list_approvals(
    agreement_id: UUID, session: Snapshot, caller: Reader, known_at: KnownAt = None
) -> ApprovalsView:
    """Every vote and act, as known at an instant, with what each vote comes to; advisory ones are marked as such."""
    return approvals.approvals_view(await readable_dossier(session, caller, agreement_id, known_at))


@router.post("/votes", status_code=201, response_model=VoteView, responses=problems(400, 404, 409))
async def record_vote(
    agreement_id: UUID, body: NewVote, session: Transaction, caller: Writer, now: Now, once: Once
) -> Response:
    """Record a vote as it was counted; whether it passed is computed."""

    async def work() -> VoteView:
        return await approvals.record_vote(session, caller, agreement_id, body, now)

    return await once(session, caller, work)


@router.post("/acts", status_code=201, response_model=ActView, responses=problems(400, 404, 409))
async def record_act(
    agreement_id: UUID, body: NewAct, session: Transaction, caller: Writer, now: Now, once: Once
) -> Response:
    """Record what a board or an officer decided, with reasons if it was not approved."""

    async def work() -> ActView:
        return await approvals.record_act(session, caller, agreement_id, body, now)

    return await once(session, caller, work)


@router.post("/notices", status_code=201, response_model=AgreementView, responses=problems(400, 404, 409))
async def give_notice(
    agreement_id: UUID, body: NewNotice, session: Transaction, caller: Writer, now: Now, once: Once
) -> Response:
    """Record that a notice was given."""

    async def work() -> AgreementView:
        dossier = await approvals.give_notice(session, caller, agreement_id, body, now)
        return agreement_view(dossier, await today_of(session, caller, now))

    return await once(session, caller, work, headers=lambda view: {"ETag": etag(view.version)})


@router.get("/requirements", responses=problems(404))
async def show_requirements(
    agreement_id: UUID,
    session: Snapshot,
    caller: Reader,
    now: Now,
    transition: Annotated[str, Query(pattern=f"^({'|'.join(MOVES)})$", description="The step one wants to take.")],
    as_of: Annotated[Day | None, Query(alias="asOf", description="On which day; today if absent.")] = None,
    text_number: Annotated[int | None, Query(alias="textNumber", ge=1, description="With an amendment.")] = None,
    school_id: Annotated[
        UUID | None, Query(alias="schoolId", description="With a school that joins or leaves.")
    ] = None,
) -> RequirementsView:
    """What may happen now, and which approvals one transition still lacks."""
    dossier = await readable_dossier(session, caller, agreement_id)
    today = await today_of(session, caller, now)
    step = AgreementTransition(
        name=transition, effective_on=as_of or today, text_number=text_number, school_id=school_id
    )
    return requirements_view(dossier, step, today)
