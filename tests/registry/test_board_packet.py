"""The board packet: everything a body needs to decide, in one page; and what it had before it when it decided."""

import re
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.accountability import RatingPublished, RatingWithdrawn
from contracts.event import Envelope
from kit.stream import Stream
from launcher.embedded import EmbeddedNats
from registry.app import create_app
from registry.lineage.schemas import LineageView
from registry.packets.series import series
from registry.published_ratings import PublishedRating
from registry.reactions import REACTIONS

from tests.kit.conftest import eventually
from tests.registry.conftest import Registry, opened
from tests.registry.journeys import Journey, at, done, executed_network_agreement
from tests.registry.seeded import District, seeded_district


def published(school: str, year: int, rating: str, revision: int = 1, **more: Any) -> RatingPublished:
    """A rating as accountability says it."""
    said: dict[str, Any] = {
        "id": uuid4(),
        "version": revision,
        "school_id": UUID(school),
        "framework": "state-letter-grades",
        "framework_version": "2019",
        "rating_title": "State letter grade",
        "school_year": year,
        "data_year": year - 1,
        "revision": revision,
        "status": "rated",
        "rating": rating,
        "rating_date": date(year - 1, 11, 1),
        "published_at": datetime(year - 1, 11, 8, tzinfo=UTC),
    }
    return RatingPublished(**(said | more))


async def hear(registry: Registry, *events: RatingPublished | RatingWithdrawn) -> None:
    """Let the registry hear what accountability published or took back."""
    async with registry.service.app.state.database.transaction() as session:
        for event in events:
            await REACTIONS[type(event)](session, event, None)


async def packet(registry: Registry, journey: Journey, who: str = "district", **query: Any) -> str:
    """The page."""
    answer = await registry.as_(who).get(f"{journey.url}/board-packet", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text


def words(page: str) -> str:
    """What a reader reads: no tags, one space between words."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page.split("</style>")[1])).split())


class Outline(HTMLParser):
    """Tags with their attributes, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        """The attributes of every tag of these names."""
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest.fixture(scope="module")
async def district(service_of: Any) -> AsyncIterator[District]:
    """The seeded district, with ratings of Lincoln and a restart between them."""
    async with seeded_district(service_of) as cast:
        lincoln = cast.schools["Lincoln"]
        restart = {"kind": "reconstituted", "schoolId": lincoln, "effectiveOn": "2025-07-01", "source": "board"}
        done(await cast.platform.post("/v1/lineage-events", json=restart))
        await hear(cast, published(lincoln, 2025, "D"), published(lincoln, 2026, "C", framework_version="2026"))
        await hear(cast, published(lincoln, 2028, "<B>", score=3.5))
        yield cast


async def test_the_packet_says_who_is_bound_where_and_until_when(district: District) -> None:
    said = words(await packet(district, district.agreement))
    for expected in (
        "district district",
        "north innovation-network-team",
        "Lincoln active operator-in-district",
        "In force (active)",
        "First day after the term July 1, 2029",
        "Last day for notice January 31, 2029",
        "If nobody decides by then: lapse",
    ):
        assert expected in said, expected


async def test_the_packet_has_the_text_in_force_with_its_hash(district: District) -> None:
    text = (await district.agreement.show("/in-force"))["text"]
    assert text["sha256"] in await packet(district, district.agreement)


async def test_the_packet_lists_what_lapses_with_the_agreement_and_what_is_there_instead(district: District) -> None:
    said = words(await packet(district, district.agreement))
    assert "IC 20-28: IC 20-28 Lincoln Section IV, waiver 3 its agreement ends" in said
    assert "MNT-HVAC Lincoln opted-in included" in said


async def test_the_packet_says_what_the_decision_still_needs(district: District) -> None:
    missing = (await district.agreement.show("/requirements", transition="renew"))["missing"]
    said = words(await packet(district, district.agreement))
    assert missing
    assert all(" ".join(each["message"].split()) in said for each in missing)


async def test_a_packet_is_about_one_decision(district: District) -> None:
    said = words(await packet(district, district.agreement, decision="terminate"))
    assert "terminate is not possible on the date" in said


async def test_ratings_are_not_connected_over_a_restart_a_new_framework_or_a_year_without(district: District) -> None:
    said = words(await packet(district, district.agreement))
    assert "The school was reconstituted on 2025-07-01" in said
    assert "2019 before, 2026 after" in said
    assert "No rating was published for 2026-27" in said


async def test_a_packet_of_an_earlier_day_knows_no_later_rating(district: District) -> None:
    said = words(await packet(district, district.agreement, asOf="2025-09-01"))
    assert "2024-25" in said
    assert "2025-26" not in said


async def test_the_packet_lists_what_is_wrong_in_the_record(district: District) -> None:
    assert "Open, and in no building." in words(await packet(district, district.agreement))


async def test_nothing_in_a_packet_is_taken_for_markup(district: District) -> None:
    page = await packet(district, district.agreement)
    assert "&lt;B&gt;" in page
    assert "<B>" not in page


async def test_the_page_needs_nothing_from_outside(district: District) -> None:
    answer = await district.as_("district").get(f"{district.agreement.url}/board-packet")
    outline = Outline(answer.text)
    assert outline.all("script", "link", "img", "iframe", "object", "form") == []
    assert all(str(link["href"]).startswith("#") for link in outline.all("a"))
    assert not re.search(r"url\(|@import|https?:", answer.text)
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_the_page_can_be_read_by_whoever_does_not_see_it(district: District) -> None:
    outline = Outline(await packet(district, district.agreement))
    tables = [tag for tag, _ in outline.tags if tag in ("table", "caption")]
    ids = [attributes["id"] for _, attributes in outline.tags if attributes.get("id")]
    assert outline.all("html")[0] == {"lang": "en"}
    assert len(outline.all("main")) == len(outline.all("h1")) == 1
    assert tables[::2] == ["table"] * (len(tables) // 2)
    assert tables[1::2] == ["caption"] * (len(tables) // 2)
    assert all(cell.get("scope") in ("col", "row") for cell in outline.all("th"))
    assert all(str(link["href"])[1:] in ids for link in outline.all("a"))
    assert len(ids) == len(set(ids))


async def test_its_digest_goes_with_the_page(district: District) -> None:
    answer = await district.as_("district").get(f"{district.agreement.url}/board-packet")
    digest = b64encode(sha256(answer.content).digest()).decode()
    assert answer.headers["content-digest"] == f"sha-256=:{digest}:"


async def test_the_operator_reads_the_packet_of_its_agreement_and_another_none(district: District) -> None:
    assert "Lincoln" in await packet(district, district.agreement, "north")
    refused = await district.as_("south").get(f"{district.agreement.url}/board-packet")
    missing = await district.as_("south").get(f"/v1/agreements/{uuid4()}/board-packet")
    assert (refused.status_code, missing.status_code) == (404, 404)


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


def test_a_series_is_of_one_school_framework_and_group() -> None:
    school, other = uuid4(), uuid4()
    rows = [
        row(school, 2024, "ALL"),
        row(school, 2024, "SWD"),
        row(other, 2024, "ALL"),
        row(school, 2025, "ALL"),
    ]
    found = {(one.school_id, one.student_group): len(one.ratings) for one in series(rows, [])}
    assert found == {(school, "ALL"): 2, (school, "SWD"): 1, (other, "ALL"): 1}


@pytest.mark.parametrize(("day", "broken"), [("2024-06-30", False), ("2024-07-01", True), ("2025-07-01", False)])
def test_a_restart_breaks_the_series_in_the_school_year_in_which_it_is(day: str, broken: bool) -> None:
    school = uuid4()
    restart = LineageView(
        id=uuid4(),
        kind="reconstituted",
        effective_on=date.fromisoformat(day),
        predecessors=[school],
        successors=[school],
        continuity={},
        source="board",
        recorded_at=datetime(2025, 1, 1, tzinfo=UTC),
    )
    (one,) = series([row(school, 2024, "ALL"), row(school, 2025, "ALL")], [restart])
    assert [bool(breaks) for breaks in one.breaks] == [False, broken]


def row(school: UUID, year: int, group: str) -> PublishedRating:
    """A rating as it is kept."""
    said = published(str(school), year, "B", student_group=group)
    return PublishedRating(**said.model_dump(include=set(PublishedRating.__table__.columns.keys())))


def envelope(rating: RatingPublished) -> bytes:
    """The event as it goes over the stream."""
    return (
        Envelope(
            id=uuid4(),
            source="/accountability",
            type=rating.type(),
            subject=rating.subject(),
            time=datetime(2026, 1, 1, tzinfo=UTC),
            sequence=1,
            changeversion=1,
            data=rating.model_dump(mode="json", by_alias=True),
        )
        .model_dump_json()
        .encode()
    )
