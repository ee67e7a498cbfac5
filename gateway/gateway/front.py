"""The way of a request to a service: who calls, how often, from memory or passed on. Plain ASGI, before the router."""

from kit.auth import Caller, bearer_token
from kit.errors import Refused
from kit.problems import problem_response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway import proxy
from gateway.cache import Cache, Key
from gateway.callers import Callers
from gateway.headers import Headers, first_values, to_client
from gateway.incoming import ClientGone
from gateway.proxy import Proxy
from gateway.quota import Quota
from gateway.refusals import retry_after
from gateway.upstreams import service_of

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Front:
    """Answers for the services; what no service answers goes on to the gateway's own routes."""

    def __init__(self, app: ASGIApp, callers: Callers, quota: Quota, cache: Cache, services: Proxy) -> None:
        self._app, self._callers, self._quota, self._cache, self._services = app, callers, quota, cache, services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        service = service_of(scope["path"]) if scope["type"] == "http" else None
        if service is None:
            await self._app(scope, receive, send)
            return
        left: Headers = []

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._forget_if_changed(scope)  # before the client can know of the change
                message["headers"] = [*message["headers"], *left]
            await send(message)

        try:
            await self._serve(service, scope, receive, answer, left)
        except ClientGone:
            self._forget_if_changed(scope)
        except Refused as refused:
            await problem_response(refused, scope["path"], retry_after(refused))(scope, receive, answer)

    def _forget_if_changed(self, scope: Scope) -> None:
        if scope["method"] not in SAFE:
            self._cache.clear()

    async def _serve(self, service: str, scope: Scope, receive: Receive, send: Send, left: Headers) -> None:
        fields = first_values(scope["headers"])
        caller = await self._callers.verify(bearer_token(fields.get(b"authorization", b"").decode("latin-1")))
        scope["concordat.client"] = caller.client_id
        allowance = self._quota.spend(caller.client_id)
        left += allowance.headers
        allowance.require()
        if scope["method"] == "GET":
            await self._read(service, caller, scope, fields, receive, send)
            return
        async with self._services.exchange(service, scope, fields, receive) as answer:
            await proxy.pass_back(answer, to_client(answer.raw_headers), service, send)

    async def _read(
        self, service: str, caller: Caller, scope: Scope, fields: dict[bytes, bytes], receive: Receive, send: Send
    ) -> None:
        wishes = fields.get(b"cache-control", b"").lower()
        asked_anew, keep_nothing = b"no-cache" in wishes or b"no-store" in wishes, b"no-store" in wishes
        key, generation = Key.of(caller, scope), self._cache.generation
        kept = None if asked_anew else self._cache.find(key)
        if kept is not None:
            await kept.send(send, fields.get(b"if-none-match"))
            return
        async with self._services.exchange(service, scope, fields, receive) as answer:
            head = to_client(answer.raw_headers)
            marked = [*head, self._cache.status(asked_anew)]
            seconds = 0.0 if keep_nothing else self._cache.lifetime(answer.status, head)
            if seconds == 0:
                await proxy.pass_back(answer, marked, service, send)
                return
            body = await proxy.whole(answer, service)
            self._cache.keep(key, head, body, seconds, generation)
            await send({"type": "http.response.start", "status": answer.status, "headers": marked})
            await send({"type": "http.response.body", "body": body})
