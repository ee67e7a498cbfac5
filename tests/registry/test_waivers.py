"""Is rule R waived for school S on date D, and by what? Waivers die with what they stand on."""

import csv
import io
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tests.registry.conftest import Registry
from tests.registry.governing import changed, check, policy, rule, waiver, waiver_body
from tests.registry.journeys import (
    Journey,
    done,
    draft,
    executed_network_agreement,
    executed_plan,
    innovation_plan,
    labor_waiver,
    lapsing,
    register,
)


async def test_a_waived_rule_is_answered_with_the_whole_chain(registry: Registry) -> None:
    plan, school = await executed_plan(registry)
    evaluation = await rule(registry)
    granted = await waiver(registry, plan.id, evaluation)
    answer = await check(registry, school, evaluation, "2022-01-01")
    assert (answer["waived"], answer["by"]["waiverId"]) == (True, granted["id"])
    assert [link["of"] for link in answer["by"]["links"]] == ["waiver", "agreement", "rule", "waivable"]
    assert "In force since 2021-07-01" in answer["by"]["links"][1]["says"]
    assert answer["by"]["replacementPlan"] == "The school evaluates by its own rubric."
    assert {approved["body"] for approved in answer["by"]["approvals"]} >= {"state-board"}


async def test_nothing_is_waived_before_the_agreement_takes_effect(registry: Registry) -> None:
    plan, school = await executed_plan(registry)
    evaluation = await rule(registry)
    await waiver(registry, plan.id, evaluation, validFrom="2021-01-01")
    answer = await check(registry, school, evaluation, "2021-06-30")
    assert not answer["waived"]
    assert "effective only from 2021-07-01" in answer["because"]


async def test_a_waiver_under_a_draft_waives_nothing(registry: Registry) -> None:
    plan, school = await innovation_plan(registry)
    evaluation = await rule(registry)
    await waiver(registry, plan.id, evaluation)
    answer = await check(registry, school, evaluation, "2022-01-01")
    assert "was not executed" in answer["because"]


async def test_a_waiver_lapses_with_its_agreement(registry: Registry) -> None:
    agreement = await lapsing(registry)
    school = (await agreement.show())["schools"][0]["schoolId"]
    dismissal = await rule(registry)
    await waiver(registry, agreement.id, dismissal)
    before = await check(registry, school, dismissal, "2025-06-30")
    after = await check(registry, school, dismissal, "2025-07-01")
    assert (before["waived"], after["waived"]) == (True, False)
    assert "lapsed since 2025-07-01, and the waiver fell with it" in after["because"]


async def test_a_waiver_goes_on_in_holdover(registry: Registry) -> None:
    agreement, school = await pilot_memorandum(registry, termTo="2025-07-01")
    article = await policy(registry, "Article 27")
    await waiver(registry, agreement.id, article)
    answer = await check(registry, school, article, "2026-01-01")
    assert (await agreement.show(asOf="2026-01-01"))["status"] == "holdover"
    assert answer["waived"]
    assert "holdover" in answer["because"]


async def test_what_is_waived_is_answered_as_it_was_known(registry: Registry) -> None:
    plan, school = await executed_plan(registry)
    evaluation = await rule(registry)
    granted = await waiver(registry, plan.id, evaluation)
    before = datetime.now(UTC).isoformat()
    await changed(registry.as_("district"), f"/v1/waivers/{granted['id']}", validTo="2021-09-01")
    assert not (await check(registry, school, evaluation, "2022-01-01"))["waived"]
    assert (await check(registry, school, evaluation, "2021-08-31"))["waived"]
    assert (await check(registry, school, evaluation, "2022-01-01", knownAt=before))["waived"]


async def test_a_waiver_changes_only_for_whoever_read_its_newest_version(registry: Registry) -> None:
    plan, _ = await executed_plan(registry)
    granted = await waiver(registry, plan.id, await rule(registry))
    path, patch, client = f"/v1/waivers/{granted['id']}", {"condition": "While rated 3."}, registry.as_("district")
    assert (await client.patch(path, json=patch)).status_code == 428
    assert (await client.patch(path, json=patch, headers={"if-match": '"7"'})).status_code == 412
    assert (await changed(client, path, **patch))["version"] == 2


async def test_a_repealed_rule_takes_its_waiver_along(registry: Registry) -> None:
    plan, school = await executed_plan(registry)
    evaluation = await rule(registry)
    await waiver(registry, plan.id, evaluation)
    await changed(registry.platform, f"/v1/rules/{evaluation}", validTo="2023-07-01")
    assert (await check(registry, school, evaluation, "2023-06-30"))["waived"]
    answer = await check(registry, school, evaluation, "2023-07-01")
    assert not answer["waived"]
    assert answer["because"] == "C.R.S. 22-63-203 was repealed on 2023-07-01."


async def test_the_waiver_of_a_renumbered_rule_is_granted_anew(registry: Registry) -> None:
    plan, school = await executed_plan(registry)
    old, new = await rule(registry), await rule(registry, "C.R.S. 22-64-1", validFrom="2023-07-01")
    await waiver(registry, plan.id, old)
    await changed(registry.platform, f"/v1/rules/{old}", validTo="2023-07-01", successorId=new)
    answer = await check(registry, school, new, "2024-01-01")
    assert not answer["waived"]
    assert "renumbered on 2023-07-01 as C.R.S. 22-64-1" in answer["because"]
    await waiver(registry, plan.id, new, validFrom="2023-07-01")
    assert (await check(registry, school, new, "2024-01-01"))["waived"]


async def test_a_waiver_of_a_labor_contract_dies_with_that_contract(registry: Registry) -> None:
    plan, school = await executed_plan(registry)
    contract = await executed_network_agreement(registry, school="Other", termTo="2025-07-01")
    article = await rule(
        registry,
        "Article 14",
        "labor-contract",
        organizationId=str(registry.ids["district"]),
        agreementId=contract.id,
    )
    await waiver(registry, plan.id, article)
    assert (await check(registry, school, article, "2025-06-30"))["waived"]
    answer = await check(registry, school, article, "2025-07-01")
    assert not answer["waived"]
    assert "The labor contract of Article 14 is not in force" in answer["because"]


async def test_a_rule_that_can_never_be_waived_is_refused_with_its_citation(registry: Registry) -> None:
    plan, _ = await executed_plan(registry)
    federal = await rule(registry, "20 U.S.C. 1400", neverWaivedBy="U.S. Constitution article VI")
    answer = await registry.as_("district").post("/v1/waivers", json=waiver_body(plan.id, federal))
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:concordat:problem:never-waived")
    assert "U.S. Constitution article VI" in answer.json()["detail"]


async def test_the_instruments_own_list_of_what_is_never_waived_refuses_too(registry: Registry) -> None:
    plan, _ = await executed_plan(registry)
    retirement = await rule(registry, "C.R.S. 22-64-101", partOf=["Article 64 of title 22 (retirement)"])
    answer = await registry.as_("district").post("/v1/waivers", json=waiver_body(plan.id, retirement))
    assert answer.status_code == 409
    assert "C.R.S. 22-32.5-108" in answer.json()["errors"][0]["message"]


async def test_everything_wrong_with_a_waiver_is_said_at_once(registry: Registry) -> None:
    plan, _ = await executed_plan(registry)
    body = waiver_body(plan.id, str(uuid4()), validTo="2021-07-01", schoolIds=[str(uuid4())], layers=["practice"])
    answer = await registry.as_("district").post("/v1/waivers", json=body)
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"validTo", "layers", "ruleId", "schoolIds.0"}


async def test_a_blanket_waiver_waives_what_it_does_not_list_except_its_exceptions(registry: Registry) -> None:
    agreement = await executed_network_agreement(registry)
    school = (await agreement.show())["schools"][0]["schoolId"]
    hours, safety = await policy(registry, "Policy A"), await policy(registry, "Policy B")
    exceptions = [{"ruleId": safety, "citation": "Section 9: safety"}]
    await waiver(registry, agreement.id, None, kind="blanket", layers=["district-policy"], exceptions=exceptions)
    assert (await check(registry, school, hours, "2025-01-01"))["waived"]
    refused = await check(registry, school, safety, "2025-01-01")
    assert not refused["waived"]
    assert refused["others"][0]["links"][3]["source"] == "Section 9: safety"


async def test_the_impact_of_an_end_lists_what_would_lapse_before_it_happens(registry: Registry) -> None:
    labor, school = await labor_waiver(registry)
    await labor.vote("union-members", 41, 41, "2021-08-18", secret=True, schoolId=school)
    await labor.move("execute", "2021-08-20")
    plan = (await labor.show())["parentId"]
    evaluation, article = await rule(registry), await policy(registry)
    own = await waiver(registry, plan, evaluation)
    below = await waiver(registry, labor.id, article, validFrom="2021-08-20")
    impact = done(
        await registry.as_("district").get("/v1/waivers/impact", params={"agreementId": plan, "on": "2024-07-01"})
    )
    assert {row["waiverId"] for row in impact["waivers"]} == {own["id"], below["id"]}
    assert {row["schoolId"] for row in impact["waivers"]} == {school}
    assert (await check(registry, school, evaluation, "2024-07-01"))["waived"]


async def test_a_change_of_policy_shows_school_by_school_what_it_takes_away(registry: Registry) -> None:
    plan, shielded = await executed_plan(registry)
    bare = (await registry.school("Bare"))["id"]
    materials = await policy(registry, decisionRight="curriculum-materials")
    await waiver(registry, plan.id, materials)
    deciding = (await registry.school("Deciding"))["id"]
    grant = {
        "decisionRight": "curriculum-materials",
        "level": "full",
        "schoolId": deciding,
        "holderBody": "council",
        "clause": "Board policy KB",
        "validFrom": "2020-07-01",
    }
    done(await registry.as_("district").post("/v1/autonomies", json=grant))
    answer = await registry.as_("district").get(f"/v1/rules/{materials}/impact", params={"changedOn": "2025-01-01"})
    effects = {row["schoolId"]: row["effect"] for row in done(answer)["items"]}
    assert effects == {shielded: "untouched", bare: "applies", deciding: "takes-away"}
    replaced = await registry.as_("district").get(
        f"/v1/rules/{materials}/impact", params={"changedOn": "2025-01-01", "as": "replaced"}
    )
    assert {row["schoolId"]: row["effect"] for row in done(replaced)["items"]}[shielded] == "takes-away"


async def test_the_matrix_is_read_as_json_and_as_csv(registry: Registry) -> None:
    plan, school = await executed_plan(registry)
    waived, binding = await rule(registry, "C.R.S. 1"), await rule(registry, "=C.R.S. 2")
    await waiver(registry, plan.id, waived)
    client = registry.as_("district")
    matrix = done(await client.get("/v1/waivers/matrix", params={"asOf": "2022-01-01"}))
    assert {cell["ruleId"]: cell["waived"] for cell in matrix["items"][0]["cells"]} == {waived: True, binding: False}
    table = await client.get("/v1/waivers/matrix", params={"asOf": "2022-01-01"}, headers={"accept": "text/csv"})
    header, row = csv.reader(io.StringIO(table.text))
    assert header == ["schoolId", "name", "'=C.R.S. 2", "C.R.S. 1"]
    assert row[:1] + row[2:] == [school, "no", "yes"]


async def test_an_operator_asks_about_its_own_school_only(registry: Registry) -> None:
    plan, school = await executed_plan(registry)
    evaluation = await rule(registry)
    granted = await waiver(registry, plan.id, evaluation)
    asked = {"schoolId": school, "rule": evaluation, "asOf": "2022-01-01"}
    foreign = registry.as_("north")
    assert (await foreign.get("/v1/waivers/check", params=asked)).status_code == 404
    assert (await foreign.get(f"/v1/waivers/{granted['id']}")).status_code == 404
    assert done(await foreign.get("/v1/waivers"))["items"] == []
    assert (await foreign.post("/v1/waivers", json=waiver_body(plan.id, evaluation))).status_code == 422


async def test_an_operator_reads_the_waivers_of_its_school_but_does_not_write_them(registry: Registry) -> None:
    agreement = await executed_network_agreement(registry)
    dismissal = await rule(registry)
    granted = await waiver(registry, agreement.id, dismissal)
    operator = registry.as_("north")
    assert (await operator.get(f"/v1/waivers/{granted['id']}")).status_code == 200
    assert (await operator.post("/v1/waivers", json=waiver_body(agreement.id, dismissal))).status_code == 403


async def test_the_same_waiver_sent_twice_is_granted_once(registry: Registry) -> None:
    plan, _ = await executed_plan(registry)
    body, key = waiver_body(plan.id, await rule(registry)), {"idempotency-key": "k1"}
    client = registry.as_("district")
    first = await client.post("/v1/waivers", json=body, headers=key)
    again = await client.post("/v1/waivers", json=body, headers=key)
    assert first.json() == again.json()
    assert len(done(await client.get("/v1/waivers"))["items"]) == 1


async def test_only_a_state_agency_or_the_platform_registers_law(registry: Registry) -> None:
    body = {
        "layer": "statute",
        "citation": "IC 20",
        "title": "IC 20",
        "validFrom": "1990-01-01",
        "source": "the code",
    }
    assert (await registry.as_("district").post("/v1/rules", json=body)).status_code == 403
    assert (await registry.as_("state").post("/v1/rules", json=body)).status_code == 201


async def pilot_memorandum(registry: Registry, **more: Any) -> tuple[Journey, str]:
    """Los Angeles: a memorandum with the union for one school, in force since July 2021."""
    await register(registry, "ca-la-pilot-mou")
    await registry.organization("union", "union")
    school = (await registry.school())["id"]
    parties = {"district": "district", "union": "union"}
    memorandum = await draft(registry, "ca-la-pilot-mou", "2009", parties, schools=[{"schoolId": school}], **more)
    await memorandum.move("submit", "2021-03-01")
    for body in ("union", "local-board"):
        await memorandum.act(body, "2021-04-01")
    await memorandum.move("approve-locally", "2021-04-01")
    await memorandum.move("execute", "2021-04-02", effectiveFrom="2021-07-01")
    return memorandum, school
