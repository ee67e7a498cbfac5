"""HTTP for waivers: granted under agreements, asked about with their whole chain, listed before they lapse."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from kit.auth import Caller, require
from kit.db import Snapshot, Transaction
from kit.errors import NotFound
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.periods import Day
from kit.preconditions import IfMatch, etag, not_modified
from kit.problems import problems
from kit.spreadsheets import wants_csv

from registry.autonomies import actions
from registry.autonomies.answers import AgreementImpact, Matrix, WaiverCheck
from registry.autonomies.lapsing import agreement_impact
from registry.autonomies.matrix import matrix_csv, matrix_on
from registry.autonomies.reading import known_rule, law, require_visible, waiver_view, waivers_of
from registry.autonomies.schemas import NewWaiver, WaiverPatch, WaiverView
from registry.autonomies.tables import Waiver, WaiverRevision
from registry.autonomies.waiving import checked
from registry.reporting_periods.actions import OverrideReason
from registry.standpoint import KnownAt, Looking

router = APIRouter(prefix="/v1/waivers", tags=["autonomies"])
Reader = Annotated[Caller, require("registry:read")]
Writer = Annotated[Caller, require("registry:write")]
CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


@router.post("", status_code=201, response_model=WaiverView, responses=problems(400, 409))
async def grant_waiver(
    body: NewWaiver, session: Transaction, caller: Writer, once: Once, override: OverrideReason = None
) -> Response:
    """Record a waiver under an agreement; a rule that can never be waived is refused with the citation."""

    async def work() -> WaiverView:
        return await actions.grant_waiver(session, caller, body, override)

    return await once(
        session, caller, work, headers=lambda view: {"Location": f"/v1/waivers/{view.id}", "ETag": etag(view.version)}
    )


@router.get("", responses=problems(400))
async def list_waivers(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    known_at: KnownAt = None,
    agreement_id: Annotated[UUID | None, Query(alias="agreementId")] = None,
    rule_id: Annotated[UUID | None, Query(alias="ruleId", description="Enumerated waivers of this rule.")] = None,
) -> Page[WaiverView]:
    """The waivers under agreements that the caller may read, as known at an instant."""
    query = await waivers_of(session, caller, known_at)
    if agreement_id is not None:
        query = query.where(Waiver.agreement_id == agreement_id)
    if rule_id is not None:
        query = query.where(WaiverRevision.rule_id == rule_id)
    return await page(session, query, [WaiverRevision.id], asked, response, lambda row: waiver_view(row[0], row[1]))


@router.get("/check", responses=problems(404))
async def check_waiver(
    session: Snapshot,
    caller: Reader,
    looking: Looking,
    school_id: Annotated[UUID, Query(alias="schoolId")],
    rule: Annotated[UUID, Query(description="The rule's identifier.")],
) -> WaiverCheck:
    """Whether a rule is waived for a school on a date, by what, resting on what; or why it is not."""
    at = await looking.of(session, caller)
    await require_visible(session, caller, school_id, at)
    known = await known_rule(session, rule, at.known_at)
    return checked(await law(session, caller, at, [school_id], [known]), known, school_id, at.known_at)


@router.get("/impact", responses=problems(404))
async def show_agreement_impact(
    session: Snapshot,
    caller: Reader,
    agreement_id: Annotated[UUID, Query(alias="agreementId")],
    on: Annotated[Day, Query(description="The first day on which it would no longer be in force.")],
    known_at: KnownAt = None,
) -> AgreementImpact:
    """What would lapse with an agreement, and with what stands under it; nothing has happened yet."""
    return await agreement_impact(session, caller, agreement_id, on, known_at)


@router.get("/matrix", response_model=Matrix, responses=problems(400) | CSV)
async def show_waiver_matrix(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    request: Request,
    looking: Looking,
) -> Matrix | Response:
    """Schools by rules on a date: waived or not. As CSV with `Accept: text/csv`; both in pages of schools."""
    matrix = await matrix_on(session, caller, await looking.of(session, caller), asked, response)
    if wants_csv(request):
        return matrix_csv(matrix, dict(response.headers))
    return matrix


@router.get("/{waiver_id}", response_model=WaiverView, responses=problems(404))
async def show_waiver(
    waiver_id: UUID, session: Snapshot, caller: Reader, request: Request, response: Response, known_at: KnownAt = None
) -> WaiverView | Response:
    """A waiver as it was known at an instant."""
    query = await waivers_of(session, caller, known_at)
    row = (await session.execute(query.where(WaiverRevision.id == waiver_id))).one_or_none()
    if row is None:
        raise NotFound(f"There is no waiver {waiver_id} of yours.")
    view = waiver_view(row[0], row[1])
    if not_modified(request, response, view.version):
        return Response(status_code=304, headers=dict(response.headers))
    return view


@router.patch("/{waiver_id}", responses=problems(400, 404, 409, 412, 428))
async def change_waiver(
    waiver_id: UUID,
    body: WaiverPatch,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    response: Response,
    override: OverrideReason = None,
) -> WaiverView:
    """Change a waiver, or end it with `validTo`."""
    view = await actions.change_waiver(session, caller, waiver_id, body, version, override)
    response.headers["ETag"] = etag(view.version)
    return view
