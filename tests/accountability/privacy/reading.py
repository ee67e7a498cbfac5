"""Everything that somebody can fetch: every GET route of the application, in every form, and what events tell."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from itertools import product
from typing import Any
from uuid import UUID

from fastapi.routing import iter_route_contexts
from sqlalchemy import text

from tests.accountability.lives import ONE, Lives

FORMS = ("application/json", "application/x-ndjson", "text/csv", "application/vnd.apache.parquet")
PLACE = re.compile(r"\{(\w+)(?::\w+)?\}")
ASKED: Sequence[dict[str, Any]] = (
    {"limit": 500, "schoolYear": 2019},
    {"limit": 500, "schoolYear": 2020, "minChangeVersion": 0},
    {"schoolYear": 2019, "revision": 1, "version": 1, "dataYear": 2019, "schoolId": str(ONE)},
)


def paths(lives: Lives) -> list[str]:
    """The path of every route that is read."""
    contexts = iter_route_contexts(lives.service.app.routes)
    found = {context.path or "" for context in contexts if "GET" in (context.methods or ())}
    return sorted(path for path in found if path.startswith("/v1/"))


def addresses(path: str, known: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """A path with every known value of its parameters. Whoever adds a parameter says here what to visit it with."""
    names = PLACE.findall(path)
    assert set(names) <= known.keys(), f"the attack does not know how to visit {path}: teach it"
    for values in product(*(known[name] for name in names)):
        left = iter(values)
        yield PLACE.sub(lambda _: next(left), path)  # noqa: B023  # used before the next turn


async def everything(
    lives: Lives, organization: UUID | None, known: Mapping[str, Sequence[str]]
) -> AsyncIterator[tuple[str, bytes]]:
    """What an organization with every scope can fetch: the address and the answer, headers and all."""
    for path in paths(lives):
        for address in addresses(path, known):
            for asked in ASKED:
                for form in FORMS:
                    found = await lives.by(organization).get(address, params=asked, headers={"accept": form})
                    yield f"{address} {asked} {form}", repr(found.headers).encode() + found.content
                    if "vary" not in found.headers:
                        break


async def events(lives: Lives) -> str:
    """What was told to other services."""
    async with lives.service.app.state.database.snapshot() as session:
        return "\n".join(await session.scalars(text("select data::text from journal")))
