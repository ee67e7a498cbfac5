"""Published ratings as they are read: one query for pages, pulls and files."""

from collections.abc import AsyncIterator
from typing import Any

from kit.db import Database
from kit.tables import journal
from psycopg import AsyncConnection
from sqlalchemy import Select, func, select

from accountability.directory import Organization, School
from accountability.ratings.schemas import RatingView
from accountability.ratings.tables import Rating, RatingRevision

Query = Select[*tuple[Any, ...]]
TEXTS = ("school_name", "rating", "revision_reason", "reason", "rating_title")
"""What people wrote."""


def published(*, newest_only: bool = True) -> Query:
    """Ratings with their newest revision (or all revisions) and the change version of its publication."""
    revision = RatingRevision.rating_id == Rating.id
    if newest_only:
        revision = revision & (RatingRevision.revision == Rating.revision)
    subject = func.concat("concordat.accountability.rating.", Rating.id)
    query: Query = (
        select(
            Rating.id,
            Rating.school_id,
            Rating.student_group,
            func.coalesce(School.name, Organization.name, "").label("school_name"),
            Rating.framework_id.label("framework"),
            RatingRevision.framework_version,
            RatingRevision.rating_title,
            Rating.school_year,
            RatingRevision.data_year,
            RatingRevision.revision,
            RatingRevision.status,
            RatingRevision.rating,
            RatingRevision.score,
            RatingRevision.reason,
            RatingRevision.labels,
            RatingRevision.rating_date,
            RatingRevision.published_at,
            RatingRevision.revision_reason,
            journal.c.change_version,
        )
        .join(RatingRevision, revision)
        .outerjoin(School, School.id == Rating.school_id)
        .outerjoin(Organization, Organization.id == Rating.school_id)
        .outerjoin(journal, (journal.c.subject == subject) & (journal.c.version == RatingRevision.revision))
    )
    return query


def shape(row: Any) -> RatingView:
    """A row of `published`, as shown."""
    return RatingView.model_validate(row, from_attributes=True)


async def lines(database: Database, query: Query, form: str) -> AsyncIterator[bytes]:
    """The rows of `query` as CSV or NDJSON, by media type, straight from COPY: memory stays flat for any number."""
    source: Query
    names = [column.name for column in query.selected_columns]
    rows = query.subquery("r")
    if form == "text/csv":
        # A cell that begins like a formula would run in a spreadsheet (OWASP, CSV injection).
        cells = [
            (func.regexp_replace(rows.c[name], r"^([=+\-@\t\r])", r"'\1") if name in TEXTS else rows.c[name]).label(
                _camel(name)
            )
            for name in names
        ]
        source, options = select(*cells), "format csv, header"
    else:
        pairs = [part for name in names for part in (_camel(name), rows.c[name])]
        source = select(func.json_build_object(*pairs))
        # CSV without quotes or delimiters is the text itself; the text format would double backslashes.
        options = r"format csv, quote e'\x01', delimiter e'\x02'"
    compiled = source.compile(database.engine.sync_engine, compile_kwargs={"literal_binds": True})
    async with database.snapshot() as session:
        raw = await (await session.connection()).get_raw_connection()
        driver = raw.driver_connection
        assert isinstance(driver, AsyncConnection)
        statement = f"copy ({compiled}) to stdout with ({options})".encode()
        async with driver.cursor() as cursor, cursor.copy(statement) as copy:
            async for block in copy:
                yield bytes(block)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
