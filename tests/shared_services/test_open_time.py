"""Open time: what passes while a district works, over nights, weekends, holidays and changes of the clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_services.clocks.open_time import OpenTime, RealTime, calendar_errors, open_time

from tests.shared_services.calendars import CALENDAR, calendar

CHICAGO = ZoneInfo("America/Chicago")
WORKING = open_time(calendar().model_dump_json(by_alias=True))
instants = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
amounts = st.integers(0, 60 * 60 * 300).map(lambda seconds: timedelta(seconds=seconds))


def local(text: str) -> datetime:
    """A local time in Chicago."""
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO)


@pytest.mark.parametrize(("days", "due"), [(2, "2025-11-25 15:30"), (4, "2025-12-01 15:30")])
def test_business_days_leave_out_nights_the_weekend_and_thanksgiving(days: int, due: str) -> None:
    assert WORKING.after(local("2025-11-21 15:30"), timedelta(hours=9 * days)) == local(due)


def test_an_hour_by_day_and_night_is_an_hour() -> None:
    assert RealTime().after(local("2025-11-21 15:30"), timedelta(hours=1)) == local("2025-11-21 16:30")


def test_what_comes_in_at_night_begins_to_count_in_the_morning() -> None:
    assert WORKING.after(local("2025-11-21 23:00"), timedelta(hours=1)) == local("2025-11-24 08:00")


@pytest.mark.parametrize(("change", "hours"), [("2026-03-08", 23), ("2026-11-01", 25)])
def test_a_day_on_which_the_clocks_change_is_as_long_as_it_was(change: str, hours: int) -> None:
    all_day = [{"weekday": "sunday", "opens": "00:00", "closes": "23:59:59"}]
    sunday = open_time(calendar(hours=all_day, closures=[]).model_dump_json(by_alias=True))
    start = local(f"{change} 00:00")
    assert sunday.between(start, start + timedelta(days=2)) == timedelta(hours=hours) - timedelta(seconds=1)


def test_hours_are_local_before_and_after_the_clocks_change() -> None:
    due = WORKING.after(local("2026-03-06 15:00"), timedelta(hours=2))  # Friday before the second Sunday of March
    assert due == local("2026-03-09 08:00")
    assert due is not None
    assert due.astimezone(UTC).hour == 13


def test_a_short_day_has_its_own_hours_even_in_a_break() -> None:
    short = [{"day": "2025-11-28", "opens": "08:00", "closes": "10:00"}]
    working = open_time(calendar(shortDays=short).model_dump_json(by_alias=True))
    assert working.after(local("2025-11-26 15:00"), timedelta(hours=2)) == local("2025-11-28 09:00")


def test_what_never_opens_is_never_due() -> None:
    closed = [{"name": "For good", "validFrom": "2000-01-01", "validTo": "2100-01-01"}]
    shut = open_time(calendar(closures=closed).model_dump_json(by_alias=True))
    assert shut.after(local("2025-11-21 15:30"), timedelta(seconds=1)) is None


@given(start=instants, amount=amounts)
def test_when_an_amount_has_passed_just_that_amount_lies_between(start: datetime, amount: timedelta) -> None:
    due = WORKING.after(start, amount)
    assert due is not None
    assert WORKING.between(start, due) == amount


@given(start=instants, first=amounts, second=amounts)
def test_two_amounts_after_each_other_are_their_sum(start: datetime, first: timedelta, second: timedelta) -> None:
    middle = WORKING.after(start, first)
    assert middle is not None
    assert WORKING.after(middle, second) == WORKING.after(start, first + second)


@given(start=instants, end=instants, middle=instants)
def test_open_time_adds_up_and_never_exceeds_real_time(start: datetime, end: datetime, middle: datetime) -> None:
    start, middle, end = sorted((start, middle, end))
    whole = WORKING.between(start, end)
    assert WORKING.between(start, middle) + WORKING.between(middle, end) == whole <= end - start


def test_a_calendar_is_read_the_same_whoever_reads_it() -> None:
    assert isinstance(WORKING, OpenTime)
    assert open_time(calendar().model_dump_json(by_alias=True)) is WORKING


def test_what_contradicts_itself_in_a_calendar_is_told_all_at_once() -> None:
    tier = CALENDAR["bellTiers"][0] | {"afternoonEnds": "13:00"}
    broken = calendar(
        hours=[
            {"weekday": "monday", "opens": "07:00", "closes": "16:00"},
            {"weekday": "monday", "opens": "15:00", "closes": "17:00"},
            {"weekday": "tuesday", "opens": "16:00", "closes": "07:00"},
        ],
        closures=[{"name": "x", "validFrom": "2026-01-02", "validTo": "2026-01-02"}],
        shortDays=[{"day": "2026-01-05", "opens": "08:00", "closes": "09:00"}] * 2,
        bellTiers=[tier],
    )
    assert {(error.field, error.rule) for error in calendar_errors(broken)} == {
        ("hours.1", "one-at-a-time"),
        ("hours.2.closes", "after-start"),
        ("closures.0.validTo", "after-start"),
        ("shortDays.1.day", "repeated"),
        ("bellTiers.0", "in-order"),
    }
