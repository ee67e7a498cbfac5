"""Before publication nothing of a rating comes out: no route, form, header, error or event tells who has no part."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import text

from tests.accountability.lives import (
    DISTRICT,
    FORMER_OPERATOR,
    ONE,
    OPERATOR,
    OTHER_DISTRICT,
    OTHER_OPERATOR,
    STATE,
    TWO,
    VENDOR,
    Life,
    Lives,
)

MARKER = "93.1274569"
"""The figure of the school TWO, which no other text has."""

SCORES = f"01,40,100\n02,{MARKER},100\n"
STRANGERS = (VENDOR, FORMER_OPERATOR, OTHER_DISTRICT)
FORMS = ("application/json", "application/x-ndjson", "text/csv")
CHANGING = re.compile(r'"(traceId|registeredAt|recordedAt)":"[^"]*"|[0-9a-f]{32}|\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)')


@dataclass
class Hidden:
    """What is there before publication, by the identifiers that one might guess."""

    run: str
    review: str
    request: str
    order: str

    @classmethod
    def nothing(cls) -> "Hidden":
        """Identifiers of what is not there."""
        return cls(*(str(uuid4()) for _ in range(4)))

    def ids(self) -> list[str]:
        """All of them."""
        return [self.run, self.review, self.request, self.order]


async def staged(life: Life) -> Hidden:
    """Both schools rated, in review, one of them corrected, the other under an order: all that comes before."""
    await life.run()
    review = (await life.open("review"))["id"]
    asked = await life.ask(review, schoolId=str(TWO), value=94, by=OTHER_OPERATOR)
    order = {
        "reasonCode": "withheld",
        "schoolId": str(TWO),
        "framework": life.name,
        "schoolYears": [2019],
        "number": "W-1",
        "issuer": "Board",
        "issuedOn": "2019-07-01",
        "citation": "Rule 1",
    }
    made = await life.lives.by(STATE).post("/v1/rating-orders", json=order)
    return Hidden(life.run_id, review, asked.json()["id"], made.json()["id"])


def reads(lives: Lives) -> Iterator[str]:
    """The path of every route of the service that is read."""
    for route in iter_route_contexts(lives.service.app.routes):
        path = route.path or ""
        if isinstance(route.original_route, APIRoute) and "GET" in (route.methods or ()) and path.startswith("/v1/"):
            yield path


def addressed(path: str, life: Life, hidden: Hidden) -> str:
    """A path with its parameters: what is hidden where it fits, else what everybody knows."""
    known = {
        "run_id": hidden.run,
        "review_id": hidden.review,
        "request_id": hidden.request,
        "order_id": hidden.order,
        "school_id": str(TWO),
        "framework_id": life.name,
        "version": "1",
    }
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda found: known.get(found[1], hidden.run), path)


async def walk(lives: Lives, life: Life, hidden: Hidden, organization: UUID) -> dict[tuple[str, str], str]:
    """What an organization with every scope is answered, by path and form: status, headers and body."""
    asked = {"schoolId": str(TWO), "schoolYear": 2019, "framework": life.name, "version": "1", "limit": 500}
    answers: dict[tuple[str, str], str] = {}
    for path in reads(lives):
        for form in FORMS:
            url = addressed(path, life, hidden)
            found = await lives.by(organization).get(url, params=asked, headers={"accept": form})
            said = {name: value for name, value in found.headers.items() if name not in ("x-request-id", "traceparent")}
            answers[path, form] = f"{found.status_code} {said} {found.text}"
            if "vary" not in found.headers:
                break
    return answers


def alike(answer: str, hidden: Hidden) -> str:
    """An answer without what differs from one moment to the next, and with one word for all that is hidden."""
    for each in hidden.ids():
        answer = answer.replace(each, "hidden")
    return CHANGING.sub("", answer)


async def test_whoever_has_no_part_is_answered_the_same_with_and_without_a_staged_rating(lives: Lives) -> None:
    life, nothing = await lives.life(SCORES, run=False), Hidden.nothing()
    without = {each: await walk(lives, life, nothing, each) for each in STRANGERS}
    hidden = await staged(life)
    for each in STRANGERS:
        after = await walk(lives, life, hidden, each)
        told = [key for key in after if alike(after[key], hidden) != alike(without[each][key], nothing)]
        assert told == [], each


async def test_the_marker_is_there_for_those_who_have_a_part(lives: Lives) -> None:
    life = await lives.life(SCORES, run=False)
    hidden = await staged(life)
    seeing = {each for each in (STATE, OTHER_OPERATOR, DISTRICT) if await leaks(lives, life, hidden, each)}
    assert seeing == {STATE, OTHER_OPERATOR, DISTRICT}


async def leaks(lives: Lives, life: Life, hidden: Hidden, organization: UUID) -> list[tuple[str, str]]:
    """Where the other school's figure, or the run behind it, comes out."""
    answers = await walk(lives, life, hidden, organization)
    return [key for key, answer in answers.items() if MARKER in answer]


async def test_an_operator_in_review_sees_nothing_of_another_school(lives: Lives) -> None:
    life = await lives.life(SCORES, run=False)
    hidden = await staged(life)
    answers = await walk(lives, life, hidden, OPERATOR)
    own = {path for (path, _), answer in answers.items() if hidden.review in answer and answer.startswith("200")}
    assert await leaks(lives, life, hidden, OPERATOR) == []
    assert own == {"/v1/reviews"}
    assert [
        path for (path, _), answer in answers.items() if hidden.request in answer and answer.startswith("200")
    ] == []


async def test_no_event_tells_of_what_is_not_published(lives: Lives) -> None:
    life = await lives.life(SCORES, run=False)
    hidden = await staged(life)
    async with lives.service.app.state.database.snapshot() as session:
        rows = [
            str(row)
            for row in await session.scalars(text("select data || jsonb_build_object('s', subject) from journal"))
        ]
    words = [MARKER, *hidden.ids()]
    assert [row for row in rows if any(word in row for word in words)] == []


WRITES: list[tuple[str, dict[str, Any]]] = [
    ("/v1/runs/{run}/publication", {}),
    (
        "/v1/runs/{run}/windows",
        {"purpose": "review", "opensOn": "2019-10-01", "closesOn": "2019-11-01", "timeZone": "America/Chicago"},
    ),
    ("/v1/correction-requests/{request}/decision", {"decision": "denied", "reason": "x"}),
    ("/v1/rating-orders/{order}/lifting", {"reason": "x"}),
    (
        "/v1/correction-requests",
        {
            "reviewId": "{review}",
            "schoolId": str(ONE),
            "indicator": "x",
            "value": 1,
            "ground": "other",
            "evidence": "x",
        },
    ),
    ("/v1/appeals", {"ratingId": "{run}", "ground": "other", "evidence": "x"}),
]


@pytest.mark.parametrize(("path", "body"), WRITES, ids=[path for path, _ in WRITES])
async def test_what_is_hidden_is_refused_in_the_words_for_what_is_not_there(
    lives: Lives, path: str, body: dict[str, Any]
) -> None:
    life = await lives.life(SCORES, run=False)
    hidden, nothing = await staged(life), Hidden.nothing()

    async def refused(each: Hidden, organization: UUID) -> str:
        names = vars(each)
        said = {name: value.format(**names) if isinstance(value, str) else value for name, value in body.items()}
        answer = await lives.by(organization).post(path.format(**names), json=said, headers={"If-Match": '"1"'})
        assert answer.status_code in (403, 404)
        return alike(f"{answer.status_code} {answer.text}", each)

    for organization in STRANGERS:
        assert await refused(hidden, organization) == await refused(nothing, organization)


async def test_after_the_review_the_school_sees_nothing_until_publication(lives: Lives) -> None:
    life = await lives.life(SCORES, run=False)
    hidden = await staged(life)
    lives.at(datetime(2019, 11, 2, tzinfo=UTC))
    assert await leaks(lives, life, hidden, OTHER_OPERATOR) == []
    assert (await lives.by(VENDOR).get("/v1/ratings", params={"framework": life.name})).json()["items"] == []
