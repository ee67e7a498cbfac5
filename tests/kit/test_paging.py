"""Pages put together are the whole, whatever happens in between; and only our own cursors are taken."""

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx2
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, text

from tests.conftest import Service
from tests.kit.ledger.app import account

Names = list[str]
NAMES = st.lists(st.text("ab", min_size=1, max_size=2), max_size=25)


async def open_accounts(ledger: Service, names: Names) -> set[str]:
    """Rows with these names, written directly; their identifiers."""
    async with ledger.app.state.database.transaction() as session:
        rows = [{"name": name, "version": 1} for name in names]
        if not rows:
            return set()
        made = await session.scalars(insert(account).returning(account.c.id), rows)
        return {str(made_id) for made_id in made}


async def close_all(ledger: Service) -> None:
    """Take all accounts away."""
    async with ledger.app.state.database.transaction() as session:
        await session.execute(text("delete from account"))


async def all_pages(client: httpx2.AsyncClient, limit: int, between: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Every item, page after page by the Link header; `between` happens before each further page."""
    items: list[Any] = []
    url = f"/v1/accounts?limit={limit}"
    while True:
        answer = await client.get(url)
        page = answer.json()
        assert len(page["items"]) <= limit
        items += page["items"]
        assert ("next" in answer.links) == (page["nextCursor"] is not None)
        if page["nextCursor"] is None:
            return items
        url = answer.links["next"]["url"]
        await between()


async def nothing() -> None:
    """What usually happens between two pages."""


@given(names=NAMES, limit=st.integers(1, 30))
async def test_pages_put_together_are_the_whole_in_order(ledger: Service, names: Names, limit: int) -> None:
    await close_all(ledger)
    expected = await open_accounts(ledger, names)
    items = await all_pages(ledger.client("ledger:read"), limit, nothing)
    keys = [(item["name"], UUID(item["id"])) for item in items]
    assert keys == sorted(keys)
    assert {item["id"] for item in items} == expected
    assert len(items) == len(names)


@given(names=NAMES, late=NAMES, limit=st.integers(1, 7))
async def test_rows_that_come_while_one_reads_hide_none_and_show_none_twice(
    ledger: Service, names: Names, late: Names, limit: int
) -> None:
    await close_all(ledger)
    from_the_start = await open_accounts(ledger, names)

    async def one_more() -> None:
        await open_accounts(ledger, [late.pop()] if late else [])

    seen = [item["id"] for item in await all_pages(ledger.client("ledger:read"), limit, one_more)]
    assert len(seen) == len(set(seen))
    assert from_the_start <= set(seen)


def encoded(value: Any) -> str:
    """A cursor in the form of ours."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


PARTS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["\ud800", "a\x00"])
WRONG_PARTS = st.recursive(PARTS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=4)


@given(st.text(min_size=1) | WRONG_PARTS.map(encoded) | st.just(encoded(json.loads("[" * 150 + "]" * 150))))
async def test_a_forged_cursor_is_refused(ledger: Service, cursor: str) -> None:
    answer = await ledger.client("ledger:read").get("/v1/accounts", params={"cursor": cursor})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
