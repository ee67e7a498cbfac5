"""HTTP for rules: what binds schools, since when, and what a change of it would do to each of them."""

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from contracts.registry import RuleLayer
from fastapi import APIRouter, Query, Request, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.periods import Day
from kit.preconditions import IfMatch, etag, not_modified
from kit.problems import problems

from registry.autonomies import actions
from registry.autonomies.answers import SchoolImpact
from registry.autonomies.impact import rule_impact
from registry.autonomies.reading import known_rule, rule_view, rules_in_force
from registry.autonomies.schemas import NewRule, RulePatch, RuleView
from registry.autonomies.tables import RuleRevision
from registry.reporting_periods.actions import OverrideReason
from registry.standpoint import KnownAt, Looking, Standpoint

router = APIRouter(prefix="/v1/rules", tags=["autonomies"])
Reader = Annotated[Caller, require("registry:read")]
Writer = Annotated[Caller, require("registry:write")]
How = Annotated[
    Literal["amended", "replaced"],
    Query(alias="as", description="`amended`: the rule goes on with another text; `replaced`: it ends."),
]


@router.post("", status_code=201, response_model=RuleView, responses=problems(400, 409))
async def register_rule(
    body: NewRule, session: Transaction, caller: Writer, once: Once, override: OverrideReason = None
) -> Response:
    """Register a statute, regulation, district policy, article of a labor contract, or practice."""

    async def work() -> RuleView:
        return await actions.register_rule(session, caller, body, override)

    return await once(
        session, caller, work, headers=lambda view: {"Location": f"/v1/rules/{view.id}", "ETag": etag(view.version)}
    )


@router.get("", responses=problems(400))
async def list_rules(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    looking: Looking,
    layer: RuleLayer | None = None,
    organization_id: Annotated[UUID | None, Query(alias="organizationId", description="Whose it is.")] = None,
) -> Page[RuleView]:
    """The rules that are in force on a date."""
    query = rules_in_force(await looking.of(session, caller))
    if layer is not None:
        query = query.where(RuleRevision.layer == layer)
    if organization_id is not None:
        query = query.where(RuleRevision.organization_id == organization_id)
    return await page(session, query, [RuleRevision.citation, RuleRevision.id], asked, response, rule_view)


@router.get("/{rule_id}", response_model=RuleView, responses=problems(404))
async def show_rule(
    rule_id: UUID, session: Snapshot, caller: Reader, request: Request, response: Response, known_at: KnownAt = None
) -> RuleView | Response:
    """A rule as it was known at an instant."""
    view = await known_rule(session, rule_id, known_at)
    if not_modified(request, response, view.version):
        return Response(status_code=304, headers=dict(response.headers))
    return view


@router.patch("/{rule_id}", responses=problems(400, 404, 409, 412, 428))
async def change_rule(
    rule_id: UUID,
    body: RulePatch,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    response: Response,
    override: OverrideReason = None,
) -> RuleView:
    """Change what is said of a rule: its repeal, its successor, the citation by which it can never be waived."""
    view = await actions.change_rule(session, caller, rule_id, body, version, override)
    response.headers["ETag"] = etag(view.version)
    return view


@router.get("/{rule_id}/impact", responses=problems(400, 404))
async def show_rule_impact(
    rule_id: UUID,
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    now: Now,
    changed_on: Annotated[Day, Query(alias="changedOn", description="The day of the change.")],
    how: How = "amended",
    known_at: KnownAt = None,
) -> Page[SchoolImpact]:
    """School by school, what a change of the rule would take away or leave untouched; nothing has happened yet."""
    rule = await known_rule(session, rule_id, known_at)
    # What ends with the rule is what there is on the day before.
    day = changed_on - timedelta(days=1) if how == "replaced" else changed_on
    return await rule_impact(session, caller, rule, Standpoint(day, known_at), how, asked, response)
