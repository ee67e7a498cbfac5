"""Things with an identity that stays, and revisions of what is said of them: superseded, never overwritten."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from kit.errors import NotFound
from kit.preconditions import require_version
from sqlalchemy import BigInteger, DateTime, Index, inspect, select, text
from sqlalchemy.dialects.postgresql import DATERANGE, Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from registry.dated import believed, recording_instant


class Identity:
    """What of a thing never changes, and the number of its newest revision."""

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(BigInteger)


class Revision:
    """What is said of a thing, since when it is known, and until when it was believed."""

    id: Mapped[UUID]
    version: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    during: Mapped[Range[date]] = mapped_column(DATERANGE)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    superseded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __tablename__: str

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Index]:  # noqa: N805 - SQLAlchemy hands over the class
        """A thing has one newest revision."""
        newest = text("superseded_at is null")
        return (Index(f"ix_{cls.__tablename__}_newest", "id", unique=True, postgresql_where=newest),)


I = TypeVar("I", bound=Identity)  # noqa: E741 - an identity
R = TypeVar("R", bound=Revision)


async def found(
    session: AsyncSession, identity: type[I], revision: type[R], thing_id: UUID, known_at: datetime | None = None
) -> tuple[I, R]:
    """A thing and what is said of it, as known at an instant. Raises NotFound."""
    query = select(identity, revision).join(revision, revision.id == identity.id)
    row = (await session.execute(query.where(identity.id == thing_id, believed(revision, known_at)))).one_or_none()
    if row is None:
        name = identity.__name__.lower()
        raise NotFound(f"There is no {name} {thing_id}" + (f" that was known at {known_at}." if known_at else "."))
    return row[0], row[1]


async def locked(
    session: AsyncSession, identity: type[I], revision: type[R], thing_id: UUID, version: int
) -> tuple[I, R]:
    """A thing held for a change, and its newest revision. Raises NotFound, PreconditionFailed."""
    held = select(identity).where(identity.id == thing_id).with_for_update().execution_options(populate_existing=True)
    thing = await session.scalar(held)
    if thing is not None:
        require_version(version, thing.version)
    return await found(session, identity, revision, thing_id)


async def first_revision(session: AsyncSession, thing: I, revision: type[R], said: Mapping[str, Any]) -> R:
    """Keep a new thing with what is said of it."""
    session.add(thing)
    await session.flush()
    first = {"id": thing.id, "version": thing.version, "recorded_at": await recording_instant(session)}
    return await _keep(session, revision, first | dict(said))


async def next_revision(session: AsyncSession, thing: I, newest: R, said: Mapping[str, Any]) -> R:
    """Keep what is newly `said` of a locked thing; all else stays as in its newest revision."""
    at = await recording_instant(session)
    kept = {column.key: getattr(newest, column.key) for column in inspect(type(newest)).column_attrs}
    newest.superseded_at = at
    thing.version += 1
    await session.flush()
    following = {"version": thing.version, "recorded_at": at, "superseded_at": None}
    return await _keep(session, type(newest), kept | dict(said) | following)


async def _keep(session: AsyncSession, revision: type[R], values: Mapping[str, Any]) -> R:
    row = revision()
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
    await session.flush()
    return row
