"""What a body had before it when it decided is kept, and says so when a rating is revised later."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from contracts.accountability import RatingPublished, RatingWithdrawn
from kit.stream import Stream
from launcher.embedded import EmbeddedNats
from registry.app import create_app

from tests.kit.conftest import eventually
from tests.registry.conftest import Registry, opened
from tests.registry.journeys import Journey, at, executed_network_agreement
from tests.registry.packets import envelope, hear, packet, published, words


@pytest.fixture(scope="module")
async def registry(service_of: Any) -> AsyncIterator[Registry]:
    """One registry for all tests below: each has agreements and ratings of its own."""
    async with opened(service_of) as registry:
        yield registry


async def an_agreement(registry: Registry) -> Journey:
    """An executed agreement of the district with `north`, about a school of its own."""
    return await executed_network_agreement(registry, school=f"School {uuid4()}")


@pytest.fixture
async def decided(registry: Registry) -> tuple[Journey, RatingPublished]:
    """An agreement that the board did not renew, on the first revision of a rating."""
    journey = await an_agreement(registry)
    rating = published((await journey.show())["schools"][0]["schoolId"], 2026, "F")
    await hear(registry, rating)
    at(registry, "2028-10-02")
    await journey.move("notice-non-renewal", "2028-10-01")
    return journey, rating


def revised(rating: RatingPublished, letter: str) -> RatingPublished:
    update = {"version": 2, "revision": 2, "rating": letter, "revision_reason": "Scores were wrong."}
    return rating.model_copy(update=update)


async def evidence(registry: Registry, journey: Journey) -> dict[str, Any]:
    """What is kept of the last decision."""
    return dict((await journey.show("/evidence"))["items"][-1])


async def test_a_decision_keeps_the_packet_that_was_before_the_body(registry: Registry, decided: Any) -> None:
    journey, _ = decided
    kept = await evidence(registry, journey)
    page = await registry.as_("district").get(f"{journey.url}/evidence/{kept['number']}")
    assert (kept["decision"], kept["decidedOn"]) == ("notice-non-renewal", "2028-10-01")
    assert sha256(page.content).hexdigest() == kept["sha256"]
    assert "In force (active)" in words(page.text)


async def test_a_rating_revised_later_shows_beside_what_the_decision_relied_on(
    registry: Registry, decided: Any
) -> None:
    journey, rating = decided
    assert (await evidence(registry, journey))["differsNow"] == []
    await hear(registry, revised(rating, "C"))
    (differs,) = (await evidence(registry, journey))["differsNow"]
    assert (differs["revision"], differs["rating"], differs["revisionNow"], differs["ratingNow"]) == (1, "F", 2, "C")
    sentence = "the decision relied on revision 1 (F); revision 2 now differs (C): Scores were wrong."
    assert sentence in words(await packet(registry, journey))


async def test_a_kept_packet_never_changes(registry: Registry, decided: Any) -> None:
    journey, rating = decided
    client, path = registry.as_("district"), f"{journey.url}/evidence/{(await evidence(registry, journey))['number']}"
    before = (await client.get(path)).content
    await hear(registry, revised(rating, "C"))
    assert (await client.get(path)).content == before


async def test_a_step_that_no_body_decides_keeps_nothing(registry: Registry) -> None:
    journey = await an_agreement(registry)
    await journey.move("open-review", "2028-09-01")
    assert (await journey.show("/evidence"))["items"] == []
    answer = await journey.client.get(f"{journey.url}/evidence/6")
    assert answer.status_code == 404


async def test_a_decision_that_is_refused_keeps_nothing(registry: Registry) -> None:
    journey = await an_agreement(registry)
    assert (await journey.try_("renew", "2029-05-01", termTo="2030-07-01")).status_code == 409
    assert (await journey.show("/evidence"))["items"] == []


async def test_an_operator_sees_what_a_decision_relied_on_but_not_the_page_of_the_district(
    registry: Registry, decided: Any
) -> None:
    journey, _ = decided
    north = registry.as_("north")
    (kept,) = (await journey.show("/evidence", north))["items"]
    assert [rating["rating"] for rating in kept["ratings"]] == ["F"]
    assert (await north.get(f"{journey.url}/evidence/{kept['number']}")).status_code == 403
    assert (await registry.as_("state").get(f"{journey.url}/evidence/{kept['number']}")).status_code == 200


async def test_an_event_heard_twice_or_late_changes_nothing(registry: Registry, decided: Any) -> None:
    journey, rating = decided
    await hear(registry, revised(rating, "C"), rating, revised(rating, "A"))
    (differs,) = (await evidence(registry, journey))["differsNow"]
    assert differs["ratingNow"] == "C"


async def test_a_rating_taken_back_is_in_no_packet_and_the_decision_that_relied_on_it_says_so(
    registry: Registry, decided: Any
) -> None:
    journey, rating = decided
    gone = {name: getattr(rating, name) for name in ("id", "school_id", "framework", "school_year")}
    when = datetime(2026, 5, 1, tzinfo=UTC)
    await hear(registry, RatingWithdrawn(**gone, version=2, withdrawn_at=when, reason="Wrong school."), rating)
    said = words(await packet(registry, journey))
    assert "No rating has been published." in said
    assert "the decision relied on revision 1 (F); the rating was taken back: Wrong school." in said
    await hear(registry, rating.model_copy(update={"version": 3, "revision": 2, "rating": "C"}))
    (differs,) = (await evidence(registry, journey))["differsNow"]
    assert (differs["revisionNow"], differs["ratingNow"]) == (2, "C")


async def test_a_published_rating_comes_over_the_stream_into_the_packet(
    service_of: Any, nats_server: EmbeddedNats
) -> None:
    stream = Stream(nats_server.url, "accountability")
    await stream.ensure_stream("accountability")
    async with service_of("registry", create_app, running=True) as service:
        registry = Registry(service)
        await registry.organization("district", "district", timeZone="America/Chicago")
        await registry.organization("north", "operator")
        journey = await executed_network_agreement(registry)
        rating = published((await journey.show())["schools"][0]["schoolId"], 2024, "Exceeds")
        await stream.publish(rating.subject(), str(uuid4()), envelope(rating))
        at(registry, "2024-09-01")

        async def shown() -> bool:
            return "Exceeds" in await packet(registry, journey)

        await eventually(shown)
    await stream.close()
