"""Whose services terms are about: what a district gives a school of another one, by law or by an agreement."""

from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.registry.conftest import Registry
from tests.registry.governing import entitled, lay_down, said, term
from tests.registry.journeys import Journey, done, draft, executed_network_agreement, register


@pytest.fixture
async def partner(registry: Registry) -> Journey:
    """An agreement in force with a school that is its own district, as Indiana's charter partners are."""
    await registry.organization("lea", "district")
    await register(registry, "in-innovation-network-charter-agreement")
    roles = [registry.held("lea", "accountable-lea"), registry.held("north", "operator")]
    school = await registry.school("Partner", assignments=[*roles, registry.held("district", "rating-home")])
    parties = {"district": "district", "charter-organizer": "north"}
    terms = {"schools": [{"schoolId": school["id"]}], "termTo": "2029-07-01"}
    agreement = await draft(registry, "in-innovation-network-charter-agreement", "2023", parties, **terms)
    await agreement.move("submit", "2024-02-01")
    for body in ("local-board", "organizer-board"):
        await agreement.act(body, "2024-03-01")
    await agreement.move("approve-locally", "2024-03-01")
    await agreement.move("execute", "2024-03-14")
    return agreement


async def covered(agreement: Journey) -> str:
    """The school of the agreement."""
    return str((await agreement.show())["schools"][0]["schoolId"])


async def try_laying(registry: Registry, who: str, school: str, *terms: dict[str, Any]) -> httpx2.Response:
    """Terms sent by `who` under the newest ETag."""
    client = registry.platform if who == "platform" else registry.as_(who)
    path = f"/v1/schools/{school}"
    tag = (await registry.platform.get(f"{path}/entitlements")).headers["etag"]
    return await client.post(f"{path}/service-terms", json={"terms": terms}, headers={"if-match": tag})


def rules(answer: httpx2.Response) -> dict[str, str]:
    """The rules that a refused body breaks, by field."""
    assert answer.status_code == 422, answer.text
    return {error["field"]: error["rule"] for error in answer.json()["errors"]}


async def test_a_district_lays_down_what_its_agreement_gives_a_school_of_another(partner: Journey) -> None:
    school = await covered(partner)
    await lay_down(partner.registry, school, term("transportation", "included", "agreement", agreementId=partner.id))
    [heard] = (await said(partner.registry, school))[-1]["services"]
    assert (heard["districtId"], heard["agreementId"]) == (str(partner.registry.ids["district"]), partner.id)
    assert heard["validFrom"] == "2024-07-01"


async def test_what_the_own_district_gives_names_none(registry: Registry) -> None:
    agreement = await executed_network_agreement(registry)
    school = await covered(agreement)
    named = {"districtId": str(registry.ids["district"])}
    await lay_down(
        registry,
        school,
        term("food", "included", "agreement", agreementId=agreement.id),
        term("transportation", "mandated", "law", **named),
    )
    assert {one["districtId"] for one in (await said(registry, school))[-1]["services"]} == {None}


async def test_each_district_says_what_its_own_service_is(partner: Journey) -> None:
    registry, school = partner.registry, await covered(partner)
    bought = term("transportation", "purchased", "agreement", agreementId=partner.id)
    done(await try_laying(registry, "district", school, bought))
    done(await try_laying(registry, "lea", school, term("transportation", "included", "default")))
    found = (await entitled(registry, school, "2025-01-01", registry.as_("lea")))["services"]
    assert {(one["districtId"], one["class"], len(one["overridden"])) for one in found} == {
        (str(registry.ids["district"]), "purchased", 0),
        (None, "included", 0),
    }


async def test_no_school_gives_itself_what_another_district_offers(partner: Journey) -> None:
    registry, school = partner.registry, await covered(partner)
    by_law = term("transportation", "mandated", "law", districtId=str(registry.ids["district"]))
    assert (await try_laying(registry, "lea", school, by_law)).status_code == 403
    assert (await try_laying(registry, "north", school, by_law)).status_code == 403
    assert (await try_laying(registry, "district", school, term("food", "included", "default"))).status_code == 403


async def test_a_law_gives_what_another_district_offers_and_that_district_ends_it(partner: Journey) -> None:
    registry, school = partner.registry, await covered(partner)
    by_law = term("transportation", "mandated", "law", districtId=str(registry.ids["district"]))
    done(await try_laying(registry, "district", school, by_law))
    path, end = f"/v1/schools/{school}", {"validTo": "2025-01-01"}
    [laid] = done(await registry.platform.get(f"{path}/service-terms"))["items"]
    tag = (await registry.platform.get(f"{path}/entitlements")).headers["etag"]
    ended = {
        who: (
            await registry.as_(who).post(f"{path}/service-terms/{laid['id']}/end", json=end, headers={"if-match": tag})
        ).status_code
        for who in ("lea", "district")
    }
    assert ended == {"lea": 403, "district": 200}


async def test_a_term_names_a_district_that_gives_it_and_says_by_what(partner: Journey) -> None:
    registry, school = partner.registry, await covered(partner)
    await registry.organization("third", "district")
    third, nobody = str(registry.ids["third"]), str(uuid4())
    answer = await try_laying(
        registry,
        "platform",
        school,
        term("food", "included", "default", districtId=third),
        term("food", "included", "law", districtId=nobody),
        term("food", "included", "agreement", agreementId=partner.id, districtId=third),
    )
    assert rules(answer) == {
        "terms.0.districtId": "layer",
        "terms.1.districtId": "unknown-district",
        "terms.2.districtId": "no-party",
    }
