"""Completed work counts as accepted after a while: the step is due by date, and a small task takes it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from fastapi import FastAPI
from kit.db import Database
from kit.telemetry import log
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.requests.schemas import Particulars
from shared_services.requests.tables import ServiceRequest
from shared_services.requests.telling import Act, say

BATCH = 100
SECONDS = 60


async def close_completed(session: AsyncSession, now: datetime) -> int:
    """Close what was completed long enough ago, at most a batch; the count. Safe in many processes at once."""
    ripe = ServiceRequest.status == "completed", ServiceRequest.closes_at <= now
    query = select(ServiceRequest).where(*ripe).order_by(ServiceRequest.closes_at).limit(BATCH)
    rows = (await session.scalars(query.with_for_update(skip_locked=True))).all()
    for request in rows:
        request.status, request.particulars = "closed", {}
        request.version, request.updated_at = request.version + 1, now
        reason = f"Nobody objected until {request.closes_at:%Y-%m-%d %H:%M} UTC."
        await say(session, request, Act(None, "system", now, reason, Particulars()), "completed")
    return len(rows)


@asynccontextmanager
async def closing(app: FastAPI) -> AsyncIterator[None]:
    """Close what is ripe every minute, as long as the service runs."""
    task = asyncio.create_task(_run(app))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _run(app: FastAPI) -> None:
    database: Database = app.state.database
    while True:
        try:
            async with database.transaction() as session:
                closed = await close_completed(session, app.state.clock())
        except SQLAlchemyError as error:
            log.warning("requests.closing_interrupted", error=type(error).__name__)
            closed = 0
        if closed < BATCH:
            await asyncio.sleep(SECONDS)
