"""What is in force on a date: terms, texts, schools, umbrellas, and what was known when."""

import pytest

from tests.registry.conftest import Registry
from tests.registry.journeys import (
    CONSENTS,
    at,
    boards,
    done,
    draft,
    executed_network_agreement,
    executed_plan,
    facts,
    holding_over,
    lapsing,
    network_agreement,
    register,
    text,
    zone_plan,
)


async def test_an_agreement_executed_in_march_is_in_force_from_the_next_school_year(registry: Registry) -> None:
    journey = await executed_network_agreement(registry)
    view = await journey.show(asOf="2024-05-01")
    assert (view["executedOn"], view["effectiveFrom"], view["firstFullSchoolYear"]) == (
        "2024-03-14",
        "2024-07-01",
        2025,
    )
    assert (view["status"], view["inForce"]) == ("executed", False)
    assert (await journey.show(asOf="2024-06-30"))["inForce"] is False
    assert (await journey.show(asOf="2024-07-01"))["inForce"] is True


async def test_the_notice_to_the_state_is_due_on_a_saturday_and_says_by_which_roll_rule(registry: Registry) -> None:
    journey = await executed_network_agreement(registry)
    body = {"notice": "state-notice", "givenOn": "2024-04-15", "evidence": "letter"}
    done(await journey.client.post(f"{journey.url}/notices", json=body))
    [notice] = (await journey.show())["notices"]
    shown = {name: notice[name] for name in ("dueOn", "weekday", "roll", "givenOn", "late")}
    assert shown == {
        "dueOn": "2024-04-13",
        "weekday": "Saturday",
        "roll": "none",
        "givenOn": "2024-04-15",
        "late": True,
    }


async def test_the_old_text_stays_in_force_until_the_new_one_is_fully_approved(registry: Registry) -> None:
    plan, school = await executed_plan(registry)
    done(await plan.post("/amendments", text=text("second"), **facts("2023-01-10")))
    early = await plan.post("/amendments/2/adopt", **facts("2023-02-01"))
    pending = await plan.show("/in-force", asOf="2023-02-01")
    for body in CONSENTS:
        await plan.vote(body, 12, 7, "2023-01-20", decision="amend", schoolId=school)
    await plan.act("local-board", "2023-01-30", decision="amend")
    done(await plan.post("/amendments/2/adopt", **facts("2023-02-01")))
    assert early.status_code == 409
    assert (pending["text"]["number"], pending["openAmendments"]) == (1, [2])
    numbers = [(await plan.show("/in-force", asOf=day))["text"]["number"] for day in ("2023-01-31", "2023-02-01")]
    assert numbers == [1, 2]


async def test_a_rejected_revision_leaves_the_old_plan_and_its_reviews_as_they_were(registry: Registry) -> None:
    plan, _ = await executed_plan(registry)
    done(await plan.post("/amendments", text=text("second"), **facts("2023-01-10")))
    done(await plan.post("/amendments/2/reject", **facts("2023-02-20")))
    governing = await plan.show("/in-force", asOf="2023-03-01")
    reviews = [review["dueOn"] for review in (await plan.show(asOf="2023-03-01"))["reviews"]]
    assert (governing["inForce"], governing["text"]["number"], governing["openAmendments"]) == (True, 1, [])
    assert reviews[:2] == ["2024-04-22", "2027-04-22"]


async def test_a_vote_after_the_window_counts_for_nothing(registry: Registry) -> None:
    zone = await zone_plan(registry, "Green")
    [school] = [row["schoolId"] for row in (await zone.show())["schools"]]
    done(await zone.post("/amendments", text=text("second"), **facts("2023-03-01")))
    for body in CONSENTS:
        await zone.vote(body, 10, 9, "2023-04-01", decision="amend", schoolId=school)
    await zone.act("local-board", "2023-04-10", decision="amend")
    answer = await zone.post("/amendments/2/adopt", **facts("2023-04-10"))
    assert answer.status_code == 409
    assert "the last day was 2023-03-31" in answer.json()["errors"][0]["message"]
    assert (await zone.show("/in-force", asOf="2023-04-11"))["text"]["number"] == 1


async def test_one_school_leaves_and_the_others_go_on(registry: Registry) -> None:
    zone = await zone_plan(registry, "Green", "Blue")
    green, blue = [row["schoolId"] for row in (await zone.show())["schools"]]
    leaving = facts("2024-07-01") | {"ground": "goals-met"}
    refused = await zone.post(f"/schools/{green}/exit", **leaving)
    await zone.act("local-board", "2024-05-01", decision="exit", schoolId=green)
    view = done(await zone.post(f"/schools/{green}/exit", **leaving))
    periods = {row["schoolId"]: row["validTo"] for row in view["schools"]}
    assert refused.status_code == 409
    assert periods == {green: "2024-07-01", blue: None}
    assert view["inForce"] is True


async def test_a_school_joins_with_its_own_consent(registry: Registry) -> None:
    zone = await zone_plan(registry, "Green")
    blue = (await registry.school("Blue"))["id"]
    refused = await zone.post("/schools", schoolId=blue, **facts("2024-07-01"))
    for body in CONSENTS:
        await zone.vote(body, 10, 9, "2024-03-20", decision="join", schoolId=blue)
    await zone.act("local-board", "2024-04-20", decision="join", schoolId=blue)
    await zone.act("state-board", "2024-05-20", decision="join", schoolId=blue)
    view = done(await zone.post("/schools", schoolId=blue, **facts("2024-07-01")))
    assert refused.status_code == 409
    assert view["schools"][-1] == {"schoolId": blue, "validFrom": "2024-07-01", "validTo": None}


@pytest.mark.parametrize(("kind_lapses", "between"), [(True, "lapsed"), (False, "holdover")])
async def test_a_term_that_passes_undecided_and_is_ratified_later_has_two_answers(
    registry: Registry, kind_lapses: bool, between: str
) -> None:
    """The term ends on 2025-06-30, the board acts on 2025-07-17, retroactively."""
    at(registry, "2025-06-01")
    journey = await (lapsing if kind_lapses else holding_over)(registry)
    asked = {"asOf": "2025-07-10"}
    undecided = (await journey.show(**asked))["status"]
    at(registry, "2025-07-17")
    for body in await boards(journey):
        await journey.act(body, "2025-07-17", decision="renew")
    await journey.move("renew", "2025-07-01", termTo="2030-07-01")
    before = await journey.show(**asked, knownAt="2025-07-10T12:00:00Z")
    after = await journey.show(**asked, knownAt="2025-07-18T12:00:00Z")
    assert (undecided, before["status"], after["status"]) == (between, between, "active")
    assert (before["inForce"], after["inForce"]) == (between == "holdover", True)
    statuses = [row["status"] for row in (await journey.show("/history"))["standings"]]
    assert statuses[-2:] == ["active", between]


async def test_the_approvals_of_one_renewal_do_not_serve_the_next(registry: Registry) -> None:
    at(registry, "2025-06-01")
    journey = await lapsing(registry)
    for body in await boards(journey):
        await journey.act(body, "2025-06-01", decision="renew")
    at(registry, "2025-06-02")
    await journey.move("renew", "2025-07-01", termTo="2027-07-01")
    at(registry, "2027-06-01")
    assert (await journey.try_("renew", "2027-07-01", termTo="2029-07-01")).status_code == 409


async def test_a_renewal_longer_than_the_instrument_allows_is_refused(registry: Registry) -> None:
    mou = await holding_over(registry)
    answer = await mou.try_("renew", "2025-07-01", termTo="2030-07-02")
    assert answer.status_code == 422
    assert "at most 5 years from 2025-07-01" in answer.json()["errors"][0]["message"]


async def test_a_school_agreement_falls_with_its_umbrella_and_says_so(registry: Registry) -> None:
    master = await holding_over(registry)
    await register(registry, "ca-la-partnership-school-renewal")
    school = (await registry.school())["id"]
    under = {"parentId": master.id, "schools": [{"schoolId": school}], "termTo": "2028-07-01"}
    parties = {"district": "district", "partner": "north"}
    agreement = await draft(registry, "ca-la-partnership-school-renewal", "2007", parties, **under)
    await agreement.move("submit", "2023-03-01")
    await agreement.act("local-board", "2023-04-01")
    await agreement.move("approve-locally", "2023-04-01")
    await agreement.move("execute", "2023-04-02")
    before = (await agreement.show(asOf="2024-02-01"))["inForce"]
    await master.move("notice-termination", "2024-01-10", ground="breach")
    await master.act("local-board", "2024-01-20", decision="terminate")
    await master.move("terminate", "2024-02-01")
    after = await agreement.show(asOf="2024-02-01")
    assert (before, after["inForce"], after["status"]) == (True, False, "lapsed")
    assert "umbrella" in after["because"]
    assert (await agreement.show(asOf="2024-01-31"))["inForce"] is True


async def test_nothing_is_executed_under_an_umbrella_that_is_not_in_force(registry: Registry) -> None:
    await register(registry, "ca-la-partnership-mou", "ca-la-partnership-school-renewal")
    parties = {"district": "district", "partner": "north"}
    master = await draft(registry, "ca-la-partnership-mou", "2007", parties, termTo="2025-07-01")
    under = {"parentId": master.id, "termTo": "2028-07-01"}
    agreement = await draft(registry, "ca-la-partnership-school-renewal", "2007", parties, **under)
    await agreement.move("submit", "2023-03-01")
    await agreement.act("local-board", "2023-04-01")
    await agreement.move("approve-locally", "2023-04-01")
    answer = await agreement.try_("execute", "2023-04-02")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:concordat:problem:umbrella-not-in-force")


async def test_an_agreement_converted_to_another_kind_is_superseded_not_revoked(registry: Registry) -> None:
    """School 103 in Indianapolis went from innovation to innovation charter; building, people and ids stayed."""
    first = await executed_network_agreement(registry)
    school = (await first.show())["schools"][0]["schoolId"]
    await register(registry, "in-innovation-network-charter-agreement")
    roles = {"district": "district", "charter-organizer": "north"}
    terms = {"schools": [{"schoolId": school}], "termTo": "2031-07-01"}
    second = await draft(registry, "in-innovation-network-charter-agreement", "2023", roles, **terms)
    unripe = await first.try_("supersede", "2026-07-01", successorId=second.id)
    await second.move("submit", "2026-02-01")
    for body in ("local-board", "organizer-board"):
        await second.act(body, "2026-03-01")
    await second.move("approve-locally", "2026-03-01")
    await second.move("execute", "2026-03-02")
    await first.move("supersede", "2026-07-01", successorId=second.id)
    listed = await first.client.get("/v1/agreements", params={"schoolId": school, "asOf": "2026-07-01"})
    statuses = {item["id"]: item["status"] for item in listed.json()["items"]}
    assert unripe.status_code == 422
    assert statuses == {first.id: "superseded", second.id: "active"}


async def test_was_it_in_force_then_is_answerable_after_it_ended(registry: Registry) -> None:
    plan, _ = await executed_plan(registry)
    await plan.act("local-board", "2024-04-10", decision="revoke")
    await plan.move("notice-revocation", "2024-04-10", ground="insufficient-performance")
    await plan.move("revoke", "2024-06-30")
    assert (await plan.show(asOf="2022-10-01"))["inForce"] is True
    assert (await plan.show(asOf="2024-10-01"))["status"] == "revoked"


async def test_nothing_is_known_of_an_agreement_before_it_was_drafted(registry: Registry) -> None:
    journey = await network_agreement(registry)
    answer = await journey.client.get(journey.url, params={"knownAt": "2020-01-01T00:00:00Z"})
    assert answer.status_code == 404


async def test_an_agreement_is_listed_from_when_it_was_known(registry: Registry) -> None:
    journey = await executed_network_agreement(registry)
    answer = await journey.client.get("/v1/agreements", params={"knownAt": "2020-01-01T00:00:00Z"})
    assert answer.json()["items"] == []
