"""Who sees which deadlines, who may say that one is settled, and the feed that calendar programs read."""

from typing import Any
from uuid import uuid4

from kit.tables import journal
from sqlalchemy import select

from tests.registry.conftest import Registry
from tests.registry.journeys import done, executed_network_agreement, network_agreement
from tests.registry.owing import feed_url, file, owed, renaissance

REPORT = "duty/annual-report/2025"


async def test_an_operator_sees_the_deadlines_of_its_own_agreements_only(registry: Registry) -> None:
    mine = await executed_network_agreement(registry)
    north, south = registry.as_("north"), registry.as_("south")
    assert {each["agreementId"] for each in (await owed(registry, "2024-04-01", north)).values()} == {mine.id}
    assert await owed(registry, "2024-04-01", south) == {}
    assert await owed(registry, "2024-04-01", south, agreementId=mine.id) == {}
    body = {"deadline": "notice/state-notice/3", "outcome": "filed", "doneOn": "2024-04-01", "evidence": "x"}
    refusals = [await south.post(f"/v1/agreements/{each}/filings", json=body) for each in (mine.id, uuid4())]
    refusals += [await south.get(f"/v1/agreements/{each}/filings") for each in (mine.id, uuid4())]
    assert {refusal.status_code for refusal in refusals} == {404}
    assert all(refusal.json()["detail"].endswith("of yours.") for refusal in refusals)


async def test_a_draft_is_seen_by_its_district_and_asks_for_nothing_yet(registry: Registry) -> None:
    await network_agreement(registry)
    assert await owed(registry, "2024-04-01") == {}


async def test_everything_wrong_with_a_filing_is_said(registry: Registry) -> None:
    contract = await renaissance(registry)
    unknown = await file(contract, deadline="duty/none/2025", doneOn="2199-01-01")
    assert {(error["field"], error["rule"]) for error in unknown.json()["errors"]} == {
        ("deadline", "unknown"),
        ("doneOn", "future"),
    }
    elsewhere = await file(contract, deadline="notice/application/2", doneOn="2024-02-09")
    assert elsewhere.json()["errors"][0]["rule"] == "recorded-elsewhere"
    nothing = await file(contract, deadline=REPORT, doneOn="2025-08-01", outcome="acknowledged")
    assert nothing.json()["errors"][0]["rule"] == "not-done"


async def test_a_filing_is_recorded_once_and_open_again_when_it_is_withdrawn(registry: Registry) -> None:
    contract = await renaissance(registry)
    said = {"deadline": REPORT, "outcome": "filed", "doneOn": "2025-07-30", "evidence": "receipt"}
    path, key = f"{contract.url}/filings", {"idempotency-key": "one"}
    first, replayed = [await contract.client.post(path, json=said, headers=key) for _ in range(2)]
    assert done(first) == done(replayed)
    twice = await contract.client.post(path, json=said)
    assert (twice.status_code, twice.json()["type"]) == (409, "urn:concordat:problem:filed-already")
    withdraw = f"{path}/{first.json()['id']}/withdraw"
    assert (await registry.as_("north").post(withdraw)).status_code == 403
    done(await contract.client.post(withdraw))
    assert (await owed(registry, "2025-08-02"))[REPORT]["state"] == "overdue"
    assert done(await contract.client.get(path))["items"] == []
    assert (await contract.client.post(withdraw)).status_code == 404
    async with registry.service.app.state.database.snapshot() as session:
        heard = select(journal).where(journal.c.subject == f"concordat.registry.filing.{first.json()['id']}")
        rows = (await session.execute(heard.order_by(journal.c.version))).all()
    assert [(row.version, row.data["withdrawn"]) for row in rows] == [(1, False), (2, True)]


async def test_whoever_owes_a_report_files_it(registry: Registry) -> None:
    contract = await renaissance(registry)
    own = done(await file(contract, registry.as_("north"), deadline=REPORT, doneOn="2025-08-03"))
    assert own["organizationId"] == str(registry.ids["north"])
    filed = (await owed(registry, "2025-08-03"))[REPORT]
    assert (filed["state"], filed["late"], filed["evidence"]) == ("done", True, "receipt")


async def test_whoever_owes_something_does_not_waive_it(registry: Registry) -> None:
    contract = await renaissance(registry)
    north, state = registry.as_("north"), registry.as_("state")
    waiver: dict[str, Any] = {"deadline": REPORT, "outcome": "waived", "doneOn": "2025-07-01"}
    assert (await file(contract, north, **waiver)).status_code == 403
    own = {**waiver, "deadline": "duty/district-comment/2025"}
    assert (await file(contract, **own)).status_code == 403
    done(await file(contract, state, **own))
    done(await file(contract, **waiver))
    states = await owed(registry, "2025-12-01", kind="duty", to="2025-12-01")
    assert (states[REPORT]["state"], states[REPORT]["late"]) == ("waived", False)
    assert states["duty/district-comment/2025"]["state"] == "waived"


async def test_the_feed_is_the_same_bytes_until_a_fact_is_recorded(registry: Registry) -> None:
    contract = await renaissance(registry)
    client, on = registry.as_("district"), {"asOf": "2025-08-02"}
    url = feed_url(registry, "district")
    first = await client.get(url, params=on)
    same = await client.get(url, params=on, headers={"if-none-match": first.headers["etag"]})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", first.headers["etag"])
    done(await file(contract, deadline=REPORT, doneOn="2025-07-30"))
    changed = await client.get(url, params=on, headers={"if-none-match": first.headers["etag"]})
    assert (changed.status_code, changed.headers["etag"] == first.headers["etag"]) == (200, False)


async def test_the_feed_of_a_name_in_two_lines_can_be_read(registry: Registry) -> None:
    await registry.organization("Denver,\r\nPublic Schools", "district")
    answer = await registry.platform.get(feed_url(registry, "Denver,\r\nPublic Schools"))
    assert b"X-WR-CALNAME:Deadlines: Denver\\,\\nPublic Schools\r\n" in answer.content
