"""HTTP for enrollment policies: those of a school, and the schools of a district by type."""

from typing import Annotated
from uuid import UUID

from contracts.registry import EnrollmentType
from fastapi import APIRouter, Query, Request, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.preconditions import IfMatch, etag, not_modified
from kit.problems import problems

from registry.autonomies.reading import require_visible
from registry.enrollment import actions
from registry.enrollment.reading import (
    policies_known,
    policies_on,
    policy_in_force,
    policy_of,
    policy_view,
    type_counts,
)
from registry.enrollment.schemas import EnrollmentPolicyPatch, EnrollmentPolicyView, NewEnrollmentPolicy, TypeCounts
from registry.enrollment.tables import EnrollmentPolicyRevision
from registry.reporting_periods.actions import OverrideReason
from registry.standpoint import Looking

school_router = APIRouter(prefix="/v1/schools/{school_id}/enrollment-policies", tags=["enrollment"])
router = APIRouter(prefix="/v1/enrollment-policies", tags=["enrollment"])
Reader = Annotated[Caller, require("registry:read")]
Writer = Annotated[Caller, require("registry:write")]


@school_router.post("", status_code=201, response_model=EnrollmentPolicyView, responses=problems(400, 404, 409))
async def lay_down_enrollment_policy(
    school_id: UUID,
    body: NewEnrollmentPolicy,
    session: Transaction,
    caller: Writer,
    once: Once,
    now: Now,
    override: OverrideReason = None,
) -> Response:
    """Lay down how pupils come to the school from a date on; a school has one policy at a time."""

    async def work() -> EnrollmentPolicyView:
        return await actions.lay_down_policy(session, caller, school_id, body, now, override)

    path = f"/v1/schools/{school_id}/enrollment-policies"
    return await once(
        session, caller, work, headers=lambda view: {"Location": f"{path}/{view.id}", "ETag": etag(view.version)}
    )


@school_router.get("", responses=problems(400, 404))
async def list_school_enrollment_policies(
    school_id: UUID, session: Snapshot, caller: Reader, asked: Paging, response: Response, looking: Looking
) -> Page[EnrollmentPolicyView]:
    """Every policy of the school, past and to come."""
    at = await looking.of(session, caller)
    await require_visible(session, caller, school_id, at)
    query = policies_known(at.known_at).where(EnrollmentPolicyRevision.subject_id == school_id)
    return await page(session, query, [EnrollmentPolicyRevision.id], asked, response, policy_view)


@school_router.get("/in-force", responses=problems(404))
async def show_enrollment_policy_in_force(
    school_id: UUID, session: Snapshot, caller: Reader, looking: Looking
) -> EnrollmentPolicyView:
    """The school's policy on a date."""
    at = await looking.of(session, caller)
    await require_visible(session, caller, school_id, at)
    return await policy_in_force(session, school_id, at)


@school_router.get("/{policy_id}", response_model=EnrollmentPolicyView, responses=problems(404))
async def show_enrollment_policy(
    school_id: UUID,
    policy_id: UUID,
    session: Snapshot,
    caller: Reader,
    request: Request,
    response: Response,
    looking: Looking,
) -> EnrollmentPolicyView | Response:
    """A policy as it was known at an instant."""
    at = await looking.of(session, caller)
    await require_visible(session, caller, school_id, at)
    view = await policy_of(session, school_id, policy_id, at.known_at)
    if not_modified(request, response, view.version):
        return Response(status_code=304, headers=dict(response.headers))
    return view


@school_router.patch("/{policy_id}", responses=problems(400, 404, 409, 412, 428))
async def change_enrollment_policy(
    school_id: UUID,
    policy_id: UUID,
    body: EnrollmentPolicyPatch,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    now: Now,
    response: Response,
    override: OverrideReason = None,
) -> EnrollmentPolicyView:
    """Correct a policy, or end it with `validTo`."""
    view = await actions.change_policy(session, caller, school_id, policy_id, body, version, now, override)
    response.headers["ETag"] = etag(view.version)
    return view


@router.get("", responses=problems(400))
async def list_enrollment_policies(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    looking: Looking,
    policy_type: Annotated[EnrollmentType | None, Query(alias="policyType")] = None,
) -> Page[EnrollmentPolicyView]:
    """The policies that hold on a date at the schools that the caller sees then."""
    query = await policies_on(session, caller, await looking.of(session, caller))
    if policy_type is not None:
        query = query.where(EnrollmentPolicyRevision.policy_type == policy_type)
    return await page(session, query, [EnrollmentPolicyRevision.id], asked, response, policy_view)


@router.get("/type-counts")
async def count_enrollment_types(
    session: Snapshot,
    caller: Reader,
    looking: Looking,
    district_id: Annotated[UUID | None, Query(alias="districtId", description="Only schools it answers for.")] = None,
) -> TypeCounts:
    """How many open schools have a policy of each type on a date, as a state asks for it every January."""
    return await type_counts(session, caller, await looking.of(session, caller), district_id)
