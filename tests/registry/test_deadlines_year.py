"""A contract's year, read only: what New Jersey asks for by which day, who stands how, and the feed of it."""

from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from icalendar import Calendar

from tests.registry.conftest import Registry, opened
from tests.registry.journeys import Journey, done
from tests.registry.owing import feed_url, file, owed, renaissance

Camden = tuple[Registry, Journey]
REPORT = "duty/annual-report/2025"
TERM = ("renewal-case", "non-renewal-notice", "term-end")


@pytest.fixture(scope="module")
async def camden(service_of: Callable[..., Any]) -> AsyncIterator[Camden]:
    """A registry with one contract, in whose first January the counts were filed."""
    async with opened(service_of) as registry:
        contract = await renaissance(registry)
        done(await file(contract, deadline="duty/enrollment-counts/2025", doneOn="2025-01-14"))
        yield registry, contract


async def test_new_jerseys_year_is_a_count_a_report_and_a_comment(camden: Camden) -> None:
    registry, _ = camden
    duties = await owed(registry, "2025-08-02", kind="duty", to="2026-06-30")
    north, district = str(registry.ids["north"]), str(registry.ids["district"])
    assert {key: (duty["dueOn"], duty["responsibleId"], duty["state"]) for key, duty in duties.items()} == {
        "duty/enrollment-counts/2025": ("2025-01-15", north, "done"),
        "duty/annual-report/2025": ("2025-08-01", north, "overdue"),
        "duty/district-comment/2025": ("2025-10-01", district, "upcoming"),
        "duty/enrollment-counts/2026": ("2026-01-15", north, "upcoming"),
    }
    assert duties[REPORT]["uncertain"] is None
    assert "first is taken" in duties["duty/district-comment/2025"]["uncertain"]


async def test_what_was_done_later_is_not_done_yet_on_an_earlier_date(camden: Camden) -> None:
    counts = "duty/enrollment-counts/2025"
    assert (await owed(camden[0], "2025-01-13"))[counts]["state"] == "due"
    assert (await owed(camden[0], "2025-01-14"))[counts]["doneOn"] == "2025-01-14"


async def test_an_application_within_ten_days_is_done_by_sending_it(camden: Camden) -> None:
    application = (await owed(camden[0], "2024-02-10"))["notice/application/2"]
    assert (application["dueOn"], application["doneOn"]) == ("2024-02-11", "2024-02-09")
    assert (application["state"], application["to"]) == ("done", "commissioner")
    assert (await owed(camden[0], "2024-02-08"))["notice/application/2"]["state"] == "due"


async def test_the_end_of_a_term_asks_for_a_case_a_notice_and_a_decision_in_time(camden: Camden) -> None:
    term = {each["kind"]: each for each in (await owed(camden[0], "2033-01-02", to="2034-12-31")).values()}
    assert [term[kind]["dueOn"] for kind in TERM] == ["2031-07-01", "2033-01-01", "2034-06-30"]
    # A right that nobody used is waived; a case that nobody opened is late.
    assert [term[kind]["state"] for kind in TERM] == ["overdue", "waived", "upcoming"]


async def test_a_term_that_passed_undecided_is_overdue_and_says_what_follows(camden: Camden) -> None:
    undecided = (await owed(camden[0], "2034-07-01", kind="term-end"))["term-end/2034-07-01"]
    assert (undecided["state"], undecided["rule"]) == ("overdue", "if nobody decides: lapse")


@pytest.mark.parametrize(
    ("on", "status", "days"),
    [("2025-08-01", "on-track", 0), ("2025-08-02", "delayed", 1), ("2025-11-02", "incomplete", 93)],
)
async def test_an_agreement_is_on_track_delayed_or_incomplete(camden: Camden, on: str, status: str, days: int) -> None:
    [line] = done(await camden[1].client.get("/v1/deadlines/on-track", params={"asOf": on}))["items"]
    assert (line["status"], line["longestOverdueDays"]) == (status, days)


async def test_deadlines_come_in_pages_the_earliest_first(camden: Camden) -> None:
    path, seen = "/v1/deadlines?asOf=2025-06-01&limit=2", []
    while path:
        answer = await camden[1].client.get(path)
        seen += [item["dueOn"] for item in answer.json()["items"]]
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    assert seen == sorted(seen)
    assert len(seen) == len(await owed(camden[0], "2025-06-01")) > 2


async def test_the_feed_is_one_that_calendar_programs_read(camden: Camden) -> None:
    registry, contract = camden
    answer = await registry.as_("north").get(feed_url(registry, "north"), params={"asOf": "2025-08-02"})
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    calendar = Calendar.from_ical(answer.content)
    assert (calendar["version"], calendar["method"]) == ("2.0", "PUBLISH")
    events = {str(event["uid"]): event for event in calendar.events}
    report = events[f"{REPORT}@{contract.id}.concordat"]
    assert (report.start, report.end) == (date(2025, 8, 1), date(2025, 8, 2))
    assert str(report["summary"]).startswith("OVERDUE: Annual report, the school year 2024-25")
    assert report["categories"].to_ical() == b"duty,overdue"
    assert "N.J.A.C. 6A:31" in str(report["description"])
    counted = events[f"duty/enrollment-counts/2025@{contract.id}.concordat"]
    assert str(counted["summary"]).startswith("Done: ")
    assert len(events) == len(calendar.events) == len(await owed(registry, "2025-08-02"))


async def test_the_feed_of_another_organization_holds_what_the_caller_may_read(camden: Camden) -> None:
    registry, _ = camden
    foreign = await registry.as_("south").get(feed_url(registry, "north"))
    assert Calendar.from_ical(foreign.content).events == []
    assert (await registry.as_("south").get(f"/v1/organizations/{uuid4()}/deadlines.ics")).status_code == 404
    assert (await registry.service.anonymous().get(feed_url(registry, "north"))).status_code == 401
