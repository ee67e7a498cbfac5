"""Corrections: a line is taken back and posted again, or trued up after a count; it is never edited."""

import asyncio
from uuid import UUID

import pytest
from shared_services.charges.tables import Charge
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from tests.shared_services.books import HOURS, Books
from tests.shared_services.conftest import Cast, errors


@pytest.fixture
def books(cast: Cast) -> Books:
    return Books(cast)


async def test_a_correction_reverses_the_line_and_posts_it_again_and_both_refer_to_it(books: Books) -> None:
    await books.rate(HOURS)
    first = await books.made("charges", books.hours("Orr"))
    said = await books.made(f"charges/{first['id']}/corrections", {"quantity": "3", "reason": "Three hours"})
    reversal, repost = said["reversal"], said["repost"]
    assert [line["amountCents"] for line in (first, reversal, repost)] == [9_000, -9_000, 13_500]
    assert {reversal["refersTo"], repost["refersTo"]} == {first["id"]}
    assert await books.read(first) == first | {"status": "adjusted"}


async def test_a_line_is_reversed_once_and_a_reversal_never(books: Books) -> None:
    await books.rate(HOURS)
    first = await books.made("charges", books.hours("Orr"))
    body = {"amountCents": 0, "reason": "Not ours"}
    answers = await asyncio.gather(*(books.post(f"charges/{first['id']}/corrections", body) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    done = next(answer.json() for answer in answers if answer.status_code == 201)
    again = await books.post(f"charges/{done['reversal']['id']}/corrections", body)
    assert (again.status_code, again.json()["type"]) == (409, "urn:concordat:problem:not-correctable")


async def test_the_database_itself_refuses_to_change_a_line(books: Books) -> None:
    await books.rate(HOURS)
    line = await books.made("charges", books.hours("Orr"))
    with pytest.raises(IntegrityError, match="never changed"):
        async with books.cast.service.app.state.database.transaction() as session:
            await session.execute(update(Charge).where(Charge.id == UUID(line["id"])).values(amount_cents=1))


async def test_a_count_trues_up_a_yearly_charge_and_a_second_count_only_the_rest(books: Books) -> None:
    await books.rate()
    first = await books.made("charges", books.line("Orr"))
    counts = [("312", "2026-10-01"), ("310", "2027-02-01")]
    lines = [
        await books.made(f"charges/{first['id']}/true-ups", {"quantity": n, "countDate": day, "reason": "Count day"})
        for n, day in counts
    ]
    assert [(line["amountCents"], line["kind"]) for line in lines] == [(144_000, "true-up"), (-24_000, "true-up")]
    assert {line["refersTo"] for line in lines} == {first["id"]}


async def test_a_correction_takes_back_the_true_ups_of_the_line_too(books: Books) -> None:
    await books.rate()
    first = await books.made("charges", books.line("Orr"))
    count = {"quantity": "312", "countDate": "2026-10-01", "reason": "Count day"}
    await books.made(f"charges/{first['id']}/true-ups", count)
    said = await books.made(f"charges/{first['id']}/corrections", {"quantity": "290", "reason": "Wrong school"})
    assert (said["reversal"]["amountCents"], said["repost"]["amountCents"]) == (-3_744_000, 3_480_000)


async def test_a_correction_says_a_quantity_or_an_amount(books: Books) -> None:
    await books.rate(HOURS)
    first = await books.made("charges", books.hours("Orr"))
    for body in ({}, {"quantity": "1", "amountCents": 1}):
        answer = await books.post(f"charges/{first['id']}/corrections", body | {"reason": "Wrong"})
        assert errors(answer) == {"quantity": "one-of"}
