"""HTTP for board packets, and for the evidence on which decisions were taken."""

from base64 import b64encode
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import HTMLResponse
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot
from kit.paging import Page, Paging, page
from kit.periods import Day
from kit.problems import problems

from registry.agreements.visibility import readable_dossier
from registry.organizations.actions import today_of
from registry.packets.assembling import assemble
from registry.packets.evidence import evidence_views, kept_for, kept_packet
from registry.packets.layout import HEADERS, laid_out
from registry.packets.schemas import Deciding, EvidenceView
from registry.packets.tables import KeptPacket

router = APIRouter(prefix="/v1/agreements/{agreement_id}", tags=["packets"])
Reader = Annotated[Caller, require("registry:read")]
HTML: dict[int | str, dict[str, Any]] = problems(404) | {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}}
}


@router.get("/board-packet", response_class=HTMLResponse, responses=HTML)
async def show_board_packet(
    agreement_id: UUID,
    session: Snapshot,
    caller: Reader,
    now: Now,
    as_of: Annotated[Day | None, Query(alias="asOf", description="The day of the decision; today if absent.")] = None,
    decision: Annotated[Deciding, Query(description="What is to be decided.")] = "renew",
) -> HTMLResponse:
    """All that a board needs to decide, as one document to read or to print."""
    dossier = await readable_dossier(session, caller, agreement_id)
    day = as_of or await today_of(session, caller, now)
    return _document(laid_out(await assemble(session, caller, dossier, decision, day, now)))


@router.get("/evidence", responses=problems(400, 404))
async def list_evidence(
    agreement_id: UUID, session: Snapshot, caller: Reader, asked: Paging, response: Response
) -> Page[EvidenceView]:
    """What each decision relied on, and which ratings of it have been revised since."""
    await readable_dossier(session, caller, agreement_id)
    keys = [KeptPacket.number]
    rows: Page[KeptPacket] = await page(session, kept_for(agreement_id), keys, asked, response, lambda row: row)
    return Page(items=await evidence_views(session, rows.items), next_cursor=rows.next_cursor)


@router.get("/evidence/{number}", response_class=HTMLResponse, responses=HTML)
async def show_kept_packet(
    agreement_id: UUID, number: Annotated[int, Path(ge=1, lt=2**31)], session: Snapshot, caller: Reader
) -> HTMLResponse:
    """The packet that was before the body when it decided, to the byte."""
    dossier = await readable_dossier(session, caller, agreement_id)
    return _document((await kept_packet(session, caller, dossier, number)).page)


def _document(content: str) -> HTMLResponse:
    """The page with its digest (RFC 9530): whoever keeps it can prove what it was."""
    digest = b64encode(sha256(content.encode()).digest()).decode()
    return HTMLResponse(content, headers={**HEADERS, "Content-Digest": f"sha-256=:{digest}:"})
