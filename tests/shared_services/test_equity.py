"""The equity report: how fast whom, released once for each month, and only what nobody can be found by."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from shared_services.requests.tables import ServiceRequest, Transition
from sqlalchemy import insert, select

from tests.shared_services.calendars import CALENDAR
from tests.shared_services.conftest import Cast, errors

DECEMBER = datetime(2026, 12, 1, 15, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 5, 15, tzinfo=UTC)


def body(cast: Cast, **more: Any) -> dict[str, Any]:
    return {"districtId": str(cast.ids["district"]), "firstMonth": "2026-10-01", "endMonth": "2026-12-01"} | more


async def release(cast: Cast, who: str = "district", **more: Any) -> Any:
    return await cast.clients[who].post("/v1/equity-reports", json=body(cast, **more))


async def released(cast: Cast, **more: Any) -> dict[str, Any]:
    answer = await release(cast, **more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def cell(report: dict[str, Any], **by: str) -> dict[str, Any]:
    (found,) = [one for one in report["cells"] if one["by"] == by]
    return dict(found)


async def serve(cast: Cast, who: str, school: str, hours: list[float], submitted: datetime = OCTOBER) -> None:
    """As many requests of a school as there are hours, answered after those and done after twice as many."""
    made = await cast.submit(who, school)
    async with cast.service.app.state.database.transaction() as session:
        one = (await session.scalars(select(ServiceRequest).where(ServiceRequest.id == UUID(made["id"])))).one()
        same = {column.key: getattr(one, column.key) for column in ServiceRequest.__mapper__.column_attrs}
        for number, took in enumerate(hours):
            copy = {"id": uuid4(), "number": f"{made['number']}-{number}", "status": "completed"}
            times = {"submitted_at": submitted, "completed_at": submitted + timedelta(hours=2 * took)}
            await session.execute(insert(ServiceRequest).values(same | copy | times))
            step = {"request_id": copy["id"], "version": 2, "at": submitted + timedelta(hours=took)}
            said = {"to_status": "accepted", "side": "provider", "client_id": "district", "particulars": {}}
            await session.execute(insert(Transition).values(step | said))
        await session.delete(await session.get_one(Transition, (UUID(made["id"]), 1)))
        await session.flush()
        await session.delete(one)
    cast.now = DECEMBER


async def test_the_report_says_how_fast_autonomous_schools_are_served_beside_the_others(cast: Cast) -> None:
    await serve(cast, "north", "Orr", [float(hour) for hour in range(1, 21)])
    cast.now = OCTOBER
    await serve(cast, "district", "Public", [1.0] * 20)
    report = await released(cast)
    figures = [
        [cell(report, schoolKind=kind)[name] for name in ("requests", "responseHoursMedian", "completionHoursP90")]
        for kind in ("autonomous", "traditional")
    ]
    assert figures == [[20, 10.0, 36.0], [20, 1.0, 2.0]]
    assert cell(report, operator=str(cast.ids["north"]))["responseHoursP90"] == 18.0


async def test_hours_in_which_the_district_is_open_stand_beside_the_elapsed_ones(cast: Cast) -> None:
    calendar = CALENDAR | {"districtId": str(cast.ids["district"]), "reason": "Test"}
    assert (await cast.clients["district"].post("/v1/calendars", json=calendar)).status_code == 201
    # Monday 10:00 in Chicago, open from 7 to 16: answered at 20:00, done on Tuesday at 06:00, before it opens.
    await serve(cast, "north", "Orr", [10.0] * 12)
    # Friday 16:30, after it has closed: answered on Saturday, done on Monday at 07:30.
    cast.now = OCTOBER
    await serve(cast, "district", "Public", [31.5] * 12, submitted=datetime(2026, 10, 9, 21, 30, tzinfo=UTC))
    report = await released(cast)
    said = [cell(report, schoolKind=kind) for kind in ("autonomous", "traditional")]
    assert [(one["responseHoursMedian"], one["responseOpenHoursMedian"]) for one in said] == [(10.0, 6.0), (31.5, 0.0)]
    assert [(one["completionHoursP90"], one["completionOpenHoursP90"]) for one in said] == [(20.0, 6.0), (63.0, 0.5)]


async def test_without_a_calendar_there_are_no_open_hours(cast: Cast) -> None:
    await serve(cast, "north", "Orr", [1.0] * 12)
    said = cell(await released(cast), schoolKind="autonomous")
    assert (said["responseHoursMedian"], said["responseOpenHoursMedian"]) == (1.0, None)


async def test_small_counts_are_suppressed_with_what_would_betray_them(cast: Cast) -> None:
    await serve(cast, "north", "Orr", [1.0] * 30)
    cast.now = OCTOBER
    await serve(cast, "south", "Mann", [1.0] * 30)
    cast.now = OCTOBER
    await serve(cast, "district", "Public", [1.0] * 3)
    report = await released(cast)
    total, traditional = cell(report), cell(report, schoolKind="traditional")
    assert (total["requests"], traditional["suppressed"], traditional["requests"]) == (63, True, None)
    assert traditional["responseHoursMedian"] is None
    hidden = [one["by"]["operator"] for one in report["cells"] if set(one["by"]) == {"operator"} and one["suppressed"]]
    assert len(hidden) == 2
    assert "none" in hidden


async def test_a_report_of_nothing_shows_nothing(cast: Cast) -> None:
    cast.now = DECEMBER
    report = await released(cast)
    assert [one["suppressed"] for one in report["cells"]] == [True]


async def test_a_month_is_the_districts_and_not_utcs(cast: Cast) -> None:
    late = datetime(2026, 11, 1, 4, 59, tzinfo=UTC)
    await serve(cast, "north", "Orr", [1.0] * 12, submitted=late)
    assert cell(await released(cast), month="2026-10")["requests"] == 12


async def test_a_month_is_reported_on_once(cast: Cast) -> None:
    cast.now = DECEMBER
    await released(cast)
    again = await release(cast, firstMonth="2026-11-01")
    assert (again.status_code, again.json()["type"]) == (409, "urn:concordat:problem:overlapping-period")
    assert (await released(cast, firstMonth="2026-09-01", endMonth="2026-10-01"))["firstMonth"] == "2026-09-01"


async def test_what_was_released_stays_as_it_was(cast: Cast) -> None:
    await serve(cast, "north", "Orr", [1.0] * 12)
    report = await released(cast)
    await serve(cast, "north", "Orr", [9.0] * 12)
    assert (await cast.platform.get(f"/v1/equity-reports/{report['id']}")).json() == report


@pytest.mark.parametrize(
    ("months", "wrong"),
    [
        ({"firstMonth": "2026-12-01"}, {"endMonth": "after-start"}),
        ({"endMonth": "2027-01-01"}, {"endMonth": "not-over"}),
        ({"minimum": 9}, {"body.minimum": "greater_than_equal"}),
    ],
)
async def test_only_months_that_are_over_are_reported_on(
    cast: Cast, months: dict[str, Any], wrong: dict[str, str]
) -> None:
    cast.now = DECEMBER
    assert errors(await release(cast, **months)) == wrong


async def test_a_report_is_read_by_its_district_its_operators_and_nobody_else(cast: Cast) -> None:
    cast.now = DECEMBER
    report = await released(cast)
    url = f"/v1/equity-reports/{report['id']}"
    everybody = ("district", "north", "platform", "elsewhere", "state")
    seen = [(await cast.clients[who].get(url)).status_code for who in everybody]
    listed = [len((await cast.clients[who].get("/v1/equity-reports")).json()["items"]) for who in everybody]
    assert (seen, listed) == ([200, 200, 200, 404, 404], [1, 1, 1, 0, 0])


async def test_nobody_else_releases_a_districts_report(cast: Cast) -> None:
    cast.now = DECEMBER
    assert [(await release(cast, who)).status_code for who in ("north", "elsewhere")] == [403, 403]


async def test_the_report_comes_as_csv_with_names(cast: Cast) -> None:
    await serve(cast, "north", "Orr", [1.0] * 12)
    report = await released(cast)
    answer = await cast.platform.get(f"/v1/equity-reports/{report['id']}", headers={"accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    (north,) = [row for row in rows if row["operator"] == "north"]
    assert (north["requests"], north["schoolKind"], len(rows)) == ("12", "all", len(report["cells"]))
    assert answer.headers["vary"] == "Accept"


async def test_a_release_is_told(cast: Cast) -> None:
    cast.now = DECEMBER
    await released(cast)
    told = (await cast.said())[-1]
    assert (told.type, told.data["endMonth"]) == (
        "concordat.shared-services.equity-report.released.v1",
        "2026-12-01",
    )
