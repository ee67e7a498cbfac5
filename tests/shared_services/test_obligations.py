"""Obligations: a start-up loan is paid back on the statements, and what is left falls due without renewal."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_services.obligations.rules import balance, installments
from shared_services.obligations.schemas import Installment, OnNonRenewal

from tests.shared_services.agreements import AGREEMENT, agreement
from tests.shared_services.books import Books
from tests.shared_services.conftest import Cast, errors, held

YEARS = (2026, 2027, 2028)
LOAN: dict[str, Any] = {
    "kind": "start-up-loan",
    "name": "Start-up loan",
    "principalCents": 90_000_00,
    "schedule": [{"dueOn": f"{year}-10-01", "cents": 30_000_00} for year in YEARS],
    "source": "Loan agreement, 4.1",
}


class Ledger(Books):
    """A district's books with loans."""

    def loan(self, debtor: str = "north", school: str = "Orr", **more: Any) -> dict[str, Any]:
        """The body of a loan."""
        ids = self.cast.ids
        named = {"districtId": ids["district"], "schoolId": ids[school], "debtorId": ids[debtor]}
        return LOAN | {name: str(value) for name, value in named.items()} | more

    async def repay(self, up_to: str) -> dict[str, Any]:
        """What went onto the ledger up to a day."""
        body = {"districtId": str(self.cast.ids["district"]), "upTo": up_to}
        return dict(await self.made("obligations/repayments", body))

    async def stands(self, loan: dict[str, Any], as_of: str, who: str = "district") -> dict[str, Any]:
        """A loan on a day."""
        answer = await self.cast.clients[who].get(f"/v1/obligations/{loan['id']}", params={"asOf": as_of})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@pytest.fixture
def ledger(cast: Cast) -> Ledger:
    return Ledger(cast)


async def end_operation(cast: Cast, day: str) -> None:
    """Let the registry say that north runs Orr no longer."""
    roles = [held(cast.ids["district"], "accountable-lea"), held(cast.ids["north"], "operator", "2018-07-01", day)]
    await cast.school("Orr", assignments=roles)


async def test_installments_go_onto_the_statement_when_they_are_due_and_never_twice(ledger: Ledger) -> None:
    loan = await ledger.made("obligations", ledger.loan())
    assert await ledger.repay("2026-10-31") == {"posted": 1, "cents": 30_000_00, "more": False}
    assert await ledger.repay("2026-10-31") == {"posted": 0, "cents": 0, "more": False}
    (statement,) = await ledger.statements("2026-10-01", "north")
    assert (statement["repaymentsCents"], statement["purchasesCents"], statement["netCents"]) == (
        30_000_00,
        0,
        30_000_00,
    )
    (line,) = statement["lines"]
    assert (line["kind"], line["obligationId"], line["installment"]) == ("repayment", loan["id"], 1)


async def test_what_is_left_is_read_on_any_day(ledger: Ledger) -> None:
    loan = await ledger.made("obligations", ledger.loan())
    await ledger.repay("2026-10-31")
    stands = {day: await ledger.stands(loan, day) for day in ("2026-09-30", "2026-10-31", "2027-10-31")}
    sums = [[one[f"{name}Cents"] for name in ("repaid", "overdue", "remaining")] for one in stands.values()]
    assert sums == [[0, 0, 90_000_00], [30_000_00, 0, 60_000_00], [30_000_00, 30_000_00, 60_000_00]]


@pytest.mark.parametrize(
    ("rule", "remaining", "overdue"), [("falls-due", 60, 60), ("goes-on", 60, 0), ("is-forgiven", 0, 0)]
)
async def test_without_renewal_the_rest_falls_due_goes_on_or_is_forgiven(
    ledger: Ledger, cast: Cast, rule: str, remaining: int, overdue: int
) -> None:
    body = ledger.loan(onNonRenewal=rule)
    await end_operation(cast, "2027-07-01")
    loan = await ledger.made("obligations", body | {"schoolId": str(cast.ids["Orr"])})
    await ledger.repay("2026-10-31")
    before, after = await ledger.stands(loan, "2027-06-30"), await ledger.stands(loan, "2027-07-01")
    assert (before["endsOn"], before["remainingCents"]) == ("2027-07-01", 60_000_00)
    assert before["dueOnNonRenewalCents"] == (60_000_00 if rule == "falls-due" else 0)
    assert (after["remainingCents"], after["overdueCents"]) == (remaining * 100_000, overdue * 100_000)


async def test_what_falls_due_is_posted_on_the_last_day_and_says_why(ledger: Ledger, cast: Cast) -> None:
    await end_operation(cast, "2027-07-01")
    await ledger.made("obligations", ledger.loan(school="Orr"))
    assert (await ledger.repay("2027-07-01"))["posted"] == 3
    lines = [line for one in await ledger.statements("2027-07-01", "north") for line in one["lines"]]
    assert [(line["serviceDate"], line["reason"]) for line in lines] == [
        ("2027-07-01", "The agreement was not renewed.")
    ] * 2


async def test_a_loan_under_an_agreement_ends_with_it_unless_another_takes_its_place(
    ledger: Ledger, cast: Cast
) -> None:
    await cast.hear(agreement(cast))
    loan = await ledger.made("obligations", ledger.loan(agreementId=AGREEMENT))
    for version, after in enumerate(("expired", "superseded"), start=2):
        await cast.hear(agreement(cast, after=after, version=version))
        stands = await ledger.stands(loan, "2027-08-01")
        assert stands["overdueCents"] == (90_000_00 if after == "expired" else 30_000_00)


async def test_a_correction_of_an_installment_counts_for_it(ledger: Ledger) -> None:
    loan = await ledger.made("obligations", ledger.loan())
    await ledger.repay("2026-10-31")
    (line,) = (await ledger.stands(loan, "2026-11-24"))["installments"][:1]
    await ledger.made(f"charges/{line['chargeId']}/corrections", {"amountCents": 10_000_00, "reason": "Hardship"})
    stands = await ledger.stands(loan, "2026-11-24")
    assert (stands["repaidCents"], stands["overdueCents"], stands["remainingCents"]) == (10_000_00, 0, 80_000_00)


async def test_a_loan_that_does_not_fit_says_all_that_is_wrong(ledger: Ledger) -> None:
    wrong = ledger.loan(debtor="south", principalCents=1, agreementId=str(ledger.cast.ids["state"]))
    assert errors(await ledger.post("obligations", wrong)) == {
        "schedule": "adds-up",
        "debtorId": "not-of-the-school",
        "agreementId": "not-of-the-school",
    }
    foreign = await ledger.post("obligations", ledger.loan() | {"schoolId": str(ledger.cast.ids["state"])})
    assert errors(foreign) == {"schoolId": "not-yours"}


async def test_a_loan_is_for_those_who_owe_it_and_are_owed_it(ledger: Ledger) -> None:
    loan = await ledger.made("obligations", ledger.loan())
    for who, status in (("north", 200), ("south", 404), ("elsewhere", 404)):
        answer = await ledger.cast.clients[who].get(f"/v1/obligations/{loan['id']}")
        listed = (await ledger.cast.clients[who].get("/v1/obligations")).json()["items"]
        assert (answer.status_code, len(listed)) == (status, int(status == 200))
    assert (await ledger.post("obligations", ledger.loan(), "north")).status_code == 403


@given(
    st.lists(st.integers(1, 10**6), min_size=1, max_size=8),
    st.sampled_from(("falls-due", "goes-on", "is-forgiven")),
    st.none() | st.integers(0, 9),
    st.integers(0, 9),
    st.sets(st.integers(1, 8)),
)
def test_the_parts_of_a_balance_add_up_to_the_principal(
    parts: list[int], rule: OnNonRenewal, ended: int | None, day: int, posted: set[int]
) -> None:
    schedule = [Installment(due_on=date(2026 + year, 1, 1), cents=cents) for year, cents in enumerate(parts)]
    due = installments(schedule, rule, None if ended is None else date(2026 + ended, 1, 1))
    on_ledger = {one.number: one.cents for one in due if one.number in posted}
    stands = balance(sum(parts), due, on_ledger, date(2026 + day, 1, 1))
    assert stands.repaid + stands.forgiven + stands.remaining == sum(parts)
    assert 0 <= stands.overdue <= stands.remaining
