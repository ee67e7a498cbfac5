"""Passing a request on to a service and its answer back, as streams: no large body is ever held."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from kit.errors import Refused
from kit.telemetry import log
from starlette.types import Receive, Scope, Send
from yarl import URL

from gateway import headers
from gateway.headers import Headers
from gateway.incoming import Incoming
from gateway.refusals import NoAnswerInTime, ServiceUnavailable

CONNECT_SECONDS = 2.0
IDLE_SECONDS = 30
"""Shorter than a service keeps an idle connection (75 s), so that we close first and never meet a closing one."""


class Proxy:
    """One pool of connections to all services."""

    def __init__(self, services: Mapping[str, str], answer_seconds: float, file_answer_seconds: float) -> None:
        self._services = {name: url.rstrip("/") for name, url in services.items()}
        self._waiting, self._waiting_after_file = _patience(answer_seconds), _patience(file_answer_seconds)
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[aiohttp.ClientSession]:
        """Holds the pool open."""
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS),
            timeout=self._waiting,
            cookie_jar=aiohttp.DummyCookieJar(),  # nothing of one client may reach another
            auto_decompress=False,
            skip_auto_headers=("accept", "accept-encoding", "content-type", "user-agent"),
        ) as self._session:
            yield self._session

    @asynccontextmanager
    async def exchange(
        self, service: str, scope: Scope, fields: Mapping[bytes, bytes], receive: Receive
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The service's answer, its body not yet read. `fields` are the request's header fields.

        Raises TooLarge, ServiceUnavailable, NoAnswerInTime, and ClientGone as soon as the client has left.
        """
        incoming = Incoming(fields, receive)
        body = await incoming.body()
        async with incoming.attended():
            answer = await self._ask(service, scope, incoming, body, b"idempotency-key" in fields)
            try:
                yield answer
            finally:
                answer.close()  # of no effect after the whole body: the connection is back in the pool by then

    async def _ask(
        self, service: str, scope: Scope, incoming: Incoming, body: bytes | AsyncIterator[bytes] | None, keyed: bool
    ) -> aiohttp.ClientResponse:
        try:
            try:
                return await self._send(service, scope, body)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as closed:
                # aiohttp itself repeats GET, HEAD, PUT and DELETE; with a key any request may be repeated.
                if not (keyed and incoming.kept) or isinstance(closed, aiohttp.ClientConnectorError):
                    raise
                return await self._send(service, scope, body)
        except (aiohttp.ClientError, TimeoutError) as error:
            if incoming.refused is not None:
                raise incoming.refused from None
            raise _refusal(service, error) from error

    async def _send(
        self, service: str, scope: Scope, body: bytes | AsyncIterator[bytes] | None
    ) -> aiohttp.ClientResponse:
        assert self._session is not None, "used outside of `connected`"
        file = isinstance(body, AsyncIterator)
        return await self._session.request(
            scope["method"],
            _url(self._services[service], scope),
            headers=headers.to_service(scope),
            data=body,
            allow_redirects=False,
            timeout=self._waiting_after_file if file else self._waiting,
        )


def _patience(silent_seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=silent_seconds)


async def pass_back(answer: aiohttp.ClientResponse, fields: Headers, service: str, send: Send) -> None:
    """Stream an answer to the client under the header `fields`.

    An answer that breaks off is left unfinished: the server then closes the connection, so that nobody takes the
    part for the whole.
    """
    await send({"type": "http.response.start", "status": answer.status, "headers": fields})
    try:
        more = True
        while more:
            piece = await answer.content.readany()
            more = not answer.content.at_eof()
            await send({"type": "http.response.body", "body": piece, "more_body": more})
    except (aiohttp.ClientError, TimeoutError) as error:
        log.warning("answer.broke_off", of=service, error=type(error).__name__)


async def whole(answer: aiohttp.ClientResponse, service: str) -> bytes:
    """The whole body of a small answer. Raises ServiceUnavailable, NoAnswerInTime."""
    try:
        return await answer.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise _refusal(service, error) from error


def _url(base: str, scope: Scope) -> URL:
    query = scope["query_string"]
    target = scope["raw_path"] + b"?" + query if query else scope["raw_path"]
    # `encoded`: exactly the client's own spelling. Dots that climb (`/v1/schools/../..`) climb nowhere.
    return URL(base + target.decode("latin-1"), encoded=True)


def _refusal(service: str, error: Exception) -> Refused:
    log.warning("service.failed", of=service, error=type(error).__name__)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return ServiceUnavailable(
            f"The service `{service}` cannot be reached; try again.", service=service, retryAfter=2
        )
    if isinstance(error, TimeoutError):
        return NoAnswerInTime(
            f"The service `{service}` did not answer in time. A change may have taken effect: read before you repeat.",
            service=service,
        )
    return ServiceUnavailable(
        f"The service `{service}` closed the connection. A change may have taken effect: read before you repeat.",
        service=service,
        retryAfter=1,
    )
