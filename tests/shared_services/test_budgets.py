"""Budgets: what was laid down beside what the ledger says, as of any day and as it was known."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.shared_services.books import HOURS, WORK_ORDER, Books
from tests.shared_services.conftest import Cast, errors, held


class Budgets(Books):
    """A district's books with budgets."""

    def body(self, school: str | None = "Orr", **more: Any) -> dict[str, Any]:
        """The body of a budget of a school for the fiscal year 2026-27."""
        ids = self.cast.ids
        whose = {"schoolId": str(ids[school])} if school else {}
        plain = {
            "districtId": str(ids["district"]),
            "fiscalYear": 2027,
            "amountCents": 100_000,
            "source": "Resolution 7",
        }
        return plain | whose | more

    async def stand(self, who: str = "district", **query: str) -> list[dict[str, Any]]:
        """Budgets beside what was spent."""
        answer = await self.cast.clients[who].get("/v1/budgets", params=query)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])


@pytest.fixture
async def budgets(cast: Cast) -> Budgets:
    books = Budgets(cast)
    await books.rate(HOURS, approvalThresholdCents=100_000)
    return books


async def test_a_budget_stands_beside_charges_and_approved_estimates(budgets: Budgets) -> None:
    await budgets.made("budgets", budgets.body())
    await budgets.made("charges", budgets.hours("Orr", "4"))
    await budgets.made("charges", budgets.hours("Orr", "6", stage="estimate"))
    await budgets.made("charges", budgets.hours("Mann", "9"))
    (one,) = await budgets.stand()
    figures = [one[name] for name in ("actualCents", "committedCents", "remainingCents", "usedPercent")]
    assert figures == [18_000, 27_000, 55_000, 45]


async def test_a_line_counts_in_the_fiscal_year_of_its_service(budgets: Budgets) -> None:
    await budgets.rate(HOURS, validFrom="2025-07-01", validTo="2026-07-01")
    await budgets.made("budgets", budgets.body())
    for day in ("2026-06-30", "2026-07-01", "2026-10-15"):
        await budgets.made("charges", budgets.hours("Orr", "1", serviceDate=day))
    year, until_july = (await budgets.stand())[0], (await budgets.stand(asOf="2026-07-31"))[0]
    assert (year["actualCents"], until_july["actualCents"]) == (9_000, 4_500)


async def test_a_budget_for_one_service_counts_only_that(budgets: Budgets) -> None:
    await budgets.rate(WORK_ORDER | {"offering": "TRN-FIELD-TRIP"})
    await budgets.made("budgets", budgets.body(offering="TRN-FIELD-TRIP"))
    await budgets.made("charges", budgets.hours("Orr", "1"))
    assert (await budgets.stand())[0]["actualCents"] == 0


async def test_the_schools_of_a_zone_share_a_pool_as_long_as_they_belong_to_it(budgets: Budgets, cast: Cast) -> None:
    await cast.organization("zone", "zone")
    for name, zone_to in (("One", None), ("Two", None), ("Left", "2026-09-01")):
        roles = [held(cast.ids["district"], "accountable-lea"), held(cast.ids["north"], "operator")]
        await cast.school(name, assignments=[*roles, held(cast.ids["zone"], "zone", "2018-07-01", zone_to)])
        await budgets.made("charges", budgets.hours(name, "1"))
    await budgets.made("budgets", budgets.body(None, zoneId=str(cast.ids["zone"])))
    assert [one["actualCents"] for one in await budgets.stand("zone")] == [9_000]


async def test_a_budget_laid_down_anew_supersedes_and_the_old_one_stays_readable(budgets: Budgets, cast: Cast) -> None:
    await budgets.made("budgets", budgets.body())
    before, cast.now = cast.now, datetime(2026, 11, 25, 15, tzinfo=UTC)
    await budgets.made("budgets", budgets.body(amountCents=50_000))
    now, then = await budgets.stand(), await budgets.stand(knownAt=before.isoformat())
    assert [[one["amountCents"] for one in known] for known in (now, then)] == [[50_000], [100_000]]


async def test_an_operator_sees_the_budgets_of_the_years_in_which_it_ran_the_school(budgets: Budgets) -> None:
    await budgets.made("budgets", budgets.body())
    seen = {who: len(await budgets.stand(who)) for who in ("district", "north", "south", "elsewhere", "platform")}
    assert seen == {"district": 1, "north": 1, "south": 0, "elsewhere": 0, "platform": 1}
    assert (await budgets.post("budgets", budgets.body(), "north")).status_code == 403


async def test_a_budget_says_whose_it_is_and_for_what(budgets: Budgets, cast: Cast) -> None:
    assert errors(await budgets.post("budgets", budgets.body(None))) == {"schoolId": "one-of"}
    wrong = budgets.body(None, zoneId=str(cast.ids["state"]), offering="NONE")
    assert errors(await budgets.post("budgets", wrong)) == {"zoneId": "not-yours", "offering": "not-in-catalogue"}
