"""Short sentences for deadlines and filings, said through the HTTP API."""

from typing import Any

import httpx2

from tests.registry.conftest import Registry
from tests.registry.journeys import Journey, done, draft, register

Deadlines = dict[str, dict[str, Any]]


async def owed(registry: Registry, on: str, client: httpx2.AsyncClient | None = None, **query: Any) -> Deadlines:
    """Deadlines by their keys, as they stand on a date."""
    asked = {"asOf": on, "limit": 500} | query
    items = done(await (client or registry.as_("district")).get("/v1/deadlines", params=asked))["items"]
    return {item["key"]: item for item in items}


async def file(agreement: Journey, client: httpx2.AsyncClient | None = None, **said: Any) -> httpx2.Response:
    """A filing, recorded by the district unless told otherwise."""
    body = {"outcome": "filed", "evidence": "receipt", **said}
    return await (client or agreement.client).post(f"{agreement.url}/filings", json=body)


async def renaissance(registry: Registry) -> Journey:
    """New Jersey: a contract of ten years with a nonprofit for one school, from July 2024 on."""
    await register(registry, "nj-renaissance-contract")
    school = (await registry.school())["id"]
    parties = {"district": "district", "nonprofit": "north", "state": "state"}
    terms = {"schools": [{"schoolId": school}], "termTo": "2034-07-01", "noticeBy": "2033-01-01"}
    contract = await draft(registry, "nj-renaissance-contract", "2012", parties, **terms)
    await contract.move("submit", "2024-01-10")
    await contract.act("local-board", "2024-02-01")
    await contract.move("approve-locally", "2024-02-01")
    await contract.move("send-to-state", "2024-02-09")
    await contract.act("commissioner", "2024-04-01")
    await contract.move("approve-by-state", "2024-04-01")
    await contract.move("execute", "2024-05-01", effectiveFrom="2024-07-01")
    return contract


def feed_url(registry: Registry, of: str) -> str:
    """Where an organization's feed is."""
    return f"/v1/organizations/{registry.ids[of]}/deadlines.ics"
