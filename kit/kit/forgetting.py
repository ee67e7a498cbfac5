"""The first answers to idempotency keys are kept for two weeks: longer than any client retries."""

import asyncio

from sqlalchemy import delete, func, text
from sqlalchemy.exc import SQLAlchemyError

from kit.db import Database
from kit.tables import idempotency_key
from kit.telemetry import log

KEPT = "14 days"
EVERY_SECONDS = 3600


async def forget_old_answers(database: Database) -> None:
    """Delete the answers that are older than two weeks, every hour, for ever. Safe in many processes at once."""
    while True:
        try:
            async with database.transaction() as session:
                oldest = func.now() - text(f"interval '{KEPT}'")
                await session.execute(delete(idempotency_key).where(idempotency_key.c.at < oldest))
        except SQLAlchemyError as error:
            log.warning("forgetting.interrupted", error=type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)
