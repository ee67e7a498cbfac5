"""A request sent again under its key has no second effect."""

import asyncio
from collections import Counter

import pytest
from kit.forgetting import forget_old_answers
from kit.tasks import end
from sqlalchemy import text

from tests.conftest import Service
from tests.kit.conftest import eventually, rows


async def accounts(ledger: Service) -> list[tuple[str]]:
    """The names of the accounts that exist."""
    return await rows(ledger.app.state.database, "select name from account")


async def test_fifty_repeats_at_once_have_one_effect_and_one_answer(ledger: Service) -> None:
    client = ledger.client("ledger:write")
    same = {"json": {"name": "Ida"}, "headers": {"idempotency-key": "k"}}
    answers = await asyncio.gather(*(client.post("/v1/accounts", **same) for _ in range(50)))  # type: ignore[arg-type]
    assert len({(answer.status_code, answer.content, answer.headers["etag"]) for answer in answers}) == 1
    assert Counter(answer.headers.get("idempotency-replayed") for answer in answers) == {None: 1, "true": 49}
    assert await accounts(ledger) == [("Ida",)]
    assert await rows(ledger.app.state.database, "select count(*) from journal") == [(1,)]


async def test_without_a_key_each_request_counts(ledger: Service) -> None:
    client = ledger.client("ledger:write")
    for _ in range(2):
        await client.post("/v1/accounts", json={"name": "Ida"})
    assert len(await accounts(ledger)) == 2


async def test_a_key_of_another_request_is_refused(ledger: Service) -> None:
    client = ledger.client("ledger:write")
    await client.post("/v1/accounts", json={"name": "Ida"}, headers={"idempotency-key": "k"})
    answer = await client.post("/v1/accounts", json={"name": "Ada"}, headers={"idempotency-key": "k"})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:concordat:problem:idempotency-key-reused")
    assert await accounts(ledger) == [("Ida",)]


async def test_a_key_belongs_to_its_client(ledger: Service) -> None:
    for client_id in ("one", "two"):
        client = ledger.client("ledger:write", client_id=client_id)
        answer = await client.post("/v1/accounts", json={"name": client_id}, headers={"idempotency-key": "k"})
        assert answer.status_code == 201
    assert len(await accounts(ledger)) == 2


async def test_a_first_attempt_that_failed_leaves_the_key_free(ledger: Service) -> None:
    client = ledger.client("ledger:write")
    refused = await client.post("/v1/accounts", json={"name": "refused"}, headers={"idempotency-key": "k"})
    accepted = await client.post("/v1/accounts", json={"name": "Ida"}, headers={"idempotency-key": "k"})
    assert (refused.status_code, accepted.status_code) == (404, 201)
    assert "idempotency-replayed" not in accepted.headers


@pytest.mark.parametrize("key", ["", "x" * 201, "with space", "\x7f"])
async def test_a_key_that_cannot_be_one_is_refused(ledger: Service, key: str) -> None:
    answer = await ledger.client("ledger:write").post(
        "/v1/accounts", json={"name": "Ida"}, headers={"idempotency-key": key}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "header.idempotency-key"


async def test_an_answer_is_forgotten_after_two_weeks_and_not_before(ledger: Service) -> None:
    database = ledger.app.state.database
    async with database.transaction() as session:
        for key, age in (("old", "14 days 1 minute"), ("young", "13 days 23 hours")):
            await session.execute(
                text(
                    "insert into idempotency_key (client_id, key, fingerprint, at)"
                    f" values ('c', '{key}', '', now() - interval '{age}')"
                )
            )

    async def only_the_young_is_left() -> bool:
        return await rows(database, "select key from idempotency_key") == [("young",)]

    forgetting = asyncio.create_task(forget_old_answers(database))
    await eventually(only_the_young_is_left)
    await end(forgetting)
