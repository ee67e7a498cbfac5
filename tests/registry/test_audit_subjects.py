"""The audit trail of every kind of subject, and who reads which of it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.registry.conftest import Registry, opened
from tests.registry.governing import lay_down, rule, term, waiver
from tests.registry.journeys import done, draft, executed_network_agreement
from tests.registry.seeded import District, seeded_district
from tests.registry.test_audit import entries, sequenced


def kinds(found: list[dict[str, Any]]) -> set[str]:
    """The kinds of subject among entries."""
    return {each["subject"].split(".")[2] for each in found}


@pytest.fixture(scope="module")
async def trail(service_of: Any) -> AsyncIterator[District]:
    """The seeded district, and another one with something of everything."""
    async with seeded_district(service_of) as cast:
        await cast.organization("far", "district", timeZone="America/Denver")
        cast.ids["near"], cast.ids["district"] = cast.ids["district"], cast.ids["far"]
        elsewhere = (await cast.school("Far"))["id"]
        await lay_down(cast, elsewhere, term("MNT-HVAC", "included", "default"))
        cast.schools["Far"], cast.ids["district"] = elsewhere, cast.ids["near"]
        client = cast.as_("district")
        about = {"name": "Old mill", "ownerId": str(cast.ids["district"]), "validFrom": "2020-07-01", "source": "deed"}
        done(await client.post("/v1/buildings", json=about))
        done(await client.post("/v1/snapshots", json={"name": "October", "asOf": "2028-10-01"}))
        done(await client.post("/v1/reporting-periods", json={"name": "October", "until": "2019-01-01"}))
        happened = {"kind": "renamed", "schoolId": cast.schools["Plain"], "name": "Simple", "source": "board"}
        done(await client.post("/v1/lineage-events", json=happened | {"effectiveOn": "2028-08-01"}))
        right = {"decisionRight": "day-length", "level": "full", "schoolId": cast.schools["Lincoln"]}
        right |= {"holderBody": "council", "clause": "4", "validFrom": "2024-07-01"}
        done(await client.post("/v1/autonomies", json=right))
        await sequenced(cast)
        yield cast


async def test_a_district_reads_every_kind_of_entry_that_concerns_it(trail: District) -> None:
    assert kinds(await entries(trail.as_("district"), limit=500)) == {
        "organization",
        "school",
        "agreement",
        "approval",
        "rule",
        "waiver",
        "autonomy",
        "entitlements",
        "building",
        "lineage-event",
        "snapshot",
        "reporting-period",
    }


async def test_another_district_reads_its_own_and_the_law_and_nothing_else(trail: District) -> None:
    found = await entries(trail.as_("far"), limit=500)
    assert kinds(found) == {"organization", "school", "entitlements", "rule"}
    named = str(found)
    for hidden in (trail.agreement.id, trail.schools["Lincoln"], str(trail.ids["north"])):
        assert hidden not in named


async def test_a_state_agency_reads_every_entry(trail: District) -> None:
    everything = await entries(trail.as_("state"), limit=500)
    assert everything == await entries(trail.platform, limit=500)
    assert len(everything) > len(await entries(trail.as_("district"), limit=500))


@pytest.mark.parametrize("who", ["north", "south"])
async def test_an_operator_reads_no_entry(trail: District, who: str) -> None:
    assert (await trail.as_(who).get("/v1/audit")).status_code == 403


async def approvals(trail: District, decision: str) -> list[dict[str, Any]]:
    """The entries about approvals of the agreement."""
    found = [each for each in await entries(trail.platform, limit=500) if kinds([each]) == {"approval"}]
    return [each for each in found if each["after"]["decision"] == decision]


async def test_what_a_draft_was_approved_with_is_in_the_trail_once_it_is_executed(trail: District) -> None:
    found = await approvals(trail, "establish")
    told = {(each["after"]["agreementId"], each["after"]["step"], each["after"]["outcome"]) for each in found}
    assert told == {(trail.agreement.id, step, "approved") for step in ("local-board", "team-board")}


async def test_a_corrected_vote_leaves_both_in_the_trail(trail: District) -> None:
    wrong = await trail.agreement.act("local-board", "2028-10-01", decision="renew")
    await trail.agreement.act("local-board", "2028-10-02", decision="renew", corrects=wrong["id"])
    await sequenced(trail)
    told = [(each["after"]["decidedOn"], each["after"]["corrected"]) for each in await approvals(trail, "renew")]
    assert told == [("2028-10-01", False), ("2028-10-01", True), ("2028-10-02", False)]


async def test_nothing_of_a_draft_is_in_the_trail(trail: District) -> None:
    parties = {"district": "district", "innovation-network-team": "south"}
    secret = await draft(trail, "in-innovation-network-agreement", "2014", parties, termTo="2034-07-01")
    await secret.act("local-board", "2028-10-01")
    await sequenced(trail)
    assert secret.id not in str(await entries(trail.platform, limit=500))


async def test_a_step_says_why_it_was_taken(trail: District) -> None:
    await trail.agreement.move("place-on-probation", "2028-02-01")
    await sequenced(trail)
    last = (await entries(trail.platform, subject=f"concordat.registry.agreement.{trail.agreement.id}"))[-1]
    assert last["reason"] == "because"


async def test_an_organization_is_shown_as_it_was_known_at_an_instant(trail: District) -> None:
    path = f"/v1/organizations/{trail.ids['south']}"
    (registered,) = await entries(trail.platform, subject=f"concordat.registry.organization.{trail.ids['south']}")
    done(await trail.platform.patch(path, json={"name": "Southern"}, headers={"if-match": '"1"'}))
    then = await trail.platform.get(path, params={"knownAt": registered["at"]})
    before = await trail.platform.get(path, params={"knownAt": "2020-01-01T00:00:00Z"})
    assert (then.json()["name"], (await trail.platform.get(path)).json()["name"]) == ("south", "Southern")
    assert before.status_code == 404


@pytest.fixture(scope="module")
async def settled(service_of: Any) -> AsyncIterator[Registry]:
    """An agreement with a waiver, and a policy; then everything before July 2026 is settled."""
    async with opened(service_of) as registry:
        await settle(registry)
        yield registry


async def settle(registry: Registry) -> None:
    journey = await executed_network_agreement(registry)
    registry.ids |= {"agreement": journey.id, "Lincoln": (await journey.show())["schools"][0]["schoolId"]}  # type: ignore[dict-item]
    own = {"organizationId": str(registry.ids["district"])}
    registry.ids["policy"] = await rule(registry, "GCK", "district-policy", **own)  # type: ignore[assignment]
    made = await waiver(registry, journey.id, str(registry.ids["policy"]), validFrom="2024-07-01")
    registry.ids["waiver"] = made["id"]
    lock = {"name": "June 2026", "until": "2026-07-01"}
    done(await registry.as_("district").post("/v1/reporting-periods", json=lock))


def bodies(registry: Registry) -> dict[str, dict[str, Any]]:
    """Something of each kind that would begin before the lock."""
    ids = {name: str(value) for name, value in registry.ids.items()}
    return {
        "rules": {
            "layer": "district-policy",
            "citation": "GCL",
            "title": "GCL",
            "organizationId": ids["district"],
            "validFrom": "2026-06-30",
            "source": "board",
        },
        "waivers": {
            "agreementId": ids["agreement"],
            "clause": "5",
            "kind": "enumerated",
            "ruleId": ids["policy"],
            "replacementPlan": "rubric",
            "approver": "board",
            "validFrom": "2026-06-30",
        },
        "autonomies": {
            "decisionRight": "day-length",
            "level": "full",
            "schoolId": ids["Lincoln"],
            "holderBody": "council",
            "clause": "4",
            "validFrom": "2026-06-30",
        },
    }


@pytest.mark.parametrize("kind", ["rules", "waivers", "autonomies"])
async def test_what_would_begin_in_a_locked_period_is_refused_unless_it_says_why(settled: Registry, kind: str) -> None:
    client, body = settled.as_("district"), bodies(settled)[kind]
    refused = await client.post(f"/v1/{kind}", json=body)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:concordat:problem:reporting-period-locked")
    assert refused.json()["errors"][0]["field"] == "validFrom"
    later = await client.post(f"/v1/{kind}", json=body | {"validFrom": "2026-07-01", "validTo": "2026-08-01"})
    because = {"overrideReason": "Found in the minutes"}
    all_the_same = await client.post(f"/v1/{kind}", json=body | {"validTo": "2026-07-01"}, params=because)
    assert (later.status_code, all_the_same.status_code) == (201, 201), all_the_same.text
    await sequenced(settled)
    subject = all_the_same.json()["id"]
    (entry,) = [each for each in await entries(client, limit=500) if each["subject"].endswith(subject)]
    assert entry["reason"] == "Found in the minutes"


async def test_a_waiver_ends_on_a_day_that_is_still_open_but_not_before(settled: Registry) -> None:
    client, path = settled.as_("district"), f"/v1/waivers/{settled.ids['waiver']}"
    early = await client.patch(path, json={"validTo": "2026-06-30"}, headers={"if-match": '"1"'})
    reworded = await client.patch(path, json={"clause": "6"}, headers={"if-match": '"1"'})
    on_the_day = await client.patch(path, json={"validTo": "2026-07-01"}, headers={"if-match": '"1"'})
    assert (early.status_code, reworded.status_code, on_the_day.status_code) == (409, 409, 200)


async def test_a_lock_of_one_district_settles_nothing_of_the_law(settled: Registry) -> None:
    statute = {"layer": "statute", "citation": "IC 1", "title": "IC 1", "validFrom": "1990-01-01", "source": "code"}
    assert (await settled.as_("state").post("/v1/rules", json=statute)).status_code == 201
