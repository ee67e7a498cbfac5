"""The board packet: everything a body needs to decide, in one page."""

import re
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any
from uuid import UUID, uuid4

import pytest
from registry.lineage.schemas import LineageView
from registry.packets.series import series
from registry.published_ratings import PublishedRating

from tests.registry.journeys import done
from tests.registry.packets import hear, packet, published, words
from tests.registry.seeded import District, seeded_district


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
