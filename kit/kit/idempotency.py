"""Idempotency-Key: the key is inserted first, in the transaction of the work, so a repeat finds the first answer."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy import JSON, Text, bindparam, cast, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.auth import Caller
from kit.errors import Invalid
from kit.tables import idempotency_key


class KeyReused(Invalid):
    """This idempotency key was used for another request"""

    type = "idempotency-key-reused"


@dataclass(frozen=True)
class _Once:
    key: str | None
    fingerprint: bytes

    async def __call__(
        self,
        session: AsyncSession,
        caller: Caller,
        work: Callable[[], Awaitable[BaseModel]],
        *,
        status: int = 201,
        headers: Callable[[Any], Mapping[str, str]] = lambda _: {},
    ) -> Response:
        """Do `work` unless this client already did it under this key; then give the first answer again.

        A concurrent repeat waits for the first to commit. Raises KeyReused if the request differs from the first.
        """
        if self.key is not None and not await self._claim(session, caller.client_id):
            return await self._replay(session, caller.client_id)
        view = await work()
        body, sent = view.model_dump_json(by_alias=True), dict(headers(view))
        if self.key is not None:
            said = {"status": status, "headers": sent, "body": body}
            await session.execute(_KEEP, self._whose(caller.client_id) | said)
        return _answer(body, status, sent)

    async def _claim(self, session: AsyncSession, client_id: str) -> bool:
        claim = {"client_id": client_id, "key": self.key, "fingerprint": self.fingerprint}
        return (await session.execute(_CLAIM, claim)).first() is not None

    async def _replay(self, session: AsyncSession, client_id: str) -> Response:
        first = (await session.execute(_FIRST, self._whose(client_id))).one()
        if first.fingerprint != self.fingerprint:
            raise KeyReused("Use a new `Idempotency-Key`: this one belongs to a request with another content.")
        return _answer(first.body, first.status, {**first.headers, "Idempotency-Replayed": "true"})

    def _whose(self, client_id: str) -> dict[str, str | None]:
        return {"of_client": client_id, "of_key": self.key}


_KEY = idempotency_key.c
_OWN = _KEY.client_id == bindparam("of_client"), _KEY.key == bindparam("of_key")
_CLAIM = upsert(idempotency_key).on_conflict_do_nothing().returning(_KEY.key)
_FIRST = select(_KEY.fingerprint, _KEY.status, _KEY.headers, cast(_KEY.body, Text).label("body")).where(*_OWN)
_KEEP = (
    update(idempotency_key)
    .where(*_OWN)
    .values(status=bindparam("status"), headers=bindparam("headers"), body=cast(bindparam("body", type_=Text), JSON))
)


def _answer(body: str, status: int, headers: Mapping[str, str]) -> Response:
    return Response(body, status_code=status, headers=dict(headers), media_type="application/json")


async def _once(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=200,
            pattern=r"^[\x21-\x7e]+$",
            description="A key of your own (a UUID): the same request sent again under it has no second effect.",
        ),
    ] = None,
) -> _Once:
    said = f"{request.method} {request.url.path}?{request.url.query}\n".encode() + await request.body()
    return _Once(idempotency_key, hashlib.sha256(said).digest())


Once = Annotated[_Once, Depends(_once)]
