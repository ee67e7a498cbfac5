"""What only a gateway refuses. `retryAfter` is in seconds, and becomes the header of that name."""

from kit.errors import Refused, Unavailable


class ServiceUnavailable(Unavailable):
    """A service is for the moment unavailable"""

    type = "service-unavailable"


class NoAnswerInTime(Refused):
    """A service did not answer in time"""

    type, status = "no-answer-in-time", 504


class TooSlow(Refused):
    """The body did not come in time"""

    type, status = "request-timeout", 408


class TooManyRequests(Refused):
    """Too many requests"""

    type, status = "too-many-requests", 429


def retry_after(refused: Refused) -> dict[str, str]:
    """The header that says when to try again, if the refusal does."""
    seconds = refused.members.get("retryAfter")
    return {} if seconds is None else {"Retry-After": str(seconds)}
