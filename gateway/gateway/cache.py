"""Answers remembered for a moment, each for one caller only. Any change, of whatever, forgets them all."""

import re
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

from kit.auth import Caller
from starlette.types import Scope, Send

from gateway.headers import Header, Headers

ANSWER_BYTES = 1_048_576
CAPACITY_BYTES = 64 * 1_048_576
OVERHEAD_BYTES = 1_024
"""What an entry takes besides its body, roughly."""

HIT: Header = (b"cache-status", b"concordat; hit")
MISS: Header = (b"cache-status", b"concordat; fwd=miss")
ASKED: Header = (b"cache-status", b"concordat; fwd=request")
OFF: Header = (b"cache-status", b"concordat; fwd=bypass")
"""What became of a request (RFC 9211): answered from here, or passed on and why."""

_NEGOTIATED = frozenset({b"accept", b"accept-encoding"})
_VARIES_AS_THE_KEY = frozenset({b"accept", b"accept-encoding", b"authorization", b""})
_MAX_AGE = re.compile(rb"(?:^|[\s,])max-age=\"?(\d{1,9})")
_UNSHAREABLE = (b"no-store", b"no-cache")
_OF_A_304 = frozenset({b"etag", b"cache-control", b"vary", b"content-location", b"expires"})


class Key(NamedTuple):
    """Everything that an answer may depend on: first of all, whose it is."""

    caller: Caller
    path: bytes
    query: bytes
    negotiated: tuple[Header, ...]

    @classmethod
    def of(cls, caller: Caller, scope: Scope) -> "Key":
        """The key of a request."""
        negotiated = tuple(header for header in scope["headers"] if header[0] in _NEGOTIATED)
        return cls(caller, scope["raw_path"], scope["query_string"], negotiated)


@dataclass(frozen=True, slots=True)
class Entry:
    """A whole answer with status 200, and the times (monotonic) at which it was kept and ends."""

    headers: Headers
    body: bytes
    etag: bytes | None
    kept_at: float
    ends_at: float

    async def send(self, send: Send, held: bytes | None) -> None:
        """Answer with it, or with 304 if the client holds this version (`held`: its If-None-Match)."""
        marks = [(b"age", b"%d" % (time.monotonic() - self.kept_at)), HIT]
        status, headers, body = 200, self.headers, self.body
        if held is not None and self.etag is not None and _holds(held, self.etag):
            status, headers, body = 304, [field for field in headers if field[0] in _OF_A_304], b""
        await send({"type": "http.response.start", "status": status, "headers": [*headers, *marks]})
        await send({"type": "http.response.body", "body": body})


class Cache:
    """The answers of the last moment, the least recently used leaving first."""

    def __init__(self, seconds: float, capacity_bytes: int = CAPACITY_BYTES) -> None:
        self._seconds, self._capacity = seconds, capacity_bytes
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._bytes = 0
        self.generation = 0
        """Counts the times everything was forgotten. An answer asked for before a change is not kept after it."""

    def status(self, asked_anew: bool) -> Header:
        """Why a request is passed on."""
        if self._seconds == 0:
            return OFF
        return ASKED if asked_anew else MISS

    def find(self, key: Key) -> Entry | None:
        """The answer kept under `key`, if it has not ended."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.ends_at <= time.monotonic():
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return entry

    def lifetime(self, status: int, headers: Headers) -> float:
        """For how many seconds an answer with this head may be kept; 0: not at all."""
        fields = dict(headers)
        length = fields.get(b"content-length", b"")
        if status != 200 or not length.isdigit() or int(length) > ANSWER_BYTES:
            return 0
        varies = {name.strip().lower() for name in fields.get(b"vary", b"").split(b",")}
        control = fields.get(b"cache-control", b"").lower()
        if not varies <= _VARIES_AS_THE_KEY or any(word in control for word in _UNSHAREABLE):
            return 0
        stated = _MAX_AGE.search(control)
        return min(self._seconds, int(stated[1])) if stated else self._seconds

    def keep(self, key: Key, headers: Headers, body: bytes, seconds: float, generation: int) -> None:
        """Keep an answer for `seconds`, unless everything was forgotten since `generation`."""
        if generation != self.generation:
            return
        self._drop(key)
        now = time.monotonic()
        self._entries[key] = Entry(headers, body, dict(headers).get(b"etag"), now, now + seconds)
        self._bytes += len(body) + OVERHEAD_BYTES
        while self._bytes > self._capacity:
            self._drop(next(iter(self._entries)))

    def clear(self) -> None:
        """Forget everything."""
        self.generation += 1
        self._entries.clear()
        self._bytes = 0

    def _drop(self, key: Key) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= len(entry.body) + OVERHEAD_BYTES


def _holds(if_none_match: bytes, etag: bytes) -> bool:
    """Weak comparison, as RFC 9110 asks for If-None-Match."""
    held = {tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")}
    return b"*" in held or etag.removeprefix(b"W/") in held
