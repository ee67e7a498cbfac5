"""HTTP for zones. Who is in one: `GET /v1/schools?organizationId=&role=zone`."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from kit.auth import Caller, require
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.problems import problems
from sqlalchemy import select

from registry.intent import Intent
from registry.organizations.actions import show_organization
from registry.zones import actions
from registry.zones.reading import concerning
from registry.zones.schemas import Dissolution, Exit, ZoneExitReport, ZoneExitView
from registry.zones.tables import ZoneExit

router = APIRouter(prefix="/v1/zones/{organization_id}", tags=["zones"])
Reader = Annotated[Caller, require("registry:read")]
Writer = Annotated[Caller, require("registry:write")]
LEAVING = problems(400, 404, 409)


@router.post("/dissolution", status_code=201, response_model=ZoneExitReport, responses=LEAVING)
async def dissolve_zone(
    organization_id: UUID,
    body: Dissolution,
    session: Transaction,
    caller: Writer,
    once: Once,
    intent: Intent,
) -> Response:
    """End a zone. First with `dryRun`: it lists every consequence; then with `confirm`, the digest of that list."""

    async def work() -> ZoneExitReport:
        return await actions.dissolve_zone(session, caller, organization_id, body, intent)

    return await once(session, caller, work, status=intent.status)


@router.post("/departures", status_code=201, response_model=ZoneExitReport, responses=LEAVING)
async def depart_from_zone(
    organization_id: UUID,
    body: Exit,
    session: Transaction,
    caller: Writer,
    once: Once,
    intent: Intent,
) -> Response:
    """Let schools leave a zone that goes on for the others; listed first, then confirmed."""

    async def work() -> ZoneExitReport:
        return await actions.leave_zone(session, caller, organization_id, "departure", body, intent)

    return await once(session, caller, work, status=intent.status)


@router.post("/removals", status_code=201, response_model=ZoneExitReport, responses=LEAVING)
async def remove_from_zone(
    organization_id: UUID,
    body: Exit,
    session: Transaction,
    caller: Writer,
    once: Once,
    intent: Intent,
) -> Response:
    """Put schools out of a zone that goes on for the others; listed first, then confirmed."""

    async def work() -> ZoneExitReport:
        return await actions.leave_zone(session, caller, organization_id, "removal", body, intent)

    return await once(session, caller, work, status=intent.status)


@router.get("/exits", responses=problems(400, 404))
async def list_zone_exits(
    organization_id: UUID, session: Snapshot, caller: Reader, asked: Paging, response: Response
) -> Page[ZoneExitView]:
    """How one's schools left this zone, or all of its own: when it was decided and took effect, on what grounds."""
    await show_organization(session, organization_id)
    query = select(ZoneExit).where(ZoneExit.zone_id == organization_id, await concerning(session, caller))
    return await page(
        session,
        query,
        [ZoneExit.id],
        asked,
        response,
        lambda row: ZoneExitView.model_validate(row, from_attributes=True),
    )
