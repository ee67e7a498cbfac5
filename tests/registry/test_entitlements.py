"""What a school may have of its district's services: layers, agreements that end, policies."""

from datetime import UTC, datetime
from typing import Any

import httpx2

from tests.registry.conftest import Registry
from tests.registry.governing import check, entitled, lay_down, rule, said, term, waiver
from tests.registry.journeys import (
    CONSENTS,
    Journey,
    done,
    draft,
    executed_network_agreement,
    lapsing,
    network_agreement,
    register,
    zone_plan,
)


async def covered(agreement: Any) -> str:
    """The school that an agreement covers."""
    return str((await agreement.show())["schools"][0]["schoolId"])


async def test_a_stronger_layer_prevails_and_shows_what_it_overrides(registry: Registry) -> None:
    agreement = await executed_network_agreement(registry)
    school = await covered(agreement)
    await lay_down(
        registry,
        school,
        term("special-education", "opted-out-no-credit", "agreement", agreementId=agreement.id),
        term("special-education", "mandated", "law", source="IDEA"),
        term("special-education", "included", "default"),
    )
    [found] = (await entitled(registry, school, "2025-01-01"))["services"]
    assert (found["class"], found["layer"], found["prevailing"]["source"]) == ("mandated", "law", "IDEA")
    assert [each["layer"] for each in found["overridden"]] == ["agreement", "default"]


async def test_a_term_of_an_agreement_ends_with_it_and_the_weaker_layer_prevails_again(registry: Registry) -> None:
    agreement = await lapsing(registry)
    school = await covered(agreement)
    own = term("custodial", "opted-out-with-credit", "agreement", agreementId=agreement.id, creditCents=120_000)
    await lay_down(registry, school, own, term("custodial", "included", "default"))
    before, after = await entitled(registry, school, "2025-06-30"), await entitled(registry, school, "2025-07-01")
    assert [each["class"] for each in before["services"]] == ["opted-out-with-credit"]
    assert [each["class"] for each in after["services"]] == ["included"]


async def test_a_draft_lays_down_nothing_until_it_is_executed(registry: Registry) -> None:
    agreement = await network_agreement(registry)
    school = await covered(agreement)
    await lay_down(registry, school, term("custodial", "included", "agreement", agreementId=agreement.id))
    assert (await said(registry, school))[-1]["services"] == []
    await agreement.move("submit", "2024-02-01")
    for body in ("local-board", "team-board"):
        await agreement.act(body, "2024-03-01")
    await agreement.move("approve-locally", "2024-03-01")
    await agreement.move("execute", "2024-03-14")
    [drafted, executed] = await said(registry, school)
    assert (drafted["version"], executed["version"]) == (1, 2)
    assert [each["validFrom"] for each in executed["services"]] == ["2024-07-01"]


async def test_the_end_of_an_agreement_is_said_in_the_transaction_that_learns_of_it(registry: Registry) -> None:
    agreement = await executed_network_agreement(registry)
    school = await covered(agreement)
    await lay_down(
        registry,
        school,
        term("custodial", "included", "agreement", agreementId=agreement.id),
        term("transport", "included", "district-policy"),
    )
    await agreement.act("local-board", "2026-03-01", decision="exit", schoolId=school)
    left = await agreement.post(
        f"/schools/{school}/exit", effectiveOn="2026-07-01", authority="board", evidence="m", reason="r", ground="other"
    )
    done(left)
    newest = (await said(registry, school))[-1]
    ends = {each["service"]: each["validTo"] for each in newest["services"]}
    assert ends == {"custodial": "2026-07-01", "transport": None}


async def test_a_new_term_leaves_what_was_before_its_day(registry: Registry) -> None:
    school = (await registry.school())["id"]
    await lay_down(registry, school, term("food", "included", "default", validFrom="2020-07-01"))
    await lay_down(registry, school, term("food", "purchased", "default", validFrom="2023-02-01", validTo="2023-07-01"))
    days = ("2023-01-31", "2023-02-01", "2023-07-01")
    found = [(await entitled(registry, school, day))["services"][0]["class"] for day in days]
    assert found == ["included", "purchased", "included"]


async def test_a_term_that_is_ended_was_there_as_it_was_known(registry: Registry) -> None:
    school = (await registry.school())["id"]
    await lay_down(registry, school, term("food", "included", "default"))
    client = registry.as_("district")
    path = f"/v1/schools/{school}"
    [laid] = done(await client.get(f"{path}/service-terms"))["items"]
    moment = datetime.now(UTC).isoformat()
    tag = (await client.get(f"{path}/entitlements")).headers["etag"]
    end = {"validTo": "2024-01-01"}
    done(await client.post(f"{path}/service-terms/{laid['id']}/end", json=end, headers={"if-match": tag}))
    assert (await entitled(registry, school, "2025-01-01"))["services"] == []
    assert len((await entitled(registry, school, "2025-01-01", knownAt=moment))["services"]) == 1


async def test_a_policy_is_laid_down_for_the_schools_of_its_arrangement_only(registry: Registry) -> None:
    own, other = (await registry.school("Own", arrangement="waiver-based"))["id"], (await registry.school())["id"]
    body = {
        "districtId": str(registry.ids["district"]),
        "arrangement": "waiver-based",
        "terms": [{"service": "training", "class": "opted-in", "source": "Policy 7"}],
        "validFrom": "2020-07-01",
    }
    answer = await registry.as_("district").post("/v1/service-policies", json=body)
    assert done(answer)["schools"] == [own]
    assert (await entitled(registry, own, "2021-01-01"))["services"][0]["layer"] == "district-policy"
    assert (await entitled(registry, other, "2021-01-01"))["services"] == []


async def test_everything_wrong_with_terms_is_said_at_once_and_nothing_is_kept(registry: Registry) -> None:
    school = (await registry.school())["id"]
    terms = [
        term("food", "included", "agreement"),
        term("food", "included", "default", validTo="2018-07-01"),
        term("food", "included", "default", creditCents=1),
    ]
    answer = await laying(registry.as_("district"), school, '"0"', terms)
    fields = {error["field"] for error in answer.json()["errors"]}
    assert answer.status_code == 422
    assert fields == {"terms.0.agreementId", "terms.1.validTo", "terms.2.creditCents"}
    assert (await entitled(registry, school, "2025-01-01"))["version"] == 0


async def test_terms_change_only_for_whoever_read_the_newest_version(registry: Registry) -> None:
    school = (await registry.school())["id"]
    await lay_down(registry, school, term("food", "included", "default"))
    client, terms = registry.as_("district"), [term("food", "purchased", "default")]
    assert (await laying(client, school, '"0"', terms)).status_code == 412
    assert (await client.post(f"/v1/schools/{school}/service-terms", json={"terms": terms})).status_code == 428


async def test_a_locked_reporting_period_is_not_changed_silently(registry: Registry) -> None:
    school = (await registry.school())["id"]
    lock = {"name": "2023-24", "until": "2024-07-01"}
    done(await registry.as_("district").post("/v1/reporting-periods", json=lock))
    answer = await laying(registry.as_("district"), school, '"0"', [term("food", "included", "default")])
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:concordat:problem:reporting-period-locked")
    later = term("food", "included", "default", validFrom="2024-07-01")
    assert (await laying(registry.as_("district"), school, '"0"', [later])).status_code == 201


async def test_an_operator_reads_its_own_and_writes_none_and_a_foreign_school_does_not_exist(
    registry: Registry,
) -> None:
    roles = [registry.held("district", "accountable-lea"), registry.held("north", "operator")]
    school = (await registry.school(assignments=roles))["id"]
    await lay_down(registry, school, term("food", "included", "default"))
    terms = [term("food", "purchased", "default")]
    assert len((await entitled(registry, school, "2025-01-01", registry.as_("north")))["services"]) == 1
    assert (await laying(registry.as_("north"), school, '"1"', terms)).status_code == 403
    assert (await laying(registry.as_("south"), school, '"1"', terms)).status_code == 404
    for path in ("entitlements", "service-terms", "elections"):
        assert (await registry.as_("south").get(f"/v1/schools/{school}/{path}")).status_code == 404


async def test_a_revoked_zone_takes_its_services_and_leaves_the_schools_own_waivers(registry: Registry) -> None:
    zone = await zone_plan(registry, "Member")
    school = await covered(zone)
    plan = await own_plan(registry, school)
    evaluation = await rule(registry)
    await waiver(registry, plan.id, evaluation)
    await lay_down(registry, school, term("zone-training", "included", "agreement", agreementId=zone.id))
    await zone.move("notice-revocation", "2023-04-10", ground="insufficient-performance")
    await zone.act("local-board", "2023-04-10", decision="revoke")
    await zone.move("revoke", "2023-07-01")
    found = [len((await entitled(registry, school, day))["services"]) for day in ("2023-06-30", "2023-07-01")]
    assert found == [1, 0]
    assert [each["validTo"] for each in (await said(registry, school))[-1]["services"]] == ["2023-07-01"]
    assert (await check(registry, school, evaluation, "2023-07-01"))["waived"]


async def own_plan(registry: Registry, school: str) -> Journey:
    """The school's own innovation plan, in force since July 2021."""
    await register(registry, "co-innovation-plan")
    covers = {"schools": [{"schoolId": school}]}
    plan = await draft(registry, "co-innovation-plan", "2008", {"district": "district"}, **covers)
    for body in CONSENTS:
        await plan.vote(body, 12, 7, "2021-03-01", schoolId=school)
    await plan.move("submit", "2021-03-10")
    await plan.act("local-board", "2021-04-22", count={"yes": 5, "no": 2})
    await plan.move("approve-locally", "2021-04-22")
    await plan.move("send-to-state", "2021-05-01")
    await plan.act("state-board", "2021-06-09")
    await plan.move("approve-by-state", "2021-06-09")
    await plan.move("execute", "2021-06-15", effectiveFrom="2021-07-01")
    return plan


async def laying(client: httpx2.AsyncClient, school: str, tag: str, terms: list[dict[str, Any]]) -> httpx2.Response:
    """Terms sent under an ETag."""
    path = f"/v1/schools/{school}/service-terms"
    return await client.post(path, json={"terms": terms}, headers={"if-match": tag})
