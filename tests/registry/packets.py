"""Ratings as accountability says them, and the packets that show them."""

import re
from datetime import UTC, date, datetime
from html import unescape
from typing import Any
from uuid import UUID, uuid4

from contracts.accountability import RatingPublished, RatingWithdrawn
from contracts.event import Envelope
from registry.reactions import REACTIONS

from tests.registry.conftest import Registry
from tests.registry.journeys import Journey


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
