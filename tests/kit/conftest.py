"""The ledger service: at rest for HTTP tests, running for event tests."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.conftest import Service
from tests.kit.ledger.app import create_app

PACKAGE = "tests.kit.ledger"


@pytest.fixture
async def ledger(service_of: Callable[..., Any]) -> AsyncIterator[Service]:
    """The ledger without its loops."""
    async with service_of(PACKAGE, create_app) as service:
        yield service


async def eventually(holds: Callable[[], Awaitable[bool]], seconds: float = 15) -> None:
    """Wait until `holds`, or fail after `seconds`."""
    end = time.monotonic() + seconds
    while not await holds():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.02)
