"""HTTP header fields on their way through: which are passed on, which belong to one connection only."""

from collections.abc import Iterable, Mapping

from multidict import CIMultiDict
from starlette.types import Scope

from kit import telemetry

Header = tuple[bytes, bytes]
Headers = list[Header]

HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""Fields of one connection (RFC 9110, section 7.6.1)."""

NOT_TO_A_SERVICE = HOP_BY_HOP | {b"host", b"expect", b"forwarded", b"x-real-ip", b"x-request-id", b"traceparent"}
"""Besides, what the gateway says itself, or what only a trusted proxy may say."""

NOT_TO_A_CLIENT = HOP_BY_HOP | {b"date", b"server", b"x-request-id", b"traceparent"}
"""Besides, what the gateway's own server and door add to every answer."""


def first_values(headers: Iterable[Header]) -> dict[bytes, bytes]:
    """Each field's first value: the one that services read too."""
    return dict(reversed(list(headers)))


def to_service(scope: Scope) -> CIMultiDict[str]:
    """The request fields that a service gets."""
    dropped = NOT_TO_A_SERVICE | _connection_fields(scope["headers"])
    fields = CIMultiDict(
        (name.decode("latin-1"), value.decode("utf-8", "replace"))
        for name, value in scope["headers"]
        if name not in dropped and not name.startswith(b"x-forwarded-")
    )
    fields.extend(_of_the_gateway(scope))
    return fields


def _of_the_gateway(scope: Scope) -> Mapping[str, str]:
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    return {
        "via": "1.1 concordat",
        "x-forwarded-for": scope["client"][0] if scope["client"] else "unknown",
        "x-forwarded-proto": scope["scheme"],
        "x-forwarded-host": host,
        "x-request-id": scope["concordat.request_id"],
        "traceparent": telemetry.traceparent.get() or "",
    }


def to_client(raw: Iterable[Header]) -> Headers:
    """The answer fields that a client gets, named in lower case as ASGI demands."""
    lowered = [(name.lower(), value) for name, value in raw]
    dropped = NOT_TO_A_CLIENT | _connection_fields(lowered)
    return [field for field in lowered if field[0] not in dropped]


def _connection_fields(headers: Iterable[Header]) -> frozenset[bytes]:
    """Fields that a Connection header declares to belong to the connection."""
    named = [value for name, value in headers if name == b"connection"]
    return frozenset(token.strip().lower() for value in named for token in value.split(b","))
