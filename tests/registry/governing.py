"""Short sentences for rules, waivers, autonomies and entitlements, said through the HTTP API."""

from typing import Any

import httpx2
from kit.tables import journal
from sqlalchemy import select

from tests.registry.conftest import Registry
from tests.registry.journeys import done

SOURCE = {"source": "the books"}


async def rule(registry: Registry, citation: str = "C.R.S. 22-63-203", layer: str = "statute", **more: Any) -> str:
    """A registered rule's id."""
    body = {"layer": layer, "citation": citation, "title": citation, "validFrom": "1990-01-01", **SOURCE}
    return str(done(await registry.platform.post("/v1/rules", json=body | more))["id"])


async def policy(registry: Registry, citation: str = "Policy GCK", **more: Any) -> str:
    """A rule of the district's own."""
    return await rule(registry, citation, "district-policy", organizationId=str(registry.ids["district"]), **more)


def waiver_body(agreement_id: str, rule_id: str | None, **more: Any) -> dict[str, Any]:
    """What a waiver needs."""
    body = {
        "agreementId": agreement_id,
        "clause": "Section IV, waiver 3",
        "kind": "enumerated",
        "ruleId": rule_id,
        "replacementPlan": "The school evaluates by its own rubric.",
        "approver": "State Board of Education",
        "validFrom": "2021-07-01",
    }
    return body | more


async def waiver(registry: Registry, agreement_id: str, rule_id: str | None, **more: Any) -> dict[str, Any]:
    """A granted waiver."""
    return done(await registry.as_("district").post("/v1/waivers", json=waiver_body(agreement_id, rule_id, **more)))


async def check(
    registry: Registry, school: str, rule_id: str, on: str, client: httpx2.AsyncClient | None = None, **query: Any
) -> dict[str, Any]:
    """Whether the rule is waived."""
    asked = {"schoolId": school, "rule": rule_id, "asOf": on} | query
    return done(await (client or registry.as_("district")).get("/v1/waivers/check", params=asked))


async def changed(client: httpx2.AsyncClient, path: str, **patch: Any) -> dict[str, Any]:
    """A patch under the newest ETag."""
    tag = (await client.get(path)).headers["etag"]
    return done(await client.patch(path, json=patch, headers={"if-match": tag}))


def term(service: str, service_class: str, layer: str, **more: Any) -> dict[str, Any]:
    """What a service is to a school."""
    body = {
        "service": service,
        "class": service_class,
        "layer": layer,
        "source": "Section 7",
        "validFrom": "2018-07-01",
    }
    return body | more


async def lay_down(registry: Registry, school: str, *terms: dict[str, Any]) -> dict[str, Any]:
    """Terms laid down by the district under the newest ETag."""
    client, path = registry.as_("district"), f"/v1/schools/{school}"
    tag = (await client.get(f"{path}/entitlements")).headers["etag"]
    return done(await client.post(f"{path}/service-terms", json={"terms": terms}, headers={"if-match": tag}))


async def entitled(
    registry: Registry, school: str, on: str, client: httpx2.AsyncClient | None = None, **query: Any
) -> dict[str, Any]:
    """What prevails on a date."""
    path = f"/v1/schools/{school}/entitlements"
    return done(await (client or registry.as_("district")).get(path, params={"asOf": on} | query))


async def said(registry: Registry, school: str) -> list[dict[str, Any]]:
    """What the other services heard of the school's entitlements, in order."""
    async with registry.service.app.state.database.snapshot() as session:
        heard = select(journal).where(journal.c.subject == f"concordat.registry.entitlements.{school}")
        rows = (await session.execute(heard.order_by(journal.c.version))).all()
    return [row.data for row in rows]
