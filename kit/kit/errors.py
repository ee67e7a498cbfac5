"""What a service says when it refuses. Imports nothing, so that rules can raise without knowing the web."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with one field: which rule it breaks, how to mend it. Rows count from 1, the header's.

    `pointer` is its place in a document (RFC 6901).
    """

    field: str
    rule: str
    message: str
    row: int | None = None
    value: str | None = None
    pointer: str | None = None


class Refused(Exception):
    """Refused"""

    type: ClassVar[str] = "refused"
    status: ClassVar[int] = 400

    def __init__(self, message: str, *, errors: Sequence[FieldError] = (), **members: object) -> None:
        super().__init__(message)
        self.message = message
        self.errors = tuple(errors)
        self.members = members

    @classmethod
    def title(cls) -> str:
        """The problem's title: the first line of the class docstring."""
        return (cls.__doc__ or "Refused").strip().splitlines()[0]


class BadRequest(Refused):
    """The request cannot be read"""

    type, status = "bad-request", 400


class Unauthenticated(Refused):
    """A valid access token is needed"""

    type, status = "unauthenticated", 401


class Forbidden(Refused):
    """Not allowed"""

    type, status = "forbidden", 403


class NotFound(Refused):
    """Not found"""

    type, status = "not-found", 404


class NotAcceptable(Refused):
    """None of the accepted media types is offered"""

    type, status = "not-acceptable", 406


class Conflict(Refused):
    """In conflict with what is already there"""

    type, status = "conflict", 409


class PreconditionFailed(Refused):
    """Changed by someone else in the meantime"""

    type, status = "precondition-failed", 412


class TooLarge(Refused):
    """Too large"""

    type, status = "too-large", 413


class UnsupportedMediaType(Refused):
    """This media type is not read here"""

    type, status = "unsupported-media-type", 415


class Invalid(Refused):
    """Some fields break a rule"""

    type, status = "invalid", 422


class PreconditionRequired(Refused):
    """An If-Match header is required"""

    type, status = "precondition-required", 428


class Unavailable(Refused):
    """For the moment unavailable"""

    type, status = "unavailable", 503
