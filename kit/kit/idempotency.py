"""Idempotency-Key: the key is inserted first, in the transaction of the work, so a repeat finds the first answer."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from sqlalchemy import select, update
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
        body, sent = jsonable_encoder(view, by_alias=True), dict(headers(view))
        if self.key is not None:
            await session.execute(
                update(idempotency_key)
                .where(idempotency_key.c.client_id == caller.client_id, idempotency_key.c.key == self.key)
                .values(status=status, headers=sent, body=body)
            )
        return JSONResponse(body, status_code=status, headers=sent)

    async def _claim(self, session: AsyncSession, client_id: str) -> bool:
        claimed = await session.execute(
            upsert(idempotency_key)
            .values(client_id=client_id, key=self.key, fingerprint=self.fingerprint)
            .on_conflict_do_nothing()
            .returning(idempotency_key.c.key)
        )
        return claimed.first() is not None

    async def _replay(self, session: AsyncSession, client_id: str) -> Response:
        first = (
            await session.execute(
                select(idempotency_key).where(
                    idempotency_key.c.client_id == client_id, idempotency_key.c.key == self.key
                )
            )
        ).one()
        if first.fingerprint != self.fingerprint:
            raise KeyReused("Use a new `Idempotency-Key`: this one belongs to a request with another content.")
        return JSONResponse(
            first.body, status_code=first.status, headers={**first.headers, "Idempotency-Replayed": "true"}
        )


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
