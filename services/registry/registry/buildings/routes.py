"""HTTP for buildings. Which schools are in one: `GET /v1/schools?buildingId=`."""

from typing import Annotated, Any
from uuid import UUID

from contracts.registry import BuildingChanged
from fastapi import APIRouter, Query, Request, Response
from kit.auth import Caller, require
from kit.db import Snapshot, Transaction
from kit.errors import NotFound
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.preconditions import IfMatch, etag, not_modified
from kit.problems import problems
from sqlalchemy import Select

from registry.buildings import actions
from registry.buildings.schemas import BuildingHistory, BuildingPatch, BuildingView, NewBuilding
from registry.buildings.tables import Building, BuildingFacts
from registry.dated import believed
from registry.standpoint import Looking, Standpoint

router = APIRouter(prefix="/v1/buildings", tags=["buildings"])
Reader = Annotated[Caller, require("registry:read")]
Writer = Annotated[Caller, require("registry:write")]


@router.post("", status_code=201, response_model=BuildingView, responses=problems(400))
async def register_building(body: NewBuilding, session: Transaction, caller: Writer, once: Once) -> Response:
    """Register a building with what is true of it from a date on."""

    async def work() -> BuildingView:
        return _on(await actions.register_building(session, caller, body), Standpoint(body.valid_from))

    return await once(
        session, caller, work, headers=lambda view: {"Location": f"/v1/buildings/{view.id}", "ETag": etag(view.version)}
    )


@router.get("", responses=problems(400))
async def list_buildings(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    looking: Looking,
    owner_id: Annotated[UUID | None, Query(alias="ownerId")] = None,
) -> Page[BuildingView]:
    """Buildings as they are on a date, by their owner of that date."""
    at = await looking.of(session, caller)
    query = _buildings(at)
    if owner_id is not None:
        query = query.where(BuildingFacts.owner_id == owner_id)
    return await page(session, query, [Building.id], asked, response, _shape)


@router.get("/{building_id}", response_model=BuildingView, responses=problems(404))
async def show_building(
    building_id: UUID, session: Snapshot, caller: Reader, request: Request, response: Response, looking: Looking
) -> BuildingView | Response:
    """A building as it is on a date."""
    at = await looking.of(session, caller)
    view = _on(await actions.history_of(session, building_id, at), at)
    if not_modified(request, response, view.version):
        return Response(status_code=304, headers=dict(response.headers))
    return view


@router.get("/{building_id}/history", responses=problems(404))
async def show_building_history(
    building_id: UUID, session: Snapshot, caller: Reader, looking: Looking
) -> BuildingHistory:
    """Everything known of a building, by period."""
    known = await actions.history_of(session, building_id, await looking.of(session, caller))
    return BuildingHistory(**known.model_dump())


@router.patch("/{building_id}", responses=problems(400, 404, 409, 412, 428))
async def change_building(
    building_id: UUID,
    body: BuildingPatch,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    response: Response,
) -> BuildingView:
    """Change what is true of a building from a date on: a new owner, a measured area, a clause of the lease."""
    event = await actions.change_building(session, caller, building_id, body, version)
    response.headers["ETag"] = etag(event.version)
    return _on(event, Standpoint(body.valid_from))


def _buildings(at: Standpoint) -> Select[Any]:
    held = (
        (BuildingFacts.building_id == Building.id)
        & believed(BuildingFacts, at.known_at)
        & BuildingFacts.during.contains(at.day)
    )
    return actions.version_at(at).add_columns(BuildingFacts).join(BuildingFacts, held)


def _shape(row: Any) -> BuildingView:
    version, facts = row[0], row.BuildingFacts
    return BuildingView(id=facts.building_id, version=version, **actions.facts_of(facts).model_dump())


def _on(known: BuildingChanged, at: Standpoint) -> BuildingView:
    """A building as it is at a standpoint. Raises NotFound."""
    facts = next((each for each in known.facts if each.covers(at.day)), None)
    if facts is None:
        raise NotFound(f"Nothing is known of building {known.id} on {at.day}.")
    return BuildingView(id=known.id, version=known.version, **facts.model_dump())
