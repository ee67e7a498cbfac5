"""HTTP for entitlements."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot
from kit.problems import problems
from kit.text import Code

from shared_services.entitlements import actions
from shared_services.entitlements.schemas import Entitlement

router = APIRouter(prefix="/v1/entitlements", tags=["entitlements"])
Reader = Annotated[Caller, require("catalog:read")]


@router.get("", responses=problems(404))
async def show_entitlement(
    session: Snapshot,
    caller: Reader,
    now: Now,
    school_id: Annotated[UUID, Query(alias="schoolId")],
    offering: Annotated[Code, Query(description="The offering's code.", examples=["TRN-FIELD-TRIP"])],
    service_date: Annotated[date, Query(alias="serviceDate")],
    district_id: Annotated[
        UUID | None, Query(alias="districtId", description="Whose service, if another district serves the school too.")
    ] = None,
) -> Entitlement:
    """Whether a school may have a service on a date, and why."""
    return await actions.show_entitlement(session, caller, school_id, offering, service_date, now, district_id)
