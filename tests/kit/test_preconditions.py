"""Nobody overwrites what somebody else wrote in the meantime."""

import asyncio
from collections import Counter

import pytest

from tests.conftest import Service

BOTH = ("ledger:write", "ledger:read")


async def opened(ledger: Service) -> str:
    """The path of a new account, in version 1."""
    answer = await ledger.client(*BOTH).post("/v1/accounts", json={"name": "Ida"})
    return f"/v1/accounts/{answer.json()['id']}"


async def test_of_many_updates_of_one_version_one_succeeds(ledger: Service) -> None:
    path, client = await opened(ledger), ledger.client(*BOTH)
    answers = await asyncio.gather(
        *(client.patch(path, json={"name": f"n{number}"}, headers={"if-match": '"1"'}) for number in range(10))
    )
    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 9}


async def test_who_comes_too_late_is_told_the_current_version(ledger: Service) -> None:
    path, client = await opened(ledger), ledger.client(*BOTH)
    await client.patch(path, json={"name": "Ada"}, headers={"if-match": '"1"'})
    late = await client.patch(path, json={"name": "Eva"}, headers={"if-match": '"1"'})
    assert (late.status_code, late.json()["currentEtag"]) == (412, '"2"')
    assert (await client.get(path)).json()["name"] == "Ada"


@pytest.mark.parametrize("tag", ["1", "*", 'W/"1"', '"x"', '"1", "2"', '""', f'"{10**18}"', '"-1"'])
async def test_an_if_match_that_is_not_one_tag_of_ours_is_refused(ledger: Service, tag: str) -> None:
    path = await opened(ledger)
    answer = await ledger.client(*BOTH).patch(path, json={"name": "Ada"}, headers={"if-match": tag})
    assert answer.status_code == 400


async def test_an_update_without_if_match_is_refused(ledger: Service) -> None:
    path = await opened(ledger)
    answer = await ledger.client(*BOTH).patch(path, json={"name": "Ada"})
    assert (answer.status_code, "If-Match" in answer.json()["detail"]) == (428, True)


@pytest.mark.parametrize(
    ("held", "status"), [('"1"', 304), ('W/"1"', 304), ('"7", "1"', 304), ("*", 304), ('"2"', 200), ("", 200)]
)
async def test_a_version_that_the_client_holds_is_not_sent_again(ledger: Service, held: str, status: int) -> None:
    path = await opened(ledger)
    answer = await ledger.client(*BOTH).get(path, headers={"if-none-match": held})
    assert (answer.status_code, answer.headers["etag"], bool(answer.content)) == (status, '"1"', status == 200)
