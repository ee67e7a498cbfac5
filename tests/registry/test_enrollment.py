"""Enrollment policies: one at a time, complete by their type, known since, and settled with the reporting period."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx2
from kit.tables import journal
from sqlalchemy import select

from tests.registry.conftest import Registry
from tests.registry.governing import changed
from tests.registry.journeys import done, executed_network_agreement, network_agreement


def policy(**more: Any) -> dict[str, Any]:
    """New Jersey on public land: who lives in the area is enrolled unless the parents refuse, then two lotteries."""
    body = {
        "policyType": "automatic-assignment",
        "areaId": "Cooper area",
        "tiers": [
            {"name": "The area", "group": "area-residents", "selection": "all"},
            {"name": "Lottery 1", "group": "district-residents", "selection": "lottery"},
            {"name": "Lottery 2", "group": "outside-district", "selection": "lottery"},
        ],
        "seats": [{"grade": "KG", "seats": 110}, {"grade": "01", "seats": 100, "openSeats": 10}],
        "refusal": "In writing to the enrollment office.",
        "midYearEntry": "while-seats",
        "transport": [{"group": "area-residents", "means": "district-bus", "beyondMiles": 2, "source": "Section 9"}],
        "source": "Contract, section 8",
        "validFrom": "2024-07-01",
    }
    return body | more


def assigned(**more: Any) -> dict[str, Any]:
    """The district's assignment plan, which asks for nothing else."""
    return {"policyType": "district-assignment", "midYearEntry": "anytime", "source": "Plan"} | more


def url(school: str, rest: str = "") -> str:
    return f"/v1/schools/{school}/enrollment-policies{rest}"


async def lay_down(registry: Registry, school: str, **more: Any) -> dict[str, Any]:
    return done(await registry.as_("district").post(url(school), json=policy(**more)))


async def in_force(registry: Registry, school: str, on: str, **query: str) -> httpx2.Response:
    asked = {"asOf": on} | query
    return await registry.as_("district").get(url(school, "/in-force"), params=asked)


async def test_a_policy_holds_from_its_first_day_on(registry: Registry) -> None:
    school = (await registry.school())["id"]
    laid = await lay_down(registry, school, validTo="2026-07-01")
    assert (await in_force(registry, school, "2024-06-30")).status_code == 404
    held = done(await in_force(registry, school, "2026-06-30"))
    assert held == laid
    assert [tier["name"] for tier in held["tiers"]] == ["The area", "Lottery 1", "Lottery 2"]
    assert held["transport"][0]["beyondMiles"] == 2
    assert (await in_force(registry, school, "2026-07-01")).status_code == 404


async def test_a_school_has_one_policy_at_a_time(registry: Registry) -> None:
    school = (await registry.school())["id"]
    first = await lay_down(registry, school)
    late = assigned(validFrom="2025-07-01")
    refused = await registry.as_("district").post(url(school), json=late)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "validFrom")
    assert first["id"] in refused.json()["detail"]
    await changed(registry.as_("district"), url(school, f"/{first['id']}"), validTo="2025-07-01")
    second = done(await registry.as_("district").post(url(school), json=late))
    assert done(await in_force(registry, school, "2025-06-30"))["id"] == first["id"]
    assert done(await in_force(registry, school, "2025-07-01"))["id"] == second["id"]
    again = await registry.as_("district").patch(
        url(school, f"/{first['id']}"), json={"validTo": None}, headers={"if-match": '"2"'}
    )
    assert again.status_code == 409


async def test_everything_wrong_with_a_policy_is_said_at_once(registry: Registry) -> None:
    school = (await registry.school())["id"]
    tier = {"name": "Twice", "group": "district-residents", "selection": "lottery"}
    body = policy(
        areaId=None,
        refusal=None,
        validTo="2024-07-01",
        tiers=[tier, tier],
        seats=[{"grade": "KG", "seats": 1, "openSeats": 2}, {"grade": "KG", "seats": 1}],
        grandfathering=[{"groups": ["enrolled"], "until": "2024-07-01", "source": "Section 3"}],
        transport=[
            {"group": "everyone", "means": "none", "beyondMiles": 1, "source": "Section 9"},
            {"group": "everyone", "means": "operator-bus", "providerId": str(uuid4()), "source": "Section 9"},
        ],
        agreementId=str(uuid4()),
    )
    refused = await registry.as_("district").post(url(school), json=body)
    assert refused.status_code == 422
    assert [(error["field"], error["rule"]) for error in refused.json()["errors"]] == [
        ("validTo", "after-start"),
        ("areaId", "missing"),
        ("refusal", "automatic-assignment"),
        ("tiers.1.name", "repeated"),
        ("tiers", "automatic-assignment group"),
        ("tiers", "automatic-assignment selection"),
        ("seats.0.openSeats", "at-most-seats"),
        ("seats.1.grade", "repeated"),
        ("grandfathering.0.until", "after-start"),
        ("transport.0.beyondMiles", "no-means"),
        ("transport.1.providerId", "unknown"),
        ("agreementId", "unknown"),
    ]


async def test_where_nobody_new_is_enrolled_no_tier_speaks_of_anybody_new(registry: Registry) -> None:
    school = (await registry.school())["id"]
    tiers = [{"name": "Siblings", "group": "siblings-of-enrolled", "selection": "all"}]
    body = assigned(policyType="enrolled-pupils-stay", validFrom="2024-07-01", tiers=tiers)
    refused = await registry.as_("district").post(url(school), json=body)
    assert refused.json()["errors"][0]["rule"] == "enrolled-only"


async def test_a_policy_cites_only_an_executed_agreement_that_covers_the_school(registry: Registry) -> None:
    draft = await network_agreement(registry, school="Drafted")
    executed = await executed_network_agreement(registry)
    drafted, covered = [(await each.show())["schools"][0]["schoolId"] for each in (draft, executed)]
    client = registry.as_("district")
    for school, agreement in ((drafted, draft), (drafted, executed)):
        refused = await client.post(url(school), json=policy(agreementId=agreement.id))
        assert refused.json()["errors"][0]["field"] == "agreementId"
    assert (await lay_down(registry, covered, agreementId=executed.id))["agreementId"] == executed.id


async def test_what_was_known_before_a_correction_stays_readable(registry: Registry) -> None:
    school = (await registry.school())["id"]
    laid = await lay_down(registry, school)
    before = datetime.now(UTC).isoformat()
    corrected = await changed(registry.as_("district"), url(school, f"/{laid['id']}"), midYearEntry="none")
    assert (corrected["version"], corrected["seats"]) == (2, laid["seats"])
    assert done(await in_force(registry, school, "2025-01-01"))["midYearEntry"] == "none"
    assert done(await in_force(registry, school, "2025-01-01", knownAt=before)) == laid


async def test_a_locked_reporting_period_is_changed_only_with_a_reason(registry: Registry) -> None:
    school = (await registry.school())["id"]
    client = registry.as_("district")
    laid = await lay_down(registry, school, validTo="2027-07-01")
    done(await client.post("/v1/reporting-periods", json={"name": "October 2025", "until": "2025-10-01"}))
    path, tag = url(school, f"/{laid['id']}"), {"if-match": '"1"'}
    silent = await client.patch(path, json={"midYearEntry": "none"}, headers=tag)
    assert (silent.status_code, silent.json()["type"]) == (409, "urn:concordat:problem:reporting-period-locked")
    earlier = await client.post(url(school), json=assigned(validFrom="2020-07-01", validTo="2021-07-01"))
    assert earlier.status_code == 409
    ended = await client.patch(path, json={"validTo": "2026-07-01"}, headers=tag)
    assert ended.status_code == 200, "to end it later touches nothing that is settled"
    said = await client.patch(
        path, params={"overrideReason": "Typing error"}, json={"midYearEntry": "none"}, headers={"if-match": '"2"'}
    )
    assert said.json()["midYearEntry"] == "none"


async def test_the_same_request_sent_twice_lays_down_one_policy(registry: Registry) -> None:
    school = (await registry.school())["id"]
    client, key = registry.as_("district"), {"idempotency-key": "one"}
    first, again = [await client.post(url(school), json=policy(), headers=key) for _ in range(2)]
    assert first.json() == again.json()
    assert len(done(await client.get(url(school)))["items"]) == 1


async def test_an_operator_reads_its_schools_policies_and_lays_down_none(registry: Registry) -> None:
    at_north = [registry.held("district", "accountable-lea"), registry.held("north", "operator")]
    mine = (await registry.school("Mine", assignments=at_north))["id"]
    foreign = (await registry.school("Foreign"))["id"]
    laid, hidden = [await lay_down(registry, school) for school in (mine, foreign)]
    north = registry.as_("north")
    assert done(await north.get(url(mine, f"/{laid['id']}"))) == laid
    listed = done(await north.get("/v1/enrollment-policies"))
    assert [each["id"] for each in listed["items"]] == [laid["id"]]
    assert (await north.post(url(mine), json=policy())).status_code == 403
    refusals = [await north.get(url(foreign, f"/{hidden['id']}")), await north.get(url(foreign, f"/{uuid4()}"))]
    refusals += [
        await north.patch(url(foreign, f"/{each}"), json={}, headers={"if-match": '"1"'})
        for each in (hidden["id"], uuid4())
    ]
    assert {refusal.status_code for refusal in refusals} == {404}
    assert {refusal.json()["detail"].split(" of yours")[0] for refusal in refusals} == {f"There is no school {foreign}"}


async def test_open_schools_are_counted_by_the_type_of_their_policy_on_a_date(registry: Registry) -> None:
    first, second, third = [(await registry.school(name))["id"] for name in ("A", "B", "C")]
    closed = (await registry.school("D", operationalStatus="closed"))["id"]
    for school in (first, closed):
        await lay_down(registry, school)
    client = registry.as_("district")
    done(await client.post(url(second), json=assigned(validFrom="2025-01-15")))
    counts = "/v1/enrollment-policies/type-counts"
    mine = {"districtId": str(registry.ids["district"])}
    on = done(await client.get(counts, params={"asOf": "2025-01-15"} | mine))
    assert on["counts"] == [
        {"policyType": "automatic-assignment", "schools": 1, "seats": 210},
        {"policyType": "district-assignment", "schools": 1, "seats": 0},
    ]
    assert on["schoolsWithoutPolicy"] == 1
    day_before = done(await client.get(counts, params={"asOf": "2025-01-14"}))
    assert (len(day_before["counts"]), day_before["schoolsWithoutPolicy"]) == (1, 2)
    nobody = done(await registry.as_("south").get(counts, params={"asOf": "2025-01-15"}))
    assert (nobody["counts"], nobody["schoolsWithoutPolicy"]) == ([], 0)
    assert third


async def test_the_other_services_hear_every_version_of_a_policy(registry: Registry) -> None:
    school = (await registry.school())["id"]
    laid = await lay_down(registry, school)
    await changed(registry.as_("district"), url(school, f"/{laid['id']}"), source="Contract, as amended")
    async with registry.service.app.state.database.snapshot() as session:
        heard = select(journal).where(journal.c.subject == f"concordat.registry.enrollment-policy.{laid['id']}")
        rows = (await session.execute(heard.order_by(journal.c.version))).all()
    assert [row.data["source"] for row in rows] == ["Contract, section 8", "Contract, as amended"]
    assert rows[1].before["source"] == "Contract, section 8"
    assert rows[0].data["transport"] == laid["transport"]
