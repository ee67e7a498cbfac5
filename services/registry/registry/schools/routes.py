"""HTTP for schools."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from contracts.registry import SchoolChanged
from contracts.vocabulary import Alias, Arrangement, AssignmentRole
from fastapi import APIRouter, Query, Request, Response
from kit.auth import Caller, require
from kit.clock import Now, today_in
from kit.db import Snapshot, Transaction
from kit.errors import NotFound
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.preconditions import IfMatch, etag, not_modified
from kit.problems import problems
from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from registry.organizations.tables import Organization
from registry.schools import actions
from registry.schools.schemas import (
    AssignmentEnd,
    NewAssignment,
    NewSchool,
    SchoolHistory,
    SchoolPatch,
    SchoolView,
)
from registry.schools.tables import School, SchoolAlias, SchoolAssignment, SchoolFacts
from registry.schools.timelines import facts_of, timelines
from registry.schools.visibility import visible

router = APIRouter(prefix="/v1/schools", tags=["schools"])
Reader = Annotated[Caller, require("registry:read")]
Writer = Annotated[Caller, require("registry:write")]
AsOf = Annotated[date | None, Query(alias="asOf", description="The date to look at; today in the district if absent.")]
Plain = Query(max_length=60, pattern=r"^[^\x00]*$")


@router.post("", status_code=201, response_model=SchoolView, responses=problems(400, 409))
async def open_school(body: NewSchool, session: Transaction, caller: Writer, once: Once) -> Response:
    """Register a school with what is true of it from a date on."""

    async def work() -> SchoolView:
        event = await actions.open_school(session, caller, body)
        return await _view(session, event.id, body.valid_from)

    return await once(
        session, caller, work, headers=lambda view: {"Location": f"/v1/schools/{view.id}", "ETag": etag(view.version)}
    )


@router.get("", responses=problems(400))
async def list_schools(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    now: Now,
    as_of: AsOf = None,
    arrangement: Arrangement | None = None,
    organization_id: Annotated[UUID | None, Query(alias="organizationId")] = None,
    role: Annotated[AssignmentRole | None, Query(description="Goes with organizationId.")] = None,
    alias_system: Annotated[str | None, Query(alias="aliasSystem"), Plain] = None,
    alias_value: Annotated[str | None, Query(alias="aliasValue"), Plain] = None,
) -> Page[SchoolView]:
    """Schools as they are on a date: by arrangement, organization and role, or an identifier of that date."""
    day = await _day(session, caller, as_of, now)
    query = _schools(day).where(await visible(session, caller, day))
    if arrangement is not None:
        query = query.where(SchoolFacts.arrangement == arrangement)
    if organization_id is not None or role is not None:
        held = _on(SchoolAssignment, day)
        if organization_id is not None:
            held = held & (SchoolAssignment.organization_id == organization_id)
        if role is not None:
            held = held & (SchoolAssignment.role == role)
        query = query.where(exists().where(held))
    if alias_system is not None or alias_value is not None:
        named = _on(SchoolAlias, day)
        if alias_system is not None:
            named = named & (SchoolAlias.system == alias_system)
        if alias_value is not None:
            named = named & (SchoolAlias.value == alias_value)
        query = query.where(exists().where(named))
    return await page(session, query, [School.id], asked, response, _shape)


@router.get("/{school_id}", response_model=SchoolView, responses=problems(404))
async def show_school(
    school_id: UUID,
    session: Snapshot,
    caller: Reader,
    request: Request,
    response: Response,
    now: Now,
    as_of: AsOf = None,
) -> SchoolView | Response:
    """A school as it is on a date."""
    day = await _day(session, caller, as_of, now)
    view = await _view(session, school_id, day, await visible(session, caller, day))
    if not_modified(request, response, view.version):
        return Response(status_code=304, headers=dict(response.headers))
    return view


@router.get("/{school_id}/history", responses=problems(404))
async def show_school_history(
    school_id: UUID, session: Snapshot, caller: Reader, now: Now, as_of: AsOf = None
) -> SchoolHistory:
    """Everything known of a school, by period."""
    day = await _day(session, caller, as_of, now)
    mine = await visible(session, caller, day)
    if await session.scalar(select(School.id).where(School.id == school_id, mine)) is None:
        raise NotFound(f"There is no school {school_id} of yours on {day}.")
    known = (await timelines(session, [school_id]))[0]
    return SchoolHistory(**known.model_dump())


@router.patch("/{school_id}", responses=problems(400, 404, 409, 412, 428))
async def change_school(
    school_id: UUID,
    body: SchoolPatch,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    now: Now,
    response: Response,
) -> SchoolView:
    """Change what is true of a school from a date on; what was true before stays readable."""
    event = await actions.change_school(session, caller, school_id, body, version, now)
    return await _answer(session, event, body.valid_from, response)


@router.post("/{school_id}/assignments", status_code=201, responses=problems(400, 404, 409, 412, 428))
async def assign_organization(
    school_id: UUID,
    body: NewAssignment,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    response: Response,
) -> SchoolView:
    """Give an organization a role at a school for a period."""
    event = await actions.assign_organization(session, caller, school_id, body, version)
    return await _answer(session, event, body.valid_from, response)


@router.post("/{school_id}/assignments/{assignment_id}/end", responses=problems(400, 404, 409, 412, 428))
async def end_assignment(
    school_id: UUID,
    assignment_id: UUID,
    body: AssignmentEnd,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    now: Now,
    response: Response,
) -> SchoolView:
    """End an organization's role at a school."""
    event = await actions.end_assignment(session, caller, school_id, assignment_id, body.valid_to, version, now)
    return await _answer(session, event, body.valid_to, response)


@router.post("/{school_id}/aliases", status_code=201, responses=problems(400, 404, 409, 412, 428))
async def add_alias(
    school_id: UUID,
    body: Alias,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    response: Response,
) -> SchoolView:
    """Give a school an identifier that someone else uses."""
    event = await actions.add_alias(session, caller, school_id, body, version)
    return await _answer(session, event, body.valid_from, response)


async def _answer(session: AsyncSession, event: SchoolChanged, day: date, response: Response) -> SchoolView:
    response.headers["ETag"] = etag(event.version)
    return await _view(session, event.id, day)


async def _day(session: AsyncSession, caller: Caller, as_of: date | None, now: datetime) -> date:
    if as_of is not None:
        return as_of
    zone = await session.scalar(select(Organization.time_zone).where(Organization.id == caller.organization_id))
    return today_in(zone or "UTC", now)


def _on(table: Any, day: date) -> ColumnElement[bool]:
    """Rows of a dated table that hold for the school at hand on `day`."""
    held: ColumnElement[bool] = (
        (table.school_id == School.id) & table.superseded_at.is_(None) & table.during.contains(day)
    )
    return held


def _schools(day: date) -> Select[Any]:
    aliases = select(
        func.jsonb_agg(
            func.jsonb_build_object(
                "system",
                SchoolAlias.system,
                "value",
                SchoolAlias.value,
                "validFrom",
                func.lower(SchoolAlias.during),
                "validTo",
                func.upper(SchoolAlias.during),
                type_=JSONB,
            )
        )
    ).where(_on(SchoolAlias, day))
    assignments = select(
        func.jsonb_agg(
            func.jsonb_build_object(
                "id",
                SchoolAssignment.id,
                "organizationId",
                SchoolAssignment.organization_id,
                "role",
                SchoolAssignment.role,
                "source",
                SchoolAssignment.source,
                "validFrom",
                func.lower(SchoolAssignment.during),
                "validTo",
                func.upper(SchoolAssignment.during),
                type_=JSONB,
            )
        )
    ).where(_on(SchoolAssignment, day))
    return select(
        School.version,
        SchoolFacts,
        aliases.scalar_subquery().label("aliases"),
        assignments.scalar_subquery().label("assignments"),
    ).join(SchoolFacts, _on(SchoolFacts, day))


def _shape(row: Any) -> SchoolView:
    facts = facts_of(row.SchoolFacts).model_dump()
    return SchoolView.model_validate(
        facts
        | {
            "id": row.SchoolFacts.school_id,
            "version": row.version,
            "aliases": row.aliases or [],
            "assignments": row.assignments or [],
        }
    )


async def _view(
    session: AsyncSession, school_id: UUID, day: date, mine: ColumnElement[bool] | None = None
) -> SchoolView:
    query = _schools(day).where(School.id == school_id)
    if mine is not None:
        query = query.where(mine)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NotFound(f"There is no school {school_id} of yours on {day}.")
    return _shape(row)
