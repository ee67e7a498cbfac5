"""The two forms of every report: a page of lines as JSON, all of its lines as CSV, by `Accept`."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from contracts.vocabulary import Wire
from fastapi import Response
from fastapi.responses import StreamingResponse
from kit.db import Database
from kit.paging import MAX_LIMIT, Page, PageRequest
from kit.problems import problems
from kit.spreadsheets import CSV, csv_headers, csv_lines, wants_csv
from sqlalchemy.ext.asyncio import AsyncSession

L = TypeVar("L", bound=Wire)
FORMS: dict[int | str, dict[str, Any]] = problems(400) | {200: {"content": {CSV: {"schema": {"type": "string"}}}}}
"""OpenAPI: what a report answers with."""


@dataclass(frozen=True)
class Report(Generic[L]):
    """A report by its name, the shape of its lines, and how a page of them is read."""

    name: str
    line: type[L]
    page: Callable[[AsyncSession, PageRequest, Response], Awaitable[Page[L]]]

    async def answer(self, session: AsyncSession, asked: PageRequest, response: Response) -> Page[L] | Response:
        """The form that the client asks for."""
        if wants_csv(asked.request):
            database: Database = asked.request.app.state.database
            return StreamingResponse(
                self._csv(database, asked), media_type=CSV, headers=csv_headers(f"{self.name}.csv")
            )
        response.headers["Vary"] = "Accept"
        return await self.page(session, asked, response)

    async def _csv(self, database: Database, asked: PageRequest) -> AsyncIterator[str]:
        """Every line in one view of the database, a page at a time: memory stays flat for any number."""
        fields = list(self.line.model_fields)
        yield csv_lines([[self.line.model_fields[name].alias or name for name in fields]])
        following = replace(asked, limit=MAX_LIMIT, cursor=None)
        async with database.snapshot() as session:
            while True:
                part = await self.page(session, following, Response())
                yield csv_lines([[getattr(line, name) for name in fields] for line in part.items])
                if part.next_cursor is None:
                    return
                following = replace(following, cursor=part.next_cursor)
