"""Requests that repeat: on which days, and that they end with the right to them."""

from datetime import date, timedelta
from typing import Any

import pytest
from contracts.registry import SchoolChanged
from hypothesis import given
from hypothesis import strategies as st
from shared_services.series.rules import MAX_DAYS, days, repeat_errors
from shared_services.series.schemas import Repeats

from tests.shared_services.calendars import CALENDAR
from tests.shared_services.conftest import EVENT_CLEANING, Cast, errors, facts, held

TUESDAYS = {"validFrom": "2026-12-01", "validTo": "2027-01-01", "weekdays": ["tuesday"]}


async def start(cast: Cast, offering: str = "MNT-HVAC", who: str = "north", **repeats: Any) -> Any:
    """Ask for a series at Orr."""
    body = {"request": cast.body("Orr", offering), "repeats": TUESDAYS | repeats}
    return await cast.clients[who].post("/v1/request-series", json=body)


async def dates(cast: Cast, series: dict[str, Any]) -> dict[str, str]:
    """The status of each request of a series by its date."""
    read = (await cast.platform.get(f"/v1/request-series/{series['id']}")).json()
    return {one["serviceDate"]: one["status"] for one in read["requests"]}


async def test_a_series_is_a_request_for_each_of_its_days(cast: Cast) -> None:
    made = (await start(cast)).json()
    assert [one["serviceDate"] for one in made["requests"]] == [
        "2026-12-01",
        "2026-12-08",
        "2026-12-15",
        "2026-12-22",
        "2026-12-29",
    ]
    listed = (await cast.clients["north"].get("/v1/requests", params={"seriesId": made["id"]})).json()["items"]
    assert {one["number"] for one in listed} == {one["number"] for one in made["requests"]}


async def test_days_on_which_the_district_is_closed_are_left_out(cast: Cast) -> None:
    winter = {"name": "Winter break", "validFrom": "2026-12-21", "validTo": "2027-01-04"}
    body = CALENDAR | {"closures": [winter], "districtId": str(cast.ids["district"]), "reason": "Test"}
    await cast.platform.post("/v1/calendars", json=body)
    made, kept = (await start(cast)).json(), (await start(cast, skipClosedDays=False)).json()
    assert (len(made["requests"]), len(kept["requests"])) == (3, 5)


async def test_a_series_sent_twice_under_one_key_is_one(cast: Cast) -> None:
    body = {"request": cast.body("Orr"), "repeats": TUESDAYS}
    send = cast.clients["north"].post
    answers = [await send("/v1/request-series", json=body, headers={"idempotency-key": "k"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len((await cast.platform.get("/v1/requests")).json()["items"]) == 5


async def test_the_days_of_a_closed_school_are_cancelled_when_it_is_heard(cast: Cast) -> None:
    made = (await start(cast)).json()
    roles = [held(cast.ids["district"], "accountable-lea"), held(cast.ids["north"], "operator")]
    closing = [facts("Orr", "2018-07-01", "2026-12-15")]
    await cast.hear(SchoolChanged(id=cast.ids["Orr"], version=2, facts=closing, assignments=roles))
    assert await dates(cast, made) == {
        "2026-12-01": "submitted",
        "2026-12-08": "submitted",
        "2026-12-15": "cancelled",
        "2026-12-22": "cancelled",
        "2026-12-29": "cancelled",
    }
    history = await cast.platform.get(f"/v1/requests/{made['requests'][2]['id']}/history")
    step = history.json()["items"][-1]
    assert (step["side"], step["clientId"]) == ("system", "system")
    assert "closed" in step["reason"]


async def test_an_election_ends_a_series_from_its_date_on(cast: Cast) -> None:
    await cast.offer(EVENT_CLEANING)
    made = (await start(cast, "MNT-EVENT")).json()
    await cast.grant("Orr", {"validFrom": "2026-12-20"})
    assert list((await dates(cast, made)).values()) == ["submitted"] * 3 + ["cancelled"] * 2


async def test_single_requests_are_not_ended_with_a_series(cast: Cast) -> None:
    await cast.offer(EVENT_CLEANING)
    made = await cast.submit("north", "Orr", "MNT-EVENT", serviceDate="2026-12-29")
    await cast.grant("Orr", {})
    assert (await cast.platform.get(f"/v1/requests/{made['id']}")).json() == made


async def test_its_requester_ends_a_series(cast: Cast) -> None:
    made = (await start(cast)).json()
    end = {"endsOn": "2026-12-15", "reason": "Repaired"}
    url = f"/v1/request-series/{made['id']}/end"
    assert (await cast.clients["south"].post(url, json=end)).status_code == 404
    assert (await cast.clients["district"].post(url, json=end)).status_code == 403
    ended = (await cast.clients["north"].post(url, json=end)).json()
    assert [one["status"] for one in ended["requests"]] == ["submitted"] * 2 + ["cancelled"] * 3


async def test_a_series_of_what_is_quoted_is_refused_and_nothing_is_written(cast: Cast) -> None:
    await cast.offer(EVENT_CLEANING)
    await cast.grant("Orr", {"validFrom": "2026-12-20"})
    refused = await start(cast, "MNT-EVENT")
    assert errors(refused) == {"repeats": "election"}
    assert [error["value"] for error in refused.json()["errors"]] == ["2026-12-22", "2026-12-29"]
    assert (await cast.platform.get("/v1/requests")).json()["items"] == []


async def test_a_series_takes_no_more_than_is_left_of_a_quota(cast: Cast) -> None:
    await cast.offer(EVENT_CLEANING)
    await cast.grant("Orr", {"class": "included", "quota": {"count": 3}})
    assert errors(await start(cast, "MNT-EVENT")) == {"repeats.validTo": "quota"}
    made = (await start(cast, "MNT-EVENT", validTo="2026-12-16")).json()
    await cast.grant("Orr", {"class": "included", "quota": {"count": 3}})
    assert set((await dates(cast, made)).values()) == {"submitted"}


@pytest.mark.parametrize(
    ("repeats", "field", "rule"),
    [
        ({"validTo": "2026-12-01"}, "repeats.validTo", "after-start"),
        ({"weekdays": []}, "repeats.weekdays", "one-of"),
        ({"everyMonths": 3}, "repeats.weekdays", "one-of"),
        ({"validTo": "2026-12-02", "weekdays": ["friday"]}, "repeats", "empty"),
        ({"validTo": "2040-12-02"}, "repeats.validTo", "too-many"),
    ],
)
async def test_days_that_make_no_series_are_refused_by_field(
    cast: Cast, repeats: dict[str, Any], field: str, rule: str
) -> None:
    assert errors(await start(cast, **repeats)) == {field: rule}


def test_every_third_month_keeps_to_the_month_although_the_day_is_not_there() -> None:
    repeats = Repeats(valid_from=date(2026, 8, 31), valid_to=date(2027, 9, 1), every_months=3)
    assert [str(day) for day in days(repeats)] == [
        "2026-08-31",
        "2026-11-30",
        "2027-02-28",
        "2027-05-31",
        "2027-08-31",
    ]


weekdays = st.lists(st.sampled_from(["monday", "wednesday", "friday"]), unique=True, min_size=1)


@given(
    start=st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    length=st.integers(1, 800),
    named=weekdays,
    every=st.integers(1, 4),
)
def test_a_series_has_just_the_days_of_its_period_that_are_its_weekdays_in_its_weeks(
    start: date, length: int, named: list[Any], every: int
) -> None:
    end = start + timedelta(days=length)
    repeats = Repeats(valid_from=start, valid_to=end, weekdays=named, every_weeks=every)
    found = days(repeats)
    monday = start - timedelta(days=start.weekday())
    period = (start + timedelta(days=count) for count in range(length))
    weeks = [day for day in period if (day - monday).days // 7 % every == 0]
    assert found == [day for day in weeks if f"{day:%A}".lower() in named][: MAX_DAYS + 1]
    assert bool(repeat_errors(repeats)) == (len(found) == 0 or len(found) > MAX_DAYS)
