"""Tasks that end when they are told to."""

import asyncio
from contextlib import suppress
from typing import Any

AGAIN_SECONDS = 0.2


async def end(task: "asyncio.Task[Any]") -> None:
    """Cancel `task` until it is done.

    Once is not enough: on Python 3.11 `asyncio.wait_for`, also inside a library, loses a cancellation that comes
    at the moment of its result. Whoever waits here is itself ending, so that its own cancellation may wait.
    """
    while not task.done():
        task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait([task], timeout=AGAIN_SECONDS)
    if not task.cancelled():
        task.exception()
