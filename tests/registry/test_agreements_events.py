"""What the other services hear of agreements."""

import json
from datetime import date

from contracts.registry import AgreementChanged
from sqlalchemy import text as sql

from tests.registry.conftest import Registry
from tests.registry.journeys import (
    done,
    draft,
    executed_network_agreement,
    executed_plan,
    facts,
    holding_over,
    register,
    text,
)


async def said(registry: Registry) -> list[AgreementChanged]:
    """What the journal holds for the other services."""
    async with registry.service.app.state.database.snapshot() as session:
        query = sql("select data from journal where type = :type order by id").bindparams(type=AgreementChanged.type())
        return [AgreementChanged.model_validate(row) for row in await session.scalars(query)]


async def test_drafts_are_silent_and_an_executed_agreement_says_its_whole_public_state(registry: Registry) -> None:
    journey = await executed_network_agreement(registry)
    [event] = await said(registry)
    assert str(event.id) == journey.id
    assert (event.executed_on, event.effective_from) == (date(2024, 3, 14), date(2024, 7, 1))
    spans = [(standing.status, standing.valid_from, standing.valid_to) for standing in event.standings]
    assert spans == [
        ("executed", date(2024, 3, 14), date(2024, 7, 1)),
        ("active", date(2024, 7, 1), date(2029, 7, 1)),
        ("lapsed", date(2029, 7, 1), None),
    ]
    school = event.schools[0].school_id
    assert [event.in_force_on(day, school) for day in (date(2024, 6, 30), date(2024, 7, 1))] == [False, True]
    assert "minutes" not in json.dumps(event.model_dump(mode="json"))


async def test_when_an_umbrella_ends_every_agreement_under_it_says_so_too(registry: Registry) -> None:
    plan, _ = await executed_plan(registry)
    await register(registry, "co-labor-waiver")
    waiver = await draft(registry, "co-labor-waiver", "2008", {"district": "district"}, parentId=plan.id)
    school = (await plan.show())["schools"][0]["schoolId"]
    tag = {"if-match": '"1"'}
    done(await waiver.client.patch(waiver.url, json={"schools": [{"schoolId": school}]}, headers=tag))
    await waiver.move("submit", "2021-07-01")
    await waiver.move("approve-locally", "2021-07-01")
    await waiver.move("send-to-state", "2021-07-01")
    await waiver.act("state-board", "2021-07-01")
    await waiver.move("approve-by-state", "2021-07-01")
    await waiver.vote("union-members", 10, 6, "2021-07-02", secret=True, schoolId=school)
    await waiver.move("execute", "2021-07-03")
    await plan.act("local-board", "2024-04-10", decision="revoke")
    await plan.move("notice-revocation", "2024-04-10", ground="insufficient-performance")
    await plan.move("revoke", "2024-06-30")
    last = (await said(registry))[-1]
    assert str(last.id) == waiver.id
    assert [(s.status, s.valid_from) for s in last.standings if not s.in_force][-1] == ("lapsed", date(2024, 6, 30))


async def test_a_change_of_text_leaves_the_agreements_below_untouched(registry: Registry) -> None:
    master = await holding_over(registry)
    await register(registry, "ca-la-partnership-school-renewal")
    parties = {"district": "district", "partner": "north"}
    under = {"parentId": master.id, "termTo": "2028-07-01"}
    below = await draft(registry, "ca-la-partnership-school-renewal", "2007", parties, **under)
    await below.move("submit", "2023-03-01")
    await below.act("local-board", "2023-04-01")
    await below.move("approve-locally", "2023-04-01")
    version = (await below.move("execute", "2023-04-02"))["version"]
    done(await master.post("/amendments", text=text("second"), **facts("2023-05-01")))
    assert (await below.show())["version"] == version
