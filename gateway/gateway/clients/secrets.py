"""Secrets of clients: random, shown once, kept as argon2id hashes."""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from kit.errors import Unavailable

T = TypeVar("T")
THREADS = 2
WAITING = 100
"""A hash takes some 25 ms and 19 MiB: a queue of this length is a wait of about a second."""


def new_secret() -> str:
    """A secret of 256 random bits."""
    return secrets.token_urlsafe(32)


class SecretHashes:
    """Hashes and verifies off the event loop, in a short queue."""

    def __init__(self) -> None:
        # The least that OWASP's password storage cheat sheet recommends for argon2id.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._of_nobody = self._hasher.hash(new_secret())
        self._waiting = 0

    async def hash(self, secret: str) -> str:
        """The hash to keep. Raises Unavailable if the queue is full."""
        return await self._run(lambda: self._hasher.hash(secret))

    async def matches(self, secret: str, known: str | None) -> bool:
        """True if `secret` belongs to the hash `known`. Without a hash the same work is done in vain.

        Raises Unavailable if the queue is full.
        """

        def verify() -> bool:
            try:
                return self._hasher.verify(known or self._of_nobody, secret) and known is not None
            except (VerificationError, InvalidHashError):
                return False

        return await self._run(verify)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING:
            raise Unavailable("Too many secrets are being checked; try again.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1
