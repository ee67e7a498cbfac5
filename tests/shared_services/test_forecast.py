"""Forecast: a request is likely late if work like it lately took longer than was promised."""

from datetime import timedelta
from typing import Any

import pytest
from shared_services.requests.tables import ServiceRequest
from sqlalchemy import update

from tests.shared_services.calendars import CALENDAR, PROMISES
from tests.shared_services.conftest import HVAC, Cast


@pytest.fixture
async def promised(cast: Cast) -> Cast:
    """A district that promises completion in four business days."""
    for what, document in (("calendars", CALENDAR), ("service-levels", PROMISES)):
        body = document | {"districtId": str(cast.ids["district"]), "reason": "Test"}
        assert (await cast.clients["district"].post(f"/v1/{what}", json=body)).status_code == 201
    await cast.offer(HVAC | {"code": "MNT-ROUTINE", "serviceLevel": "routine"})
    return cast


async def work(cast: Cast, days: int, times: int) -> None:
    """As many requests, completed after so many days."""
    for _ in range(times):
        await cast.submit("south", "Mann", "MNT-ROUTINE")
    done = {"status": "completed", "completed_at": ServiceRequest.submitted_at + timedelta(days=days)}
    async with cast.service.app.state.database.transaction() as session:
        await session.execute(update(ServiceRequest).where(ServiceRequest.completed_at.is_(None)).values(done))


async def forecast(cast: Cast) -> dict[str, Any]:
    """The clocks of a fresh request."""
    request = await cast.submit("north", "Orr", "MNT-ROUTINE")
    return dict((await cast.clients["north"].get(f"/v1/requests/{request['id']}/clocks")).json())


@pytest.mark.parametrize(("days", "late"), [(1, False), (30, True)])
async def test_a_request_is_expected_when_the_middle_one_of_the_last_like_it_was_done(
    promised: Cast, days: int, late: bool
) -> None:
    await work(promised, days, 10)
    said = await forecast(promised)
    due = (promised.now + timedelta(days=days)).isoformat().replace("+00:00", "Z")
    assert (said["expectedCompletionAt"], said["likelyLate"]) == (due, late)


async def test_of_too_few_nothing_is_expected(promised: Cast) -> None:
    await work(promised, 30, 9)
    said = await forecast(promised)
    assert (said["expectedCompletionAt"], said["likelyLate"]) == (None, False)


async def test_what_has_taken_longer_already_is_expected_now(promised: Cast) -> None:
    await work(promised, 1, 10)
    request = await promised.submit("north", "Orr", "MNT-ROUTINE")
    promised.now += timedelta(days=3)
    said = (await promised.clients["north"].get(f"/v1/requests/{request['id']}/clocks")).json()
    assert said["expectedCompletionAt"] == promised.now.isoformat().replace("+00:00", "Z")
