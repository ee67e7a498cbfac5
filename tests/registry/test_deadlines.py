"""Deadlines: computed from what stands, by rule and calendar, and settled by recorded facts alone."""

from datetime import UTC, datetime

import yaml

from tests.registry.conftest import Registry
from tests.registry.journeys import (
    CONSENTS,
    INSTRUMENTS,
    YAML,
    at,
    done,
    draft,
    executed_network_agreement,
    executed_plan,
    facts,
    innovation_plan,
    register,
    text,
    zone_plan,
)
from tests.registry.owing import file, owed, renaissance
from tests.registry.test_waivers import pilot_memorandum


async def test_indianas_notice_is_due_thirty_days_after_signing_on_a_saturday(registry: Registry) -> None:
    agreement = await executed_network_agreement(registry)
    notice = (await owed(registry, "2024-04-13"))["notice/state-notice/3"]
    assert (notice["dueOn"], notice["weekday"], notice["roll"]) == ("2024-04-13", "Saturday", "none")
    assert (notice["countedFrom"], notice["countedFromOn"], notice["days"]) == ("execute", "2024-03-14", 30)
    assert (notice["citation"], notice["responsibleId"]) == ("IC 20-25.7-4", str(registry.ids["district"]))
    assert (notice["state"], notice["daysLeft"]) == ("due", 0)
    overdue = await owed(registry, "2024-04-14", state="overdue")
    assert list(overdue) == [notice["key"]]
    done(
        await agreement.client.post(
            f"{agreement.url}/notices", json={"notice": "state-notice", "givenOn": "2024-04-16", "evidence": "letter"}
        )
    )
    given = (await owed(registry, "2024-04-16"))[notice["key"]]
    assert (given["state"], given["late"], given["evidence"]) == ("done", True, "letter")
    assert (await owed(registry, "2024-04-15"))[notice["key"]]["state"] == "overdue"


async def test_a_notice_is_followed_to_its_acknowledgement_by_the_state(registry: Registry) -> None:
    agreement = await executed_network_agreement(registry)
    key, state = "notice/state-notice/3", registry.as_("state")
    receipt = {"deadline": key, "outcome": "acknowledged", "doneOn": "2024-04-20", "reference": "DOE-17"}
    early = await file(agreement, state, **receipt)
    assert early.json()["errors"][0]["rule"] == "not-done"
    given = {"notice": "state-notice", "givenOn": "2024-04-10", "evidence": "letter"}
    done(await agreement.client.post(f"{agreement.url}/notices", json=given))
    assert (await file(agreement, registry.as_("north"), **receipt)).status_code == 403
    assert done(await file(agreement, state, **receipt))["reference"] == "DOE-17"
    assert (await owed(registry, "2024-04-20"))[key]["acknowledgedOn"] == "2024-04-20"
    assert (await owed(registry, "2024-04-19"))[key]["acknowledgedOn"] is None


async def test_the_state_is_told_of_an_end_too_once_it_has_come(registry: Registry) -> None:
    await executed_network_agreement(registry, termTo="2025-07-01")
    assert "notice/state-notice-of-end/end" not in await owed(registry, "2025-06-30")
    notice = (await owed(registry, "2025-07-01"))["notice/state-notice-of-end/end"]
    assert (notice["countedFromOn"], notice["dueOn"]) == ("2025-07-01", "2025-07-31")


async def test_a_last_day_that_is_a_holiday_rolls_by_the_districts_calendar_and_says_why(registry: Registry) -> None:
    document = yaml.safe_load((INSTRUMENTS / "in-innovation-network-agreement.yaml").read_text(encoding="utf-8"))
    document["notices"][0] |= {"roll": "next-business-day", "days": 14, "count": "business"}
    document["version"] = "2014.business"
    done(await registry.platform.post("/v1/instruments", content=yaml.safe_dump(document).encode(), headers=YAML))
    agreement = await executed_network_agreement(registry)
    second = await draft(
        registry,
        "in-innovation-network-agreement",
        "2014.business",
        {"district": "district", "innovation-network-team": "north"},
        schools=[{"schoolId": (await registry.school("Other"))["id"]}],
        termTo="2029-07-01",
    )
    await second.move("submit", "2024-02-01")
    for step in ("local-board", "team-board"):
        await second.act(step, "2024-03-01")
    await second.move("approve-locally", "2024-03-01")
    await second.move("execute", "2024-03-14")
    key, only = "notice/state-notice/3", {"agreementId": second.id}
    plain = (await owed(registry, "2024-03-14", **only))[key]
    assert (plain["dueOn"], plain["unit"], plain["calendarKnown"]) == ("2024-04-03", "business", False)
    known = datetime.now(UTC).isoformat()
    calendar = {
        "schoolYear": 2024,
        "firstDay": "2023-07-01",
        "lastDay": "2024-06-30",
        "closures": [{"name": "Spring break", "firstDay": "2024-03-25", "lastDay": "2024-03-29"}],
        "source": "Board calendar",
    }
    path = f"/v1/organizations/{registry.ids['district']}/calendars"
    done(await registry.as_("district").post(path, json=calendar))
    counted = (await owed(registry, "2024-03-14", **only))[key]
    assert (counted["dueOn"], counted["calendarKnown"]) == ("2024-04-10", True)
    assert (await owed(registry, "2024-03-14", knownAt=known, **only))[key]["dueOn"] == "2024-04-03"
    shown = (await second.show())["notices"][0]
    assert shown["dueOn"] == "2024-04-10", "the agreement itself counts by the same calendar"
    assert (await owed(registry, "2024-03-14", agreementId=agreement.id))[key]["dueOn"] == "2024-04-13"


async def test_colorado_reviews_every_three_years_and_a_revision_moves_nothing(registry: Registry) -> None:
    plan, school = await executed_plan(registry)
    before = await owed(registry, "2022-01-01", kind="review", to="2028-01-01")
    assert [each["dueOn"] for each in before.values()] == ["2024-04-22", "2027-04-22"]
    done(await plan.post("/amendments", text=text("second"), **facts("2023-01-10")))
    for body in CONSENTS:
        await plan.vote(body, 12, 7, "2023-01-20", decision="amend", schoolId=school)
    await plan.act("local-board", "2023-01-30", decision="amend")
    done(await plan.post("/amendments/2/adopt", **facts("2023-02-01")))
    after = await owed(registry, "2024-01-01", kind="review", to="2028-01-01")
    assert [each["dueOn"] for each in after.values()] == ["2024-04-22", "2027-04-22"]
    [first, _] = after
    done(await file(plan, deadline=first, doneOn="2024-04-20"))
    assert (await owed(registry, "2024-05-01"))[first]["state"] == "done"


async def test_the_local_board_has_sixty_days_from_receipt(registry: Registry) -> None:
    plan, school = await innovation_plan(registry)
    for body in CONSENTS:
        await plan.vote(body, 12, 7, "2021-03-01", schoolId=school)
    await plan.move("submit", "2021-03-10")
    key = "act/establish.local-board/1"
    clock = (await owed(registry, "2021-05-10"))[key]
    assert (clock["dueOn"], clock["state"]) == ("2021-05-09", "overdue")
    await plan.act("local-board", "2021-05-12", count={"yes": 5, "no": 2})
    decided = (await owed(registry, "2021-05-12"))[key]
    assert (decided["state"], decided["doneOn"], decided["late"]) == ("done", "2021-05-12", True)


async def test_a_returned_plan_stops_the_clock_and_its_resubmission_starts_another(registry: Registry) -> None:
    plan, school = await innovation_plan(registry)
    for body in CONSENTS:
        await plan.vote(body, 12, 7, "2021-03-01", schoolId=school)
    await plan.move("submit", "2021-03-10")
    await plan.move("return", "2021-03-20")
    await plan.move("submit", "2021-04-01")
    clocks = await owed(registry, "2021-04-01", kind="decision")
    assert {key: (clock["state"], clock["dueOn"]) for key, clock in clocks.items()} == {
        "act/establish.local-board/1": ("done", "2021-05-09"),
        "act/establish.local-board/3": ("upcoming", "2021-05-31"),
    }


async def test_every_school_of_a_zone_votes_within_thirty_days_of_a_proposal(registry: Registry) -> None:
    zone = await zone_plan(registry, "Green", "Blue")
    green, blue = [school["schoolId"] for school in (await zone.show())["schools"]]
    done(await zone.post("/amendments", text=text("second"), **facts("2023-03-01")))
    await zone.vote("teachers", 10, 9, "2023-03-20", decision="amend", schoolId=green)
    votes = await owed(registry, "2023-04-01", kind="vote")
    assert len(votes) == 6
    assert {vote["dueOn"] for vote in votes.values()} == {"2023-03-31"}
    states = {vote["schoolId"]: vote["state"] for key, vote in votes.items() if "teachers" in key}
    assert states == {green: "done", blue: "overdue"}
    of_green = await owed(registry, "2023-04-01", kind="vote", schoolId=green)
    assert {vote["schoolId"] for vote in of_green.values()} == {green}
    done(await zone.post("/amendments/2/reject", **facts("2023-04-02")))
    settled = await owed(registry, "2023-04-02", kind="vote")
    assert {vote["state"] for vote in settled.values()} == {"done"}


async def test_a_notice_settles_a_term_unless_it_is_taken_back(registry: Registry) -> None:
    contract = await renaissance(registry)
    await contract.move("notice-non-renewal", "2032-12-01")
    term = {"from": "2031-01-01", "to": "2034-12-31"}
    decided = await owed(registry, "2034-07-01", **term)
    kinds = ("renewal-case", "non-renewal-notice", "term-end")
    assert {decided[f"{kind}/2034-07-01"]["state"] for kind in kinds} == {"done"}
    await contract.move("rescind-notice", "2033-02-01")
    again = await owed(registry, "2034-07-01", **term)
    assert again["term-end/2034-07-01"]["state"] == "overdue"


async def test_a_renewal_settles_the_old_term_and_begins_the_deadlines_of_the_new_one(registry: Registry) -> None:
    at(registry, "2032-05-01")
    contract = await renaissance(registry)
    await contract.move("open-review", "2031-06-01")
    await contract.act("local-board", "2032-02-01", decision="renew")
    await contract.act("commissioner", "2032-04-01", decision="renew")
    await contract.move("renew", "2032-05-01", termTo="2044-07-01")
    found = await owed(registry, "2032-05-01", to="2045-01-01", kind="term-end")
    assert {key: each["state"] for key, each in found.items()} == {
        "term-end/2034-07-01": "done",
        "term-end/2044-07-01": "upcoming",
    }


async def test_a_pilot_school_is_reviewed_in_its_fourth_year_and_then_every_five(registry: Registry) -> None:
    memorandum, school = await pilot_memorandum(registry)
    await register(registry, "ca-la-pilot-plan")
    covered = {"schools": [{"schoolId": school}], "parentId": memorandum.id}
    plan = await draft(registry, "ca-la-pilot-plan", "2009", {"district": "district"}, **covered)
    await plan.vote("union-members", 41, 30, "2021-04-10", secret=True, schoolId=school)
    await plan.move("submit", "2021-04-11")
    for body in ("steering-committee", "local-board"):
        await plan.act(body, "2021-05-01")
    await plan.move("approve-locally", "2021-05-01")
    assert await owed(registry, "2021-05-01", kind="review") == {}, "what is not executed is not reviewed"
    await plan.move("execute", "2021-05-02", effectiveFrom="2021-07-01")
    reviews = await owed(registry, "2022-01-01", kind="review", to="2031-01-01")
    assert [(each["schoolYear"], each["dueOn"]) for each in reviews.values()] == [
        (2025, "2025-06-30"),
        (2030, "2030-06-30"),
    ]
    years = await owed(registry, "2022-01-01", kind="duty", to="2023-12-31")
    assert list(years) == ["duty/self-review/2022", "duty/self-review/2023"]
