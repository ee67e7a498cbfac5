"""District calendars, and how days are counted by them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from registry.calendars.arithmetic import BusinessDays, YearOfDays, due_on

from tests.registry.conftest import Registry
from tests.registry.governing import changed
from tests.registry.journeys import done

FIRST, LAST = date(2026, 7, 1), date(2027, 6, 30)
INSIDE = st.dates(FIRST, LAST)
AROUND = st.dates(FIRST - timedelta(days=60), LAST + timedelta(days=60))
ROLLS = st.sampled_from(["next-business-day", "previous-business-day"])


@st.composite
def calendars(draw: st.DrawFn) -> BusinessDays:
    """A year with some weekdays of business and some days closed."""
    weekdays = draw(st.frozensets(st.integers(0, 6), min_size=1))
    closed = draw(st.dictionaries(INSIDE, st.just("Closed"), max_size=40))
    return BusinessDays((YearOfDays(FIRST, LAST, weekdays, closed),))


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


@given(calendars(), AROUND, st.integers(0, 60))
def test_so_many_business_days_after_a_day_are_counted_one_by_one(
    business: BusinessDays, start: date, number: int
) -> None:
    end = business.after(start, number, "business")
    counted = [day for day in days(start, end)[1:] if business.is_business_day(day)]
    assert len(counted) == number
    assert end == start or counted[-1] == end


@given(calendars(), AROUND, st.integers(0, 60))
def test_a_day_more_is_never_due_earlier(business: BusinessDays, start: date, number: int) -> None:
    assert business.after(start, number, "business") < business.after(start, number + 1, "business")
    assert business.after(start, number, "calendar") <= business.after(start, number, "business")


@given(calendars(), AROUND, ROLLS)
def test_a_roll_rule_leads_to_the_nearest_business_day_on_its_side(
    business: BusinessDays, day: date, roll: Any
) -> None:
    found = due_on(day, roll, business)
    assert business.is_business_day(found.on)
    passed = days(*sorted((day, found.on)))
    assert [each for each in passed if business.is_business_day(each)] == [found.on]
    assert (found.on >= day) == (roll == "next-business-day") or found.on == day
    assert (found.because is None) == (found.on == day)


@given(calendars(), AROUND)
def test_without_a_roll_rule_nothing_moves(business: BusinessDays, day: date) -> None:
    assert due_on(day, "none", business).on == day


@given(AROUND, st.integers(0, 60))
def test_without_a_calendar_monday_to_friday_are_business_days(start: date, number: int) -> None:
    end = BusinessDays().after(start, number, "business")
    assert sum(day.weekday() < 5 for day in days(start, end)[1:]) == number


def calendar(**more: Any) -> dict[str, Any]:
    body = {
        "schoolYear": 2027,
        "firstDay": "2026-07-01",
        "lastDay": "2027-06-30",
        "closures": [
            {"name": "Thanksgiving", "firstDay": "2026-11-26", "lastDay": "2026-11-27"},
            {"name": "Labor Day", "firstDay": "2026-09-07"},
        ],
        "countDates": [{"name": "October count", "day": "2026-10-01"}],
        "source": "Board calendar",
    }
    return body | more


def url(registry: Registry, of: str = "district") -> str:
    return f"/v1/organizations/{registry.ids[of]}/calendars"


async def test_a_district_has_a_calendar_for_each_school_year(registry: Registry) -> None:
    client, key = registry.as_("district"), {"idempotency-key": "one"}
    made, again = [await client.post(url(registry), json=calendar(), headers=key) for _ in range(2)]
    assert made.json() == again.json()
    assert made.headers["location"] == f"{url(registry)}/2027"
    shown = done(await registry.as_("north").get(made.headers["location"]))
    assert (shown["timeZone"], shown["businessWeekdays"][-1]) == ("America/Chicago", "friday")
    assert shown["closures"][1] == {"name": "Labor Day", "firstDay": "2026-09-07", "lastDay": None}
    done(
        await client.post(
            url(registry), json=calendar(schoolYear=2026, firstDay="2025-07-01", lastDay="2026-06-30", closures=[])
        )
    )
    listed = done(await client.get(url(registry), params={"limit": 1}))
    assert ([each["schoolYear"] for each in listed["items"]], bool(listed["nextCursor"])) == ([2026], True)


async def test_what_was_known_of_a_calendar_stays_readable(registry: Registry) -> None:
    client = registry.as_("district")
    made = done(await client.post(url(registry), json=calendar()))
    before = datetime.now(UTC).isoformat()
    path = f"{url(registry)}/2027"
    assert (await client.patch(path, json={}, headers={"if-match": '"7"'})).status_code == 412
    assert (await changed(client, path, closures=[]))["closures"] == []
    assert done(await client.get(path, params={"knownAt": before})) == made
    unchanged = await client.get(path, headers={"if-none-match": '"2"'})
    assert unchanged.status_code == 304


async def test_everything_wrong_with_a_calendar_is_said_at_once(registry: Registry) -> None:
    closures = [
        {"name": "A", "firstDay": "2026-09-07", "lastDay": "2026-09-06"},
        {"name": "B", "firstDay": "2026-06-30"},
    ]
    body = calendar(lastDay="2028-06-30", schoolYear=2025, closures=closures)
    refused = await registry.as_("district").post(url(registry), json=body)
    assert {(error["field"], error["rule"]) for error in refused.json()["errors"]} == {
        ("lastDay", "after-start"),
        ("schoolYear", "ending-year"),
        ("closures.0.lastDay", "after-start"),
        ("closures.1.firstDay", "outside"),
    }


async def test_a_district_has_one_calendar_at_a_time(registry: Registry) -> None:
    client = registry.as_("district")
    done(await client.post(url(registry), json=calendar()))
    same = await client.post(url(registry), json=calendar())
    assert (same.status_code, same.json()["type"]) == (409, "urn:concordat:problem:calendar-there")
    overlapping = calendar(schoolYear=2028, firstDay="2027-06-30", lastDay="2028-06-30", closures=[])
    refused = await client.post(url(registry), json=overlapping)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "firstDay")


async def test_only_a_district_has_a_calendar_and_only_it_or_the_platform_records_it(registry: Registry) -> None:
    assert (await registry.as_("north").post(url(registry), json=calendar())).status_code == 403
    refused = await registry.platform.post(url(registry, "north"), json=calendar())
    assert refused.json()["errors"][0]["rule"] == "no-district"
