"""Documents of a district by version: the one in force, the one that was known at an instant, a new one."""

import json
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from contracts.vocabulary import Wire
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.clocks.open_time import open_time
from shared_services.clocks.promises import Promises
from shared_services.clocks.rules import Working
from shared_services.clocks.tables import Calendar, ServicePromise, Versioned

V = TypeVar("V", bound=Versioned)


async def append(
    session: AsyncSession, table: type[V], district_id: UUID, document: Wire, reason: str, now: datetime
) -> V:
    """Add the next version of a district's document. Of two at once one is refused by the database."""
    last = await session.scalar(select(func.max(table.version)).where(table.district_id == district_id))
    row = table()
    row.district_id, row.version, row.recorded_at, row.reason = district_id, (last or 0) + 1, now, reason
    row.document = document.model_dump(mode="json", by_alias=True)
    session.add(row)
    await session.flush()
    return row


async def version_of(
    session: AsyncSession, table: type[V], district_id: UUID, known_at: datetime | None = None
) -> V | None:
    """The version that holds, or that held as it was known at an instant."""
    query = select(table).where(table.district_id == district_id)
    if known_at is not None:
        query = query.where(table.recorded_at <= known_at)
    return await session.scalar(query.order_by(table.version.desc()).limit(1))


async def working_time(session: AsyncSession, district_id: UUID, known_at: datetime | None = None) -> Working | None:
    """A district's calendar, ready for counting; None if it has none."""
    row = await version_of(session, Calendar, district_id, known_at)
    if row is None:
        return None
    day = timedelta(minutes=row.document["businessDayMinutes"])
    return Working(open_time(json.dumps(row.document)), day, row.version)


async def promises(session: AsyncSession, district_id: UUID, version: int | None = None) -> tuple[Promises, int] | None:
    """A district's promises, of a version or those that hold, with their version; None if it has none."""
    query = select(ServicePromise).where(ServicePromise.district_id == district_id)
    if version is not None:
        query = query.where(ServicePromise.version == version)
    row = await session.scalar(query.order_by(ServicePromise.version.desc()).limit(1))
    return None if row is None else (Promises.model_validate(row.document), row.version)
