"""Accountability behind a real HTTP server on loopback, in this process: what benchmarks talk to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import uvicorn
from accountability.app import create_app
from accountability.settings import AccountabilitySettings
from fastapi import FastAPI
from joserfc.jwk import KeySet
from kit.testing import ISSUER, Issuer
from launcher.embedded import free_port
from pydantic import SecretStr

from tests.accountability.conftest import ALL


@asynccontextmanager
async def served(database_url: str) -> AsyncIterator[tuple[FastAPI, httpx2.AsyncClient]]:
    """The application and a client that may do everything. Events stay in the journal: no transport is needed."""
    issuer, port = Issuer(), free_port()
    settings = AccountabilitySettings(
        database_url=SecretStr(database_url),
        nats_url="nats://127.0.0.1:1",
        issuer=ISSUER,
        jwks_url="http://127.0.0.1:1/none",
        log_level="ERROR",
    )
    app = create_app(settings)
    app.state.verifier.trust(KeySet(issuer.keys.keys))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", lifespan="off"))
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn gives nothing to wait for
        await asyncio.sleep(0.01)
    headers = issuer.headers(ALL)
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=600) as client:
        yield app, client
    server.should_exit = True
    await running
    await app.state.database.dispose()


def peak_mb() -> float:
    """The most memory that this process had, in MB; `getrusage` would count that of the process which started it."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
