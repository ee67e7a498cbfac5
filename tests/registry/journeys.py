"""An agreement on its way: short sentences for what a district does through the HTTP API."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2

from tests.registry.conftest import Registry

INSTRUMENTS = Path(__file__).resolve().parents[2] / "library" / "instruments"
YAML = {"content-type": "application/yaml"}


def text(said: str) -> dict[str, str]:
    """A text by its hash."""
    return {"title": said, "sha256": hashlib.sha256(said.encode()).hexdigest()}


async def register(registry: Registry, *names: str, **changes: Any) -> None:
    """Register instrument kinds of the library."""
    for name in names:
        content = (INSTRUMENTS / f"{name}.yaml").read_bytes()
        answer = await registry.platform.post("/v1/instruments", content=content, headers=YAML)
        assert answer.status_code == 201, answer.text


def at(registry: Registry, moment: str) -> None:
    """Let the service believe that it is `moment`, noon UTC."""
    instant = datetime.fromisoformat(f"{moment}T12:00:00").replace(tzinfo=UTC)
    registry.service.app.state.clock = lambda: instant


class Journey:
    """One agreement, moved by one client (the district's unless told otherwise)."""

    def __init__(self, registry: Registry, client: httpx2.AsyncClient, view: dict[str, Any]) -> None:
        self.registry, self.client, self.id = registry, client, view["id"]
        self.url = f"/v1/agreements/{self.id}"

    async def show(self, path: str = "", client: httpx2.AsyncClient | None = None, **query: Any) -> dict[str, Any]:
        answer = await (client or self.client).get(self.url + path, params=query)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def post(self, path: str, client: httpx2.AsyncClient | None = None, **body: Any) -> httpx2.Response:
        """Send a change under the newest ETag."""
        tag = (await self.registry.platform.get(self.url)).headers["etag"]
        return await (client or self.client).post(self.url + path, json=body, headers={"if-match": tag})

    async def try_(self, name: str, on: str, client: httpx2.AsyncClient | None = None, **more: Any) -> httpx2.Response:
        return await self.post("/transitions", client, **facts(on), name=name, **more)

    async def move(self, name: str, on: str, **more: Any) -> dict[str, Any]:
        return done(await self.try_(name, on, **more))

    async def vote(self, step: str, eligible: int, yes: int, on: str, **more: Any) -> dict[str, Any]:
        cast = more.pop("cast", yes)
        body = {"step": step, "eligible": eligible, "cast": cast, "yes": yes, "no": cast - yes, "heldOn": on}
        return done(await self.client.post(f"{self.url}/votes", json={"evidence": "minutes", **body, **more}))

    async def act(self, step: str, on: str, outcome: str = "approved", **more: Any) -> dict[str, Any]:
        body = {"step": step, "decidedOn": on, "outcome": outcome, "evidence": "minutes"}
        return done(await self.client.post(f"{self.url}/acts", json=body | more))


def facts(on: str) -> dict[str, str]:
    """What every step needs: day, authority, evidence."""
    return {"effectiveOn": on, "authority": "board", "evidence": "minutes", "reason": "because"}


def done(answer: httpx2.Response) -> dict[str, Any]:
    """The body of an answer that succeeded."""
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json())


async def draft(registry: Registry, kind: str, version: str, parties: dict[str, str], **more: Any) -> Journey:
    """A draft of the district; `parties` are roles and names of the cast."""
    client = registry.as_("district")
    body = {
        "instrumentId": kind,
        "instrumentVersion": version,
        "title": kind,
        "parties": [{"organizationId": str(registry.ids[name]), "role": role} for role, name in parties.items()],
        "text": text("first"),
    }
    return Journey(registry, client, done(await client.post("/v1/agreements", json=body | more)))


async def network_agreement(registry: Registry, **more: Any) -> Journey:
    """Indiana: a draft of the district with the operator `north` for one school."""
    await register(registry, "in-innovation-network-agreement")
    schools = [{"schoolId": (await registry.school(more.pop("school", "Lincoln")))["id"]}]
    parties = {"district": "district", "innovation-network-team": "north"}
    terms = {"schools": schools, "termTo": "2029-07-01"} | more
    return await draft(registry, "in-innovation-network-agreement", "2014", parties, **terms)


async def executed_network_agreement(registry: Registry, on: str = "2024-03-14", **more: Any) -> Journey:
    """Indiana: approved by both boards and executed."""
    journey = await network_agreement(registry, **more)
    await journey.move("submit", "2024-02-01")
    await journey.act("local-board", "2024-03-01")
    await journey.act("team-board", "2024-03-01")
    await journey.move("approve-locally", "2024-03-01")
    await journey.move("execute", on)
    return journey


CONSENTS = ("administrators", "teachers", "accountability-committee")


async def innovation_plan(registry: Registry) -> tuple[Journey, str]:
    """Colorado: a draft for one school; the plan and the school's id."""
    await register(registry, "co-innovation-plan")
    school = (await registry.school())["id"]
    parties = {"district": "district"}
    journey = await draft(registry, "co-innovation-plan", "2008", parties, schools=[{"schoolId": school}])
    return journey, school


async def executed_plan(registry: Registry) -> tuple[Journey, str]:
    """Colorado: consented to by three bodies, approved by two boards, executed."""
    journey, school = await innovation_plan(registry)
    for body in CONSENTS:
        await journey.vote(body, 12, 7, "2021-03-01", schoolId=school)
    await journey.move("submit", "2021-03-10")
    await journey.act("local-board", "2021-04-22", count={"yes": 5, "no": 2})
    await journey.move("approve-locally", "2021-04-22")
    await journey.move("send-to-state", "2021-05-01")
    await journey.act("state-board", "2021-06-09")
    await journey.move("approve-by-state", "2021-06-09")
    await journey.move("execute", "2021-06-15", effectiveFrom="2021-07-01")
    return journey, school


async def labor_waiver(registry: Registry) -> tuple[Journey, str]:
    """A waiver of the labor contract under an executed plan, up to the vote."""
    plan, school = await executed_plan(registry)
    await register(registry, "co-labor-waiver")
    covered = {"schools": [{"schoolId": school}], "parentId": plan.id}
    waiver = await draft(registry, "co-labor-waiver", "2008", {"district": "district"}, **covered)
    await waiver.move("submit", "2021-06-20")
    await waiver.move("approve-locally", "2021-06-20")
    await waiver.move("send-to-state", "2021-06-20")
    await waiver.act("state-board", "2021-06-09")
    await waiver.move("approve-by-state", "2021-06-20")
    return waiver, school


async def zone_plan(registry: Registry, *schools: str) -> Journey:
    """A zone plan of these schools, executed on 2022-11-02."""
    await register(registry, "co-innovation-zone-plan")
    await registry.organization("zone", "zone")
    ids = [(await registry.school(name))["id"] for name in schools]
    covered = [{"schoolId": school} for school in ids]
    zone = await draft(
        registry, "co-innovation-zone-plan", "2022", {"district": "district", "zone": "zone"}, schools=covered
    )
    for school in ids:
        for body in CONSENTS:
            await zone.vote(body, 10, 8, "2022-09-01", schoolId=school)
    await zone.move("submit", "2022-09-02")
    await zone.act("local-board", "2022-10-01")
    await zone.move("approve-locally", "2022-10-01")
    await zone.move("send-to-state", "2022-10-02")
    await zone.act("state-board", "2022-11-01")
    await zone.move("approve-by-state", "2022-11-01")
    await zone.move("execute", "2022-11-02")
    return zone


async def lapsing(registry: Registry) -> Journey:
    return await executed_network_agreement(registry, termTo="2025-07-01")


async def holding_over(registry: Registry) -> Journey:
    await register(registry, "ca-la-partnership-mou")
    parties = {"district": "district", "partner": "north"}
    mou = await draft(registry, "ca-la-partnership-mou", "2007", parties, termTo="2025-07-01")
    await mou.move("submit", "2021-01-01")
    for body in await boards(mou):
        await mou.act(body, "2021-02-01")
    await mou.move("approve-locally", "2021-02-01")
    await mou.move("execute", "2021-02-02", effectiveFrom="2021-07-01")
    return mou


async def boards(journey: Journey) -> list[str]:
    missing = (await journey.show("/requirements", transition="renew"))["missing"]
    missing = missing or (await journey.show("/requirements", transition="execute"))["missing"]
    return [error["field"].removeprefix("approvals.") for error in missing]
