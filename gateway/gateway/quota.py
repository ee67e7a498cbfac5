"""How often a client may ask. Counted in the memory of this process, in windows of a minute from the first request."""

import math
import time
from dataclasses import dataclass

from limits.storage import MemoryStorage

from gateway.headers import Headers
from gateway.refusals import TooManyRequests

WINDOW_SECONDS = 60


@dataclass(frozen=True)
class Allowance:
    """What a client has left, as the RateLimit headers of the IETF draft (structured fields, RFC 9651)."""

    exceeded: bool
    seconds: int
    headers: Headers

    def require(self) -> None:
        """Raise TooManyRequests if nothing is left."""
        if self.exceeded:
            raise TooManyRequests(
                f"This client has used up its requests; go on in {self.seconds} s.", retryAfter=self.seconds
            )


class Quota:
    """So many requests a minute for each client."""

    def __init__(self, requests_per_minute: int) -> None:
        self._limit = requests_per_minute
        self._counts = MemoryStorage()
        self._policy = (b"ratelimit-policy", b'"default";q=%d;w=%d' % (requests_per_minute, WINDOW_SECONDS))

    def spend(self, client_id: str) -> Allowance:
        """Count one request of a client."""
        spent = self._counts.incr(client_id, WINDOW_SECONDS)
        seconds = _rest_of_window(self._counts, client_id)
        left = (b"ratelimit", b'"default";r=%d;t=%d' % (max(0, self._limit - spent), seconds))
        return Allowance(spent > self._limit, seconds, [self._policy, left])


class FailedAttempts:
    """Wrong secrets. Counted by client and address, so that a stranger elsewhere cannot lock a client out."""

    LIMIT = 10

    def __init__(self) -> None:
        self._counts = MemoryStorage()

    def require_few(self, client_id: str, address: str) -> None:
        """Raise TooManyRequests after ten failures within a minute."""
        key = f"{address} {client_id}"
        if self._counts.get(key) >= self.LIMIT:
            seconds = _rest_of_window(self._counts, key)
            raise TooManyRequests(f"Too many wrong secrets; try again in {seconds} s.", retryAfter=seconds)

    def count(self, client_id: str, address: str) -> None:
        """Count a failure."""
        self._counts.incr(f"{address} {client_id}", WINDOW_SECONDS)


def _rest_of_window(counts: MemoryStorage, key: str) -> int:
    """Seconds until the window of `key` ends, at least one."""
    return max(1, math.ceil(counts.get_expiry(key) - time.time()))
