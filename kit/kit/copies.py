"""Copies of what another service owns: the newest version is kept, so that duplicates and late events do no harm."""

from typing import Any

from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession


async def keep_newest(session: AsyncSession, table: Any, **said: Any) -> bool:
    """Keep what was said of the row `id` of a mapped class unless as new a `version` is there; True if it was kept."""
    kept = upsert(table).values(**said)
    newest = kept.on_conflict_do_update(
        index_elements=["id"],
        set_={name: kept.excluded[name] for name in said},
        where=kept.excluded.version > table.version,
    )
    return await session.scalar(newest.returning(table.id)) is not None
