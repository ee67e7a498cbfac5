"""Optimistic concurrency: strong ETags, If-Match on updates, If-None-Match on reads (RFC 9110, RFC 6585)."""

import re
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from kit.errors import BadRequest, PreconditionFailed, PreconditionRequired

_ETAG = re.compile(r'^"(\d{1,18})"$')


def etag(version: int) -> str:
    """The strong entity tag of a version."""
    return f'"{version}"'


async def _if_match(
    if_match: Annotated[str | None, Header(description="The ETag that you last read.", examples=['"3"'])] = None,
) -> int:
    if if_match is None:
        raise PreconditionRequired("Send `If-Match` with the ETag of the version that you read.")
    found = _ETAG.match(if_match.strip())
    if found is None:
        raise BadRequest('`If-Match` must be one strong ETag as we gave it, for example `"3"`.')
    return int(found[1])


IfMatch = Annotated[int, Depends(_if_match)]
"""The version that the client believes to be current; 428 without the header, 400 if it is not an ETag of ours."""


async def _if_match_or_none(
    if_match: Annotated[str | None, Header(description="The ETag that you last read; absent to make it anew.")] = None,
) -> int | None:
    return None if if_match is None else await _if_match(if_match)


IfMatchOrNone = Annotated[int | None, Depends(_if_match_or_none)]
"""Like IfMatch, for a PUT that makes what is not there yet."""


def require_version(expected: int, actual: int) -> None:
    """Raise PreconditionFailed unless the client's version is the current one."""
    if expected != actual:
        raise PreconditionFailed(
            f"The version is now {etag(actual)}; read again, then repeat the change.", currentEtag=etag(actual)
        )


def not_modified(request: Request, response: Response, version: int) -> bool:
    """Set the ETag on `response`; True if the client already has this version (answer 304)."""
    response.headers["ETag"] = etag(version)
    held = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    return not held.isdisjoint({etag(version), "*"})
