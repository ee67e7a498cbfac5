"""A service that does on demand what real services do seldom: stream without end, be silent, break off."""

import asyncio
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

Message = dict[str, Any]


@dataclass
class StandIn:
    """An ASGI application; the last segment of the path says what it does. Query parameters become answer headers."""

    requests: list[tuple[str, str, str]] = field(default_factory=list)
    version: int = 1
    received: int = 0
    seen: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    left_alone: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        query = scope["query_string"].decode()
        self.requests.append((scope["method"], scope["raw_path"].decode(), query))
        act = getattr(self, scope["path"].rsplit("/", 1)[1].replace("-", "_"), self.echo)
        await act(scope, receive, send)

    async def echo(self, scope: Any, receive: Any, send: Any) -> None:
        """Say what was asked."""
        digest, size = hashlib.sha256(), 0
        while True:
            message = await receive()
            digest.update(message.get("body", b""))
            size += len(message.get("body", b""))
            if not message.get("more_body"):
                break
        said = {
            "method": scope["method"],
            "path": scope["raw_path"].decode(),
            "query": scope["query_string"].decode(),
            "headers": [[name.decode(), value.decode("latin-1")] for name, value in scope["headers"]],
            "bytes": size,
            "sha256": digest.hexdigest(),
            "version": self.version,
        }
        await self._answer(send, json.dumps(said).encode(), parse_qsl(scope["query_string"].decode()))

    async def held(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer on a sign, with what was true before it."""
        version = self.version
        self.seen.set()
        await self.go_on.wait()
        await self._answer(send, json.dumps({"version": version}).encode())

    async def upload(self, scope: Any, receive: Any, send: Any) -> None:
        """Read a body; after the first piece only on a sign."""
        more = True
        while more:
            message = await receive()
            self.received += len(message.get("body", b""))
            more = message.get("more_body", False)
            self.seen.set()
            await self.go_on.wait()
        await self._answer(send, json.dumps({"bytes": self.received}).encode())

    async def download(self, scope: Any, receive: Any, send: Any) -> None:
        """Send a first piece, and the rest on a sign."""
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/csv")]})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await self.go_on.wait()
        for _ in range(32):
            await send({"type": "http.response.body", "body": b"x" * 1_000_000, "more_body": True})
        await send({"type": "http.response.body", "body": b"last"})

    async def silent(self, scope: Any, receive: Any, send: Any) -> None:
        """Never answer; notice when nobody waits any more."""
        while (await receive())["type"] != "http.disconnect":
            self.seen.set()
        self.left_alone.set()

    async def broken(self, scope: Any, receive: Any, send: Any) -> None:
        """Break off in the middle of an answer."""
        headers = [(b"content-type", b"text/csv"), (b"content-length", b"5000000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"x" * 1000, "more_body": True})

    async def tagged(self, scope: Any, receive: Any, send: Any) -> None:
        """An answer with an entity tag."""
        await self._answer(send, b"{}", [("etag", f'"{self.version}"')])

    async def empty(self, scope: Any, receive: Any, send: Any) -> None:
        """No content."""
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def _answer(self, send: Any, body: bytes, headers: Any = ()) -> None:
        fields = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        fields += [(name.encode(), value.encode()) for name, value in headers]
        await send({"type": "http.response.start", "status": 200, "headers": fields})
        await send({"type": "http.response.body", "body": body})
