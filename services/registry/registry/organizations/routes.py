"""HTTP for organizations."""

from typing import Annotated
from uuid import UUID

from contracts.vocabulary import OrganizationType
from fastapi import APIRouter, Query, Request, Response
from kit.auth import Caller, require
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.preconditions import IfMatch, etag, not_modified
from kit.problems import problems
from sqlalchemy import any_, literal, select

from registry.organizations import actions, changing
from registry.organizations.schemas import NewOrganization, OrganizationPatch, OrganizationView
from registry.organizations.tables import Organization, OrganizationAlias
from registry.standpoint import KnownAt

router = APIRouter(prefix="/v1/organizations", tags=["organizations"])
Reader = Annotated[Caller, require("registry:read")]
Writer = Annotated[Caller, require("registry:write")]


@router.post("", status_code=201, response_model=OrganizationView, responses=problems(400, 409))
async def register_organization(body: NewOrganization, session: Transaction, caller: Writer, once: Once) -> Response:
    """Register an organization: a district, an operator, an authorizer, a zone ..."""

    async def work() -> OrganizationView:
        return (await actions.register_organizations(session, caller, [body]))[0]

    return await once(
        session,
        caller,
        work,
        headers=lambda view: {"Location": f"/v1/organizations/{view.id}", "ETag": etag(view.version)},
    )


@router.get("", responses=problems(400))
async def list_organizations(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    organization_type: Annotated[OrganizationType | None, Query(alias="type")] = None,
    alias_system: Annotated[str | None, Query(alias="aliasSystem", max_length=40, pattern=r"^[^\x00]*$")] = None,
    alias_value: Annotated[str | None, Query(alias="aliasValue", max_length=60, pattern=r"^[^\x00]*$")] = None,
) -> Page[OrganizationView]:
    """Organizations, by type or by an identifier that someone gave them."""
    query = select(Organization.id)
    if organization_type is not None:
        query = query.where(literal(organization_type) == any_(Organization.types))
    if alias_system is not None or alias_value is not None:
        held = select(OrganizationAlias.organization_id).where(OrganizationAlias.superseded_at.is_(None))
        if alias_system is not None:
            held = held.where(OrganizationAlias.system == alias_system)
        if alias_value is not None:
            held = held.where(OrganizationAlias.value == alias_value)
        query = query.where(Organization.id.in_(held))
    ids: Page[UUID] = await page(session, query, [Organization.id], asked, response, lambda row: row)
    return Page(items=await actions.views(session, ids.items), next_cursor=ids.next_cursor)


@router.get("/{organization_id}", response_model=OrganizationView, responses=problems(404))
async def show_organization(
    organization_id: UUID,
    session: Snapshot,
    caller: Reader,
    request: Request,
    response: Response,
    known_at: KnownAt = None,
) -> OrganizationView | Response:
    """One organization, as it was known at an instant."""
    view = (
        await actions.organization_known_at(session, organization_id, known_at)
        if known_at is not None
        else await actions.show_organization(session, organization_id)
    )
    if not_modified(request, response, view.version):
        return Response(status_code=304, headers=dict(response.headers))
    return view


@router.patch("/{organization_id}", responses=problems(400, 404, 409, 412, 428))
async def change_organization(
    organization_id: UUID,
    body: OrganizationPatch,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    response: Response,
) -> OrganizationView:
    """Change an organization's name, types or time zone."""
    view = await changing.change_organization(session, caller, organization_id, body, version)
    response.headers["ETag"] = etag(view.version)
    return view
