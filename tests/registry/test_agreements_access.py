"""Who sees an agreement, who may write it, and under which headers."""

import asyncio

from tests.registry.conftest import Registry
from tests.registry.journeys import (
    CONSENTS,
    done,
    draft,
    executed_network_agreement,
    executed_plan,
    facts,
    innovation_plan,
    network_agreement,
    register,
    text,
)


async def test_an_agreement_changes_only_under_the_newest_etag(registry: Registry) -> None:
    journey = await network_agreement(registry)
    body = facts("2024-02-01") | {"name": "submit"}
    blind = await journey.client.post(f"{journey.url}/transitions", json=body)
    await journey.move("submit", "2024-02-01")
    stale = await journey.client.post(f"{journey.url}/transitions", json=body, headers={"if-match": '"1"'})
    assert (blind.status_code, stale.status_code) == (428, 412)


async def test_of_two_steps_taken_at_once_from_the_same_state_one_is_taken(registry: Registry) -> None:
    journey = await network_agreement(registry)
    url, read = f"{journey.url}/transitions", {"if-match": '"1"'}
    bodies = [facts("2024-02-01") | {"name": name} for name in ("submit", "withdraw")]
    steps = [journey.client.post(url, json=body, headers=read) for body in bodies]
    statuses = [answer.status_code for answer in await asyncio.gather(*steps)]
    assert sorted(statuses) == [201, 412]
    assert len((await journey.show("/history"))["transitions"]) == 1


async def test_a_draft_sent_again_under_its_key_is_drafted_once(registry: Registry) -> None:
    await register(registry, "ca-la-pilot-mou")
    await registry.organization("union", "union")
    roles = {"district": "district", "union": "union"}
    body = {
        "instrumentId": "ca-la-pilot-mou",
        "instrumentVersion": "2009",
        "title": "MOU",
        "parties": [{"organizationId": str(registry.ids[name]), "role": role} for role, name in roles.items()],
        "text": text("x"),
    }
    client, key = registry.as_("district"), {"Idempotency-Key": "mou-2009"}
    first = await client.post("/v1/agreements", json=body, headers=key)
    again = await client.post("/v1/agreements", json=body, headers=key)
    assert first.json()["id"] == again.json()["id"]
    assert len((await client.get("/v1/agreements")).json()["items"]) == 1


async def test_two_operators_never_see_each_others_agreements(registry: Registry) -> None:
    journey = await executed_network_agreement(registry)
    south = registry.as_("south")
    answers = [await south.get(journey.url + path) for path in ("", "/in-force", "/history", "/approvals")]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert (await south.get("/v1/agreements")).json()["items"] == []
    assert (await journey.post("/transitions", south, **facts("2025-01-01"), name="open-review")).status_code == 404


async def test_a_party_reads_its_agreement_once_it_is_submitted_and_writes_nothing(registry: Registry) -> None:
    journey, north = await network_agreement(registry), registry.as_("north")
    drafted = await north.get(journey.url)
    await journey.move("submit", "2024-02-01")
    submitted = await north.get(journey.url)
    written = await journey.try_("withdraw", "2024-02-02", client=north)
    assert (drafted.status_code, submitted.status_code, written.status_code) == (404, 200, 403)


async def test_the_operator_of_a_covered_school_reads_the_plan_and_a_former_one_does_not(registry: Registry) -> None:
    plan, school = await executed_plan(registry)
    tag = {"if-match": (await registry.platform.get(f"/v1/schools/{school}")).headers["etag"]}
    url = f"/v1/schools/{school}/assignments"
    past = registry.held("south", "operator", "2018-07-01", "2021-07-01")
    done(await registry.platform.post(url, json=past, headers=tag))
    tag = {"if-match": (await registry.platform.get(f"/v1/schools/{school}")).headers["etag"]}
    done(await registry.platform.post(url, json=registry.held("north", "operator", "2021-07-01"), headers=tag))
    assert (await registry.as_("north").get(plan.url)).status_code == 200
    assert (await registry.as_("south").get(plan.url)).status_code == 404


async def test_the_state_reads_what_was_sent_to_it_and_records_its_own_decision(registry: Registry) -> None:
    plan, school = await innovation_plan(registry)
    state = registry.as_("state")
    for body in CONSENTS:
        await plan.vote(body, 12, 7, "2021-03-01", schoolId=school)
    await plan.move("submit", "2021-03-10")
    before = await state.get(plan.url)
    await plan.act("local-board", "2021-04-22")
    await plan.move("approve-locally", "2021-04-22")
    await plan.move("send-to-state", "2021-05-01")
    decided = {"step": "state-board", "decidedOn": "2021-06-09", "outcome": "approved", "evidence": "minutes"}
    done(await state.post(f"{plan.url}/acts", json=decided))
    approved = await plan.try_("approve-by-state", "2021-06-09", client=state)
    executed = await plan.try_("execute", "2021-06-15", client=state)
    assert (before.status_code, approved.status_code, executed.status_code) == (404, 201, 403)


async def test_a_district_drafts_only_its_own_agreements(registry: Registry) -> None:
    await register(registry, "ca-la-partnership-mou")
    await registry.organization("elsewhere", "district")
    parties = [
        {"organizationId": str(registry.ids["district"]), "role": "district"},
        {"organizationId": str(registry.ids["north"]), "role": "partner"},
    ]
    body = {"instrumentId": "ca-la-partnership-mou", "instrumentVersion": "2007", "title": "x", "text": text("x")}
    answer = await registry.as_("elsewhere").post("/v1/agreements", json=body | {"parties": parties})
    assert answer.status_code == 403


async def test_whoever_submitted_may_not_execute_where_the_instrument_asks_for_two(registry: Registry) -> None:
    await register(registry, "ca-la-partnership-mou")
    document = (await registry.platform.get("/v1/instruments/ca-la-partnership-mou/2007")).json()["document"]
    two = document | {"version": "2007-two", "separate_duties": True}
    done(await registry.platform.post("/v1/instruments", json=two))
    parties = {"district": "district", "partner": "north"}
    mou = await draft(registry, "ca-la-partnership-mou", "2007-two", parties, termTo="2025-07-01")
    await mou.move("submit", "2021-01-01")
    for body in ("local-board", "partner-board"):
        await mou.act(body, "2021-02-01")
    await mou.move("approve-locally", "2021-02-01")
    same = await mou.try_("execute", "2021-02-02")
    clerk = registry.service.client(
        "registry:read", "registry:write", organization_id=registry.ids["district"], client_id="clerk"
    )
    other = await mou.try_("execute", "2021-02-02", client=clerk)
    assert (same.status_code, same.json()["type"]) == (403, "urn:concordat:problem:separation-of-duty")
    assert other.status_code == 201
