"""Real servers on real sockets, in the loop of the tests."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import uvicorn
from launcher.embedded import free_port


@asynccontextmanager
async def serve(
    app: Any, port: int | None = None, lifespan: Literal["on", "off"] = "off", graceful_seconds: int = 1
) -> AsyncIterator[str]:
    """uvicorn, as the launcher runs it; its URL."""
    port = port or free_port()
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        lifespan=lifespan,
        http="httptools",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # else whoever calls from this machine may say where it comes from
        timeout_graceful_shutdown=graceful_seconds,
    )
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", port))
    task = asyncio.create_task(server._serve(sockets=[listening]))  # `serve` would take the test run's signals
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event to wait for
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task
