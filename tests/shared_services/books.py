"""What finance does in the tests of chargeback: rates, charges, months."""

from typing import Any

import httpx2

from tests.shared_services.conftest import Cast

CLEANING: dict[str, Any] = {
    "offering": "MNT-HVAC",
    "unit": "per-pupil",
    "centsPerUnit": 12_000,
    "costBasisCents": 12_000,
    "method": "Last year's cost, divided by pupils",
    "source": "Board report 26-0624-AR1",
    "validFrom": "2026-07-01",
}
WORK_ORDER = CLEANING | {"unit": "per-work-order", "centsPerUnit": 9_950, "costBasisCents": 10_000}
HOURS = CLEANING | {"unit": "per-hour", "centsPerUnit": 4_500, "costBasisCents": 4_500}
YEAR = {"serviceDate": "2026-08-01", "serviceTo": "2027-07-01"}


class Books:
    """A district's books."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast

    async def post(self, url: str, body: dict[str, Any], who: str = "district", version: int | None = None) -> Any:
        """An answer to a POST of `who`."""
        headers = {} if version is None else {"if-match": f'"{version}"'}
        return await self.cast.clients[who].post(f"/v1/{url}", json=body, headers=headers)

    async def made(self, url: str, body: dict[str, Any], who: str = "district", version: int | None = None) -> Any:
        """What a POST of `who` made, which is taken."""
        answer: httpx2.Response = await self.post(url, body, who, version)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    async def rate(self, terms: dict[str, Any] = CLEANING, **more: Any) -> dict[str, Any]:
        """A published rate."""
        return dict(await self.made("rates", terms | {"districtId": str(self.cast.ids["district"])} | more))

    def line(self, school: str, **more: Any) -> dict[str, Any]:
        """The body of a charge: a year of cleaning for 300 pupils."""
        plain = {"offering": "MNT-HVAC", "unit": "per-pupil", "quantity": "300"} | YEAR
        return plain | {"schoolId": str(self.cast.ids[school])} | more

    def hours(self, school: str, quantity: str = "2", **more: Any) -> dict[str, Any]:
        """The body of a charge by the hour, for a day in October."""
        day = {"unit": "per-hour", "quantity": quantity, "serviceDate": "2026-10-15", "serviceTo": None}
        return self.line(school, **day | more)

    async def close(self, month: str, who: str = "district") -> Any:
        """An answer to the closing of a month."""
        return await self.post("billing-periods", {"districtId": str(self.cast.ids["district"]), "month": month}, who)

    async def read(self, line: dict[str, Any], who: str = "district") -> dict[str, Any]:
        """A line as it is now."""
        return dict((await self.cast.clients[who].get(f"/v1/charges/{line['id']}")).json())

    async def statements(self, month: str, who: str = "district") -> list[dict[str, Any]]:
        """The statements of a month that `who` sees."""
        answer = await self.cast.clients[who].get(f"/v1/statements?month={month}")
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])
