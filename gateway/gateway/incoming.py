"""The body that a client sends, and whether the client is still there."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from kit.errors import Refused, TooLarge
from starlette.types import Message, Receive

from gateway.refusals import TooSlow

LIMIT_BYTES = 256 * 1_000_000
KEPT_BYTES = 65_536
"""A body up to this size is read whole before it is passed on, so that it can be sent twice."""
PIECE_SECONDS = 30.0
"""How long a client may pause within a body."""


class ClientGone(Exception):
    """The client has closed its connection: nobody waits for an answer."""


class Incoming:
    """A request's body: none, a small one that is kept, or a stream of which never more than a piece is held."""

    def __init__(self, headers: Mapping[bytes, bytes], receive: Receive) -> None:
        """Raises TooLarge if the body is declared larger than the gateway passes on."""
        self._receive = receive
        declared = int(headers.get(b"content-length", b"0"))
        self._empty = declared == 0 and b"transfer-encoding" not in headers
        self.kept = 0 < declared <= KEPT_BYTES
        self.refused: Refused | ClientGone | None = None
        """Why the stream broke off."""
        self._ended = asyncio.Event()
        if declared > LIMIT_BYTES:
            raise _too_large()

    async def body(self) -> bytes | AsyncIterator[bytes] | None:
        """What to send on. Raises ClientGone."""
        if self._empty:
            self._ended.set()
            return None
        if self.kept:
            return b"".join([piece async for piece in self._pieces()])
        return self._pieces()

    async def _pieces(self) -> AsyncIterator[bytes]:
        received, more = 0, True
        while more:
            message = await self._next()
            piece = message.get("body", b"")
            received, more = received + len(piece), message.get("more_body", False)
            if message["type"] == "http.disconnect":
                self.refused = ClientGone()
            elif received > LIMIT_BYTES:
                self.refused = _too_large()
            if self.refused is not None:
                raise self.refused
            if piece:
                yield piece
        self._ended.set()

    async def _next(self) -> Message:
        try:
            async with asyncio.timeout(PIECE_SECONDS):
                return await self._receive()
        except TimeoutError:
            self.refused = TooSlow(f"Nothing of the body came for {PIECE_SECONDS:g} s; send it again.")
            raise self.refused from None

    @asynccontextmanager
    async def attended(self) -> AsyncIterator[None]:
        """Break off what is done inside when the client goes away. Raises ClientGone."""
        work = asyncio.current_task()
        gone = asyncio.create_task(self._gone())
        gone.add_done_callback(lambda done: None if done.cancelled() or work is None else work.cancel())
        try:
            yield
        except asyncio.CancelledError:
            if work is None or not gone.done():
                raise
            work.uncancel()
            raise ClientGone from None
        finally:
            gone.cancel()

    async def _gone(self) -> None:
        await self._ended.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass


def _too_large() -> TooLarge:
    return TooLarge(f"A request body may have {LIMIT_BYTES // 1_000_000} MB at most.", limitBytes=LIMIT_BYTES)
