"""Keyset paging: an opaque cursor that survives inserts, and a Link header to the next page (RFC 8288)."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from contracts.vocabulary import Wire
from fastapi import Depends, Query, Request, Response
from sqlalchemy import ColumnElement, Select, literal, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from kit.errors import BadRequest

T = TypeVar("T")
MAX_LIMIT = 500


class Page(Wire, Generic[T]):
    """One page of a list. `nextCursor` is absent on the last page."""

    items: list[T]
    next_cursor: str | None = None


@dataclass(frozen=True)
class PageRequest:
    """Which page a client asks for."""

    limit: int
    cursor: str | None
    request: Request


async def _page_request(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Items per page, 1 to 500.")] = 100,
    cursor: Annotated[str | None, Query(max_length=1000, description="`nextCursor` of the page before.")] = None,
) -> PageRequest:
    return PageRequest(limit, cursor, request)


Paging = Annotated[PageRequest, Depends(_page_request)]


def encode_cursor(values: Sequence[Any]) -> str:
    """The opaque cursor that stands after a row with these key values."""
    text = json.dumps([value.isoformat() if isinstance(value, date | datetime) else str(value) for value in values])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, types: Sequence[type]) -> list[Any]:
    """The key values of a cursor. Raises BadRequest if it is not one of ours."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(types):
            raise ValueError
        return [_parse(value, kind) for value, kind in zip(values, types, strict=True)]
    except (ValueError, TypeError, RecursionError) as error:
        raise BadRequest("`cursor` is not one of ours: use `nextCursor` of the page before, or none.") from error


def _parse(value: Any, kind: type) -> Any:
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError
    value.encode()  # a lone surrogate is not text
    if kind in (date, datetime):
        return kind.fromisoformat(value)
    if kind is UUID:
        return UUID(value)
    if kind is int:
        number = int(value)
        if not -(2**63) <= number < 2**63:
            raise ValueError
        return number
    return value


async def page(
    session: AsyncSession,
    query: Select[*tuple[Any, ...]],
    keys: Sequence[ColumnElement[Any] | InstrumentedAttribute[Any]],
    asked: PageRequest,
    response: Response,
    view: Callable[[Any], T],
) -> Page[T]:
    """One page of `query` in the ascending order of `keys` (together unique); `view` shapes a row.

    A row of one entity comes as that entity, any other row as it is.
    """
    types = [key.type.python_type for key in keys]
    if asked.cursor is not None:
        after = decode_cursor(asked.cursor, types)
        values = [literal(value, key.type) for value, key in zip(after, keys, strict=True)]
        query = query.where(tuple_(*keys) > tuple_(*values))
    query = query.add_columns(*keys).order_by(*keys).limit(asked.limit + 1)
    rows = (await session.execute(query)).all()
    shown = rows[: asked.limit]
    next_cursor = None
    if len(rows) > asked.limit:
        next_cursor = _go_on(list(shown[-1])[-len(keys) :], asked, response)
    width = len(rows[0]) - len(keys) if rows else 1
    return Page(items=[view(row[0] if width == 1 else row) for row in shown], next_cursor=next_cursor)


def page_of(lines: Sequence[T], key: Callable[[T], str], asked: PageRequest, response: Response) -> Page[T]:
    """One page of `lines` that are all at hand, in the order of `key`, which tells each from every other."""
    after = decode_cursor(asked.cursor, [str])[0] if asked.cursor is not None else None
    left = sorted((line for line in lines if after is None or key(line) > after), key=key)
    shown = left[: asked.limit]
    next_cursor = _go_on([key(shown[-1])], asked, response) if len(left) > asked.limit else None
    return Page(items=shown, next_cursor=next_cursor)


def _go_on(values: Sequence[Any], asked: PageRequest, response: Response) -> str:
    """The cursor after a row with these key values, given also as a link."""
    cursor = encode_cursor(values)
    url = asked.request.url.include_query_params(cursor=cursor)
    response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return cursor
