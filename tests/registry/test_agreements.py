"""Becoming: an agreement is refused without the approvals that its instrument asks for."""

from uuid import uuid4

from tests.registry.conftest import Registry
from tests.registry.journeys import (
    CONSENTS,
    at,
    done,
    draft,
    executed_plan,
    facts,
    innovation_plan,
    labor_waiver,
    network_agreement,
    register,
    text,
    zone_plan,
)


async def test_executing_without_approval_names_the_rule_and_exactly_what_is_missing(registry: Registry) -> None:
    journey = await network_agreement(registry)
    await journey.move("submit", "2024-02-01")
    await journey.act("local-board", "2024-03-01")
    answer = await journey.try_("approve-locally", "2024-03-01")
    [error] = answer.json()["errors"]
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:concordat:problem:approval-missing")
    assert error["rule"] == "in-innovation-network-agreement 2014 establish.team-board"
    assert "no decision is recorded" in error["message"]
    assert "IC 20-25.7-4" in error["message"]


async def test_three_bodies_consent_each_by_itself(registry: Registry) -> None:
    plan, school = await innovation_plan(registry)
    await plan.vote("administrators", 2, 2, "2021-03-01", schoolId=school)
    await plan.vote("teachers", 12, 6, "2021-03-01", cast=12, schoolId=school)
    answer = await plan.try_("submit", "2021-03-10")
    messages = [error["message"] for error in answer.json()["errors"]]
    assert answer.status_code == 409
    assert "7 yes of 12 eligible needed, 6 counted (a tie)" in messages[0]
    assert "no vote is recorded" in messages[1]


async def test_a_school_without_staff_cannot_consent(registry: Registry) -> None:
    """Colorado's courts barred automatic designation of schools that have nobody yet."""
    plan, school = await innovation_plan(registry)
    for body in CONSENTS:
        await plan.vote(body, 0, 0, "2021-03-01", schoolId=school)
    answer = await plan.try_("submit", "2021-03-10")
    assert answer.status_code == 409
    assert all("nobody was eligible" in error["message"] for error in answer.json()["errors"])


async def test_eighty_percent_of_the_votes_cast_is_not_sixty_percent_of_the_members(registry: Registry) -> None:
    waiver, school = await labor_waiver(registry)
    await waiver.vote("union-members", 41, 24, "2021-08-15", cast=30, secret=True, schoolId=school)
    refused = await waiver.try_("execute", "2021-08-20")
    await waiver.vote("union-members", 41, 25, "2021-08-18", cast=30, secret=True, schoolId=school)
    executed = await waiver.move("execute", "2021-08-20")
    assert "25 yes of 41 eligible needed, 24 counted" in refused.json()["errors"][0]["message"]
    assert executed["executedOn"] == "2021-08-20"


async def test_an_open_vote_is_no_secret_ballot(registry: Registry) -> None:
    waiver, school = await labor_waiver(registry)
    await waiver.vote("union-members", 41, 41, "2021-08-15", schoolId=school)
    answer = await waiver.try_("execute", "2021-08-20")
    assert "secret ballot" in answer.json()["errors"][0]["message"]


async def test_a_vote_that_must_follow_the_state_counts_only_after_it(registry: Registry) -> None:
    waiver, school = await labor_waiver(registry)
    await waiver.vote("union-members", 41, 41, "2021-06-08", secret=True, schoolId=school)
    answer = await waiver.try_("execute", "2021-08-20")
    assert "before the approvals of 2021-06-09" in answer.json()["errors"][0]["message"]


async def test_an_approval_given_afterwards_does_not_make_an_earlier_execution_valid(registry: Registry) -> None:
    journey = await network_agreement(registry)
    await journey.move("submit", "2024-02-01")
    for body in ("local-board", "team-board"):
        await journey.act(body, "2024-04-01")
    answer = await journey.try_("approve-locally", "2024-03-01")
    assert answer.status_code == 409
    assert "decided on 2024-04-01, after 2024-03-01" in answer.json()["errors"][0]["message"]


async def test_where_the_instrument_says_so_silence_approves_after_the_deadline(registry: Registry) -> None:
    await register(registry, "ca-la-partnership-mou")
    document = (await registry.platform.get("/v1/instruments/ca-la-partnership-mou/2007")).json()["document"]
    document["version"] = "2007-silence"
    document["approvals"]["establish"][0]["deadline"] = {"days": 60, "after": "submit", "silence": "approved"}
    done(await registry.platform.post("/v1/instruments", json=document))
    parties = {"district": "district", "partner": "north"}
    mou = await draft(registry, "ca-la-partnership-mou", "2007-silence", parties, termTo="2025-07-01")
    await mou.move("submit", "2021-01-01")
    await mou.act("partner-board", "2021-02-01")
    on_the_last_day = await mou.try_("approve-locally", "2021-03-02")
    the_day_after = await mou.try_("approve-locally", "2021-03-03")
    assert (on_the_last_day.status_code, the_day_after.status_code) == (409, 201)


async def test_a_step_that_is_not_possible_says_what_is(registry: Registry) -> None:
    journey = await network_agreement(registry)
    answer = await journey.try_("execute", "2024-03-14")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:concordat:problem:transition-not-possible")
    assert "is draft: `execute` is not possible, only submit, withdraw" in answer.json()["detail"]


async def test_a_denied_agreement_is_taken_up_again_by_a_new_one(registry: Registry) -> None:
    journey = await network_agreement(registry)
    await journey.move("submit", "2024-02-01")
    await journey.move("deny-locally", "2024-03-01")
    parties = {"district": "district", "innovation-network-team": "north"}
    again = await draft(registry, "in-innovation-network-agreement", "2014", parties, resubmitsId=journey.id)
    assert (await again.show())["resubmitsId"] == journey.id
    assert (await journey.show())["status"] == "locally-denied"


async def test_a_text_changed_after_the_vote_needs_a_new_vote(registry: Registry) -> None:
    plan, school = await innovation_plan(registry)
    for body in CONSENTS:
        await plan.vote(body, 12, 7, "2021-03-01", schoolId=school)
    tag = {"if-match": (await plan.client.get(plan.url)).headers["etag"]}
    done(await plan.client.patch(plan.url, json={"text": text("another plan")}, headers=tag))
    assert (await plan.try_("submit", "2021-03-10")).status_code == 409


async def test_a_zone_needs_the_consent_of_each_of_its_schools(registry: Registry) -> None:
    zone = await zone_plan(registry, "Green", "Blue")
    green, blue = [row["schoolId"] for row in (await zone.show())["schools"]]
    done(await zone.post("/amendments", text=text("second"), **facts("2023-03-01")))
    for body in CONSENTS:
        await zone.vote(body, 10, 9, "2023-03-20", decision="amend", schoolId=green)
    lacking = await zone.show("/requirements", transition="adopt-amendment", textNumber=2)
    messages = [error["message"] for error in lacking["missing"]]
    assert [blue in message for message in messages] == [True, True, True, False]
    assert not any(green in message for message in messages)


async def test_what_the_instrument_does_not_provide_for_cannot_be_done(registry: Registry) -> None:
    plan, school = await executed_plan(registry)
    answer = await plan.post(f"/schools/{school}/exit", ground="school-choice", **facts("2024-07-01"))
    assert answer.status_code == 409
    assert "provides for no such decision" in answer.json()["detail"]


async def test_a_draft_breaks_many_rules_and_hears_them_all_at_once(registry: Registry) -> None:
    await register(registry, "in-innovation-network-agreement")
    parties = [{"organizationId": str(registry.ids["district"]), "role": "district"}]
    body = {
        "instrumentId": "in-innovation-network-agreement",
        "instrumentVersion": "2014",
        "title": "x",
        "parties": [*parties, {"organizationId": str(uuid4()), "role": "innovation-network-team"}],
        "schools": [{"schoolId": str(uuid4())}],
        "effectiveFrom": "2024-07-01",
        "termTo": "2024-07-01",
        "parentId": str(uuid4()),
        "text": text("x"),
    }
    answer = await registry.as_("district").post("/v1/agreements", json=body)
    fields = {error["field"] for error in answer.json()["errors"]}
    assert answer.status_code == 422
    assert fields == {"parties.1.organizationId", "schools.0.schoolId", "termTo", "parentId"}


async def test_every_step_keeps_who_by_whose_authority_on_what_evidence_and_when(registry: Registry) -> None:
    at(registry, "2024-02-03")
    journey = await network_agreement(registry)
    await journey.move("submit", "2024-02-01")
    [step] = (await journey.show("/history"))["transitions"]
    assert (step["name"], step["effectiveOn"], step["actor"]) == ("submit", "2024-02-01", "test")
    assert (step["authority"], step["evidence"], step["recordedAt"]) == ("board", "minutes", "2024-02-03T12:00:00Z")
